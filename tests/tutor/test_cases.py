"""The ladder: nothing square, integers first, every step small."""

import time

import numpy as np
import pytest
from support.failures import each

from cnnlab import mutants, reference
from cnnlab.operations import Call
from cnnlab.tutor import cases as ladder
from cnnlab.tutor.cases import (
    CONV_EDGES,
    CONV_OPTIONS,
    CONV_TOGETHER,
    LAYER,
    ConvSizes,
    DenseSizes,
    conv_cases,
    dense_cases,
    drawn_sizes,
    entrywise_cases,
)


def forward(sizes, draw, options):
    return Call((draw(sizes.X_shape), draw(sizes.w_shape)), options)


def backward(sizes, draw, options):
    return Call((draw(sizes.Z_shape(**options)), draw(sizes.w_shape), sizes.X_shape), options)


def steps(make=backward, **options):
    return list(conv_cases(make, np.random.default_rng(0), first="dZ", **options))


def test_the_ladder_climbs_from_integers_by_hand_to_every_option_at_once():
    cases = steps(options=("stride", "padding"), empty=True)
    items = list(dict.fromkeys(case.item for case in cases))
    assert items == ["values", "stride", "padding", "together", "edges", "manners"]
    sizes = [case.call.arguments[0].size for case in cases if case.item == "values"]
    assert sizes[0] == min(sizes) == 4
    words = [case.words for case in cases]
    assert words[0] == "1 sample of 2 x 3, 1 depth, 1 pattern of 1 x 2"
    assert any("a single 1 in dZ" in word for word in words)
    assert any("an empty batch" in word for word in words)
    assert any(word.startswith("stride=(2, 3); ") for word in words)
    assert len(set(words)) >= len(words) - 2


def test_dtypes():
    kinds = {case.item: {a.dtype for a in case.call.arguments[:2]} for case in steps()}
    assert kinds["manners"] == {np.dtype("f4")}
    assert kinds["values"] == {np.dtype("f8")}


def test_nothing_is_square_and_no_axis_stands_for_another():
    assert LAYER.P != LAYER.D != LAYER.B != LAYER.P
    assert LAYER.M != LAYER.N
    assert LAYER.m != LAYER.n
    assert len(set(LAYER.Z_shape()[2:])) == 2


def test_integers_hold_no_zero_and_a_single_one_is_one():
    rng = np.random.default_rng(0)
    drawn = ladder.integers(rng)((50, 50))
    assert (drawn == np.round(drawn)).all()
    assert np.abs(drawn).min() == 1
    assert (drawn < 0).any()
    draw = ladder.single_one(rng)
    assert sorted(draw((2, 3)).flat) == [0, 0, 0, 0, 0, 1]
    assert np.abs(draw((2, 3))).min() >= 1


@each(options=[(), ("stride",), ("padding",), ("stride", "padding")])
def test_shapes_are_those_of_the_operation(options):
    for case in steps(forward, options=options, empty=True):
        Z = reference.conv2d(*case.call.arguments, **case.call.options)
        X, w = case.call.arguments
        sizes = ConvSizes(*X.shape, len(w), *w.shape[2:])
        assert sizes.Z_shape(**case.call.options) == Z.shape


def test_another_seed_draws_other_numbers():
    one, other = (
        [case.call.arguments[0] for case in conv_cases(backward, rng, first="dZ")]
        for rng in map(np.random.default_rng, (0, 1))
    )
    same = [a.shape == b.shape and (a == b).all() for a, b in zip(one, other, strict=True)]
    assert sum(same) <= 2
    drawn = {drawn_sizes(np.random.default_rng(seed)) for seed in range(20)}
    assert len(drawn) > 10
    assert all(len({sizes.B, sizes.D, sizes.P}) == 3 for sizes in drawn)
    assert all(sizes.m != sizes.n for sizes in drawn)


def test_edges_are_what_they_are_called():
    for words, sizes in CONV_EDGES.items():
        assert sizes.Z_shape()[2] >= 1, words
        assert sizes.Z_shape()[3] >= 1, words
    assert CONV_EDGES["a pattern as large as the image"].Z_shape()[2:] == (1, 1)
    assert CONV_EDGES["images of one pixel"].X_shape[2:] == (1, 1)


def test_options_leave_rows_over_and_skip_pixels():
    rests = {
        (sizes.M - sizes.m) % (stride if isinstance(stride, int) else stride[0])
        for sizes, stride in CONV_OPTIONS["stride"]
    }
    assert rests == {0, 1}
    assert any(sizes.m < stride[0] for sizes, stride in CONV_OPTIONS["stride"][2:])
    assert all(set(options) == {"stride", "padding"} for _, options in CONV_TOGETHER)


def test_seven_loops_in_plain_python_climb_the_ladder_within_a_second():
    start = time.process_time()
    for case in steps(options=("stride", "padding")):
        reference.conv2d_dX(*case.call.arguments, **case.call.options)
    assert time.process_time() - start < 0.5


@each(operation=["conv2d_dX", "conv2d_dw"])
def test_every_mistake_of_the_catalogue_is_seen_where_its_options_are_used(operation):
    """But for those of dilation, groups, and sides that differ."""

    def dw(sizes, draw, options):
        return Call((draw(sizes.Z_shape(**options)), draw(sizes.X_shape), sizes.w_shape), options)

    cases = steps(backward if operation == "conv2d_dX" else dw, options=("stride", "padding"))
    for mutant in mutants.catalogue():
        other = any(word in mutant.name for word in ("dilation", "group", "sides", "last-samples"))
        if mutant.operation != operation or other:
            continue
        assert any(differs(mutant, operation, case.call) for case in cases), mutant.name


def differs(mutant, operation, call):
    right = getattr(reference, operation)(*call.arguments, **call.options)
    try:
        return not np.allclose(mutant.function(*call.arguments, **call.options), right)
    except (IndexError, ValueError):
        return True


def test_other_ladders():
    def dense(sizes, draw, options):
        return Call((draw((sizes.B, sizes.outputs)), draw((sizes.outputs, sizes.inputs))), options)

    cases = list(dense_cases(dense, np.random.default_rng(0), first="dZ", empty=True))
    assert [case.item for case in cases].count("values") == 6
    assert str(DenseSizes(1, 2, 1)) == "1 sample, 2 inputs, 1 output"
    assert cases[-2].call.arguments[0].shape == (0, 2)
    cases = list(entrywise_cases(lambda shape, draw, _: Call((draw(shape),), {}), rng_of(0)))
    assert {case.item for case in cases} == {"values", "edges", "manners"}
    assert cases[-1].call.arguments[0].dtype == np.float32


def rng_of(seed):
    return np.random.default_rng(seed)


def test_a_batch_without_samples_is_asked_for_only_where_it_is_agreed():
    assert not any(0 in case.call.arguments[0].shape for case in steps())
    with pytest.raises(StopIteration):
        next(case for case in steps() if "empty" in case.words)
