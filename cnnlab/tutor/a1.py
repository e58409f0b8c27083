"""Assignment A1: the search of images for patterns, from one plane to a layer with its options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.cases import ConvSizes, Draw, conv_cases
from cnnlab.tutor.planes import OneImage, fewer_axes, image_cases, led_by
from cnnlab.tutor.questions import Assignment, Case, Item, Mistake, Question

__all__ = ["ASSIGNMENT"]

# --- Mistakes: the catalogue has those of gradients ---------------------------


def _turned(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(X, w[:, :, ::-1, ::-1], b, **options)


def _last_position_missed(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    Z = reference.conv2d(X, w, b, **options)
    Z[:, :, -1:] = 0
    Z[:, :, :, -1:] = 0
    return Z


def _swapped(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(X, w, b, **options).swapaxes(2, 3).copy()


def _last_term_only(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    last = np.zeros_like(w)
    last[:, -1, -1, -1] = w[:, -1, -1, -1]
    return reference.conv2d(X, last, b, **options)


def _mean(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(X, w / w[0].size, b, **options)


def _first_depth_only(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(X[:, :1], w[:, :1], b, **options)


def _last_depth_only(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(X[:, -1:], w[:, -1:], b, **options)


def _depths_added_first(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    together = X.sum(1, keepdims=True), w.sum(1, keepdims=True)
    return reference.conv2d(*together, b, **options)


def _depth_moves(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    moved = np.stack([np.roll(pattern, k, axis=0) for k, pattern in enumerate(w)])
    return reference.conv2d(X, moved, b, **options)


def _first_pattern_for_all(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(X, np.repeat(w[:1], len(w), axis=0), b, **options)


def _bias_forgotten(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(X, w, **options)


def _bias_for_each_depth(X: Any, w: Any, b: Any, **options: Any) -> Any:
    return reference.conv2d(X, w, w.shape[1] * b, **options)


def _bias_in_each_term(X: Any, w: Any, b: Any, **options: Any) -> Any:
    return reference.conv2d(X, w, w[0].size * b, **options)


def _first_bias_for_all(X: Any, w: Any, b: Any, **options: Any) -> Any:
    return reference.conv2d(X, w, np.repeat(b[:1], len(b)), **options)


def _first_sample_for_all(X: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return reference.conv2d(np.repeat(X[:1], len(X), axis=0), w, b, **options)


def _stride_ignored(X: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0) -> Any:
    rows, columns = reference.conv2d(X, w, b, stride=stride, padding=padding).shape[2:]
    return reference.conv2d(X, w, b, padding=padding)[:, :, :rows, :columns].copy()


def _pair(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def _stride_columns_first(
    X: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0
) -> Any:
    return reference.conv2d(X, w, b, stride=_pair(stride)[::-1], padding=padding)


def _padding_columns_first(
    X: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0
) -> Any:
    return reference.conv2d(X, w, b, stride=stride, padding=_pair(padding)[::-1])


def _padding_repeats_the_border(
    X: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0
) -> Any:
    rows, columns = _pair(padding)
    ring = (0, 0), (0, 0), (rows, rows), (columns, columns)
    return reference.conv2d(np.pad(X, ring, mode="edge"), w, b, stride=stride)


def _padding_on_one_side(
    X: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0
) -> Any:
    rows, columns = _pair(padding)
    ring = (2 * rows, 0), (2 * columns, 0)
    return reference.conv2d(X, w, b, stride=stride, padding=ring)


SEARCH, OPTIONS = "eq-pattern-search", "eq-geometry"
MISTAKES = {
    mistake.name: mistake
    for mistake in (
        Mistake(
            "Z-pattern-turned",
            "The pattern lies on the image turned by half a turn.",
            "A convolution was written, or taken from a library, where a search is asked for.",
            SEARCH,
            _turned,
        ),
        Mistake(
            "Z-last-position-missed",
            "The last row and the last column of positions are left out.",
            "`range(M - m)` was written; the last position is M - m, so there are M - m + 1.",
            SEARCH,
            _last_position_missed,
        ),
        Mistake(
            "Z-rows-and-columns-swapped",
            "Rows and columns of the map have changed places.",
            "Z[j, i] was written for Z[i, j].",
            SEARCH,
            _swapped,
        ),
        Mistake(
            "Z-last-term-only",
            "Only the last product of every window counts.",
            "`=` was written for `+=`, so each product overwrites the one before it.",
            SEARCH,
            _last_term_only,
        ),
        Mistake(
            "Z-mean",
            "The sum is divided by the number of its terms.",
            "`mean` was written for `sum`.",
            SEARCH,
            _mean,
        ),
        Mistake(
            "Z-first-depth-only",
            "Only the first plane of image and pattern counts.",
            "The code was written for one plane; the sum over the depth is missing.",
            SEARCH,
            _first_depth_only,
        ),
        Mistake(
            "Z-last-depth-only",
            "Only the last plane of image and pattern counts.",
            "The map of each plane overwrites that of the plane before it: `=` for `+=`.",
            SEARCH,
            _last_depth_only,
        ),
        Mistake(
            "Z-depths-added-first",
            "The planes are added before they are multiplied, so that each meets all others.",
            "The sum over the depth was taken of image and pattern, and not of their products.",
            SEARCH,
            _depths_added_first,
        ),
        Mistake(
            "Z-depth-moves-with-pattern",
            "Pattern k reads the depths of the image from k on.",
            "X[k + c] was written for X[c].",
            SEARCH,
            _depth_moves,
        ),
        Mistake(
            "Z-first-pattern-for-all",
            "Every map is made with the first pattern.",
            "The code was written for one pattern; w[0] was left in it.",
            SEARCH,
            _first_pattern_for_all,
        ),
        Mistake(
            "Z-bias-forgotten",
            "The bias is missing.",
            "The sum is complete, but b[k] was not added to it.",
            SEARCH,
            _bias_forgotten,
        ),
        Mistake(
            "Z-bias-for-each-depth",
            "The bias is added once for every plane.",
            "It is added within the loop over the depth.",
            SEARCH,
            _bias_for_each_depth,
        ),
        Mistake(
            "Z-bias-in-each-term",
            "The bias is added once for every product.",
            "It is added within the innermost loop.",
            SEARCH,
            _bias_in_each_term,
        ),
        Mistake(
            "Z-first-bias-for-all",
            "Every map gets the bias of the first pattern.",
            "The code was written for one pattern; b[0] was left in it.",
            SEARCH,
            _first_bias_for_all,
        ),
        Mistake(
            "Z-first-sample-for-all",
            "Every image gets the maps of the first one.",
            "The code was written for one image; X[0] was left in it.",
            SEARCH,
            _first_sample_for_all,
        ),
        Mistake(
            "Z-stride-ignored",
            "The map has the right size, but its windows lie side by side.",
            "The position was not multiplied by the stride.",
            OPTIONS,
            _stride_ignored,
        ),
        Mistake(
            "Z-stride-columns-first",
            "A stride of two numbers is read with the columns first.",
            "The pair is (rows, columns), as a shape is.",
            OPTIONS,
            _stride_columns_first,
        ),
        Mistake(
            "Z-padding-columns-first",
            "A padding of two numbers is read with the columns first.",
            "The pair is (rows, columns), as a shape is.",
            OPTIONS,
            _padding_columns_first,
        ),
        Mistake(
            "Z-padding-repeats-the-border",
            "The ring around the image repeats its border, where zeros are asked for.",
            'The image was padded with mode="edge".',
            OPTIONS,
            _padding_repeats_the_border,
        ),
        Mistake(
            "Z-padding-on-one-side",
            "The ring lies at the top and at the left only.",
            "All zeros were put in front: the windows begin too early.",
            OPTIONS,
            _padding_on_one_side,
        ),
    )
}
OF_PLANES = ["turned", "last-position-missed", "rows-and-columns-swapped", "last-term-only", "mean"]
OF_DEPTHS = [*OF_PLANES, "first-depth-only", "last-depth-only", "depths-added-first"]
OF_PATTERNS = [
    *(*OF_DEPTHS, "depth-moves-with-pattern", "first-pattern-for-all", "bias-forgotten"),
    *("bias-for-each-depth", "bias-in-each-term", "first-bias-for-all"),
]


def _named(names: list[str]) -> list[Mistake]:
    return [MISTAKES[f"Z-pattern-{name}" if name == "turned" else f"Z-{name}"] for name in names]


# --- Questions: each is the last one with one axis more -----------------------

# What the notebook works by hand: an image of two planes, two patterns, their biases.
X = np.array(
    [
        [[2.0, 0, 1, 3], [1, 4, 0, 2], [0, 1, 5, 1]],
        [[0.0, 1, 2, 0], [3, 0, 1, 1], [1, 2, 0, 4]],
    ]
)
W = np.array(
    [
        [[[1.0, -2], [0, 3]], [[2, 0], [-1, 1]]],
        [[[0.0, 1], [1, 0]], [[-1, 0], [0, 2]]],
    ]
)
B = np.array([10.0, -5])
VALUES = "right values for every size of image and pattern"
EDGES = "patterns as large as the image, images of one pixel or one row"
MANNERS = "arguments unchanged, a new array each time, float32 kept"


def _call(sizes: OneImage, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.X_shape), draw(sizes.w_shape)), options)


def _cases_2d(rng: np.random.Generator) -> Iterator[Case]:
    return led_by(Call((X[0], W[0, 0]), {}), image_cases(_call, rng, first="X"))


def _cases_3d(rng: np.random.Generator) -> Iterator[Case]:
    return led_by(Call((X, W[0]), {}), image_cases(_call, rng, first="X", axes="D"))


def _call_with_bias(sizes: OneImage, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.X_shape), draw(sizes.w_shape), draw((sizes.P,))), options)


def _cases_of_patterns(rng: np.random.Generator) -> Iterator[Case]:
    cases = image_cases(_call_with_bias, rng, first="X", axes="DP")
    return led_by(Call((X, W, B), {}), cases)


def _layer_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.X_shape), draw(sizes.w_shape), draw((sizes.P,))), options)


def _layer_cases(rng: np.random.Generator) -> Iterator[Case]:
    cases = conv_cases(_layer_call, rng, first="X", options=("stride", "padding"))
    yield from led_by(Call((np.stack([X, -X]), W, B), {}), cases)
    plane = Call((X[None, :1], W[:1, :1], np.zeros(1)), {"stride": 2, "padding": 1})
    yield Case("together", "the example of the notebook", plane)


def _one_axis_more(call: Call) -> Call:
    return Call(tuple(array[None] for array in call.arguments), {})


def _two_axes_more(call: Call) -> Call:
    return _one_axis_more(_one_axis_more(call))


def _with_a_batch(call: Call) -> Call:
    image, *rest = call.arguments
    return Call((image[None], *rest), {})


def _plane(Z: np.ndarray) -> np.ndarray:
    return Z[0, 0]


def _maps(Z: np.ndarray) -> np.ndarray:
    return Z[0]


def _question(names: list[str], **told: Any) -> Question:
    """Make a question about one image, with mistakes of `MISTAKES`."""
    return fewer_axes(
        reference.conv2d,
        _named(names),
        returns=("Z",),
        equation=SEARCH,
        page="pattern-search",
        **told,
    )


def _items(values: int, edges: int, manners: int) -> tuple[Item, ...]:
    return (
        Item("values", values, VALUES),
        Item("edges", edges, EDGES),
        Item("manners", manners, MANNERS),
    )


ASSIGNMENT = Assignment(
    name="A1",
    title="Pattern search",
    chapter="pattern-search",
    questions=(
        _question(
            OF_PLANES,
            name="search2d",
            function="search2d",
            signature="(X, w)",
            words="Search one plane for one pattern.",
            items=_items(14, 3, 3),
            cases=_cases_2d,
            to_operation=_two_axes_more,
            from_operation=_plane,
        ),
        _question(
            OF_DEPTHS,
            name="search3d",
            function="search3d",
            signature="(X, w)",
            words="Search an image for a pattern as deep as it is.",
            items=_items(14, 3, 3),
            cases=_cases_3d,
            to_operation=_one_axis_more,
            from_operation=_plane,
        ),
        _question(
            OF_PATTERNS,
            name="patterns",
            function="search",
            signature="(X, w, b)",
            words="Search an image for several patterns, and add the bias of each.",
            items=_items(18, 4, 3),
            cases=_cases_of_patterns,
            to_operation=_with_a_batch,
            from_operation=_maps,
        ),
        Question(
            name="conv2d",
            function="conv2d",
            signature="(X, w, b, stride=1, padding=0)",
            words="Search every image of a batch, with any stride and any ring of zeros.",
            items=(
                Item("values", 12, "right values for every number of samples, depths and patterns"),
                Item("stride", 7, "a stride, the same both ways or not, rows left over"),
                Item("padding", 6, "a ring of zeros, as wide on all sides or not"),
                Item("together", 4, "a stride and a ring of zeros at once"),
                Item("edges", 3, EDGES),
                Item("manners", 3, MANNERS),
            ),
            cases=_layer_cases,
            right=reference.conv2d,
            returns=("Z",),
            equation=OPTIONS,
            page="geometry",
            operation="conv2d",
            mistakes=tuple(MISTAKES.values()),
        ),
    ),
)
