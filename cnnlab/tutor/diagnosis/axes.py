"""Right numbers in wrong places: axes reversed, exchanged, moved, summed, reshaped; and offsets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, permutations

import numpy as np

from cnnlab.tutor.diagnosis.views import View, equal
from cnnlab.tutor.findings import Finding

__all__ = ["axis", "offset", "shape"]

CLOSE = 1e-6

Move = tuple[str, str, Callable[[np.ndarray], np.ndarray]]


def offset(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for a number that is added, everywhere or for each index of one axis."""
    yield from _vector(name, wrong)
    differences = [view.given.astype(float) - view.right for view in wrong]
    bounds = [CLOSE * np.abs(view.right).max(initial=1.0) for view in wrong]
    pairs = list(zip(differences, bounds, strict=True))
    if not all(np.isfinite(d).all() for d in differences):
        return
    if all(d.size > 1 and np.ptp(d) <= bound for d, bound in pairs):
        yield Finding(
            "bias",
            "constant",
            f"Every entry of {name} is off by the same number, {differences[0].flat[0]:.4g} in the "
            "case below.",
        )
        return
    count = wrong[0].right.ndim
    if any(d.ndim != count for d in differences):
        return
    for along in range(count):
        others = tuple(at for at in range(count) if at != along)
        steady = all((np.ptp(d, axis=others) <= bound).all() for d, bound in pairs)
        if steady and any(d.size > d.shape[along] for d in differences):
            yield Finding(
                "bias",
                f"constant along axis {along}",
                f"{name} is off by one number for each {wrong[0].axes[along][0]}.",
            )
            return


def _vector(name: str, wrong: Sequence[View]) -> Iterator[Finding]:
    """Look for an argument of one axis, as a bias, that lacks or is there twice."""
    for sign, verb in ((-1, "lacks"), (1, "has twice")):
        for position in _vectors(wrong[0]):
            for along in range(wrong[0].right.ndim):
                if all(_is_offset(view, position, along, sign) for view in wrong):
                    yield Finding(
                        "bias",
                        f"{verb} argument {position}",
                        f"{name} {verb} what its argument of one axis adds for each "
                        f"{wrong[0].axes[along][0]}.",
                    )
                    return


def _vectors(view: View) -> dict[int, np.ndarray]:
    return {
        position: argument
        for position, argument in enumerate(view.evidence.outcome.case.call.arguments)
        if isinstance(argument, np.ndarray) and argument.ndim == 1
    }


def _is_offset(view: View, position: int, along: int, sign: int) -> bool:
    vector = _vectors(view).get(position)
    if vector is None or view.right.ndim <= along or view.right.shape[along] != len(vector):
        return False
    lengths = [1] * view.right.ndim
    lengths[along] = len(vector)
    return equal(view, view.right + sign * vector.reshape(lengths))


def axis(name: str, wrong: Sequence[View], views: Sequence[View]) -> Iterator[Finding]:
    """Look for the right numbers in other places of the same shape."""
    if len({view.right.ndim for view in wrong}) > 1 or wrong[0].right.ndim == 0:
        return
    for move, words, change in _moves(wrong[0]):
        if all(change(view.right).shape == view.given.shape for view in wrong) and all(
            equal(view, change(view.right)) for view in wrong
        ):
            yield Finding("axis", move, f"{name} has {words}.")
            return
    ordered = all(
        equal(view, np.sort(view.right, axis=None), np.sort(view.given, axis=None))
        for view in wrong
    )
    if ordered and any(view.right.size > 2 for view in wrong):
        yield Finding("axis", "order", f"All the right numbers are in {name}, in another order.")
        return
    yield from _all_the_same(name, wrong)


def _all_the_same(name: str, wrong: Sequence[View]) -> Iterator[Finding]:
    """Look for an axis along which nothing changes."""
    for along in range(wrong[0].right.ndim):
        long = [view for view in wrong if view.right.shape[along] > 1]
        if not long or any(np.ptp(view.given, axis=along).max(initial=0) > 0 for view in long):
            continue
        one, many = wrong[0].axes[along]
        first = all(
            equal(view, view.right.take([0], along), view.given.take([0], along)) for view in long
        )
        more = f", those of the first {one}" if first else ""
        words = f"All {many} of {name} have the same numbers{more}."
        yield Finding("axis", f"axis {along} all the same", words)
        return


