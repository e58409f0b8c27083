"""Every error message of the activations: both backends say the same words."""

import numpy as np
from support.messages import assert_refused, each_wrong_call

ACTIVATIONS = [
    (
        lambda ops: ops.sigmoid_dZ(np.zeros(3), np.zeros(4)),
        "sigmoid_dZ: dY.shape=(3,) but Y.shape=(4,); both must have the same shape.",
    ),
    (
        lambda ops: ops.tanh_dZ(np.zeros((2, 3)), np.zeros(3)),
        "tanh_dZ: dY.shape=(2, 3) but Y.shape",
    ),
    (lambda ops: ops.relu_dZ(np.zeros(3), np.zeros((3, 1))), "relu_dZ: dY.shape=(3,) but Y.shape="),
    (lambda ops: ops.sigmoid_dZ(np.zeros(3), 0.5), "sigmoid_dZ: dY.shape=(3,) but Y.shape=()"),
    (
        lambda ops: ops.relu_dZ(np.zeros((2, 3)), np.zeros((3, 2))),
        "relu_dZ: dY.shape=(2, 3) but Y.shape=(3, 2)",
    ),
    (
        lambda ops: ops.leaky_relu_dZ(np.zeros(3), np.zeros(4)),
        "leaky_relu_dZ: dY.shape=(3,) but Y.shape=(4,)",
    ),
    (
        lambda ops: ops.leaky_relu(np.zeros(3), slope=0),
        "leaky_relu: slope=0, but a number greater than 0 and at most 1 is needed; try 0.01.",
    ),
    (lambda ops: ops.leaky_relu(1.0, slope=float("nan")), "leaky_relu: slope=nan, but a number"),
    (lambda ops: ops.leaky_relu(1.0, slope="0.1"), "leaky_relu: slope='0.1', but a number"),
    (lambda ops: ops.leaky_relu_dZ(1.0, 1.0, slope=-0.1), "leaky_relu_dZ: slope=-0.1, but a numb"),
    (lambda ops: ops.leaky_relu_dZ(1.0, 1.0, slope=1.5), "leaky_relu_dZ: slope=1.5, but a number"),
    (
        lambda ops: ops.softmax(np.zeros((3, 0))),
        "softmax: Z.shape=(3, 0) has no classes; "
        "the last axis must hold one score per class, at least 1.",
    ),
    (lambda ops: ops.log_softmax(1.0), "log_softmax: Z.shape=() has no classes"),
]


@each_wrong_call(ACTIVATIONS)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)
