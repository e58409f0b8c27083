"""Reports of a gradient check: what was compared, how far apart it is, where, and in what words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from cnnlab.tables import as_html

HEAD = (
    *("", "gradient", "largest error", "where", "given", "expected"),
    *("wrong", "not differentiable", "notes"),
)


class GradientReport(NamedTuple):
    """How far a gradient is from its numerical value.

    It shows itself as one line in a terminal, and as a table in a notebook.

    Attributes
    ----------
    name : str
        Which gradient.
    passed : bool
        Whether every entry is right: as far from its numerical value as rounding explains, or as
        the tolerance allows. A NaN never is; an empty gradient always, unless a function changed
        what it was given.
    error : float
        Largest difference between an entry and its numerical value, relative to the largest
        numerical entry; if entries are wrong, the largest of theirs. NaN if there is no gradient.
    where : tuple of int
        Index of that entry.
    given, numerical : float
        The two values there.
    by : {"entry", "direction"}
        "direction" if random directions found nothing wrong, so that no entry was looked at alone.
        `where` is empty then, and `given`, `numerical` are the slopes along the worst direction.
    wrong : float
        Which share of the entries is wrong, from 0 to 1.
    not_differentiable : int
        How many entries have no derivative here, because a kink (of a ReLU, of a maximum) is
        nearer than a step can be small. They are right in a place beside.
    undecided : bool
        Whether the rounding errors are so large that nothing can be said. `passed` is False then.
    note : str
        What else there is to say: a function that changed what it was given, an exception, a
        forward pass of few digits.
    """

    name: str
    passed: bool
    error: float
    where: tuple[int, ...]
    given: float
    numerical: float
    by: str = "entry"
    wrong: float = 0.0
    not_differentiable: int = 0
    undecided: bool = False
    note: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        if np.isnan(self.error) and np.isnan(self.given):
            return f"{_verdict(self)} {self.name}: {self.note}"
        place = "along a random direction" if self.by == "direction" else f"at {_place(self)}"
        words = [
            f"largest relative error {self.error:.1e} {place} "
            f"(given {self.given:.6g}, numerical {self.numerical:.6g})"
        ]
        if self.wrong:
            words.append(f"{_share(self.wrong)} of the entries wrong")
        if self.not_differentiable:
            words.append(f"{self.not_differentiable} not differentiable here")
        if self.note:
            words.append(self.note)
        return f"{_verdict(self)} {self.name}: {'; '.join(words)}"

    def __repr__(self) -> str:
        """Say it in one line."""
        return str(self)

    def _cells(self) -> tuple[str, ...]:
        place = "a direction" if self.by == "direction" else _index(self.where)
        numbers = f"{self.error:.1e}", place, f"{self.given:.6g}", f"{self.numerical:.6g}"
        if np.isnan(self.error) and np.isnan(self.given):
            numbers = ("", "", "", "")
        kinks = str(self.not_differentiable or "")
        share = _share(self.wrong) if self.wrong else ""
        return (_verdict(self).strip(), self.name, *numbers, share, kinks, self.note)

    def _repr_html_(self) -> str:
        return table([self])


class AdjointReport(NamedTuple):
    """The two sides of ``<f(x), g> == <x, adjoint(g)>``.

    It shows itself as one line in a terminal, and as a table in a notebook.

    Attributes
    ----------
    passed : bool
        Whether the sides are equal, or no further apart than rounding explains. NaN and infinity
        never are.
    left, right : float
        The sides.
    where : tuple of int
        If they differ: index of the entry of ``adjoint(g)`` that is furthest from its true value.
    given, expected : float
        The two values there. Equal if every entry is right: then it is f that is not linear.
    name : str
        Which adjoint.
    exact : bool
        Whether everything was an integer, so that the sides had to be the same number.
    bound : float
        Where it was not: how far apart rounding errors can bring the sides.
    wrong : float
        If they differ: which share of the entries of ``adjoint(g)`` is wrong, from 0 to 1.
    note : str
        What else there is to say: a function that changed what it was given, an exception.
    """

    passed: bool
    left: float
    right: float
    where: tuple[int, ...] = ()
    given: float = 0.0
    expected: float = 0.0
    name: str = "adjoint"
    exact: bool = True
    bound: float = 0.0
    wrong: float = 0.0
    note: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{_verdict(self)} {self.name}: {'; '.join(self._words())}"

    def __repr__(self) -> str:
        """Say it in one line."""
        return str(self)

    def _words(self) -> list[str]:
        note = [self.note] if self.note else []
        if np.isnan(self.left) and note:
            return note
        if self._agree:
            if self.exact:
                return [f"both sides are {self.left:.17g}", *note]
            apart = f"{self.left:.10g} and {self.right:.10g} are {abs(self.left - self.right):.1e}"
            return [f"{apart} apart, and rounding explains {self.bound:.1e}", *note]
        words = [f"{self.left:.17g} is not {self.right:.17g}"]
        if self.given == self.expected:
            return [*words, "every entry is right, so the operation is not linear", *note]
        place = f"worst entry {_place(self)}"
        words.append(f"{place} (given {self.given:.6g}, expected {self.expected:.6g})")
        if self.wrong:
            words.append(f"{_share(self.wrong)} of the entries wrong")
        return [*words, *note]

    @property
    def _agree(self) -> bool:
        return abs(self.left - self.right) <= self.bound

    def _cells(self) -> tuple[str, ...]:
        numbers = [
            f"{abs(self.left - self.right):.1e}",
            "",
            f"{self.right:.6g}",
            f"{self.left:.6g}",
        ]
        if not self._agree and self.given != self.expected:
            numbers[1:] = _index(self.where), f"{self.given:.6g}", f"{self.expected:.6g}"
        share = _share(self.wrong) if self.wrong else ""
        words = self.note or "; ".join(self._words())
        return (_verdict(self).strip(), self.name, *numbers, share, "", words)

    def _repr_html_(self) -> str:
        return table([self])


class CaseReport(NamedTuple):
    """One case in which a function was compared with the loops of `cnnlab.reference`.

    It shows itself as one line in a terminal, and as a table in a notebook.

    Attributes
    ----------
    name : str
        Of the case, as "one image, stride=(2, 3)".
    passed : bool
        Whether the result is that of the loops, up to rounding.
    wrong : float
        Which share of the entries is wrong, from 0 to 1.
    where : tuple of int
        Index of the first wrong entry, in row-major order.
    given, expected : float
        Your value there, and that of the loops.
    note : str
        What else there is to say: another shape or dtype, an argument that was changed, an
        exception.
    """

    name: str
    passed: bool
    wrong: float = 0.0
    where: tuple[int, ...] = ()
    given: float = np.nan
    expected: float = np.nan
    note: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        words = []
        if self.wrong:
            place = f"the first is at {_index(self.where)}" if self.where else "there"
            words.append(
                f"{_share(self.wrong)} of the entries wrong, {place} "
                f"(yours {self.given:.6g}, expected {self.expected:.6g})"
            )
        if self.note:
            words.append(self.note)
        return f"{_verdict(self)} {self.name}{': ' if words else ''}{'; '.join(words)}".rstrip()

    def __repr__(self) -> str:
        """Say it in one line."""
        return str(self)

    def _cells(self) -> tuple[str, ...]:
        numbers = ("", "", "")
        if self.wrong:
            numbers = _index(self.where), f"{self.given:.6g}", f"{self.expected:.6g}"
        share = _share(self.wrong) if self.wrong else ""
        return (_verdict(self).strip(), self.name, "", *numbers, share, "", self.note)

    def _repr_html_(self) -> str:
        return table([self])


class Reports(list):
    """A list of reports that shows itself as lines in a terminal, and as a table in a notebook."""

    def __getitem__(self, place: Any) -> Any:
        """Return one report, or some of them as another such list.

        Returns
        -------
        report : GradientReport, AdjointReport, CaseReport or Reports
        """
        found = super().__getitem__(place)
        return Reports(found) if isinstance(place, slice) else found

    def __repr__(self) -> str:
        """Return one line for each report.

        Returns
        -------
        lines : str
        """
        return "\n".join(map(str, self)) or "[]"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return table(self)


def table(reports: Iterable[Any]) -> str:
    """Return reports as a table of HTML; a column in which nothing stands is left out."""
    rows = [report._cells() for report in reports]
    kept = [column for column in range(len(HEAD)) if any(row[column] for row in rows)]
    head, *body = ([row[column] for column in kept] for row in (HEAD, *rows))
    return as_html(head, body)


def _verdict(report: Any) -> str:
    if getattr(report, "undecided", False):
        return "undecided"
    return "ok   " if report.passed else "WRONG"


def _share(part: float) -> str:
    return f"{100 * part:.3g} %"


def _index(where: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, where))}]" if where else ""


def _place(report: GradientReport | AdjointReport) -> str:
    return report.name + _index(report.where)


def worst_entry(errors: np.ndarray) -> tuple[int, ...]:
    """Return the index of the largest error; NaN is the largest."""
    flat = np.where(np.isnan(errors), np.inf, errors).argmax()
    return tuple(int(index) for index in np.unravel_index(flat, errors.shape))


def check_shape(function: str, name: str, came: tuple[int, ...], needed: tuple[int, ...]) -> None:
    """Refuse a gradient that has another shape than its input."""
    if came != needed:
        raise ValueError(
            f"{function}: {name} has shape {came}, but the input it belongs to has shape "
            f"{needed}; a gradient has the shape of its input."
        )
