"""The ladder: what a function is tried with, from a sum by hand to every option at once.

Nothing in it is square, and batch, depths and patterns differ in number, so that no axis can take
the place of another without being seen. Upstream gradients are random, never all ones. All of it is
small: seven loops in plain Python climb the whole ladder in less than a second.

An assignment says how its function is called with given sizes, and gets the steps of the ladder::

    def _call(sizes, draw, options):
        return Call((draw(sizes.Z_shape(**options)), draw(sizes.w_shape), sizes.X_shape), options)

    def _cases(rng):
        return conv_cases(_call, rng, first="dZ", options=("stride", "padding"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.questions import Case

__all__ = [
    "ConvSizes",
    "DenseSizes",
    "Step",
    "climb",
    "conv_cases",
    "dense_cases",
    "drawn_sizes",
    "entrywise_cases",
    "integers",
    "normal",
    "single",
    "single_one",
]

Draw = Callable[[Sequence[int]], np.ndarray]


def integers(rng: np.random.Generator) -> Draw:
    """Return a function that draws small integers as float64, none of them 0.

    A term that is missing or doubled is then always seen, and no sum is rounded.
    """

    def draw(shape: Sequence[int]) -> np.ndarray:
        return (rng.integers(1, 8, shape) * rng.choice([-1, 1], shape)).astype(np.float64)

    return draw


def normal(rng: np.random.Generator) -> Draw:
    """Return a function that draws normal numbers in float64."""
    return lambda shape: rng.standard_normal(shape)


def single(rng: np.random.Generator) -> Draw:
    """Return a function that draws normal numbers in float32."""
    return lambda shape: rng.standard_normal(shape, np.float32)


def single_one(rng: np.random.Generator) -> Draw:
    """Return a function that draws zeros with one 1 among them first, and then integers."""
    others, first = integers(rng), True

    def draw(shape: Sequence[int]) -> np.ndarray:
        nonlocal first
        if not first:
            return others(shape)
        first = False
        array = np.zeros(shape)
        array[tuple(rng.integers(shape))] = 1
        return array

    return draw


class Step(NamedTuple):
    """One step of a ladder.

    Attributes
    ----------
    item : str
        Name of the item that it belongs to.
    sizes : object
        As `ConvSizes`; its `str` says them in words. What `make` takes.
    draw : callable
        ``draw(rng)`` returns what draws an array of a given shape: `integers`, `normal`, `single`
        or `single_one`.
    options : dict
        Options of the call.
    words : str
        What is special about it, in words; may be empty.
    """

    item: str
    sizes: Any
    draw: Callable[[np.random.Generator], Draw] = integers
    options: Mapping[str, Any] = {}  # never written to
    words: str = ""


def climb(
    steps: Iterable[Step],
    make: Callable[[Any, Draw, dict[str, Any]], Call],
    rng: np.random.Generator,
) -> Iterator[Case]:
    """Yield the cases of a ladder.

    Parameters
    ----------
    steps : iterable of Step
        The smallest first.
    make : callable
        ``make(sizes, draw, options)`` returns the call with arrays of these sizes.
    rng : numpy.random.Generator
        Where the numbers come from.

    Yields
    ------
    case : Case
    """
    for step in steps:
        options = ", ".join(f"{name}={value}" for name, value in step.options.items())
        words = "; ".join(filter(None, [step.words, options, str(step.sizes)]))
        yield Case(step.item, words, make(step.sizes, step.draw(rng), dict(step.options)))


class ConvSizes(NamedTuple):
    """Sizes of a search of images for patterns, named by the letters of the book."""

    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int

    def __str__(self) -> str:
        """Say them in words."""
        samples, depths = _count(self.B, "sample"), _count(self.D, "depth")
        patterns = _count(self.P, "pattern")
        return f"{samples} of {self.M} x {self.N}, {depths}, {patterns} of {self.m} x {self.n}"

    @property
    def X_shape(self) -> tuple[int, int, int, int]:
        """Shape of the images."""
        return self.B, self.D, self.M, self.N

    @property
    def w_shape(self) -> tuple[int, int, int, int]:
        """Shape of the patterns."""
        return self.P, self.D, self.m, self.n

    def Z_shape(self, stride: Any = 1, padding: Any = 0) -> tuple[int, int, int, int]:
        """Shape of the maps, for a stride and a padding that are an int or a pair."""
        steps, rings = (
            pair if isinstance(pair, tuple) else (pair,) * 2 for pair in (stride, padding)
        )
        sizes = zip((self.M, self.N), (self.m, self.n), steps, rings, strict=True)
        rows, columns = ((M + 2 * ring - m) // step + 1 for M, m, step, ring in sizes)
        return self.B, self.P, rows, columns


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def drawn_sizes(rng: np.random.Generator) -> ConvSizes:
    """Draw sizes of a search: batch, depths and patterns 2, 3 and 4 in some order."""
    B, D, P = (int(size) for size in rng.permutation([2, 3, 4]))
    m, n = (int(size) for size in rng.permutation([2, 3]))
    rows, columns = (int(size) for size in rng.permutation([2, 3, 4])[:2])
    return ConvSizes(B, D, rows + m - 1, columns + n - 1, P, m, n)


# No two of batch, depths and patterns are equal, no image, pattern or map is square.
LAYER = ConvSizes(B=2, D=3, M=4, N=6, P=4, m=2, n=3)

CONV_EDGES = {
    "a pattern as large as the image": ConvSizes(2, 2, 3, 4, 3, 3, 4),
    "patterns of one pixel": ConvSizes(2, 3, 2, 4, 2, 1, 1),
    "images of one pixel": ConvSizes(2, 1, 1, 1, 3, 1, 1),
    "one row": ConvSizes(2, 3, 1, 5, 2, 1, 3),
    "a pattern as high as the image": ConvSizes(1, 2, 4, 5, 3, 4, 2),
}

CONV_OPTIONS: dict[str, list[tuple[ConvSizes, Any]]] = {
    "stride": [
        (ConvSizes(1, 1, 3, 5, 1, 1, 2), 2),
        (ConvSizes(2, 3, 6, 7, 4, 2, 3), 2),  # a row is left over
        (ConvSizes(2, 3, 7, 8, 2, 3, 2), (2, 3)),  # nothing is
        (ConvSizes(2, 2, 6, 8, 3, 1, 2), (2, 3)),  # pixels that no window holds
    ],
    "padding": [
        (ConvSizes(1, 1, 2, 3, 1, 2, 2), 1),
        (ConvSizes(2, 3, 3, 4, 2, 2, 3), 1),
        (ConvSizes(2, 2, 3, 5, 3, 3, 2), (1, 2)),
    ],
}

CONV_TOGETHER: list[tuple[ConvSizes, dict[str, Any]]] = [
    (ConvSizes(2, 3, 5, 6, 2, 3, 2), {"stride": 2, "padding": 1}),
    (ConvSizes(2, 2, 5, 4, 3, 2, 3), {"stride": (2, 1), "padding": (0, 2)}),
]


def conv_cases(
    make: Callable[[ConvSizes, Draw, dict[str, Any]], Call],
    rng: np.random.Generator,
    *,
    first: str,
    options: Sequence[str] = (),
    empty: bool = False,
) -> Iterator[Case]:
    """Yield the ladder of a search of images, or of one of its gradients.

    Items are "values", "stride", "padding", "together" (of two options), "edges" and "manners".

    Parameters
    ----------
    make : callable
        ``make(sizes, draw, options)`` returns the call, `sizes` a `ConvSizes`. It draws the array
        called `first` first.
    rng : numpy.random.Generator
        Where the numbers come from.
    first : str
        Name of the first array, as "dZ".
    options : sequence of str
        Of "stride" and "padding", those that the function has.
    empty : bool
        Whether an empty batch belongs to the edges.

    Yields
    ------
    case : Case
    """
    one = f"a single 1 in {first}"
    steps = [
        Step("values", ConvSizes(1, 1, 2, 3, 1, 1, 2)),
        Step("values", ConvSizes(1, 1, 3, 4, 1, 2, 2), single_one, words=one),
        Step("values", ConvSizes(1, 1, 3, 4, 2, 2, 2)),
        Step("values", ConvSizes(1, 2, 3, 4, 1, 2, 2)),
        Step("values", ConvSizes(3, 1, 3, 4, 2, 2, 2)),
        Step("values", LAYER),
        Step("values", LAYER, single_one, words=one),
        Step("values", LAYER, normal),
        Step("values", LAYER, normal, words="other numbers"),
        Step("values", drawn_sizes(rng), normal),
    ]
    for name in options:
        for sizes, value in CONV_OPTIONS[name]:
            steps.append(Step(name, sizes, options={name: value}))
    if len(options) == 2:
        steps += [Step("together", sizes, normal, both) for sizes, both in CONV_TOGETHER]
    steps += [Step("edges", sizes, words=words) for words, sizes in CONV_EDGES.items()]
    if empty:
        steps.append(Step("edges", LAYER._replace(B=0), words="an empty batch"))
    steps.append(Step("manners", LAYER, single, words="float32"))
    return climb(steps, make, rng)


class DenseSizes(NamedTuple):
    """Sizes of a dense layer: batch, inputs, outputs."""

    B: int
    inputs: int
    outputs: int

    def __str__(self) -> str:
        """Say them in words."""
        samples, inputs = _count(self.B, "sample"), _count(self.inputs, "input")
        return f"{samples}, {inputs}, {_count(self.outputs, 'output')}"


def dense_cases(
    make: Callable[[DenseSizes, Draw, dict[str, Any]], Call],
    rng: np.random.Generator,
    *,
    first: str,
    empty: bool = False,
) -> Iterator[Case]:
    """Yield the ladder of a dense layer, or of one of its gradients; as `conv_cases`.

    Items are "values", "edges" and "manners".
    """
    layer = DenseSizes(3, 4, 2)
    steps = [
        Step("values", DenseSizes(1, 2, 1)),
        Step("values", DenseSizes(1, 3, 2)),
        Step("values", layer),
        Step("values", layer, single_one, words=f"a single 1 in {first}"),
        Step("values", layer, normal),
        Step("values", layer, normal, words="other numbers"),
        Step("edges", DenseSizes(1, 1, 1)),
        Step("edges", DenseSizes(2, 5, 7), words="more outputs than inputs"),
    ]
    if empty:
        steps.append(Step("edges", layer._replace(B=0), words="an empty batch"))
    steps.append(Step("manners", layer, single, words="float32"))
    return climb(steps, make, rng)


def entrywise_cases(
    make: Callable[[tuple[int, ...], Draw, dict[str, Any]], Call], rng: np.random.Generator
) -> Iterator[Case]:
    """Yield the ladder of a function of each entry alone; as `conv_cases`, `sizes` a shape.

    Items are "values", "edges" and "manners".
    """
    steps = [
        Step("values", (3,)),
        Step("values", (2, 4)),
        Step("values", (2, 4), normal),
        Step("values", (2, 4), normal, words="other numbers"),
        Step("values", (2, 3, 4, 5), normal),
        Step("edges", (1,), normal),
        Step("edges", (0, 4), words="an empty batch"),
        Step("manners", (2, 3, 4), single, words="float32"),
    ]
    return climb(steps, make, rng)
