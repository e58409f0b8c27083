"""What holds for all tests, in notebooks and docstrings too: threads, order, where time went."""

import os
import sys
from collections import defaultdict

# Set before anything imports Numba, and for what tests start: other tests run beside them, and a
# helper would look out for work on their processor. Tests about threads ask for two, see `threads`.
os.environ["NUMBA_NUM_THREADS"] = "1"

import pytest

from tools.notebooks import LONGEST

collect_ignore = ["book/_ext"]  # extensions of Sphinx, which imports them in its own way

# What takes longest begins first, so that all workers end together; xdist deals these out in turns.
# So of two workers one looks at pages, while the other executes notebooks.
FIRST = (
    "tests/site/test_pages.py",
    *(f"{name}.ipynb" for name in LONGEST),
    "tests/equations/",
    "tests/gradcheck/test_never_wrong.py",
    ".ipynb",
    "tests/site/",
    "tests/fast/",
    "tests/gradcheck/",
    "tests/mutants/",
    "tests/typing/",
)


def pytest_addoption(parser):
    """Say what `make test` asks for when it runs everything."""
    parser.addoption(
        "--as-executed",
        action="store_true",
        help="execute no notebook that `make book` has executed since anything of it changed: "
        "compare what that run gave",
    )


def pytest_collection_modifyitems(config, items):
    """Sort the long ones to the front; what is in one file keeps its order."""
    if config.option.as_executed:
        from tools.notebooks.replay import replay

        replay({item.parent for item in items if item.path.suffix == ".ipynb"})
    items.sort(
        key=lambda item: next(
            (place for place, part in enumerate(FIRST) if part in item.nodeid), len(FIRST)
        )
    )


def pytest_terminal_summary(terminalreporter, config):
    """Say what was executed, and where the time went, when all has run."""
    if config.option.durations is None:
        return
    seconds, tests, notebooks = defaultdict(float), defaultdict(set), set()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                file = report.nodeid.split("::")[0]
                notebooks |= {config.rootpath / file} if file.endswith(".ipynb") else set()
                folder = "/".join(file.split("/")[:2])
                if not folder.startswith("tests/"):
                    folder = folder.split("/")[0]
                seconds[folder] += report.duration
                tests[folder].add(report.nodeid)
    terminalreporter.section("seconds of all workers together")
    for folder in sorted(seconds, key=seconds.get, reverse=True):
        terminalreporter.write_line(f"{seconds[folder]:8.1f}s {len(tests[folder]):6} {folder}")
    if config.option.as_executed and notebooks:
        from tools.notebooks.replay import summary

        terminalreporter.write_line(summary(notebooks))


@pytest.fixture(autouse=True)
def close_figures():
    """Close what was drawn, if anything was."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
