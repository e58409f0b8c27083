"""Every error message of the transposed convolution: both backends say the same words."""

import re

import numpy as np
import pytest
from support.failures import by_words, each

X = np.zeros((2, 4, 5, 6))
W = np.zeros((4, 3, 2, 3))
CAME = "(X.shape=(2, 4, 5, 6), w.shape=(4, 3, 2, 3))"

WRONG = [
    (
        (X[:, :3], W),
        {},
        "X has depth D=3 but w expects 4 (X.shape=(2, 3, 5, 6), w.shape=(4, 3, 2, 3)); "
        "axis 1 of X and axis 0 of w must agree.",
    ),
    ((X[:, :2], W), {"groups": 2}, "X has depth D=2 but w expects 4"),
    (
        (X, W),
        {"groups": 3},
        f"groups=3 does not divide depth D=4 {CAME}; pass a divisor.",
    ),
    ((X, W), {"groups": 0}, "groups=0, but at least 1 is needed; pass 1 or"),
    ((X, W), {"groups": (2, 2)}, "groups=tuple (2, 2) came, but an integer is needed;"),
    (
        (X, W[0]),
        {},
        "w has 3 axes (X.shape=(2, 4, 5, 6), w.shape=(3, 2, 3)), but needs 4: "
        "(depth, P // groups patterns, height, width); for one pattern pass w[np.newaxis].",
    ),
    (
        (X, W[:, :0]),
        {},
        "w has a size of zero (X.shape=(2, 4, 5, 6), w.shape=(4, 0, 2, 3)); every axis of w must "
        "be at least 1.",
    ),
    ((X[0, 0], W), {}, "X has 2 axes (X.shape=(5, 6)), but needs 3 (one image:"),
    (
        (X[:, :, :0], W),
        {},
        "X holds images of size zero (X.shape=(2, 4, 0, 6), w.shape=(4, 3, 2, 3)); depth, height "
        "and width must be at least 1 (only the batch may be empty).",
    ),
    ((X[:, :0], W[:0]), {}, "X holds images of size zero (X.shape=(2, 0, 5, 6)"),
    (
        (X, W, np.zeros(4)),
        {},
        "b.shape=(4,) but w holds P=3 patterns (w.shape=(4, 3, 2, 3)); b needs one number per "
        "pattern, shape (3,).",
    ),
    ((X, W, np.zeros(3)), {"groups": 2}, "b.shape=(3,) but w holds P=6 patterns"),
    ((X, W), {"stride": 0}, "stride=0, but at least 1 is needed; pass 1 or"),
    ((X, W), {"stride": 2.0}, "stride=float 2.0 came, but an integer is needed; pass 1 or"),
    ((X, W), {"dilation": (1, 0)}, "dilation=0, but at least 1 is needed; pass 1 or"),
    ((X, W), {"dilation": (1, 2, 3)}, "dilation=(1, 2, 3) has 3 entries, but needs 2"),
    ((X, W), {"padding": -1}, "padding=-1, but at least 0 is needed; pass 0 or"),
    ((X, W), {"padding": "SAME"}, "padding='SAME' came, but an integer, a pair"),
    ((X, W), {"padding": (1, 2, 3)}, "padding=tuple (1, 2, 3) came, but an integer, a pair"),
    ((X, W), {"output_padding": -1}, "output_padding=-1, but at least 0 is needed; pass 0 or"),
    ((X, W), {"output_padding": "same"}, "output_padding=str 'same' came, but an integer"),
    ((X, W), {"output_padding": ((0, 0), (0, 0))}, "output_padding=tuple (0, 0) came, but an"),
    (
        (X, W),
        {"output_padding": 1},
        "output_padding=(1, 1), but it must be smaller than stride=(1, 1) or dilation=(1, 1); "
        "pass at most (0, 0).",
    ),
    (
        (X, W),
        {"output_padding": (2, 3), "stride": (3, 2), "dilation": (1, 3)},
        "output_padding=(2, 3), but it must be smaller than stride=(3, 2) or dilation=(1, 3); "
        "pass at most (2, 2).",
    ),
    ((X, W), {"output_padding": (1, 0), "stride": (1, 2)}, "output_padding=(1, 0), but it must be"),
    (
        (X, W),
        {"output_padding": 1, "stride": 2, "padding": "same"},
        'output_padding=(1, 1) came with padding="same", which already makes the result stride '
        "times as large; leave one of the two out.",
    ),
    (
        (X, W),
        {"padding": 3},
        f"padding=3 cuts off more than there is: the result would be 0 x 2 {CAME}; "
        "use less padding.",
    ),
    (
        (X, W),
        {"padding": ((0, 0), (4, 5))},
        "padding=((0, 0), (4, 5)) cuts off more than there is: the result would be 6 x -1 "
        f"{CAME}; use less padding.",
    ),
    (
        (X, W),
        {"padding": "full", "dilation": 6},
        "padding='full' cuts off more than there is: the result would be -1 x -6 "
        f"{CAME}; use less padding.",
    ),
    ((X, W), {"stride": 2**30}, "the result of shape (2, 3, 4294967298, 5368709123) has more"),
]


@each(call=by_words(WRONG))
def test_message(call, ops):
    arguments, options, words = call
    message = "^" + re.escape(f"conv_transpose2d: {words}")
    with pytest.raises((ValueError, TypeError), match=message) as error:
        ops.conv_transpose2d(*arguments, **options)
    assert str(error.value).endswith(".")
