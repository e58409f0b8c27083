"""What PyTorch answers: computed where it is installed, and what it once answered where it is not.

A chapter asks PyTorch with functions of its own. ``python -m tools.store_answers`` runs the chapter
and keeps every answer in ``answers.safetensors`` beside this file, with the versions and the seed.
"""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from cnnlab.shapes import words

__all__ = ["AnswerError", "Answers", "origin", "recording"]

STORED = Path(__file__).with_name("answers.safetensors")
SEED = 0  # of the generator of the chapter
AGAIN = "python -m tools.store_answers"
ROUNDINGS = 64  # in which answers of two machines may differ, of the largest number

Named = dict[str, np.ndarray]
_recorded: list[Named] = []  # where answers are kept while somebody records


class AnswerError(ValueError):
    """An answer is missing, or it is not the stored one; the message says what to do."""


class Answers:
    """Ask PyTorch; where it is not installed, look up what it answered.

    Where it is installed, every answer is also compared with the stored one.

    Parameters
    ----------
    compare : bool
        False: whatever PyTorch answers is taken as it is. For those who change a question.

    Attributes
    ----------
    torch : module or None
        PyTorch, None where it cannot be imported.
    origin : dict of str to str
        Versions, processor and seed with which the stored answers were computed.

    Examples
    --------
    >>> answers = Answers()
    >>> answers.origin["torch"], answers.origin["seed"]
    ('2.13.0', '0')
    """

    def __init__(self, *, compare: bool = True) -> None:
        self.compare = compare
        try:
            self.torch: Any = importlib.import_module("torch")
        except ImportError:
            self.torch = None
        recorded = _recorded and self.torch is not None
        self._stored, self.origin = ({}, origin(self.torch)) if recorded else _read()

    def __repr__(self) -> str:
        """Say who answers."""
        stored = "PyTorch {torch} with NumPy {numpy}, {processor}, seed {seed}".format(
            **self.origin
        )
        if self.torch is None:
            return f"PyTorch is not installed here. Shown is what was stored:\n{stored}."
        return f"PyTorch {self.torch.__version__} answers here, and is compared with\n{stored}."

    def __call__(self, question: Callable[[], Any], *, roundings: float = ROUNDINGS) -> Any:
        """Return the answer to a question.

        Parameters
        ----------
        question : callable
            Takes nothing; called only where PyTorch is installed. Its name is the name of the
            answer. Returns a tensor, an array or a number, or a dict of these.
        roundings : float
            How far numbers may be from the stored ones: so many times the machine epsilon times
            the largest number of the array. Integers and truth values must be equal.

        Returns
        -------
        answer : ndarray, or dict of str to ndarray

        Raises
        ------
        AnswerError
            If nothing is stored for this question and PyTorch is not installed, or if it answers
            something else than what is stored.
        """
        name = question.__name__
        if self.torch is not None:
            fresh = question()
            named = _named(name, fresh)
            if _recorded:
                _recorded[-1].update(named)
            elif self.compare:
                self._check(name, named, roundings)
            return named[name] if name in named else _parts(name, named)
        stored = {key: array for key, array in self._stored.items() if key.split("/")[0] == name}
        if not stored:
            raise AnswerError(
                f"Answers: no answer to {name} is stored, and PyTorch is not installed; install it "
                f"with pip install torch."
            )
        return stored[name] if name in stored else _parts(name, stored)

    def _check(self, name: str, fresh: Named, roundings: float) -> None:
        """Compare an answer with the stored one."""
        for key, array in fresh.items():
            other = self._stored.get(key)
            if other is None or (other.shape, other.dtype) != (array.shape, array.dtype):
                came, kept = words.brief(array), "nothing" if other is None else words.brief(other)
                problem = f"PyTorch answers {came}, and {kept} is stored"
            elif not _agree(array, other, roundings):
                largest = np.abs(array.astype(float) - other).max()
                problem = f"PyTorch's answer is up to {largest:.1e} away from what is stored"
            else:
                continue
            raise AnswerError(
                f"Answers: {key}: {problem}; if you changed the question, pass "
                f"Answers(compare=False), and {AGAIN} in the repository stores the new answer."
            )


@contextmanager
def recording() -> Iterator[Named]:
    """Keep all answers that PyTorch gives meanwhile, and compare none.

    Yields
    ------
    answers : dict of str to ndarray
        ``"question"`` or ``"question/part"``, and the array.
    """
    _recorded.append({})
    try:
        yield _recorded[-1]
    finally:
        _recorded.pop()


def origin(torch: Any) -> dict[str, str]:
    """Return with what answers are computed here.

    Parameters
    ----------
    torch : module
        PyTorch.

    Returns
    -------
    origin : dict of str to str
        ``"torch"``, ``"numpy"``, ``"python"``: versions; ``"processor"``: the vector instructions
        that PyTorch uses; ``"seed"``.
    """
    return {
        "torch": torch.__version__.partition("+")[0],
        "numpy": np.__version__,
        "python": platform.python_version(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "seed": str(SEED),
    }


def _read() -> tuple[Named, dict[str, str]]:
    with safetensors.safe_open(STORED, framework="numpy") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118


def _named(name: str, answer: Any) -> Named:
    """Return an answer as arrays with names."""
    if isinstance(answer, Mapping):
        return {f"{name}/{part}": _as_array(value) for part, value in answer.items()}
    return {name: _as_array(answer)}


def _parts(name: str, named: Named) -> Named:
    """Return the parts of an answer, in one order, wherever it comes from."""
    return {key.removeprefix(f"{name}/"): named[key] for key in sorted(named)}


def _as_array(value: Any) -> np.ndarray:
    """Return a copy: a tensor may share its memory with what changes later."""
    return np.array(value.detach().cpu().numpy() if hasattr(value, "detach") else value, order="C")


def _agree(array: np.ndarray, other: np.ndarray, roundings: float) -> bool:
    if array.dtype.kind != "f":
        return np.array_equal(array, other)
    size = np.abs(other).max(initial=0)
    return bool((np.abs(array - other) <= roundings * np.finfo(array.dtype).eps * size).all())
