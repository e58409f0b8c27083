"""The ladder for one image and one pattern, without a batch, and perhaps without depth.

As `cnnlab.tutor.cases`, for the questions of an assignment that come before the whole layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.cases import Draw, Step, climb, normal, single, single_one
from cnnlab.tutor.questions import Case, Mistake, Question

__all__ = ["OneImage", "fewer_axes", "image_cases", "led_by"]


class OneImage(NamedTuple):
    """Sizes of one image and what it is searched for.

    D is 0 where image and pattern are planes, without an axis for their depth; P is 0 where there
    is one pattern, without an axis for its number.
    """

    M: int
    N: int
    m: int
    n: int
    D: int = 0
    P: int = 0

    def __str__(self) -> str:
        """Say them in words."""
        deep = f"{self.D} x " if self.D else ""
        patterns = f"{self.P} patterns" if self.P > 1 else "a pattern"
        return f"an image of {deep}{self.M} x {self.N}, {patterns} of {deep}{self.m} x {self.n}"

    @property
    def X_shape(self) -> tuple[int, ...]:
        """Shape of the image."""
        return (self.D, self.M, self.N) if self.D else (self.M, self.N)

    @property
    def w_shape(self) -> tuple[int, ...]:
        """Shape of the pattern, or of all patterns."""
        shape = (self.P, self.D, self.m, self.n)
        return shape[2 * (not self.D) or not self.P :]

    @property
    def Z_shape(self) -> tuple[int, ...]:
        """Shape of the map, or of all maps."""
        maps = (self.P,) if self.P else ()
        return (*maps, self.M - self.m + 1, self.N - self.n + 1)


EDGES = {
    "a pattern as large as the image": OneImage(3, 4, 3, 4, 2, 3),
    "a pattern of one pixel": OneImage(2, 4, 1, 1, 3, 2),
    "an image of one pixel": OneImage(1, 1, 1, 1, 2, 3),
    "one row": OneImage(1, 5, 1, 3, 1, 2),
    "a pattern as high as the image": OneImage(4, 5, 4, 2, 2, 1),
}


def image_cases(
    make: Callable[[OneImage, Draw, dict[str, Any]], Call],
    rng: np.random.Generator,
    *,
    first: str,
    axes: str = "",
) -> Iterator[Case]:
    """Yield the ladder of a search of one image, or of one of its gradients.

    Items are "values", "edges" and "manners".

    Parameters
    ----------
    make : callable
        ``make(sizes, draw, options)`` returns the call, `sizes` a `OneImage`. It draws the array
        called `first` first.
    rng : numpy.random.Generator
        Where the numbers come from.
    first : str
        Name of the first array, as "X".
    axes : str
        "" for planes, "D" if they have depth, "DP" if there are several patterns, too.

    Yields
    ------
    case : Case
    """
    one = f"a single 1 in {first}"
    small, plane = OneImage(3, 4, 2, 2, 1, 2), OneImage(4, 6, 2, 3, 3, 4)
    m, n = (int(size) for size in rng.permutation([2, 3]))
    rows, columns, D = (int(size) for size in rng.permutation([2, 3, 4]))
    steps = [
        Step("values", OneImage(2, 3, 1, 2, 1, 1)),
        Step("values", small, single_one, words=one),
        Step("values", small._replace(D=2, P=1)),
        Step("values", plane),
        Step("values", plane, single_one, words=one),
        Step("values", plane, normal),
        Step("values", OneImage(5, 4, 2, 3, 2, 3), normal),
        Step("values", OneImage(rows + m - 1, columns + n - 1, m, n, D, 5), normal),
        *(Step("edges", sizes, words=words) for words, sizes in EDGES.items()),
        Step("manners", plane, single, words="float32"),
    ]
    without = {axis: 0 for axis in "DP" if axis not in axes}
    return climb((step._replace(sizes=step.sizes._replace(**without)) for step in steps), make, rng)


def led_by(example: Call, cases: Iterable[Case]) -> Iterator[Case]:
    """Put the example that the notebook works by hand in front of other cases."""
    yield Case("values", "the example of the notebook", example)
    yield from cases


def through(
    function: Callable[..., Any],
    to_operation: Callable[[Call], Call],
    from_operation: Callable[[Any], Any],
) -> Callable[..., Any]:
    """Return an operation as a function with fewer axes, see `cnnlab.tutor.questions.Question`."""

    def smaller(*arguments: Any, **options: Any) -> Any:
        call = to_operation(Call(arguments, options))
        return from_operation(function(*call.arguments, **call.options))

    return smaller


def fewer_axes(
    right: Callable[..., Any],
    mistakes: Iterable[Mistake],
    to_operation: Callable[[Call], Call],
    from_operation: Callable[[Any], Any],
    **told: Any,
) -> Question:
    """Make a question about an operation with fewer axes.

    Parameters
    ----------
    right : callable
        The operation.
    mistakes : iterable of Mistake
        Wrong versions of the operation, called as it is.
    to_operation, from_operation : callable
        As in `Question`.
    **told
        All else that is said of the question.

    Returns
    -------
    question : Question
        Its right answer and its mistakes are called as the question says.
    """
    return Question(
        right=through(right, to_operation, from_operation),
        mistakes=tuple(
            mistake._replace(function=through(mistake.function, to_operation, from_operation))
            for mistake in mistakes
        ),
        to_operation=to_operation,
        from_operation=from_operation,
        operation=right.__name__,
        **told,
    )
