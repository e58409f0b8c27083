"""Arrays, shapes, integers and numbers: what comes back, and what a wrong one is told."""

import math
import re
import sys

import numpy as np
import pytest
from support.messages import assert_refused, each_wrong_call

from cnnlab import shapes

X = np.zeros((8, 3, 28, 27))
W = np.zeros((16, 3, 5, 4))
Z = np.zeros((8, 16, 24, 24))

ARRAYS = [
    (
        lambda ops: ops.conv2d(X[0, 0], W),
        "conv2d: X has 2 axes (X.shape=(28, 27)), but needs 3 (one image: depth, height, width) "
        "or 4 (a batch of images); a gray image needs a depth of 1: X[np.newaxis].",
    ),
    (lambda ops: ops.conv2d(X[np.newaxis], W), "conv2d: X has 5 axes"),
    (lambda ops: ops.conv2d(3.0, W), "conv2d: X has 0 axes"),
    (lambda ops: ops.conv2d_db(Z[0, 0]), "conv2d_db: dZ has 2 axes"),
    (
        lambda ops: ops.conv2d([[1, 2], [3]], W),
        "conv2d: X cannot be read as an array",
    ),
    (
        lambda ops: ops.conv2d(X, W, [np.ma.masked] * 16),
        "conv2d: b holds a masked array, and its mask would be ignored; fill it first, for "
        "example with np.ma.filled(b, 0).",
    ),
]

SHAPES = [
    (
        lambda ops: ops.conv2d_dX(Z, W, X),
        "conv2d_dX: X_shape must be a tuple of integers, not an array of dtype float64 and shape "
        "(8, 3, 28, 27); pass the shape of the array that it describes, X.shape.",
    ),
    (lambda ops: ops.conv2d_dX(Z, W, 28), "conv2d_dX: X_shape must be a tuple of integers"),
    (
        lambda ops: ops.conv2d_dX(Z, W, (28, 27)),
        "conv2d_dX: X_shape=(28, 27) has length 2, but needs 3 or 4; "
        "pass the shape of the array that it describes, X.shape.",
    ),
    (
        lambda ops: ops.conv2d_dw(Z, X, W.shape[:3]),
        "conv2d_dw: w_shape=(16, 3, 5) has length 3, but needs 4",
    ),
    (
        lambda ops: ops.conv2d_dX(Z, W, (8, 3, -1, 27)),
        "conv2d_dX: X_shape=(8, 3, -1, 27) has a negative size; "
        "pass the shape of the array that it describes, X.shape.",
    ),
    (lambda ops: ops.conv2d_dX(Z, W, (True, 3, 28, 27)), "conv2d_dX: X_shape must be a tuple of"),
    (
        lambda ops: ops.conv2d_dX(Z, W, (8, 3, 2**40, 2**40)),
        "conv2d_dX: X_shape=(8, 3, 1099511627776, 1099511627776) has more entries than any memory "
        "holds; pass the shape of the array that it describes, X.shape.",
    ),
]

INTEGERS = [
    (
        lambda ops: ops.conv2d(X, W, stride=0),
        "conv2d: stride=0, but at least 1 is needed; pass 1 or more.",
    ),
    (
        lambda ops: ops.conv2d(X, W, stride=(1, 2, 3)),
        "conv2d: stride=(1, 2, 3) has 3 entries, but needs 2; pass (rows, columns), "
        "or one integer for both.",
    ),
    (
        lambda ops: ops.conv2d(X, W, stride=1.5),
        "conv2d: stride=float 1.5 came, but an integer is needed; pass 1 or more.",
    ),
    (lambda ops: ops.conv2d(X, W, stride=None), "conv2d: stride=NoneType None came, but"),
    (lambda ops: ops.conv2d(X, W, stride=True), "conv2d: stride=bool True came, but an integer"),
    (lambda ops: ops.conv2d_dX(Z, W, X.shape, stride=(1, 0)), "conv2d_dX: stride=0, but"),
    (lambda ops: ops.conv2d_dw(Z, X, W.shape, dilation=-1), "conv2d_dw: dilation=-1, but"),
    (
        lambda ops: ops.conv2d(X, W, groups=0),
        "conv2d: groups=0, but at least 1 is needed; pass 1 or",
    ),
    (lambda ops: ops.conv2d(X, W, groups=(1, 1)), "conv2d: groups=tuple (1, 1) came, but"),
    (
        lambda ops: ops.conv2d(X, W, stride=2**31),
        "conv2d: stride=2147483648, but at most 2147483647 is possible; pass a",
    ),
    (
        lambda ops: ops.conv2d(X, W, stride=10**5000),
        "conv2d: stride=more than 4,300 digits, but at most 2147483647 is possible; pass a",
    ),
    (lambda ops: ops.conv2d(X, W, stride=[1] * 10**5), "conv2d: stride=[1, 1, 1"),
]


