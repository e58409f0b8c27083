"""Values as text and bytes, and back: exactly what went in, or a refusal."""

import numpy as np
import pytest
from support.failures import each

from cnnlab.grading.channel import WrongMessage
from cnnlab.grading.values import TooMuchError, pack, unpack

VALUES = [
    *(None, True, False, 0, -(10**300), 1.5, float("inf"), -0.0, 2 - 1j, "", "größer\ud800\0"),
    *((), [], {}, (1, [2.0, {"a": None}]), {"": (1,), "b": "c"}),
]


@each(value=VALUES)
def test_plain_values_come_back(value):
    back = unpack(*pack(value, 0))
    assert type(back) is type(value)
    assert repr(back) == repr(value)


def test_not_a_number_comes_back():
    assert np.isnan(unpack(*pack(float("nan"), 0)))


@each(
    array=[
        *(np.arange(6, dtype=code).reshape(2, 3) for code in "bBhHiIlLqQefdFD"),
        *(
            np.array(True),
            np.zeros((0, 3)),
            np.zeros((2, 0), np.int8),
            np.float32(0.5),
            np.int64(3),
        ),
        *(np.arange(6.0).reshape(2, 3).T, np.arange(3, dtype=">i4"), np.broadcast_to(1.0, (2, 2))),
    ]
)
def test_arrays_come_back_with_dtype_and_shape(array):
    back = unpack(*pack(array, 1000))
    assert type(back) is type(array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


def test_an_array_that_came_is_a_copy():
    back = unpack(*pack(np.arange(3.0), 100))
    assert back.flags.writeable
    assert back.flags.c_contiguous


@each(
    value={
        "objects": np.array([None]),
        "words": np.array(["a"]),
        "dates": np.array(["2020"], dtype="datetime64[D]"),
        "wide floats": np.ones(1, np.longdouble),
        "much": np.zeros(1001, np.int8),
        "much in all": [np.zeros(600, np.int8)] * 2,
        "a function": print,
        "a set": {1},
        "a key": {1: 2},
        "a long integer": 10**4000,
        "many": [0] * 100_000,
    }
)
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(TooMuchError):
        pack(value, 1000)


def test_what_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(TooMuchError, match="too much in it"):
        pack(value, 1000)


def test_functions_go_by_their_places():
    functions = []
    tree, data = pack(([print], {"f": len}), 0, functions)
    assert functions == [print, len]
    assert unpack(tree, data, functions.__getitem__) == ([print], {"f": len})


BYTES = bytes(16)


@each(
    tree=[
        *(
            None,
            1,
            "none",
            [],
            {},
            ["none", 1],
            ["int"],
            ["int", 1],
            ["int", "1" * 401],
            ["int", "x"],
        ),
        *(
            ["float", "nan", "1"],
            ["float", "zero"],
            ["str", 1],
            ["str", "a" * 100_001],
            ["unknown", ""],
        ),
        *(
            ["array"],
            ["array", "<f8"],
            ["array", "|O", [2]],
            ["array", "<f8", [3]],
            ["array", "<f8", 2],
        ),
        *(["array", "<f8", [-1, -2]], ["array", "<f8", [2.0]], ["array", "<f8", [True, 2]]),
        *(["array", "<f8", [1]], ["array", "<f8", [1 << 62, 1 << 62, 0]], ["array", ["<f8"], [2]]),
        *(["array", "<f8", [1] * 33 + [2]], ["scalar", "<f8", [2]], ["array", "V16", [1]]),
        *(
            ["array", "<f8", [2], 1],
            ["tuple", 1],
            ["list", [[]]],
            ["dict", [["a"]]],
            ["dict", [[1, 2]]],
        ),
        *(
            ["function", "0"],
            ["complex", "0x0p0"],
            ["list", [["none"]] * 100_000],
            ["array", "f8", [2]],
        ),
        ["array", "M8[D]", [2]],
    ]
)
def test_what_does_not_fit_together_is_refused(tree):
    """Of arrays the bytes must be all that came, and no more."""
    with pytest.raises(WrongMessage):
        unpack(tree, BYTES)


def test_what_is_too_deep_is_refused():
    tree = ["none"]
    for _ in range(500):
        tree = ["list", [tree]]
    with pytest.raises(WrongMessage):
        unpack(tree, b"")
