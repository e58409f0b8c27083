"""What can be seen in wrong numbers without a catalogue, the most telling first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from cnnlab.tutor.diagnosis import axes, places
from cnnlab.tutor.diagnosis.views import View, equal
from cnnlab.tutor.findings import Finding

__all__ = ["placed", "told"]

CLOSE = 1e-6
COARSE = 5e-3  # of the largest entry: half precision keeps three digits


def told(name: str, views: Sequence[View]) -> list[Finding]:
    """Return what says all of the wrong numbers: a shape, a ratio, signs, axes.

    Parameters
    ----------
    name : str
        Of the array, as "dX".
    views : sequence of View
        All cases in which numbers came.
    """
    misfits = [view for view in views if not view.fits]
    found = [*axes.shape(name, misfits)] if misfits else []
    for detector in _TELL_ALL:
        said = _found_by(detector, name, views)
        if said:
            return [*found, *said]
    return found


def placed(name: str, views: Sequence[View]) -> list[Finding]:
    """Return where the wrong numbers lie; as `told`."""
    detectors = places.overlap, places.border, places.first_only
    found = [said for detector in detectors for said in _found_by(detector, name, views)]
    return found or _found_by(_coarse, name, views)


def _coarse(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for numbers that are right but for their last digits."""
    off = [
        np.abs(view.given - view.right).max() / max(np.abs(view.right).max(), 1e-300)
        for view in wrong
    ]
    if max(off) < COARSE:
        yield Finding(
            "ratio",
            "few digits",
            f"The first digits of {name} are right, the others are not: it is off by "
            f"{max(off):.1g} of the largest entry. Half precision inside, numbers that were "
            "rounded, or a small number that is added against a division by 0.",
        )


def _found_by(
    detector: Callable[..., Iterator[Finding]], name: str, views: Sequence[View]
) -> list[Finding]:
    fitting = [view for view in views if view.fits]
    wrong = [view for view in fitting if view.wrong.any()]
    return [*detector(name, wrong, fitting)] if wrong else []


