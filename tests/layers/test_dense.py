"""The dense layer, and what comes before it."""

import numpy as np
import pytest
from support.failures import each
from support.layers import backward_with

from cnnlab.layers import Dense, Flatten
from cnnlab.model import Sequential


def test_flatten_is_row_major(rng):
    X = rng.random((2, 3, 4, 5))
    layer = Flatten()
    Y = layer.forward(X)
    k, i, j = 2, 1, 3
    assert Y[1, (k * 4 + i) * 5 + j] == X[1, k, i, j]
    np.testing.assert_array_equal(layer.backward(Y), X, strict=True)


WRONG = {
    "dense on images": (
        lambda: Sequential([Dense(3)], input_shape=(1, 28, 28)),
        ValueError,
        r"Dense: inputs of shape \(1, 28, 28\) came, .* put Flatten\(\) before it.",
    ),
    "flattened gradient of another shape": (
        lambda: backward_with(Flatten(), (1, 2, 3), (3, 2)),
        ValueError,
        r"Flatten.backward: dY.shape=\(3, 2\), but forward returned shape \(1, 6\)",
    ),
}


@each(case=WRONG)
def test_message(case):
    wrong_use, kind, words = case
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()
