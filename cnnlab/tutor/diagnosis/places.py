"""Where wrong entries lie: along the border, where windows overlap, all but the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cnnlab.tutor.diagnosis.views import View
from cnnlab.tutor.findings import Finding
from cnnlab.tutor.tables import Written

__all__ = ["border", "first_only", "overlap"]


def first_only(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for an axis whose first or last index alone is right."""
    if len({view.right.ndim for view in views}) > 1:
        return
    for along in range(wrong[0].right.ndim):
        one, many = wrong[0].axes[along]
        for end, at in (("first", 0), ("last", -1)):
            if not all(_holds(view, along, at) for view in views if view.right.size):
                continue
            empty = all(not np.delete(view.given, at, along).any() for view in wrong)
            words = f"{name} is right for the {end} {one} only; the other {many} are "
            yield Finding(
                "first only", f"{end} of axis {along}", words + ("0." if empty else "wrong.")
            )
            return


def _holds(view: View, along: int, at: int) -> bool:
    """Tell whether one index of an axis is right, and each other one wrong somewhere."""
    if view.wrong.take([at], along).any():
        return False
    others = tuple(axis for axis in range(view.wrong.ndim) if axis != along)
    rest = np.delete(view.wrong, at, along)
    return bool(not view.wrong.any() or rest.any(axis=others).all()) if rest.size else True


def border(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for wrong entries that lie along the border of the last two axes alone."""
    large = [view for view in wrong if view.right.ndim >= 2 and min(view.right.shape[-2:]) > 2]
    sides: set[str] = set()
    for view in large:
        found = _sides(view)
        if found is None:
            return
        sides |= found
    if sides:
        ordered = [side for side in ("top", "bottom", "left", "right") if side in sides]
        where = "all around" if len(ordered) == 4 else f"at the {' and '.join(ordered)}"
        words = f"{name} is right inside and wrong at its border, {where}."
        yield Finding("border", " ".join(ordered), words)


def _sides(view: View) -> set[str] | None:
    """Return the sides along which wrong entries lie; None if some lie inside."""
    rows, columns = view.right.shape[-2:]
    where = np.asarray(view.wrong.reshape(-1, rows, columns).any(axis=0))
    # As far as a pattern reaches beyond its first row and column.
    high = min(max(view.sizes.get("m", 2) - 1, 1), (rows - 1) // 2)
    wide = min(max(view.sizes.get("n", 2) - 1, 1), (columns - 1) // 2)
    inner_rows, inner_columns = slice(high, rows - high), slice(wide, columns - wide)
    if where[inner_rows, inner_columns].any():
        return None
    parts = {
        "top": where[:high, inner_columns],
        "bottom": where[rows - high :, inner_columns],
        "left": where[inner_rows, :wide],
        "right": where[inner_rows, columns - wide :],
    }
    return {side for side, part in parts.items() if part.any()}


def overlap(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for entries that are right where one window lies, and wrong where several do."""
    counts = []
    for view in views:
        sums = view.evidence.sums
        if sums is None or "p" not in sums.tables[0].outer.letters:
            return
        if view.right.size:
            count = _windows(sums, view.right.shape)
            if (view.wrong & (count <= 1)).any():
                return
            counts.append(count)
    if any(count.min() <= 1 < count.max() for count in counts):
        yield Finding(
            "overlap",
            "several windows",
            f"{name} is right where one window lies on a pixel, and wrong where several do: their "
            "gradients must be added.",
        )


def _windows(sums: Written, shape: tuple[int, ...]) -> np.ndarray:
    """Return how many windows lie on each pixel."""
    table = sums.tables[0]
    size = int(np.prod(table.outer.shape))
    number = np.bincount(table.outer.flat, minlength=size).reshape(table.outer.shape)
    plane = table.cut(number)[0, 0] // max(table.sizes.get("k", 1), 1)
    return np.broadcast_to(plane, shape)
