"""Fixtures that every test may ask for, and the table of errors at the end."""

import importlib
import os
import tempfile

import hypothesis
import numpy as np
import pytest
from support import accuracy

# The same examples in every run, and none kept from earlier ones. `ops`, the one fixture that goes
# together with drawn examples, does not change from one to the next.
COMMON = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [hypothesis.HealthCheck.function_scoped_fixture],
}
hypothesis.settings.register_profile("compiled", max_examples=20, **COMMON)
hypothesis.settings.register_profile("pure Python", max_examples=8, **COMMON)
PURE_PYTHON = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
hypothesis.settings.load_profile("pure Python" if PURE_PYTHON else "compiled")


def pytest_configure(config):
    """Hypothesis keeps a folder of notes even so; not in the tree."""
    notes = tempfile.TemporaryDirectory(prefix="hypothesis-")
    config.add_cleanup(notes.cleanup)
    hypothesis.configuration.set_hypothesis_home_dir(notes.name)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Examples in docstrings are for readers of the package; those of the tests are none to run."""
    collectors = yield
    return [one for one in collectors if type(one).__name__ != "DoctestModule"]


# As plain Python the twin alone is another one: the loops are what they are in every run.
@pytest.fixture(params=["fast"] if PURE_PYTHON else ["reference", "fast"])
def ops(request):
    """Each backend in turn."""
    return importlib.import_module(f"cnnlab.{request.param}")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def threads(monkeypatch):
    """Set how many threads kernels use in a test, as `numba.set_num_threads` does."""
    from cnnlab.fast import threads

    return lambda count: monkeypatch.setattr(threads, "thread_count", lambda: count)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Hand what a test recorded to its report, which also finds its way out of a worker."""
    accuracy.RECORDS.clear()
    try:
        return (yield)
    finally:
        item.user_properties += [("accuracy", tuple(record)) for record in accuracy.RECORDS]


def pytest_terminal_summary(terminalreporter):
    records = [
        accuracy.Record(*value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == "accuracy"
    ]
    if records:
        terminalreporter.section("errors in units of their bounds")
        for line in accuracy.table(records):
            terminalreporter.write_line(line)
