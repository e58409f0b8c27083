"""What every option that is a number refuses."""

import math

import numpy as np
import pytest

POSITIVE, AT_LEAST_0 = "greater than 0", "of at least 0"
BELOW_1, UP_TO_1 = "of at least 0 and below 1", "greater than 0 and at most 1"

NO_NUMBERS = [math.nan, math.inf, -math.inf, 10**400, True, np.True_, "0.1", None, 1j, [0.1]]


def assert_numbers_are_checked(option, call, outside, interval, hint):
    """Whatever is outside, or no number at all, is refused by `option`, as "SGD momentum"."""
    function, name = option.split()
    words = rf"^{function}: {name}=.*, but a number {interval} is needed; {hint}\.$"
    for value in outside + NO_NUMBERS:
        with pytest.raises(ValueError, match=words):
            call(value)
