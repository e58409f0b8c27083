"""Races: what is fast, slow, wrong or kept, and that the twin gets its threads back."""

import numba
import numpy as np
import pytest
from support.failures import each

from cnnlab import fast
from cnnlab.operations import Call
from cnnlab.tutor import speed
from cnnlab.tutor.a7 import _dX_call
from cnnlab.tutor.answers import Answer, Problem
from cnnlab.tutor.speed import GOALS, race, speed_items

SPEED = [goal.item for goal in GOALS]


class Fake:
    """Answers with what the fast twin says, after so many seconds as it is told."""

    def __init__(self, seconds, change=lambda value: value):
        self.seconds, self.change, self.calls = seconds, change, []

    def __call__(self, call):
        self.calls.append(call)
        return Answer(self.change(fast.conv2d_dX(*call.arguments)), seconds=self.seconds)


def raced(ask, monkeypatch, seed=0):
    """Race on a small layer, where the loops take 1 us for a product and the twin 0.1 ns."""
    monkeypatch.setattr(speed, "LARGE", speed.MIDDLE)
    monkeypatch.setattr(speed, "PART", speed.WARM_UP)
    monkeypatch.setattr(speed, "TURNS", 2)
    pace = {"reference": 1e-6, "fast": 1e-10}

    def timed(function, call):
        sizes = speed.WARM_UP if "reference" in function.__module__ else speed.MIDDLE
        package = function.__module__.split(".")[1]
        return function(*call.arguments), pace[package] * speed._products(sizes)

    monkeypatch.setattr(speed, "_timed", timed)
    trials = race("conv2d_dX", _dX_call)
    return list(trials(ask, np.random.default_rng(seed), hidden=True))


def test_an_answer_at_once_reaches_every_goal(monkeypatch):
    outcomes = raced(Fake(1e-9), monkeypatch)
    assert [(outcome.case.item, outcome.fault) for outcome in outcomes] == [
        (item, "") for item in SPEED
    ]


def test_what_is_slow_loses_speed_and_is_not_asked_again(monkeypatch):
    ask = Fake(100.0)
    outcomes = raced(ask, monkeypatch)
    assert [outcome.fault for outcome in outcomes] == ["slow"] * 3
    assert "times as fast as the loops; 30 times are asked for" in outcomes[0].words
    assert outcomes[2].words.startswith("not tried, after this: 0.0 times")
    assert len(ask.calls) == 2  # the warm-up, and one that took longer than anybody waits


@each(case={"33 times": (3e-8, 1), "a thirtieth": (3e-9, 1), "a tenth": (1e-9, 2)})
def test_between_the_loops_and_the_twin_there_are_points(case):
    pace, reached = case
    with pytest.MonkeyPatch.context() as monkeypatch:
        outcomes = raced(Fake(pace * speed._products(speed.MIDDLE)), monkeypatch)
    assert [outcome.fault for outcome in outcomes] == [""] * reached + ["slow"] * (3 - reached)


def test_what_was_measured_is_said_in_numbers(monkeypatch):
    outcomes = raced(Fake(1e-9 * speed._products(speed.MIDDLE)), monkeypatch)
    assert [outcome.words for outcome in outcomes] == [
        "1,000 times as fast as the loops; 30 times are asked for",
        "10% of the speed of the fast twin on one thread; 5% are asked for",
        "10% of the speed of the fast twin on one thread; 25% are asked for",
    ]


def test_one_disturbed_turn_costs_nothing(monkeypatch):
    ask = Fake(1e-9)
    ask.seconds = [1e-9, 1.0, 1e-9, 1.0, 1e-9, 1.0, 1e-9]  # the warm-up, and two for each goal
    answer = Fake.__call__

    def disturbed(call):
        given = answer(ask, call)
        return Answer(given.value, seconds=ask.seconds[len(ask.calls) - 1])

    assert [outcome.fault for outcome in raced(disturbed, monkeypatch)] == [""] * 3
    assert len(ask.calls) == 7


@each(
    change={
        "zeros": lambda value: 0 * value,
        "one entry": lambda value: value + (np.arange(value.size) == 7).reshape(value.shape),
        "a corner": lambda value: value[:, :, :-1],
        "NaN": lambda value: value + np.nan,
    }
)
def test_a_fast_wrong_answer_reaches_nothing(change):
    with pytest.MonkeyPatch.context() as monkeypatch:
        outcomes = raced(Fake(1e-9, change), monkeypatch)
    assert all(outcome.fault in ("values", "shape", "not finite") for outcome in outcomes)


def test_an_answer_that_was_kept_is_wrong_in_the_next_turn(monkeypatch):
    kept = {}

    def ask(call):
        key = tuple(call.arguments[2])
        return kept.setdefault(key, Answer(fast.conv2d_dX(*call.arguments), seconds=1e-3))

    monkeypatch.setattr(speed, "GOALS", GOALS[:1] * 2)
    assert raced(ask, monkeypatch)[1].fault == "values"


def test_what_cannot_answer_is_told(monkeypatch):
    problem = Problem("time", "stopped after 10 s")
    outcomes = raced(lambda call: Answer(problem=problem), monkeypatch)
    assert [outcome.fault for outcome in outcomes] == ["problem"] * 3
    assert outcomes[0].words == "stopped after 10 s"


def test_numbers_are_others_in_every_turn_and_grading(monkeypatch):
    asks = [Fake(1e-9), Fake(1e-9)]
    for seed, ask in enumerate(asks):
        raced(ask, monkeypatch, seed)
    arrays = [call.arguments[0].tobytes() for ask in asks for call in ask.calls]
    assert len(set(arrays)) == len(arrays) == 8


def test_the_twin_gets_its_threads_back(monkeypatch):
    before = numba.get_num_threads()
    raced(Fake(1e-9), monkeypatch)
    assert numba.get_num_threads() == before


def test_items_for_speed_have_the_points_that_are_given():
    assert [item.points for item in speed_items((3, 2, 1))] == [3, 2, 1]


def test_a_call_of_the_race_is_one_of_the_question():
    call = _dX_call(speed.WARM_UP, np.ones, {})
    assert isinstance(call, Call)
    assert fast.conv2d_dX(*call.arguments).shape == speed.WARM_UP.X_shape
