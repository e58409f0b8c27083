"""Learning-rate schedules: how far a step goes, by the number of steps already taken.

A schedule is any callable ``step -> learning rate``; `step` counts the steps already taken, so the
first step asks for ``schedule(0)``. Pass one to an optimizer in place of a number::

    optimizer = SGD(WarmUp(CosineDecay(0.1, steps=900), steps=100), momentum=0.9)

To `cnnlab.training.fit` one can be passed that counts epochs instead, ``fit(..., schedule=...)``.

Those here can be compared, pickled and printed.
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any

from cnnlab import shapes
from cnnlab.shapes import words

__all__ = ["CosineDecay", "ExponentialDecay", "StepDecay", "WarmUp"]

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class StepDecay:
    """Multiply the rate by `factor` after every `every` steps, at once.

    Equation (eq-step-decay)::

        rate(step) = initial * factor ** (step // every)

    Parameters
    ----------
    initial : float
        Rate of the first step. Greater than 0.
    every : int
        How many steps share one rate, at least 1.
    factor : float
        Greater than 0 and at most 1.

    Raises
    ------
    ValueError
        If a number is outside its range, or no number; when called, if `step` is no count.
    TypeError
        If `every` is no integer.

    Examples
    --------
    >>> schedule = StepDecay(0.4, every=2, factor=0.5)
    >>> [schedule(step) for step in range(5)]
    [0.4, 0.4, 0.2, 0.2, 0.1]
    """

    initial: float
    _: KW_ONLY
    every: int
    factor: float

    def __post_init__(self) -> None:
        """Check the numbers."""
        _check_decay(self)

    def __call__(self, step: int) -> float:
        """Return the rate of the step that follows `step` others."""
        return self.initial * self.factor ** (_as_step(step, "StepDecay") // self.every)


@dataclass(frozen=True)
class ExponentialDecay:
    """Multiply the rate by `factor` in the course of every `every` steps, a little at each.

    Equation (eq-exponential-decay)::

        rate(step) = initial * factor ** (step / every)

    Parameters
    ----------
    initial : float
        Rate of the first step. Greater than 0.
    factor : float
        Greater than 0 and at most 1.
    every : int
        After how many steps the rate has become `factor` times as large, at least 1.

    Raises
    ------
    ValueError
        If a number is outside its range, or no number; when called, if `step` is no count.
    TypeError
        If `every` is no integer.

    Examples
    --------
    >>> schedule = ExponentialDecay(0.4, factor=0.25, every=2)
    >>> [schedule(step) for step in range(4)]
    [0.4, 0.2, 0.1, 0.05]
    """

    initial: float
    _: KW_ONLY
    factor: float
    every: int = 1

    def __post_init__(self) -> None:
        """Check the numbers."""
        _check_decay(self)

    def __call__(self, step: int) -> float:
        """Return the rate of the step that follows `step` others."""
        return self.initial * self.factor ** (_as_step(step, "ExponentialDecay") / self.every)


@dataclass(frozen=True)
class CosineDecay:
    """Follow half a cosine wave down, from `initial` to `final`, and stay there.

    Equation (eq-cosine-decay), with t = min(step, steps)::

        rate(step) = final + (initial - final) * (1 + cos(pi * t / steps)) / 2

    Source: Loshchilov and Hutter (2017), equation 5, without restarts.

    Parameters
    ----------
    initial : float
        Rate of the first step. Greater than 0.
    steps : int
        After how many steps `final` is reached, at least 1.
    final : float
        Rate of every later step, 0 to `initial`.

    Raises
    ------
    ValueError
        If a number is outside its range, or no number; when called, if `step` is no count.
    TypeError
        If `steps` is no integer.

    Examples
    --------
    >>> schedule = CosineDecay(0.4, steps=2)
    >>> [round(schedule(step), 9) for step in range(4)]
    [0.4, 0.2, 0.0, 0.0]
    """

    initial: float
    _: KW_ONLY
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        _set(self, "initial", shapes.POSITIVE, "try 0.1")
        _set(self, "final", shapes.NOT_NEGATIVE, "try 0")
        object.__setattr__(self, "steps", shapes.as_count(self.steps, "CosineDecay", "steps"))
        if self.final > self.initial:
            raise ValueError(
                f"CosineDecay: final={self.final} is above initial={self.initial}, but the rate "
                f"goes down from initial to final; make final the smaller one."
            )

    def __call__(self, step: int) -> float:
        """Return the rate of the step that follows `step` others."""
        t = min(_as_step(step, "CosineDecay"), self.steps)
        left = (1 + math.cos(math.pi * t / self.steps)) / 2
        # The formula in a form that returns exactly `initial` first and exactly `final` last.
        return self.initial * left + self.final * (1 - left)


@dataclass(frozen=True)
class WarmUp:
    """Rise evenly for `steps` steps, then go on with another schedule, or with a fixed rate.

    Equation (eq-warm-up), with ``then(step)`` the number itself where `then` is a number::

        rate(step) = then(0) * (step + 1) / (steps + 1)    for step < steps
        rate(step) = then(step - steps)                    afterwards

    So `then` counts its own steps, from 0, once the warm-up is over.

    Parameters
    ----------
    then : float or callable
        A rate greater than 0, or a schedule.
    steps : int
        How many steps are shorter than ``then(0)``, at least 1.

    Raises
    ------
    ValueError
        If `then` is neither a number greater than 0 nor a schedule; when called, if `step`
        is no count, or `then` returns something else than a number of at least 0.
    TypeError
        If `steps` is no integer.

    Examples
    --------
    >>> schedule = WarmUp(0.4, steps=3)
    >>> [round(schedule(step), 9) for step in range(5)]
    [0.1, 0.2, 0.3, 0.4, 0.4]
    """

    then: float | Schedule
    _: KW_ONLY
    steps: int

    def __post_init__(self) -> None:
        """Check the numbers."""
        then = as_learning_rate(self.then, "WarmUp", "then", "try 0.1 or a schedule")
        object.__setattr__(self, "then", then)
        object.__setattr__(self, "steps", shapes.as_count(self.steps, "WarmUp", "steps"))

    def __call__(self, step: int) -> float:
        """Return the rate of the step that follows `step` others."""
        step = _as_step(step, "WarmUp")
        if step >= self.steps:
            return rate_at(self.then, step - self.steps, "WarmUp")
        return rate_at(self.then, 0, "WarmUp") * (step + 1) / (self.steps + 1)


# ------------------------------------------------------------------------------- checks


def as_learning_rate(value: Any, function: str, name: str, hint: str) -> float | Schedule:
    """Return a rate greater than 0 as a float, or a schedule as it is."""
    if isinstance(value, type):
        raise ValueError(
            f"{function}: {name} is the class {value.__name__}, but a number or a schedule is "
            f"needed; write {value.__name__}(...)."
        )
    if callable(value):
        try:
            inspect.signature(value).bind(0)
        except ValueError:
            return value  # no signature is known
        except TypeError as error:
            raise TypeError(
                f"{function}: {name}={words.brief(value)} cannot be called with the number of "
                f"steps ({error}); give it one argument, as lambda step: 0.1."
            ) from None
        return value
    return shapes.as_number(value, function, name, within=shapes.POSITIVE, hint=hint)


def rate_at(learning_rate: float | Schedule, step: int, function: str) -> float:
    """Return the rate of one step, checked if a schedule says it: it may be 0 then.

    Parameters
    ----------
    learning_rate : float or callable
        From `as_learning_rate`.
    step : int
        How many steps were taken before.
    function : str
        The function that an error message names.

    Returns
    -------
    rate : float

    Raises
    ------
    ValueError
        If the schedule returns something else than a finite number of at least 0.
    """
    if not callable(learning_rate):
        return learning_rate
    rate = learning_rate(step)
    return shapes.as_number(
        rate,
        function,
        "learning_rate",
        within=shapes.NOT_NEGATIVE,
        hint="correct the schedule",
        came=f"the schedule {learning_rate!r} returned {rate!r} at step {step}",
    )


def _check_decay(decay: StepDecay | ExponentialDecay) -> None:
    _set(decay, "initial", shapes.POSITIVE, "try 0.1")
    _set(decay, "factor", shapes.UP_TO_ONE, "try 0.5")
    every = shapes.as_count(decay.every, type(decay).__name__, "every")
    object.__setattr__(decay, "every", every)


def _set(schedule: Any, name: str, within: shapes.Range, hint: str) -> None:
    """Replace a field by the checked float; a frozen dataclass takes no ordinary assignment."""
    number = shapes.as_number(
        getattr(schedule, name), type(schedule).__name__, name, within=within, hint=hint
    )
    object.__setattr__(schedule, name, number)


def _as_step(value: Any, function: str) -> int:
    try:
        step = operator.index(value)
    except TypeError:
        step = -1
    if step < 0:
        raise ValueError(
            f"{function}: step={value!r}, but a schedule takes the number of steps already taken, "
            f"an integer of at least 0; call it once for each step."
        )
    return step
