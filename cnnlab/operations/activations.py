"""Records of the activations and of the softmax."""

from __future__ import annotations

import numpy as np

from cnnlab import layers
from cnnlab.operations.record import Call, Draw, Entrywise, Example, Operation, Special

# exp, log and tanh of NumPy and of Numba come from several libraries; the least accurate of them
# promise 4 units in the last place, each of which is twice the rounding unit u.
LIBRARY = 8


def _one_array(draw: Draw) -> list[Call]:
    return [Call((draw((3, 4)),), {})]


def _two_slopes(draw: Draw) -> list[Call]:
    return [Call((draw((3, 4)),), options) for options in ({}, {"slope": 0.25})]


def _one_row(draw: Draw) -> Call:
    return Call((draw((1, 3)),), {})


OPERATIONS = [
    Operation(
        name="sigmoid",
        equations=("eq-sigmoid",),
        gradients={"Z": "eq-dZ"},
        pytorch="torch.sigmoid",
        layer=layers.Sigmoid,
        example=Example({"Z": [0, -1000, 1000]}, [0.5, 0, 1], [4, 5, 6], {"Z": [1, 0, 0]}),
        special=(
            Special("nothing overflows", {"Z": [-1e308, 1e308, -np.inf, np.inf]}, [0, 1, 0, 1]),
            Special("NaN stays", {"Z": [np.nan]}, [np.nan]),
        ),
        calls=_one_array,
        plain=_one_row,
        # An error of exp(-|Z|) <= 1 moves 1 + exp(-|Z|) by at most half as much, relatively, and
        # the numerator by the whole; then one addition and one division. The slope is a difference
        # and two products.
        entrywise=Entrywise(
            lambda Z: 1 / (1 + np.exp(-Z)), lambda Y: Y * (1 - Y), 1.5 * LIBRARY + 2, 3
        ),
    ),
    Operation(
        name="tanh",
        equations=("eq-tanh",),
        gradients={"Z": "eq-tanh-dZ"},
        pytorch="torch.tanh",
        layer=layers.Tanh,
        example=Example({"Z": [0, -1000, 1000]}, [0, -1, 1], [4, 5, 6], {"Z": [4, 0, 0]}),
        special=(
            Special("small numbers keep their digits", {"Z": [1e-300]}, [1e-300]),
            Special("NaN stays", {"Z": [np.nan]}, [np.nan]),
        ),
        calls=_one_array,
        plain=_one_row,
        # The slope is a difference, a sum and two products.
        entrywise=Entrywise(np.tanh, lambda Y: (1 - Y) * (1 + Y), LIBRARY, 4),
    ),
    Operation(
        name="relu",
        equations=("eq-relu",),
        gradients={"Z": "eq-relu-dZ"},
        pytorch="torch.relu",
        layer=layers.ReLU,
        example=Example({"Z": [-2, 0, 3]}, [0, 0, 3], [4, 5, 6], {"Z": [0, 0, 6]}),
        special=(
            Special("infinity passes, or becomes 0", {"Z": [-np.inf, np.inf]}, [0, np.inf]),
            Special("NaN stays", {"Z": [np.nan]}, [np.nan]),
        ),
        calls=_one_array,
        plain=_one_row,
        entrywise=Entrywise(lambda Z: np.where(Z > 0, Z, 0), lambda Y: np.where(Y > 0, 1, 0), 0, 0),
    ),
    Operation(
        name="leaky_relu",
        equations=("eq-leaky-relu",),
        gradients={"Z": "eq-leaky-relu-dZ"},
        pytorch="torch.nn.functional.leaky_relu",
        layer=layers.LeakyReLU,
        example=Example(
            {"Z": [-2, 0, 3], "slope": 0.25}, [-0.5, 0, 3], [4, 5, 6], {"Z": [1, 1.25, 6]}
        ),
        special=(
            Special("infinity passes", {"Z": [-np.inf, np.inf]}, [-np.inf, np.inf]),
            Special("NaN stays", {"Z": [np.nan]}, [np.nan]),
            Special("a slope of 1 changes nothing", {"Z": [-2, 3], "slope": 1}, [-2, 3]),
        ),
        calls=_two_slopes,
        plain=_one_row,
        # In float32 the number 0.01 is rounded, and then its product; in float64 only the product.
        entrywise=Entrywise(
            lambda Z, slope=0.01: np.where(Z > 0, Z, slope * Z),
            lambda Y, slope=0.01: np.where(Y > 0, 1, slope),
            2,
            2,
        ),
    ),
    Operation(
        name="softmax",
        equations=("eq-softmax",),
        gradients={},
        pytorch="torch.softmax",
        example=Example({"Z": [1000, -1000, 1000]}, [0.5, 0, 0.5]),
        special=(Special("one NaN spoils its row", {"Z": [0, np.nan]}, [np.nan, np.nan]),),
        calls=_one_array,
        plain=_one_row,
    ),
    Operation(
        name="log_softmax",
        equations=("eq-log-softmax",),
        gradients={},
        pytorch="torch.log_softmax",
        example=Example({"Z": [1000, -1000]}, [0, -2000]),
        special=(Special("a score of -inf", {"Z": [0, -np.inf]}, [0, -np.inf]),),
        calls=_one_array,
        plain=_one_row,
    ),
]
