"""Times of several ways to do the same thing, taken in turn."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Call = Callable[[], object]


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int  # times that every peer has its turn
    sample: float  # seconds that one turn takes at least; quick calls are repeated
    patience: float  # seconds after which a slow peer has no further turn
    fewest: int = 3  # turns that even the slowest has

    def turns(self, seconds: float) -> int:
        """Return how many turns a call of that length gets."""
        turn = max(seconds, self.sample)
        return max(self.fewest, min(self.rounds, int(self.patience / turn)))


FULL = Effort(rounds=21, sample=0.005, patience=1.5)
QUICK = Effort(rounds=7, sample=0.003, patience=0.5, fewest=1)


@dataclass(frozen=True)
class Timing:
    """What one call takes."""

    seconds: float  # median over the turns
    best: float  # of all turns
    turns: int
    processors: float  # CPU time / time: how many processors were busy


def interleave(
    calls: Mapping[str, Call], effort: Effort, *, pause: float = 0.0, rest: float = 0.0
) -> dict[str, Timing]:
    """Time the calls in turn, so that a machine that slows down is slow for all of them.

    Each is called twice before: that compiles it, and shows how often it must be repeated to fill
    a turn. A turn begins with a `pause`, in which the threads of the peer before fall asleep, and
    one call that is not timed, which brings the arrays back into the cache. Between two calls of a
    turn the program does something else for `rest` seconds.
    """
    repeats, turns = {}, {}
    for name, call in calls.items():
        call()
        once = _time(call, 1)[0]
        if once < effort.sample:
            once = _time(call, max(1, math.ceil(0.2 * effort.sample / once)))[0]
        repeats[name] = max(1, math.ceil(effort.sample / (once + rest)))
        turns[name] = effort.turns(once)
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(max(turns.values(), default=0)):
        for name, call in calls.items():
            if turn < turns[name]:
                time.sleep(pause)
                if repeats[name] > 1 or pause:
                    call()
                samples[name].append(_time(call, repeats[name], rest))
    return {name: _timing(taken) for name, taken in samples.items()}


def _time(call: Call, repeats: int, rest: float = 0.0) -> tuple[float, float]:
    """Return seconds and seconds of CPU time per call."""
    if rest:
        return _time_apart(call, repeats, rest)
    cpu, begin = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        call()
    end = time.perf_counter()
    return (end - begin) / repeats, (time.process_time() - cpu) / repeats


def _time_apart(call: Call, repeats: int, rest: float) -> tuple[float, float]:
    """Return the same of calls with a rest before each, in which this thread is busy."""
    seconds = processors = 0.0
    for _ in range(repeats):
        end_of_rest = time.perf_counter() + rest
        while time.perf_counter() < end_of_rest:
            pass
        once = _time(call, 1)
        seconds, processors = seconds + once[0], processors + once[1]
    return seconds / repeats, processors / repeats


def _timing(taken: list[tuple[float, float]]) -> Timing:
    seconds = [second for second, _ in taken]
    processors = statistics.median(cpu / second for second, cpu in taken)
    return Timing(statistics.median(seconds), min(seconds), len(taken), processors)
