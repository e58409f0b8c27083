"""Which mistake, or which two, gives all the answers that came."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.chains import CHAINS
from cnnlab.tutor.diagnosis.edits import Edit
from cnnlab.tutor.diagnosis.evidence import Evidence, numbers
from cnnlab.tutor.diagnosis.known import ERRORS, RECIPES, computed, known, meet, subject
from cnnlab.tutor.plain import copied
from cnnlab.tutor.questions import Mistake, Question
from cnnlab.tutor.tables import Written, written

__all__ = ["Suspect", "named", "named_of_a_kind"]

ENOUGH = 120  # terms: a case of so many tells most pairs of mistakes apart


class Suspect(NamedTuple):
    """One mistake, or two, that give all the answers that came.

    Attributes
    ----------
    edits : tuple of Edit
        One or two of them; empty for a mistake of the question's own.
    own : Mistake or None
        The mistake of the question's own.
    """

    edits: tuple[Edit, ...]
    own: Mistake | None = None

    @property
    def name(self) -> str:
        """Its name; of two, both."""
        return self.own.name if self.own else " + ".join(edit.name for edit in self.edits)

    @property
    def equation(self) -> str:
        """Label of the equation that is violated first."""
        return self.own.equation if self.own else self.edits[0].equation

    @property
    def plain(self) -> bool:
        """Whether all of it is of the catalogue."""
        return self.own is not None or all(edit.plain for edit in self.edits)


def named(question: Question, evidence: Sequence[Evidence]) -> list[Suspect]:
    """Return the mistakes that agree with every answer, the simplest first.

    Parameters
    ----------
    question : Question
    evidence : sequence of Evidence

    Returns
    -------
    suspects : list of Suspect
        Single mistakes if there are some, else pairs. Empty if none agrees, or no answer is wrong.
    """
    if not any(one.wrong or one.raised for one in evidence):
        return []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a mean of nothing
        return _named(question, evidence)


def _named(question: Question, evidence: Sequence[Evidence]) -> list[Suspect]:
    singles = [Suspect((), own) for own in question.mistakes if _agrees_own(own, evidence)]
    operation = subject(question.operation, question.function)
    usable = [one for one in evidence if one.call is not None and (one.given or one.raised)]
    if not operation or not any(one.given for one in usable):
        return singles
    search = _Search(question, operation, usable)
    listed, common, rare = _by_rank(known(operation))
    for edits in (listed, common, None, rare):
        if edits is None:
            found = [Suspect(pair) for pair in search.pairs(plain=True)]
        else:
            found = [Suspect((edit,)) for edit in edits if search.agrees((edit,))]
        # Others give the numbers that came, but do not stop where it stopped.
        stopping = [one for one in singles + found if one.own or search.stops(one.edits)]
        if stopping:
            return stopping
        singles += [one for one in found if len(one.edits) == 1]
    return singles


def _by_rank(edits: Sequence[Edit]) -> tuple[list[Edit], list[Edit], list[Edit]]:
    """Return those of the catalogue, the kinds that are common, and those that are rare."""
    kinds = [edit for edit in edits if not edit.plain]
    return (
        [edit for edit in edits if edit.plain],
        [edit for edit in kinds if not edit.rare],
        [edit for edit in kinds if edit.rare],
    )


def named_of_a_kind(question: Question, evidence: Sequence[Evidence]) -> list[Suspect]:
    """Return pairs of a mistake of the catalogue and one of a kind: what is left to try.

    Parameters
    ----------
    question, evidence
        As for `named`, which has found nothing.
    """
    operation = subject(question.operation, question.function)
    usable = [one for one in evidence if one.call is not None and one.given]
    if not operation or not any(one.wrong for one in usable):
        return []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = _Search(question, operation, usable).pairs(plain=False)
        return [Suspect(pair) for pair in pairs]


def _agrees_own(own: Mistake, evidence: Sequence[Evidence]) -> bool:
    """Tell whether a mistake of the question's own gives all the answers that came."""
    differs = False
    for one in evidence:
        if not one.given:
            continue
        call = one.outcome.case.call
        try:
            value = own.function(*copied(call.arguments), **copied(call.options))
        except Exception:  # whatever a wrong function does
            return False
        if not one.is_given(value):
            return False
        differs |= one.wrong and one.size_expected > 0
    return differs


