"""How fast a function is: beside the loops and beside the fast twin, in the same run.

Machines differ, and other programs disturb. So what is compared is measured in turns on the same
machine, the shortest of some turns counts, and only ratios are judged. Every turn has numbers of
its own and its answer is compared, so that nothing is gained by an answer that was kept. What a
function compiles on its first call is not counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.answers import Answer, Problem
from cnnlab.tutor.cases import ConvSizes
from cnnlab.tutor.comparing import difference
from cnnlab.tutor.judging import Outcome
from cnnlab.tutor.questions import Case, Item

__all__ = ["race", "speed_items"]

Ask = Callable[[Call], Answer]
Make = Callable[[ConvSizes, Callable[..., Any], dict[str, Any]], Call]

# A first call, on which functions are compiled; a part of a layer that the loops finish; a layer
# that the loops would need minutes for; and one that takes the fast twin some milliseconds.
WARM_UP = ConvSizes(2, 2, 5, 6, 3, 2, 3)
PART = ConvSizes(1, 2, 12, 13, 2, 5, 5)
MIDDLE = ConvSizes(2, 8, 20, 20, 8, 5, 5)
LARGE = ConvSizes(4, 64, 28, 28, 96, 5, 5)

TURNS = 40
FEW = 5  # turns after which it is over for who is three times too slow
AGAIN = 3  # so often the peer runs in each turn: one disturbed run of it is no gift
PATIENCE = 3.0  # seconds that the turns of one race may take


class Goal(NamedTuple):
    """A speed that is asked for.

    Attributes
    ----------
    item : str
        Name of its item.
    peer : str
        "loops" or "twin": what is measured beside it.
    times : float
        How many times as fast as the peer it must be.
    words : str
        The same in words.
    """

    item: str
    peer: str
    times: float
    words: str


GOALS = (
    Goal("30 times", "loops", 30.0, "at least 30 times as fast as the loops"),
    Goal(
        "a twentieth", "twin", 1 / 20, "at least a twentieth as fast as the fast twin on one thread"
    ),
    Goal("a quarter", "twin", 1 / 4, "at least a quarter as fast as the fast twin on one thread"),
)


def speed_items(points: Iterable[float]) -> tuple[Item, ...]:
    """Return the items for speed.

    Parameters
    ----------
    points : iterable of float
        What each of the goals is worth, the easiest first.

    Returns
    -------
    items : tuple of Item
    """
    pairs = zip(GOALS, points, strict=True)
    return tuple(Item(goal.item, worth, goal.words) for goal, worth in pairs)


def race(operation: str, make: Make) -> Callable[..., Iterator[Outcome]]:
    """Return the trials of a question that asks for speed.

    Parameters
    ----------
    operation : str
        As "conv2d_dX": names the loops and the twin, which are called as the question is.
    make : callable
        ``make(sizes, draw, {})`` returns a call with arrays of these sizes.

    Returns
    -------
    trials : callable
        See `Question.trials`.
    """

    def trials(ask: Ask, rng: np.random.Generator, hidden: bool) -> Iterator[Outcome]:
        def new(sizes: ConvSizes) -> Call:
            return make(sizes, _small_integers(rng), {})

        ask(new(WARM_UP))
        lost = None
        for goal in GOALS:
            # No arrays: they are large, and nothing is seen in them.
            case = Case(goal.item, goal.words, Call((), {}))
            if lost is None:
                problem, fault, words = _run(operation, goal, ask, new)
                outcome = Outcome(case, Answer(problem=problem), None, fault, words)
                lost = outcome if fault else None
            else:  # what comes next is asked of functions that got so far
                words = f"not tried, after this: {lost.words}"
                outcome = lost._replace(case=case, words=words)
            yield outcome

    return trials


def _small_integers(rng: np.random.Generator) -> Callable[..., Any]:
    """Draw in float32 what every order of a sum adds up exactly."""
    return lambda shape: rng.integers(-3, 4, shape).astype(np.float32)


def _run(
    operation: str, goal: Goal, ask: Ask, new: Callable[[ConvSizes], Call]
) -> tuple[Problem | None, str, str]:
    """Let the function and its peer take turns, until the goal is reached or the time is up.

    Returns
    -------
    problem : Problem, optional
        Why there was no answer.
    fault, words : str
        As in `Outcome`.
    """
    from cnnlab import fast  # here, so that all else of the tutor can be used without Numba

    sizes, peer_sizes = (MIDDLE, PART) if goal.peer == "loops" else (LARGE, LARGE)
    own, peer, spent = np.inf, np.inf, 0.0
    with _one_thread():
        for turn in range(TURNS):
            call, theirs = new(sizes), new(peer_sizes)
            answer = ask(call)
            right, _ = _timed(getattr(fast, operation), call)  # not before it has answered
            if answer.problem is not None:
                return answer.problem, "problem", answer.problem.words
            found = difference(answer.value, right)
            if found.fault not in ("", "dtype"):
                return None, found.fault, f"{found.words}, on {sizes}"
            backend = reference if goal.peer == "loops" else fast
            own = min(own, answer.seconds / _products(sizes))
            for _ in range(AGAIN):
                _, seconds = _timed(getattr(backend, operation), theirs)
                peer = min(peer, seconds / _products(peer_sizes))
            spent += answer.seconds
            hopeless = turn + 1 >= FEW and own * goal.times > 3 * peer
            if own * goal.times <= peer or hopeless or spent > PATIENCE:
                break
    reached = own * goal.times <= peer
    return None, "" if reached else "slow", _said(goal, peer / own)


def _said(goal: Goal, times: float) -> str:
    if goal.peer == "loops":
        number = f"{times:,.0f}" if times >= 9.5 else f"{times:.1f}"
        return f"{number} times as fast as the loops; {goal.times:.0f} times are asked for"
    share = f"{times:.0%}" if times >= 0.095 else f"{times:.1%}"
    return f"{share} of the speed of the fast twin on one thread; {goal.times:.0%} are asked for"


def _products(sizes: ConvSizes) -> int:
    """Count the products of a layer, and of each of its gradients."""
    B, P, rows, columns = sizes.Z_shape()
    return B * P * rows * columns * sizes.D * sizes.m * sizes.n


def _timed(function: Callable[..., Any], call: Call) -> tuple[Any, float]:
    start = time.perf_counter()
    result = function(*call.arguments, **call.options)
    return result, time.perf_counter() - start


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let the fast twin and matrix products use one thread, and as many as before afterwards.

    On a machine with other work, threads that wait for each other make a matrix product slow.
    """
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    with ExitStack() as stack:
        with suppress(ImportError):
            import threadpoolctl

            stack.enter_context(threadpoolctl.threadpool_limits(1, "blas"))
        try:
            yield
        finally:
            numba.set_num_threads(before)
