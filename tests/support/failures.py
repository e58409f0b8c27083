"""One test for many cases that say the same: all of them run, and all that fail are named.

To collect, set up and report a test of its own takes pytest longer than most cases need to run.
"""

import functools
import inspect
import itertools
import traceback

import numpy as np
import pytest

LINES = 8  # of each message in the list; the first failure is also shown in full
CAUGHT = Exception, pytest.fail.Exception, pytest.skip.Exception


def each(**values):
    """Run a test for every combination of values; fail with a list of the cases that failed.

    ::

        @each(case=CONV, dtype=[np.float32, np.float64])
        def test_something(case, dtype, ops, rng): ...

    Values are lists, or dicts whose keys name them in the list. `rng` starts anew for each case.
    All other fixtures, and parameters of pytest, stay those of the test: its cases share them. No
    case can be skipped: what does not run anywhere is left out of the values.
    """
    named = [
        [(f"{key}={name}", (key, value)) for name, value in with_names(some)]
        for key, some in values.items()
    ]
    cases = [
        (", ".join(names), dict(pairs))
        for combination in itertools.product(*named)
        for names, pairs in [zip(*combination, strict=True)]
    ]
    if not cases:
        raise ValueError(f"each: no cases for {', '.join(values)}")

    def over_all(test):
        signature = inspect.signature(test)
        kept = [p for p in signature.parameters.values() if p.name not in {*values, "rng"}]

        @functools.wraps(test)
        def run(*positional, **fixtures):
            __tracebackhide__ = True
            failures = []
            for name, given in cases:
                if "rng" in signature.parameters:
                    given = {**given, "rng": np.random.default_rng(0)}
                try:
                    test(*positional, **fixtures, **given)
                except CAUGHT as error:
                    failures.append((name, error))
            if failures:
                raise AssertionError(report(failures, len(cases))) from failures[0][1]

        run.__signature__ = signature.replace(parameters=kept)
        return run

    return over_all


def with_names(values):
    """Return pairs of what stands for a value in the list, its own name if it has one, and it."""
    if isinstance(values, dict):
        return list(values.items())
    names = (getattr(v, "name", None) or getattr(v, "__name__", None) or repr(v) for v in values)
    return list(zip(names, values, strict=True))


def by_words(rows):
    """Name the rows of a table of messages by their place and by the words, their last entry."""
    return {f"{place}: {row[-1]}": row for place, row in enumerate(rows)}


def report(failures, cases):
    """Return the list: the name of each case, and below it what went wrong."""
    lines = [f"{len(failures)} of {cases} cases failed"]
    for name, error in failures:
        message = "".join(traceback.format_exception_only(error)).splitlines()
        message = [line for line in message if line.strip()]
        rest = ["..."] if len(message) > LINES else []
        lines += [f"- {name}", *(f"    {line}" for line in message[:LINES] + rest)]
    return "\n".join(lines)
