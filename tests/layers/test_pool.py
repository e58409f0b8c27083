"""Pooling layers: their options reach the operation, and what a wrong use is told."""

import numpy as np
import pytest
from support.failures import each

from cnnlab import reference
from cnnlab.layers import AvgPool2D, MaxPool2D
from cnnlab.model import Sequential


def test_options_reach_the_operation(ops, rng):
    X = rng.standard_normal((2, 3, 5, 4))
    options = {"stride": (2, 1), "padding": 1, "ceil_mode": True}
    layer = MaxPool2D((3, 2), dilation=(1, 2), **options, ops=ops)
    expected = ops.max_pool2d(X, (3, 2), dilation=(1, 2), **options).Y
    np.testing.assert_array_equal(layer.forward(X), expected, strict=True)
    for counted in (True, False):
        layer = AvgPool2D((3, 2), count_include_pad=counted, **options, ops=ops)
        expected = ops.avg_pool2d(X, (3, 2), count_include_pad=counted, **options)
        np.testing.assert_array_equal(layer.forward(X), expected, strict=True)


WRONG = {
    "no window": (
        lambda: MaxPool2D(0),
        ValueError,
        "MaxPool2D: size=0, but at least 1 is needed; pass 1",
    ),
    "window stride": (
        lambda: MaxPool2D(2, stride=0),
        ValueError,
        "MaxPool2D: stride=0, but at least 1 is needed; pass 1",
    ),
    "window dilation": (
        lambda: MaxPool2D(2, dilation=0),
        ValueError,
        "MaxPool2D: dilation=0, but at least 1 is needed; pass 1",
    ),
    "window padding": (
        lambda: AvgPool2D(2, padding=-1),
        ValueError,
        "AvgPool2D: padding=-1, but at least 0 is needed; pass 0",
    ),
    "ceil_mode": (
        lambda: AvgPool2D(2, ceil_mode=1),
        TypeError,
        "AvgPool2D: ceil_mode=int 1 came, but True or False is needed; pass one.",
    ),
    "count_include_pad": (
        lambda: AvgPool2D(2, count_include_pad=None),
        TypeError,
        "AvgPool2D: count_include_pad=NoneType None came, but True or False is needed",
    ),
    "window too large": (
        lambda: Sequential([MaxPool2D(2, dilation=4)], input_shape=(1, 4, 9)),
        ValueError,
        "MaxPool2D: a window of 2 x 2, 5 x 5 with its dilation, does not fit into an image of",
    ),
    "mean of vectors": (
        lambda: Sequential([AvgPool2D(2)], input_shape=(4,)),
        ValueError,
        r"AvgPool2D: input_shape=\(4,\) has length 1, but needs 3",
    ),
    "maximum of a table": (
        lambda: MaxPool2D(2, ops=reference).forward(np.zeros((4, 4))),
        ValueError,
        "max_pool2d: X has 2 axes",
    ),
}


@each(case=WRONG)
def test_message(case):
    wrong_use, kind, words = case
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()
