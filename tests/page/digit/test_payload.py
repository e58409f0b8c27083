"""What a page loads when the part comes near."""

import gzip
import json
from base64 import b64decode

import numpy as np

from cnnlab import data
from cnnlab.page.digit import payload
from cnnlab.page.digit.weights import out_of_bytes, stored


def test_layers_are_those_of_the_network():
    kinds = [layer["kind"] for layer in payload.layers()]
    searched = ["search", "relu", "pool"]
    assert kinds == [*searched, *searched, "dense", "relu", "dense", "relu", "dense"]
    first, last = payload.layers()[0], payload.layers()[-1]
    assert (first["w"], first["padding"]) == ((6, 1, 5, 5), 2)
    assert last["w"] == (10, 84)
    assert payload.layers()[2]["size"] == 2


def test_bytes_are_the_weights_in_their_order():
    network = payload.network()
    whole = np.frombuffer(b64decode(network["bytes"]), np.int8)
    numbers = np.frombuffer(b64decode(network["numbers"]), "<f4").astype(np.float64)
    state = out_of_bytes(stored())
    names = [name.removesuffix(".w") for name in state if name.endswith(".w")]
    for layer in (layer for layer in network["layers"] if "w" in layer):
        shape = layer["w"]
        size, outputs = int(np.prod(shape)), shape[0]
        scale, b = numbers[:outputs], numbers[outputs : 2 * outputs]
        w = whole[:size].reshape(shape) * scale.reshape(-1, *[1] * (len(shape) - 1))
        whole, numbers = whole[size:], numbers[2 * outputs :]
        (found,) = (name for name in names if np.array_equal(state[f"{name}.w"], w))
        np.testing.assert_array_equal(state[f"{found}.b"], b)
    assert whole.size == numbers.size == 0


def test_ten_test_digits_one_of_each_kind():
    digits = data.mnist_subset()
    for label, image in enumerate(payload.ten_digits()):
        first = np.flatnonzero(digits.labels_test == label)[0]
        np.testing.assert_allclose(image / 255, digits.X_test[first, 0], atol=1e-6)


def test_the_script_is_small_and_classic():
    script = payload.script()
    assert len(gzip.compress(script.encode())) < 100_000
    given = script.removeprefix("(globalThis.cnnDigit ??= {}).reader = ").removesuffix(";\n")
    assert set(json.loads(given)) == {"layers", "bytes", "numbers", "digits"}
