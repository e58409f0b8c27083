"""What came beside what was expected: nothing wrong passes, nothing right is refused."""

import numpy as np
import pytest
from support.failures import each

from cnnlab.tutor.comparing import TOLERANCE, difference, wrong_entries

RIGHT = np.array([[1.0, -2.0, 3.0], [0.0, 5.0, 10.0]])


def changed(place, value, right=RIGHT):
    array = right.copy()
    array[place] = value
    return array


ALIKE = {
    "equal": (RIGHT.copy(), RIGHT),
    "rounded in float32": (RIGHT * (1 + 1e-7), RIGHT),
    "rounded beside a zero, as an FFT does": (changed((1, 0), 1e-16), RIGHT),
    "as far as float32 goes": (changed((0, 0), 1 + 0.9 * TOLERANCE * 10), RIGHT),
    "zeros with noise": (np.full(3, 1e-17), np.zeros(3)),
    "NaN where NaN is right": (changed(0, np.nan), changed(0, np.nan)),
    "infinity where it is right": (changed(0, np.inf), changed(0, np.inf)),
    "empty": (np.zeros((0, 3)), np.zeros((0, 3))),
    "integers of another width": (np.arange(3, dtype=np.int32), np.arange(3)),
    "a number": (1.0 + 1e-9, 1.0),
    "an integer for a float": (1, 1.0),
    "an array of no axes for a number": (np.array(1.0), 1.0),
    "a list for a tuple": ([1.0, RIGHT], (1.0, RIGHT)),
    "a dict with more in it": ({"a": 1.0, "b": 2}, {"a": 1.0}),
    "nothing": (None, None),
    "a word": ("same", "same"),
}


@each(pair=ALIKE)
def test_what_is_right_is_not_refused(pair):
    assert difference(*pair) == ("", "")


WRONG = {
    "one entry": (changed((1, 2), 9), RIGHT, "values", "1 of 6 entries are wrong"),
    "a bit more than rounding": (changed((0, 0), 1.001), RIGHT, "values", "1 of 6"),
    "a sign": (-RIGHT, RIGHT, "values", "5 of 6"),
    "all ones for zeros": (np.ones(3), np.zeros(3), "values", "3 of 3"),
    "one integer": (np.array([1, 3]), np.array([1, 2]), "values", "1 of 2"),
    "one integer of a large image": (np.array([99_999]), np.array([100_000]), "values", "1 of 1"),
    "finite for infinite": (RIGHT, changed(0, np.inf), "values", "3 of 6"),
    "the other infinity": (-changed(0, np.inf), changed(0, np.inf), "values", ""),
    "NaN": (changed(0, np.nan), RIGHT, "not finite", "3 of 6 entries are NaN or infinite"),
    "infinity": (changed((0, 0), np.inf), RIGHT, "not finite", "1 of 6"),
    "a scalar that would be repeated": (np.array(1.0), np.ones(3), "shape", "() came, (3,) is"),
    "an axis too much": (RIGHT[None], RIGHT, "shape", "shape (1, 2, 3) came, (2, 3) is needed"),
    "empty for full": (np.zeros(0), np.ones(3), "shape", ""),
    "exchanged": (RIGHT.T.copy(), RIGHT, "shape", ""),
    "a list": (RIGHT.tolist(), RIGHT, "type", "a list came, an array is needed"),
    "a tuple of one": ((RIGHT,), RIGHT, "type", "a tuple came"),
    "a number for an array": (1.0, np.ones(1), "type", "a float came"),
    "float32": (RIGHT.astype(np.float32), RIGHT, "dtype", "float32 came, float64 is needed"),
    "integers": (RIGHT.astype(int), RIGHT, "dtype", "int64 came"),
    "complex": (RIGHT + 0j, RIGHT, "dtype", "complex128 came"),
    "complex indeed": (RIGHT + 1j, RIGHT, "values", "6 of 6"),
    "swapped bytes": (RIGHT.astype(">f8"), RIGHT, "dtype", ">f8 came"),
    "floats for integers": (np.arange(3.0), np.arange(3), "dtype", "float64 came, int64"),
    "an array for a number": (np.ones(1), 1.0, "type", "an array of shape (1,) came, a number"),
    "text for a number": ("1", 1.0, "type", "a str came, a number is needed"),
    "another number": (2.0, 1.0, "values", "2.0 came, 1.0 is needed"),
    "NaN for a number": (np.nan, 1.0, "not finite", "nan came, 1.0 is needed"),
    "one result of two": (RIGHT, (1.0, RIGHT), "type", "an array is"),
    "three results": (
        (1, 2, 3),
        (1.0, RIGHT),
        "type",
        "3 results came, 2 results are needed, L, dY",
    ),
    "another order": ((RIGHT, 1.0), (1.0, RIGHT), "type", ""),
    "a part": ((1.0, -RIGHT), (1.0, RIGHT), "values", "dY: 5 of 6 entries are wrong"),
    "the worst part": ((2.0, RIGHT[:1]), (1.0, RIGHT), "shape", "dY: shape (1, 3) came"),
    "a dict without a name": ({}, {"a": 1.0}, "type", "a dict without 'a' came"),
    "no dict": (1.0, {"a": 1.0}, "type", "a float came, a dict is needed"),
    "something for nothing": (1, None, "values", "1 came, None is needed"),
}


@each(case=WRONG)
def test_what_is_wrong_is_named(case):
    value, expected, fault, words = case
    found = difference(value, expected, ("L", "dY") if isinstance(expected, tuple) else ())
    assert found.fault == fault
    if words != "an array is":
        assert words in found.words


def test_an_object_equal_to_everything_is_no_answer():
    class Equal:
        def __eq__(self, other):
            return True

        __hash__ = None

    for expected in (RIGHT, 1.0, (1.0, RIGHT), {"a": 1.0}, None, "word"):
        assert difference(Equal(), expected).fault in ("type", "values")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_in_float32_keep_within_the_tolerance_in_any_order(dtype):
    """A thousand products, added up forwards, backwards, and by way of an FFT."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 64, 1000))
    right = (a * b).sum(axis=1).astype(dtype)
    products = a.astype(np.float32) * b.astype(np.float32)
    forwards = products.cumsum(axis=1, dtype=np.float32)[:, -1]
    backwards = products[:, ::-1].cumsum(axis=1, dtype=np.float32)[:, -1]
    spectra = np.fft.fft(a.astype(np.float32)).conj() * np.fft.fft(b.astype(np.float32))
    for given in (forwards, backwards, np.fft.ifft(spectra)[:, 0].real):
        assert not wrong_entries(given.astype(dtype), right).any()


def test_an_integer_that_is_no_float_is_a_wrong_number():
    found = difference(10**5000, 1.0)
    assert found == ("values", "an enormous integer came, 1.0 is needed")