def _moves(view: View) -> Iterator[Move]:
    """Yield what may have happened to the axes of a result: name, words, change."""
    axes, count = view.axes, view.right.ndim
    for many in range(1, count + 1):
        for chosen in combinations(range(count), many):
            words = " and ".join(axes[along][1] for along in chosen)
            yield (
                f"axis {', '.join(map(str, chosen))} reversed",
                f"the {words} in reverse order",
                partial(np.flip, axis=chosen),
            )
    for one, other in combinations(range(count), 2):
        yield (
            f"axes {one}, {other} exchanged",
            f"the {axes[one][1]} and the {axes[other][1]} in each other's place",
            partial(np.swapaxes, axis1=one, axis2=other),
        )
    for along in range(count):
        for by in (1, -1):
            yield (
                f"axis {along} rolled by {by}",
                f"the {axes[along][1]} moved by one, what falls off coming in at the other end",
                partial(np.roll, shift=by, axis=along),
            )
            yield (
                f"axis {along} shifted by {by}",
                f"the {axes[along][1]} moved by one, and zeros where nothing is left",
                partial(_shifted, by=by, along=along),
            )
    for order in permutations(range(count)):
        if order != tuple(range(count)):
            yield (
                f"reshaped from axes {order}",
                "its axes in another order before a reshape, which mixed up the entries",
                partial(_reshaped, order=order),
            )


def _shifted(right: np.ndarray, by: int, along: int) -> np.ndarray:
    moved = np.roll(right, by, along)
    edge = [slice(None)] * right.ndim
    edge[along] = slice(0, 1) if by > 0 else slice(-1, None)
    moved[tuple(edge)] = 0
    return moved


def _reshaped(right: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    return right.transpose(order).reshape(right.shape)


def shape(name: str, misfits: Sequence[View]) -> Iterator[Finding]:
    """Say what happened to the shape: axes exchanged, summed, cut, or a size that is off."""
    view = misfits[0]
    came, needed = view.given.shape, view.right.shape
    same_axes = [one for one in misfits if one.right.ndim == view.right.ndim]
    for move, words, change in _shape_moves(view) if view.right.size else ():
        changed = [change(one.right) for one in same_axes]
        if all(
            other.shape == one.given.shape and equal(one, other)
            for one, other in zip(same_axes, changed, strict=True)
        ):
            yield Finding(
                "shape",
                move,
                f"{name} has the right numbers, but {words}: shape {came} came, {needed} is "
                "needed.",
            )
            return
    words = _misfit(view, same_axes)
    yield Finding("shape", "shape", f"{name} has shape {came}, and {needed} is needed{words}.")


def _misfit(view: View, misfits: Sequence[View]) -> str:
    """Say by how much the axes of a result are off, if it is so in every case."""
    more = view.given.ndim - view.right.ndim
    if more > 0:
        return ": an axis too many, which was not summed over or not taken off"
    if more < 0:
        return ": an axis too few, which was summed over or indexed away"
    off = {
        tuple(int(by) for by in np.subtract(one.given.shape, one.right.shape))
        for one in misfits
        if one.given.ndim == one.right.ndim
    }
    if len(off) != 1:
        return ""
    parts = [
        f"{abs(by)} {view.axes[along][0 if abs(by) == 1 else 1]} too {'many' if by > 0 else 'few'}"
        for along, by in enumerate(off.pop())
        if by
    ]
    return f": {' and '.join(parts)}, in every case"


def _shape_moves(view: View) -> Iterator[Move]:
    count = view.right.ndim
    for order in permutations(range(count)):
        if order != tuple(range(count)):
            words = "its axes stand in another order"
            yield f"axes in the order {order}", words, partial(np.transpose, axes=order)
    yield "flattened", "it is flat", np.ravel
    for along in range(count):
        one, many = view.axes[along]
        added = f"its {many} are added up"
        yield f"axis {along} summed", added, partial(np.sum, axis=along)
        yield f"axis {along} summed, kept", added, partial(np.sum, axis=along, keepdims=True)
        first = f"only its first {one} is there"
        yield f"axis {along} first", first, partial(_first, axis=along)
    for along in range(count + 1):
        words = "it has an axis of length 1 too many"
        yield f"new axis {along}", words, partial(np.expand_dims, axis=along)
    if count >= 2:
        for rows, columns in ((1, 1), (1, 0), (0, 1)):
            words = "its last row or column is missing"
            yield "last window missed", words, partial(_cut, rows=rows, columns=columns)


def _first(array: np.ndarray, axis: int) -> np.ndarray:
    return array.take(0, axis) if array.shape[axis] else array.sum(axis)


def _cut(right: np.ndarray, rows: int, columns: int) -> np.ndarray:
    M, N = right.shape[-2:]
    return right[..., : M - rows, : N - columns]