@each_wrong_call(ARRAYS + SHAPES + INTEGERS)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_that_suit_are_not_copied(dtype):
    array = np.ones((2, 3), dtype)
    assert shapes.as_array(array, "relu", "Z") is array
    first, second = shapes.as_arrays("relu_dZ", dY=array, Y=array)
    assert first is array
    assert second is array


def test_one_dtype_for_all_arrays():
    mixed = shapes.as_arrays("dense", X=X.astype(np.float32), w=W, b=np.ones(4, np.float16))
    assert {array.dtype for array in mixed} == {np.dtype(np.float64)}


def test_parts_are_counted_with_the_last_one_begun():
    assert [shapes.ceil_div(count, 3) for count in range(8)] == [0, 1, 1, 1, 2, 2, 2, 3]


@pytest.mark.parametrize(
    ("within", "ends", "beyond"),
    [
        (shapes.POSITIVE, (5e-324, sys.float_info.max), (0.0, math.inf)),
        (shapes.NOT_NEGATIVE, (0.0, sys.float_info.max), (-5e-324, math.inf)),
        (shapes.BELOW_ONE, (0.0, 1 - 2**-53), (-5e-324, 1.0)),
        (shapes.UP_TO_ONE, (5e-324, 1.0), (0.0, 1 + 2**-52)),
    ],
    ids=lambda value: value.words if isinstance(value, shapes.Range) else "",
)
def test_a_number_lies_between_the_ends_of_its_range(within, ends, beyond):
    for number in ends:
        result = shapes.as_number(np.float64(number), "SGD", "rate", within=within, hint="try 1")
        assert result == number
        assert type(result) is float
    for number in (*beyond, math.nan, True, "1"):
        words = f"SGD: rate={number!r}, but a number {within.words} is needed; try 1."
        with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
            shapes.as_number(number, "SGD", "rate", within=within, hint="try 1")


def test_a_seed_begins_anew_and_a_generator_goes_on():
    first, again = shapes.as_generator(7, "fit"), shapes.as_generator(np.int64(7), "fit")
    assert first.random() == again.random() == np.random.default_rng(7).random()
    assert shapes.as_generator(first, "fit") is first
    assert shapes.as_generator(2**100, "fit").random() == np.random.default_rng(2**100).random()
    for seed in ("x", 1.5, None, True, [1], np.random.RandomState(0)):
        with pytest.raises(TypeError, match=r"^fit: seed=.*pass 0, or np.random.default_rng\(\)"):
            shapes.as_generator(seed, "fit")
    with pytest.raises(ValueError, match="^fit: rng=-1, but at least 0 is needed; pass 0 or more"):
        shapes.as_generator(-1, "fit", "rng")


def test_a_name_is_told_the_nearest():
    names = ["conv2d", "dense"]
    assert shapes.as_choice("dense", "find", "operation", names) == "dense"
    for name, hint in (
        ("conv2", "choose conv2d, the nearest of conv2d, dense."),
        ("Embedding", "choose one of conv2d, dense."),
        (3, "choose one of conv2d, dense."),
        (np.ones(2), "choose one of conv2d, dense."),
    ):
        with pytest.raises(ValueError, match=f"^find: no operation .*; {hint}$"):
            shapes.as_choice(name, "find", "operation", names)


def test_samples_are_looked_at_and_small_numbers_left_as_they_are():
    for dtype in (np.uint8, np.int32, bool, np.float16, np.float32, np.float64):
        array = np.ones((2, 3), dtype)
        assert shapes.as_samples(array, "fit", "X") is array
    assert shapes.as_samples([[1, 2]], "fit", "X").dtype == np.float64
    with pytest.raises(TypeError, match="^fit: X is a masked array"):
        shapes.as_samples(np.ma.masked_equal(np.ones(2, np.uint8), 0), "fit", "X")
    for array in (np.array([[0.0], [np.inf]]), np.array([[0], [np.nan]], np.float16)):
        with pytest.raises(ValueError, match=r"^fit: X\[1\] holds .*\(1 of 2 samples do\); mend"):
            shapes.check_finite(array, "fit", "X", hint="mend it")


def test_a_number_that_came_otherwise_is_named_otherwise():
    words = "SGD: the schedule returned -1, but a number of at least 0 is needed; try 1."
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        shapes.as_number(
            -1,
            "SGD",
            "rate",
            within=shapes.NOT_NEGATIVE,
            hint="try 1",
            came="the schedule returned -1",
        )