class _Search:
    """Compares what mistakes give with what came.

    Parameters
    ----------
    question : Question
    operation : str
    evidence : list of Evidence
        Cases that can be computed, and in which numbers came or an exception.
    """

    def __init__(self, question: Question, operation: str, evidence: list[Evidence]) -> None:
        self.question, self.operation = question, operation
        answered = [one for one in evidence if one.given]
        wrong = [one for one in answered if one.wrong]
        self.raised = [one for one in evidence if one.raised]
        # The case that tells most mistakes apart is asked first, then the other wrong ones.
        finite = [one for one in wrong if all(np.isfinite(part).all() for part in one.given)]
        self.first = min(finite or wrong or answered, key=_usefulness)
        # A training is long: one of few steps leaves out most of what is not it.
        chain = operation in CHAINS
        self.quick = min(answered, key=lambda one: one.steps) if chain else self.first
        others = [one for one in answered if one is not self.first]
        self.others = sorted(others, key=lambda one: (not one.wrong, one.size))

    def result(self, edits: tuple[Edit, ...], one: Evidence, start: Any = None) -> Any:
        """Return what the question's function gives with these mistakes; None if it stops."""
        assert one.call is not None
        value = computed(self.operation, one.call, edits, start or one.sums)
        return self.back(value)

    def back(self, value: Any) -> Any:
        """Give a result of the operation the axes that the question asks for."""
        if value is None or self.question.from_operation is None:
            return value
        try:
            return self.question.from_operation(value)
        except (ValueError, IndexError, TypeError):
            return None

    def agrees(self, edits: tuple[Edit, ...]) -> bool:
        """Tell whether these mistakes give all the answers that came, and are mistakes here."""
        differs = False
        for one in dict.fromkeys((self.quick, self.first, *self.others)):
            value = self.result(edits, one)
            if value is None:
                return False
            if one.is_given(value):
                differs |= one.wrong and one.size_expected > 0
            elif self.operation not in RECIPES or not _overflows(one, value):
                return False
        # Wrong only where it stops: then it must stop in the same cases, and in no other.
        return differs or (bool(self.raised) and self.stops(edits))

    def stops(self, edits: tuple[Edit, ...]) -> bool:
        """Tell whether these mistakes stop in all cases in which it stopped."""
        return all(self.result(edits, one) is None for one in self.raised)

    def pairs(self, *, plain: bool) -> list[tuple[Edit, Edit]]:
        """Return the pairs that agree: of the catalogue, or of the catalogue and a kind."""
        if not self.first.wrong or not self.first.size_expected:
            return []  # of an empty answer all pairs would give the same
        listed, kinds, _ = _by_rank(known(self.operation))
        listed = [edit for edit in listed if not edit.rare]
        results = [edit for edit in listed if edit.stage == "result"]
        sides = [(listed, listed)] if plain else [(listed, kinds), (kinds, results)]
        found = [pair for one, other in sides for pair in self._matching(one, other)]
        return _once([pair for pair in found if self.agrees(pair)])

    def _matching(
        self, firsts: Sequence[Edit], seconds: Sequence[Edit]
    ) -> Iterator[tuple[Edit, Edit]]:
        """Yield the pairs that give the answer of the first case."""
        here = self.first
        assert here.call is not None
        for one in firsts:
            call, sums = self._begun(one)
            for other in seconds:
                # What changes the call is done first, however the two are named.
                if other is one or _stage(other) < _stage(one) or not meet(one, other):
                    continue
                if self.quick is not here and not self._fits_quickly((one, other)):
                    continue
                rest = (other,) if sums is not None else (one, other)
                value = self.back(computed(self.operation, call, rest, sums or here.sums))
                if value is not None and here.is_given(value):
                    yield one, other

    def _fits_quickly(self, edits: tuple[Edit, ...]) -> bool:
        value = self.result(edits, self.quick)
        return value is not None and self.quick.is_given(value)

    def _begun(self, edit: Edit) -> tuple[Call, Written | None]:
        """Return the first case with one mistake in its call or its sums, ready for another.

        Without sums the mistake is still to be made.
        """
        here = self.first
        assert here.call is not None
        if here.sums is None or edit.stage not in ("call", "table"):
            return here.call, None
        try:
            if edit.stage == "table":
                return here.call, here.sums.changed(edit.change)
            call = edit.change(here.call)
            return call, here.sums if call is here.call else written(self.operation, call)
        except ERRORS:  # it does not exist for these sizes
            return here.call, None


def _overflows(one: Evidence, value: Any) -> bool:
    """Tell whether numbers are too large for one of two ways to write the same."""
    parts = [*one.given, *numbers(value)]
    return one.large and not all(np.isfinite(part).all() for part in parts)


def _stage(edit: Edit) -> int:
    return {"call": 0, "table": 1, "result": 3}.get(edit.stage, 2)


def _usefulness(one: Evidence) -> tuple[bool, int]:
    """Order cases: large enough first, and of those the smallest."""
    count = one.size
    if one.sums is not None:
        count = sum(len(table.outer.index[table.outer.letters[0]]) for table in one.sums.tables)
    return count < ENOUGH, count if count >= ENOUGH else -count


def _once(pairs: list[tuple[Edit, Edit]]) -> list[tuple[Edit, Edit]]:
    """Leave out what differs in the order of the two alone."""
    found: dict[frozenset[str], tuple[Edit, Edit]] = {}
    for pair in pairs:
        found.setdefault(frozenset(edit.name for edit in pair), pair)
    return list(found.values())
