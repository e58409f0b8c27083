"""What `help` says of compiled functions."""

import inspect
import io
import pydoc
import subprocess
import sys
from contextlib import redirect_stdout
from itertools import pairwise

import pytest
from support.failures import each

from cnnlab import fast, reference
from cnnlab.fast import manual

PARTS = ("Parameters", "Returns", "Raises")


def parts(text):
    """Return the parts of a docstring by their titles."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if n and set(line) == {"-"}] + [len(lines) + 1]
    return {
        lines[start - 1]: "\n".join(lines[start + 1 : end - 1]).strip()
        for start, end in pairwise(starts)
    }


@each(name=fast.__all__)
def test_help_shows_parameters_results_and_errors(name):
    with redirect_stdout(io.StringIO()) as shown:
        help(getattr(fast, name))
    text = pydoc.plain(shown.getvalue())
    function = getattr(fast, name)
    described = parts(inspect.getdoc(function))
    assert list(described) == list(PARTS)
    for parameter in inspect.signature(function).parameters:
        heads = [line for line in described["Parameters"].splitlines() if line[:1].strip()]
        assert any(parameter in head.split(" : ")[0].split(", ") for head in heads), parameter
    assert any(word in described["Returns"] for word in ("Shape", "shape", "float"))
    for part in PARTS:
        for line in described[part].splitlines():
            assert line.strip() in text
    assert described == {
        part: words
        for part, words in parts(inspect.getdoc(getattr(reference, name))).items()
        if part in PARTS
    }


@each(name=fast.__all__)
def test_help_begins_with_what_the_function_does_and_says_how_it_differs(name):
    text = inspect.getdoc(getattr(fast, name)).splitlines()
    assert text[0] == inspect.getdoc(getattr(reference, name)).splitlines()[0]
    assert text[2].startswith(f"As `cnnlab.reference.{name}`, compiled")
    assert ">>>" not in "\n".join(text)


def test_without_the_loops_the_short_words_stay(tmp_path, monkeypatch):
    def relu():
        """Say little."""

    relu.__module__ = "cnnlab.fast.activations"
    monkeypatch.setattr(manual, "LOOPS", tmp_path)
    manual.complete_docstrings([relu])
    assert relu.__doc__ == "Say little."
    (tmp_path / "activations.py").write_text("def tanh(Z):\n    pass\n")
    manual.complete_docstrings([relu])
    assert relu.__doc__ == "Say little."


@pytest.mark.parametrize("switch", ["-O", "-OO"])
def test_python_may_be_told_to_drop_docstrings(switch):
    code = "from cnnlab import fast; print(fast.relu.__doc__ is None)"
    done = subprocess.run(
        [sys.executable, switch, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(switch == "-OO")
