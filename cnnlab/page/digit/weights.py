"""The network that reads what is drawn: LeNet as its chapter trains it, each weight in one byte.

``python -m tools.train_reader`` of the repository trains it, and writes ``reader.safetensors`` and,
with its accuracy and how it was made, ``reader.json``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np
import safetensors.numpy

from cnnlab.layers import BatchNorm2D, Dropout
from cnnlab.model import Sequential
from cnnlab.presets import preset

NETWORK = "lenet"  # see cnnlab.presets
WEIGHTS, MADE = "reader.safetensors", "reader.json"
LARGEST = 127  # of a byte with a sign, so that zero is in the middle

State = Mapping[str, np.ndarray]


def folded(model: Sequential) -> dict[str, np.ndarray]:
    """Return the state of the network without batch normalization that computes the same in use.

    In use a normalization multiplies each map by one number and adds another, and so does the
    search before it if its patterns are multiplied and its biases moved.

    Parameters
    ----------
    model : Sequential
        Convolutions, each with a normalization behind it, and dense layers, as in the chapter.

    Returns
    -------
    state : dict of str to ndarray
        In float64, by the names of ``preset("lenet").state()``.
    """
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    for layer in model.layers:
        own = {name: values.astype(np.float64) for name, values in layer.parameters.items()}
        if isinstance(layer, BatchNorm2D):
            w, _ = pairs.pop()
            factor = own["w"] / np.sqrt(layer.state["variance"] + layer.epsilon)
            b = own["b"] - factor * layer.state["mean"]
            pairs.append((w * factor[:, np.newaxis, np.newaxis, np.newaxis], b))
        elif own and not isinstance(layer, Dropout):
            pairs.append((own["w"], own.get("b", np.zeros(len(own["w"])))))
    names = list(preset(NETWORK).state())
    return dict(zip(names, (values for pair in pairs for values in pair), strict=True))


def in_bytes(state: State) -> dict[str, np.ndarray]:
    """Return a state whose weights are bytes: one scale for all that leads to one output.

    Parameters
    ----------
    state : mapping of str to ndarray
        Weights, whose names end in ``w``, and biases.

    Returns
    -------
    stored : dict of str to ndarray
        Weights as int8, their scales (``.scale``) and the biases as float32.
    """
    stored = {}
    for name, values in state.items():
        if name.endswith(".b"):
            stored[name] = values.astype(np.float32)
            continue
        axes = tuple(range(1, values.ndim))
        scale = (np.abs(values).max(axis=axes, keepdims=True) / LARGEST).astype(np.float32)
        stored[name] = np.rint(values / scale).astype(np.int8)
        stored[f"{name}.scale"] = scale.ravel()
    return stored


def out_of_bytes(stored: State) -> dict[str, np.ndarray]:
    """Return the state that `in_bytes` has stored, in float64."""
    state = {}
    for name, values in stored.items():
        if name.endswith(".scale"):
            continue
        state[name] = values.astype(np.float64)
        if (scale := stored.get(f"{name}.scale")) is not None:
            state[name] *= scale.astype(np.float64).reshape(-1, *[1] * (values.ndim - 1))
    return state


def network_of(state: State) -> Sequential:
    """Return the network with a state, in float64."""
    model = preset(NETWORK, dtype=np.float64)
    model.set_state(dict(state))
    return model


@functools.cache
def stored() -> dict[str, np.ndarray]:
    """Return what is stored, as `in_bytes` made it."""
    content = resources.files("cnnlab.page.digit").joinpath(WEIGHTS).read_bytes()
    return safetensors.numpy.load(content)


def reader() -> Sequential:
    """Return the network that reads on the page, with the weights that are stored.

    Examples
    --------
    >>> reader().output_shape
    (10,)
    """
    return network_of(out_of_bytes(stored()))


@functools.cache
def made() -> dict[str, Any]:
    """Return how it was made, and which part of the 1,000 test digits it reads.

    Examples
    --------
    >>> sorted(made()["accuracy"])
    ['bytes', 'float16', 'trained']
    """
    content = resources.files("cnnlab.page.digit").joinpath(MADE).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(content)
    return found
