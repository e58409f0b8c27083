"""Plain data: exactly arrays, numbers and containers of them, and no memory in common."""

import types
from typing import NamedTuple

import numpy as np
import pytest
from support.failures import each

from cnnlab.tutor.plain import ForeignError, arrays_in, copied, plain


class Pair(NamedTuple):
    one: object
    other: object


class Sub(np.ndarray):
    """Equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None


class Float(float):
    def __eq__(self, other):
        return True

    __hash__ = None


def test_an_array_is_copied_with_its_dtype_and_shape():
    given = np.arange(6, dtype=np.float32).reshape(2, 3).T
    copy = plain(given)
    assert type(copy) is np.ndarray
    assert copy.flags.c_contiguous
    assert copy.flags.writeable
    assert (copy.dtype, copy.shape) == (np.float32, (3, 2))
    np.testing.assert_array_equal(copy, given)
    assert not np.shares_memory(copy, given)
    assert plain(np.array(2.5)).shape == ()


@each(
    pair={
        "a number": (2.5, 2.5),
        "a scalar of NumPy": (np.float32(2.5), 2.5),
        "the widest float": (np.longdouble(2.5), 2.5),
        "an integer": (np.int8(3), 3),
        "yes": (np.True_, True),
        "a complex number": (np.complex64(1j), 1j),
        "a named tuple": (Pair(1, [None, "x"]), (1, [None, "x"])),
        "a dict": ({"L": np.float64(1.0)}, {"L": 1.0}),
    }
)
def test_numbers_and_containers_become_those_of_python(pair):
    given, expected = pair
    result = plain(given)
    assert result == expected
    assert type(result) is type(expected)


ITSELF: list = []
ITSELF.append(ITSELF)
FOREIGN = {
    "a subclass": (np.ones(2).view(Sub), "Sub, a subclass of numpy.ndarray"),
    "a matrix": (np.ones((2, 2)).view(np.matrix), "a matrix, a subclass of numpy.ndarray"),
    "a masked array": (np.ma.array([1.0]), "a masked array"),
    "objects": (np.array([None, 1]), "an array of dtype object"),
    "text": (np.array(["a"]), "an array of dtype str"),
    "times": (np.array(["2020-01-01"], "datetime64[D]"), "an array of dtype datetime64"),
    "fields": (np.zeros(2, [("a", float)]), "an array of dtype void"),
    "a generator": ((x for x in [1]), "a generator"),
    "a float of one's own": (Float(1), "a Float"),
    "an object": (types.SimpleNamespace(), "a SimpleNamespace"),
    "a set": ({1.0}, "a set"),
    "a list that holds itself": (ITSELF, "a container with too much in it"),
    "a list without an end": ([[0] * 10_000], "a container with too much in it"),
    "a view of one number": (np.broadcast_to(0.0, (10**9, 10**9)), "an array of shape"),
    "something in a tuple": ((1, {2}), "a set"),
    "a dict with odd keys": ({1: 2}, "a dict"),
    "a function": (len, "a builtin_function_or_method"),
}


@each(case=FOREIGN)
def test_what_is_no_plain_data_is_named(case):
    value, words = case
    with pytest.raises(ForeignError, match=words):
        plain(value)


def test_arguments_are_copied_at_every_depth():
    array = np.asfortranarray(np.ones((2, 3)))
    array.flags.writeable = False
    given = (array, [array, {"a": array}], len, (2, 3))
    copy = copied(given)
    assert [each is array for each in arrays_in(copy)] == [False] * 3
    assert all(one.flags.writeable and one.flags.c_contiguous for one in arrays_in(copy))
    assert copy[2:] == (len, (2, 3))
