"""Limits are numbers above 0."""

import pytest
from support.failures import each

from cnnlab.grading.limits import Limits


@each(value=[0, -1, float("nan"), float("inf"), "1", None, True])
def test_what_is_no_limit_is_refused(value):
    with pytest.raises(ValueError, match=r"^Limits: memory=.*pass a number above 0, as memory="):
        Limits(memory=value)


def test_no_question_takes_the_time_of_another():
    shared = Limits(total=120.0, call=20.0, step=15.0, loading=40.0).shared(60.0, 5)
    assert (shared.total, shared.call, shared.step, shared.loading) == (60, 6, 7.5, 15)
    assert shared.loading + shared.step + 5 * shared.call < shared.total
    assert Limits().shared(1e9, 1) == Limits(loading=30.0)


def test_limits_go_to_the_process_by_name():
    told = Limits(call=2.5).in_the_process()
    assert told["call"] == 2.5
    assert told["memory"] == Limits().memory