def _zero(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    if all(not view.given.any() for view in wrong):
        yield Finding("ratio", "zero", f"Every entry of {name} is 0, as if it was never filled.")


def _not_finite(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for NaN and infinity where numbers are due, and say what they come of."""
    odd = [view for view in wrong if not np.isfinite(view.given[np.isfinite(view.right)]).all()]
    if not odd:
        return
    bad = sum(int((~np.isfinite(view.given)).sum()) for view in odd)
    kind = "NaN" if any(np.isnan(view.given).any() for view in odd) else "infinite"
    large = all(view.evidence.large for view in odd)
    why = (
        "It is so where numbers are large only: exp overflows."
        if large and any(view.right.size and not view.evidence.large for view in views)
        else "A division by 0, a logarithm of 0, or an array of np.empty that was not filled?"
    )
    yield Finding("ratio", "not finite", f"{bad} entries of {name} are {kind}. {why}")


def _one_number(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for results whose entries are all the same."""
    several = [view for view in wrong if view.given.size > 1]
    if not several or any(np.ptp(v.given) != 0 or np.ptp(v.right) == 0 for v in several):
        return
    ways: dict[str, Callable[..., Any]] = {"mean": np.mean, "sum": np.sum, "largest": np.max}
    for word, way in ways.items():
        if all(np.isclose(view.given.flat[0], way(view.right)) for view in several):
            words = f"Every entry of {name} is the {word} of the right ones."
            yield Finding("ratio", f"all {word}", words)
            return
    yield Finding("ratio", "one number", f"All entries of {name} are the same number.")


def _ratio_of(view: View) -> float | None:
    """Return by what all right entries are multiplied; None if there is no such number."""
    right, given = view.right.astype(float), view.given.astype(float)
    largest = np.abs(right).max(initial=0.0)
    if not largest or not (np.isfinite(given).all() and np.isfinite(right).all()):
        return None
    ratio = float((given * right).sum() / (right * right).sum())
    near = np.abs(given - ratio * right).max() <= CLOSE * abs(ratio) * largest
    return ratio if near else None


Pairs = list[tuple[View, float]]


def _ratio(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for a factor, one in each case, and for the size that it is."""
    pairs: Pairs = []
    for view in views:
        ratio = _ratio_of(view)
        if ratio is not None:
            pairs.append((view, ratio))
        elif view.right.any():
            return
    if not any((view.right != 0).sum() > 1 for view, _ in pairs):
        return
    if all(abs(ratio + 1) < CLOSE for _, ratio in pairs):
        yield Finding("sign", "all signs", f"Every entry of {name} has the wrong sign.")
        return
    at = next(at for at, (_, ratio) in enumerate(pairs) if abs(ratio - 1) > CLOSE)
    value = pairs[at][1]
    for words, quantity in _quantities(pairs):
        verb = _explains(pairs, quantity)
        if verb:
            number, minus = quantity[at], "minus " if value < 0 else ""
            share = f"1/{number:g} of" if verb == "divided" else f"{number:g} times"
            known = f", and {words} = {number:g}" if words else ""
            more = " It is so in every case." if len(pairs) > 1 else ""
            yield Finding(
                "ratio",
                f"{verb} by {words or format(number, 'g')}",
                f"Every entry of {name} is {minus}{share} the right one{known}.{more}",
            )
            return
    steady = all(abs(ratio - value) <= CLOSE * abs(value) for _, ratio in pairs)
    where = "in every case" if steady else "in one case, and another multiple in others"
    words = f"Every entry of {name} is {value:.4g} times the right one, {where}."
    yield Finding("ratio", f"times {value:.4g}", words)


def _explains(pairs: Pairs, quantity: Sequence[float]) -> str:
    """Say whether all ratios are that quantity, "multiplied", or one by it, "divided"."""
    for sign in (1, -1):
        for verb in ("divided", "multiplied"):
            if all(
                abs(ratio - sign * (1 / number if verb == "divided" else number))
                <= CLOSE * max(abs(ratio), 1e-300)
                for (_, ratio), number in zip(pairs, quantity, strict=True)
            ):
                return verb
    return ""


def _quantities(pairs: Pairs) -> Iterator[tuple[str, list[float]]]:
    """Yield sizes and products of two or three sizes, with their value in each case."""
    names = [name for name in pairs[0][0].sizes if all(name in view.sizes for view, _ in pairs)]
    sizes = [
        (" ".join(chosen), [float(np.prod([view.sizes[n] for n in chosen])) for view, _ in pairs])
        for count in (1, 2, 3)
        for chosen in combinations(names, count)
    ]
    sizes = [found for found in sizes if all(found[1])]
    # A size that is the same in all cases is no better known than its number.
    yield from (found for found in sizes if len(set(found[1])) > 1 or len(pairs) == 1)
    for number in (*range(2, 13), 16, 20, 100, 1000):
        yield "", [float(number)] * len(pairs)
    yield from (found for found in sizes if len(set(found[1])) == 1)


def _signs(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    if not all(equal(view, np.abs(view.right), np.abs(view.given)) for view in wrong):
        return
    if all((view.given >= 0).all() for view in wrong):
        words = f"The entries of {name} have lost their signs: all are positive."
        yield Finding("sign", "absolute", words)
    else:
        many, every = sum(v.wrong.sum() for v in wrong), sum(v.wrong.size for v in wrong)
        words = f"{100 * many / every:.0f} % of the entries of {name} have the wrong sign; all have"
        yield Finding("sign", "some signs", f"{words} the right size.")


def _rounded(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "rounded down, as // does": np.floor,
        "cut to whole numbers, as int() does": np.trunc,
        "rounded to whole numbers": np.round,
        "cut off below 0": lambda right: np.maximum(right, 0),
    }
    for words, way in ways.items():
        if all(equal(view, way(view.right)) for view in wrong):
            yield Finding("dtype", words, f"The entries of {name} are the right ones, {words}.")
            return
    whole = all(np.array_equal(view.given, np.round(view.given)) for view in wrong)
    if not whole and all(_is_half(view) for view in wrong):
        words = f"The entries of {name} have three digits only: somewhere stands float16."
        yield Finding("dtype", "half precision", words)


def _is_half(view: View) -> bool:
    """Tell whether the right numbers came, as far as half precision holds them."""
    held = np.array_equal(view.given, view.given.astype(np.float16))
    return held and np.allclose(view.given, view.right, rtol=0.02, atol=0.02)


#: Where one of these has found something, it says all.
_TELL_ALL: tuple[Callable[..., Iterator[Finding]], ...] = (
    _zero,
    _not_finite,
    _one_number,
    _ratio,
    _signs,
    _rounded,
    axes.offset,
    axes.axis,
)
