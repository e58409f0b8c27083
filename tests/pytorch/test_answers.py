"""Answers: fresh where PyTorch is installed, stored where it is not, and the chapter with both."""

import contextlib
import io
import sys

import numpy as np
import pytest
from support.book import ROOT, read

from cnnlab import pytorch
from cnnlab.pytorch import AnswerError, Answers, answers
from tools import store_answers

CHAPTER = ROOT / "book" / "same-in-pytorch.ipynb"


@pytest.fixture
def one_thread():
    """Take no notice of the fixture of this folder: without PyTorch these tests run, too."""


@pytest.fixture
def hidden(monkeypatch):
    """Hide PyTorch, as if it were not installed."""
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def searched():
    """Stand for a question of the chapter, with the name under which its answer is stored."""
    raise AssertionError("PyTorch is not there, so nobody can be asked")


def test_without_pytorch_the_stored_answer_is_returned(hidden):
    found = Answers()
    assert found.torch is None
    assert repr(found).startswith("PyTorch is not installed here. Shown is what was stored:\n")
    assert found(searched).shape == (3, 8, 8, 8)
    assert found(searched).dtype == np.float32


def test_without_pytorch_parts_have_their_names(hidden):
    def running():
        raise AssertionError

    parts = Answers()(running)
    assert {name: part.item() for name, part in parts.items()} == {
        "mean": pytest.approx(0.2, rel=1e-15),
        "variance": pytest.approx(1.1, rel=1e-15),
    }


def test_a_question_that_was_never_asked_says_what_to_install(hidden):
    def something_else():
        raise AssertionError

    with pytest.raises(AnswerError, match=r"no answer to something_else .* pip install torch\.$"):
        Answers()(something_else)


def test_what_is_stored_says_with_what_it_was_computed():
    origin = Answers().origin
    assert set(origin) == {"torch", "numpy", "python", "processor", "seed"}
    text = "".join(cell.source for cell in read(CHAPTER).cells)
    assert f"default_rng({origin['seed']})" in text
    assert f"seed={origin['seed']}," in text
    pinned = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'torch = ["torch=={origin["torch"]}"]' in pinned


def test_every_stored_answer_is_asked_for():
    """None is left from a question that was taken out."""
    named, _ = answers._read()
    text = "".join(cell.source for cell in read(CHAPTER).cells)
    for question in {key.split("/")[0] for key in named}:
        assert f"def {question}():" in text, question


def test_with_pytorch_the_answer_is_fresh_and_compared(torch):
    stored = answers._read()[0]["searched"]
    nudged = stored + 4 * np.finfo(np.float32).eps * np.abs(stored).max()

    def searched():
        return torch.from_numpy(nudged)

    np.testing.assert_array_equal(Answers()(searched), nudged)
    with pytest.raises(AnswerError, match=r"searched: PyTorch's answer is up to .* away from") as e:
        Answers()(searched, roundings=2)
    assert "pass Answers(compare=False)" in str(e.value)
    np.testing.assert_array_equal(Answers(compare=False)(searched, roundings=2), nudged)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda stored: stored[:1], r"shape \(1, 8, 8, 8\), and an array of .* is stored"),
        (lambda stored: stored.astype(float), "float64"),
        (lambda stored: {"new": stored}, "searched/new: .* and nothing is stored"),
        (lambda stored: np.full_like(stored, np.nan), "is up to nan away"),
    ],
)
def test_another_answer_is_refused(torch, answer, message):
    stored = answers._read()[0]["searched"]

    def searched():
        return answer(stored)

    with pytest.raises(AnswerError, match=message):
        Answers()(searched)


def test_truth_and_integers_must_be_equal(torch, monkeypatch):
    def count():
        return 3

    monkeypatch.setattr(answers, "_read", lambda: ({"count": np.array(3)}, {}))
    assert Answers()(count) == 3
    monkeypatch.setattr(answers, "_read", lambda: ({"count": np.array(4)}, {}))
    with pytest.raises(AnswerError, match="count: "):
        Answers()(count)


def test_an_answer_is_a_copy(torch):
    tensor = torch.zeros(2)
    with answers.recording() as kept:

        def question():
            return tensor

        found = Answers()(question)
    tensor += 1
    np.testing.assert_array_equal(found, [0, 0])
    np.testing.assert_array_equal(kept["question"], [0, 0])
    assert pytorch.Answers is Answers


def run_and_compare():
    """Run the chapter; return what its cells print, with what stands in the notebook.

    Cells whose outputs depend on the processor or on who answers are left out, as nbval does.
    """
    printed, names = [], {"__name__": "__main__"}
    for cell in read(CHAPTER).cells:
        if cell.cell_type != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(cell.source, cell.id, "exec"), names)
        if "nbval-ignore-output" not in cell.metadata.get("tags", []):
            shown = "".join(output.get("text", "") for output in cell.outputs)
            printed.append((cell.id, out.getvalue(), shown))
    return printed, names


@pytest.mark.slow
def test_the_chapter_runs_without_pytorch_and_shows_the_same(hidden):
    printed, names = run_and_compare()
    assert names["torch"] is None
    for cell, now, shown in printed:
        assert now == shown, cell
    assert any(now for _, now, _ in printed)


@pytest.mark.slow
def test_the_command_stores_what_the_chapter_asks(torch, tmp_path, monkeypatch, capsys):
    before = answers._read()
    monkeypatch.setattr(answers, "STORED", tmp_path / "answers.safetensors")
    monkeypatch.setattr(sys, "argv", ["store_answers"])
    assert store_answers.main() == 0
    assert f"{len(before[0])} arrays" in capsys.readouterr().out
    named, origin = answers._read()
    assert set(named) == set(before[0])
    assert origin["torch"] == torch.__version__.partition("+")[0]
    for key, array in named.items():
        assert answers._agree(array, before[0][key], roundings=1e4), key
