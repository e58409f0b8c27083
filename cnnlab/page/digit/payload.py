"""What a page loads when the part comes near: the network and ten digits as a classic script.

A page opened from a file may not fetch data, but it may load a script. So the bytes are text in it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import numpy as np

from cnnlab import data
from cnnlab.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from cnnlab.page.digit.weights import reader, stored

KINDS = {Conv2D: "search", ReLU: "relu", MaxPool2D: "pool", Dense: "dense"}


def layers() -> list[dict[str, Any]]:
    """Return the layers in their order: what each does, and the shape of its weights."""
    found = []
    for layer in reader().layers:
        if isinstance(layer, Flatten):  # maps and a row of numbers lie alike
            continue
        one: dict[str, Any] = {"kind": KINDS[type(layer)]}
        if "w" in layer.parameters:
            one["w"] = layer.parameters["w"].shape
        if isinstance(layer, Conv2D):
            one["padding"] = layer.options["padding"]
        if isinstance(layer, MaxPool2D):
            one["size"] = layer.size[0]
        found.append(one)
    return found


def in_text(values: np.ndarray) -> str:
    """Return the bytes of an array, little end first, as text."""
    return b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode("ascii")


def ten_digits() -> np.ndarray:
    """Return the first test digit of each kind, as bytes. Shape (10, 28, 28)."""
    digits = data.mnist_subset()
    first = [int(np.flatnonzero(digits.labels_test == label)[0]) for label in range(10)]
    return np.rint(255 * digits.X_test[first, 0]).astype(np.uint8)


def network() -> dict[str, Any]:
    """Return the network as the script takes it."""
    arrays = stored()
    weights = [name for name in reader().state() if name.endswith(".w")]
    numbers = [arrays[name] for w in weights for name in (f"{w}.scale", f"{w[:-1]}b")]
    return {
        "layers": layers(),
        "bytes": in_text(np.concatenate([arrays[w].ravel() for w in weights])),
        "numbers": in_text(np.concatenate(numbers)),
    }


def script() -> str:
    """Return the script that brings them."""
    given = json.dumps({**network(), "digits": in_text(ten_digits())}, separators=(",", ":"))
    return f"(globalThis.cnnDigit ??= {{}}).reader = {given};\n"
