"""Who is told that kernels are being compiled: a person, and no log and no book."""

from types import SimpleNamespace

import pytest

from cnnlab.fast import progress


@pytest.fixture
def system(monkeypatch):
    """What stands for `sys`, with a standard error that remembers; nothing was said before."""
    said = []
    terminal = SimpleNamespace(write=said.append, flush=lambda: None, isatty=lambda: True)
    system = SimpleNamespace(modules={}, stderr=terminal, said=said)
    monkeypatch.setattr(progress, "sys", system)
    progress.say_that_it_compiles.cache_clear()
    yield system
    progress.say_that_it_compiles.cache_clear()


def test_said_once_on_a_terminal(system):
    progress.say_that_it_compiles()
    progress.say_that_it_compiles()
    assert "".join(system.said).count("compiling") == 1


def test_not_said_in_a_log(system):
    system.stderr.isatty = lambda: False
    progress.say_that_it_compiles()
    assert system.said == []


@pytest.mark.parametrize("answers", [True, False])
def test_said_in_a_notebook_in_which_somebody_can_answer(system, answers):
    """What executes the notebooks of a book cannot answer when a cell asks for input."""
    system.stderr.isatty = lambda: False
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=answers))
    system.modules["IPython"] = SimpleNamespace(get_ipython=lambda: shell)
    progress.say_that_it_compiles()
    assert bool(system.said) == answers


def test_no_standard_error(system):
    system.stderr = None
    assert not progress.somebody_is_there()
