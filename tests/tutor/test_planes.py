"""The ladder for one image: sizes, words, and that no axis can take the place of another."""

import numpy as np
from support.failures import each

from cnnlab.operations import Call
from cnnlab.tutor.planes import OneImage, fewer_axes, image_cases, led_by


def call(sizes, draw, options):
    return Call((draw(sizes.X_shape), draw(sizes.w_shape), draw(sizes.Z_shape)), options)


def ladder(axes, seed=0):
    return list(image_cases(call, np.random.default_rng(seed), first="X", axes=axes))


@each(axes=["", "D", "DP"])
def test_shapes_have_the_axes_that_are_asked_for(axes):
    for case in ladder(axes):
        X, w, Z = case.call.arguments
        assert (X.ndim, w.ndim, Z.ndim) == (2 + ("D" in axes), 2 + len(axes), 2 + ("P" in axes))
        sizes = zip(X.shape[-2:], w.shape[-2:], strict=True)
        assert Z.shape[-2:] == tuple(large - small + 1 for large, small in sizes)


@each(axes=["", "D", "DP"])
def test_most_cases_are_not_square_and_have_different_numbers_of_everything(axes):
    shapes = [case.call.arguments for case in ladder(axes) if case.item == "values"]
    assert sum(X.shape[-2] != X.shape[-1] for X, w, Z in shapes) == len(shapes)
    assert sum(w.shape[-2] != w.shape[-1] for X, w, Z in shapes) >= len(shapes) - 2
    if axes == "DP":
        assert sum(w.shape[0] != w.shape[1] for X, w, Z in shapes) >= len(shapes) - 1
    items = {case.item for case in ladder(axes)}
    assert items == {"values", "edges", "manners"}


def test_other_seeds_give_other_numbers_and_other_sizes():
    shapes = {ladder("D", seed)[7].call.arguments[0].shape for seed in range(8)}
    assert len(shapes) > 3


def test_words_say_the_sizes():
    assert str(OneImage(3, 4, 2, 1)) == "an image of 3 x 4, a pattern of 2 x 1"
    assert str(OneImage(3, 4, 2, 1, 2)) == "an image of 2 x 3 x 4, a pattern of 2 x 2 x 1"
    assert str(OneImage(3, 4, 2, 1, 2, 5)) == "an image of 2 x 3 x 4, 5 patterns of 2 x 2 x 1"


def test_the_example_of_the_notebook_comes_first():
    example = Call((np.ones(2),), {})
    first, *rest = led_by(example, ladder(""))
    assert first.call is example
    assert first.item == "values"
    assert len(rest) == len(ladder(""))


def double(X, factor=2):
    return X * factor


def test_fewer_axes_wrap_the_right_answer_and_the_mistakes():
    from cnnlab.tutor import Mistake

    question = fewer_axes(
        double,
        [Mistake("half", "It halves.", "", "eq-dw", lambda X, factor=2: X / factor)],
        lambda call: Call((call.arguments[0][None],), call.options),
        lambda result: result[0],
        name="double",
        function="double",
        signature="(x)",
        words="Double it.",
        items=(),
        cases=lambda rng: (),
        returns=("y",),
        equation="eq-dw",
        page="weight-gradient",
    )
    assert question.right(np.array([1.0, 3])).tolist() == [2, 6]
    assert question.right(np.array([1.0]), factor=5).tolist() == [5]
    assert question.mistakes[0].function(np.array([1.0, 3])).tolist() == [0.5, 1.5]
    assert question.operation == "double"
