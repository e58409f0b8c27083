"""States that do not fit, told with the words of a function and of what has states."""

import re

import numpy as np
import pytest
from support.failures import each

from cnnlab import shapes

ARRAY = np.ones((2, 3))
FLOAT32 = np.dtype(np.float32)


def names(given, needed=("a", "b")):
    shapes.check_state_names("go_on", given, needed, owner="walker", same="a walker")


def stored(value, shape=(2, 3), dtype=FLOAT32):
    return shapes.as_stored_array(value, "go_on", "a", shape, dtype, same="a walker")


def test_what_fits_is_taken():
    names({"b": 1, "a": 2})
    names({}, ())
    array = ARRAY.astype(np.float32)
    assert stored(array) is array
    np.testing.assert_array_equal(stored([1.0, 2.0], (2,), np.dtype(float)), [1.0, 2.0])
    assert stored(np.arange(3), (3,), np.dtype(int)).dtype == int


WRONG = {
    "no dict": (lambda: names(None), TypeError, "state=NoneType None came, but a dict is "
                "needed; pass what walker.state() returned."),
    "less": (lambda: names({"a": 1}), ValueError, "the state lacks b; pass the state of a walker."),
    "more": (lambda: names(dict.fromkeys("abcde2"), "ab"), ValueError,
             "the state has also 2, c, d, e; pass"),
    "much more": (lambda: names(dict.fromkeys("abcdef2"), "ab"), ValueError,
                  "the state has also 2, c, d, e, ...; pass"),
    "other": (lambda: names({"a": 1, 3: 1}), ValueError, "the state lacks b and has also 3; pass"),
    "shape": (lambda: stored(ARRAY[:1], dtype=ARRAY.dtype), ValueError, "a has shape (1, 3) and "
              "dtype float64, but shape (2, 3) and float64 are needed; pass the state of a walker"),
    "dtype": (lambda: stored(ARRAY), ValueError, "a has shape (2, 3) and dtype float64, but shape "
              "(2, 3) and float32 are needed; pass the state of a walker."),
    "NaN": (lambda: stored([np.nan], (1,), ARRAY.dtype), ValueError,
            "a holds NaN or infinity; pass a state from before that."),
    "ragged": (lambda: stored([[1.0], [1.0, 2.0]]), ValueError, "a cannot be read as an array"),
    "masked": (lambda: stored(np.ma.ones(3)), TypeError, "a is a masked array"),
}  # fmt: skip


@each(case=WRONG)
def test_what_does_not_fit_is_told(case):
    wrong, kind, words = case
    with pytest.raises(kind, match=f"^go_on: {re.escape(words)}"):
        wrong()
