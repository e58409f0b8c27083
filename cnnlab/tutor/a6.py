"""Assignment A6: max-pooling with ties and overlap, and average pooling on the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.cases import Draw, Step, climb, integers, normal, single
from cnnlab.tutor.pool_gradients import AVERAGE, BACK, SPLIT
from cnnlab.tutor.pools import FORWARD, split
from cnnlab.tutor.questions import Assignment, Case, Item, Question

__all__ = ["ASSIGNMENT"]


# The example of the notebook: windows of 2 x 2 that overlap, with ties.
PIXELS = np.array([[[[1.0, 4, 4, 0], [2, 3, 4, 5], [6, 0, 2, 5]]]])
UPSTREAM = np.array([[[[1.0, 3, 2], [5, -1, 4]]]])
ARGMAX = np.array([[[[1, 1, 7], [8, 6, 7]]]])
WINDOWS = (2, 2), (1, 1)
EXAMPLE = "the example of the notebook"


class Sizes(NamedTuple):
    """Images, and the windows that pool them."""

    B: int
    D: int
    M: int
    N: int
    size: tuple[int, int]
    stride: tuple[int, int]

    def __str__(self) -> str:
        """Say them in words."""
        windows = "windows of {} x {}".format(*self.size)
        return f"images of shape {self.X_shape}, {windows}, stride {self.stride}"

    @property
    def X_shape(self) -> tuple[int, int, int, int]:
        """Shape of the images."""
        return self.B, self.D, self.M, self.N

    @property
    def Y_shape(self) -> tuple[int, int, int, int]:
        """Shape of the pooled images."""
        rows, columns = (
            (pixels - entries) // step + 1
            for pixels, entries, step in zip((self.M, self.N), self.size, self.stride, strict=True)
        )
        return self.B, self.D, rows, columns


# Windows side by side, all pixels in one of them; no two sizes are equal.
BY_HAND = Sizes(1, 1, 2, 6, (2, 3), (2, 3))
PLANES = Sizes(2, 3, 4, 9, (2, 3), (2, 3))
ASIDE = (BY_HAND, Sizes(1, 2, 6, 4, (3, 2), (3, 2)), PLANES)

OVERLAP = (
    Sizes(1, 1, 2, 3, (2, 2), (1, 1)),
    Sizes(1, 1, 4, 5, (3, 2), (1, 1)),
    Sizes(2, 3, 5, 8, (3, 4), (2, 3)),
    Sizes(2, 2, 5, 6, (2, 3), (1, 2)),
)

# Pixels that no window holds: between the windows, and behind the last.
GAPS = (
    Sizes(1, 1, 3, 4, (1, 2), (2, 3)),
    Sizes(2, 3, 7, 9, (2, 3), (3, 4)),
    Sizes(2, 2, 5, 8, (2, 3), (2, 3)),
)

EDGES = (
    Sizes(2, 3, 3, 4, (3, 4), (1, 1)),  # a window as large as the image
    Sizes(2, 3, 3, 4, (1, 1), (1, 1)),  # windows of one pixel
    Sizes(1, 2, 1, 6, (1, 3), (1, 3)),  # one row
    PLANES._replace(B=0),
)


def different(rng: np.random.Generator) -> Draw:
    """Return a function that draws integers of which no two are equal, most of them below 0."""

    def draw(shape: Any) -> np.ndarray:
        count = int(np.prod(shape))
        return (rng.permutation(count) - 3.0 * count // 4).reshape(shape)

    return draw


def tied(rng: np.random.Generator) -> Draw:
    """Return a function that draws pixels of three values only, none above 0, and then integers."""
    others, first = integers(rng), True

    def draw(shape: Any) -> np.ndarray:
        nonlocal first
        if not first:
            return others(shape)
        first = False
        return rng.integers(-2, 1, shape).astype(np.float64)

    return draw


def nearly_tied(rng: np.random.Generator) -> Draw:
    """Return a function that draws pixels of which all differ, some by a billionth only."""
    draw = tied(rng)

    def near(shape: Any) -> np.ndarray:
        numbers = draw(shape)
        return numbers + 1e-9 * rng.permutation(numbers.size).reshape(shape)

    return near


def with_gaps(rng: np.random.Generator) -> Draw:
    """Return a function that draws numbers with NaN among them."""

    def draw(shape: Any) -> np.ndarray:
        drawn = rng.standard_normal(shape)
        return np.where(rng.random(shape) < 0.3, np.nan, drawn)

    return draw


def without_end(rng: np.random.Generator) -> Draw:
    """Return a function that draws numbers, most of them minus infinity."""

    def draw(shape: Any) -> np.ndarray:
        return np.where(rng.random(shape) < 0.8, -np.inf, rng.standard_normal(shape))

    return draw


Make = Callable[[Sizes, Draw, dict[str, Any]], Call]


def _ladder(make: Make, rng: np.random.Generator, extra: list[Step]) -> Iterator[Case]:
    """Yield windows side by side, overlapping ones, gaps, edges, and what is given beside."""
    steps = [Step("values", sizes, different) for sizes in ASIDE]
    steps += [Step("values", PLANES, normal), Step("values", PLANES, normal, words="other numbers")]
    steps += [Step("overlap", sizes, different) for sizes in OVERLAP]
    steps += [Step("overlap", OVERLAP[2], normal)]
    steps += [Step("gaps", sizes, different) for sizes in GAPS]
    steps += [Step("edges", sizes, different) for sizes in EDGES]
    steps += extra
    steps += [Step("manners", PLANES, single, words="float32")]
    return climb(steps, make, rng)


def _forward_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.X_shape), sizes.size, sizes.stride), options)


def _forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    extra = [Step("ties", sizes, tied) for sizes in (*ASIDE, *OVERLAP)]
    extra += [Step("nan", sizes, with_gaps, words="NaN among the pixels") for sizes in ASIDE]
    words = "minus infinity among the pixels"
    extra += [Step("nan", sizes, without_end, words=words) for sizes in ASIDE]
    yield Case("ties", EXAMPLE, Call((PIXELS, *WINDOWS), {}))
    yield from _ladder(_forward_call, rng, extra)


def _forward(X: np.ndarray, size: tuple[int, int], stride: tuple[int, int]) -> Any:
    return tuple(reference.max_pool2d(X, size, stride=stride))


def _forward_with_stride(call: Call) -> Call:
    X, size, stride = call.arguments
    return Call((X, size), {"stride": stride})


def _back_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    argmax = reference.max_pool2d(draw(sizes.X_shape), sizes.size, stride=sizes.stride).argmax
    return Call((draw(sizes.Y_shape), argmax, sizes.X_shape), options)


def _nowhere_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    call = _back_call(sizes, draw, options)
    call.arguments[1].reshape(-1)[::2] = -1
    return call


def _back_cases(rng: np.random.Generator) -> Iterator[Case]:
    words = "windows in which no pixel won"
    nowhere = [Step("nowhere", sizes, different, words=words) for sizes in (BY_HAND, PLANES)]
    yield Case("overlap", EXAMPLE, Call((UPSTREAM, ARGMAX, PIXELS.shape), {}))
    yield from _ladder(_back_call, rng, [])
    yield from climb(nowhere, _nowhere_call, rng)


def _split_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    pixels = draw(sizes.X_shape)
    return Call((draw(sizes.Y_shape), pixels, sizes.size, sizes.stride), options)


def _split_cases(rng: np.random.Generator) -> Iterator[Case]:
    extra = [Step("ties", sizes, tied) for sizes in ASIDE]
    extra += [Step("ties", PLANES, nearly_tied, words="pixels that differ by a billionth")]
    extra += [Step("both", sizes, tied, words="ties where windows overlap") for sizes in OVERLAP]
    yield Case("both", EXAMPLE, Call((UPSTREAM, PIXELS, *WINDOWS), {}))
    yield from _ladder(_split_call, rng, extra)


def _average_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Y_shape), sizes.X_shape, sizes.size, sizes.stride), options)


def _average_cases(rng: np.random.Generator) -> Iterator[Case]:
    dY = np.array([[[[6.0, 12.0]]]])
    yield Case("overlap", EXAMPLE, Call((dY, (1, 1, 2, 4), (2, 3), (1, 1)), {}))
    yield from _ladder(_average_call, rng, [])


def _average(
    dY: np.ndarray, X_shape: tuple[int, ...], size: tuple[int, int], stride: tuple[int, int]
) -> np.ndarray:
    return reference.avg_pool2d_dX(dY, X_shape, size, stride=stride)


def _average_with_stride(call: Call) -> Call:
    dY, X_shape, size, stride = call.arguments
    return Call((dY, X_shape, size), {"stride": stride})


ASIDE_WORDS = "right values where windows stand side by side"
OVERLAP_WORDS = "windows that overlap"
GAPS_WORDS = "pixels between and behind the windows, which no window holds"
EDGES_WORDS = "a window as large as the image, of one pixel, one row, an empty batch"
MANNERS_WORDS = "arguments unchanged, a new array each time, float32 kept"

ASSIGNMENT = Assignment(
    name="A6",
    title="Max-pooling with ties and overlap",
    chapter="max-pooling",
    questions=(
        Question(
            name="max_pool2d",
            function="max_pool2d",
            signature="(X, size, stride)",
            words="Keep the largest pixel of every window, and the place where it stood.",
            items=(
                Item("values", 10, "the largest pixels and their places, windows side by side"),
                Item("overlap", 3, OVERLAP_WORDS),
                Item("gaps", 3, GAPS_WORDS),
                Item("edges", 2, EDGES_WORDS),
                Item("ties", 5, "of equal pixels the first one, row by row"),
                Item("nan", 5, "NaN beats every number; windows of nothing but minus infinity"),
                Item("manners", 2, MANNERS_WORDS),
            ),
            cases=_forward_cases,
            right=_forward,
            returns=("Y", "argmax"),
            equation="eq-max-pool",
            page="max-pooling",
            operation="max_pool2d",
            to_operation=_forward_with_stride,
            mistakes=FORWARD,
        ),
        Question(
            name="max_pool2d_dX",
            function="max_pool2d_dX",
            signature="(dY, argmax, X_shape)",
            words="Hand every entry of dY to the pixel that won its window.",
            items=(
                Item("values", 8, ASIDE_WORDS),
                Item("overlap", 10, "pixels that win several windows"),
                Item("gaps", 2, GAPS_WORDS),
                Item("edges", 2, EDGES_WORDS),
                Item("nowhere", 2, "the place -1: its gradient goes nowhere"),
                Item("manners", 1, MANNERS_WORDS),
            ),
            cases=_back_cases,
            right=reference.max_pool2d_dX,
            returns=("dX",),
            equation="eq-max-pool-dX",
            page="max-pooling",
            operation="max_pool2d_dX",
            mistakes=BACK,
        ),
        Question(
            name="split",
            function="max_pool2d_dX_split",
            signature="(dY, X, size, stride)",
            words="Share every entry of dY equally among the largest pixels of its window.",
            items=(
                Item("values", 6, ASIDE_WORDS + ", no ties"),
                Item("overlap", 4, OVERLAP_WORDS),
                Item("ties", 8, "equal shares where pixels are equal, and only there"),
                Item("both", 3, "ties where windows overlap"),
                Item("gaps", 1, GAPS_WORDS),
                Item("edges", 2, EDGES_WORDS),
                Item("manners", 1, MANNERS_WORDS),
            ),
            cases=_split_cases,
            right=split,
            returns=("dX",),
            equation="eq-subgradient",
            page="max-pooling",
            mistakes=SPLIT,
        ),
        Question(
            name="avg_pool2d_dX",
            function="avg_pool2d_dX",
            signature="(dY, X_shape, size, stride)",
            words="Share every entry of dY equally among all pixels of its window.",
            items=(
                Item("values", 8, ASIDE_WORDS),
                Item("overlap", 6, OVERLAP_WORDS),
                Item("gaps", 3, GAPS_WORDS),
                Item("edges", 2, EDGES_WORDS),
                Item("manners", 1, MANNERS_WORDS),
            ),
            cases=_average_cases,
            right=_average,
            returns=("dX",),
            equation="eq-avg-pool-dX",
            page="max-pooling",
            operation="avg_pool2d_dX",
            to_operation=_average_with_stride,
            mistakes=AVERAGE,
        ),
    ),
)
