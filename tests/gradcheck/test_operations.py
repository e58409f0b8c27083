"""Checks of operations by name: they pass what is right and name what is wrong."""

import copy

import numpy as np
import pytest
from support.failures import each
from support.gradients import (
    METHODS,
    WAYS,
    Changed,
    after,
    change_one,
    double,
    flip_sign,
    forget,
    shift,
    spoil,
    text,
    turn,
)

from cnnlab import fast, gradcheck, reference
from cnnlab.operations import OPERATIONS, find

every_method = pytest.mark.parametrize("method", METHODS)

NOISE = np.random.default_rng(1)
IMAGES = NOISE.standard_normal((2, 2, 4, 5))
SMALL = IMAGES[:, :, :3, :4]
PATTERNS = NOISE.standard_normal((3, 2, 2, 3))
GROUPED = NOISE.standard_normal((4, 1, 2, 2))
BIASES = NOISE.standard_normal(4)
TRANSPOSED = NOISE.standard_normal((2, 3, 3, 2))
ROWS = NOISE.standard_normal((3, 4))

# Operation, arguments, options.
CALLS = {
    "conv2d": ("conv2d", [SMALL, PATTERNS, BIASES[:3]], {}),
    "conv2d, no biases": ("conv2d", [SMALL, PATTERNS], {}),
    "conv2d, one image": ("conv2d", [SMALL[0], PATTERNS, BIASES[:3]], {"padding": "same"}),
    "conv2d, all options": (
        "conv2d",
        [IMAGES[:1], GROUPED, BIASES],
        {"stride": (2, 1), "padding": ((1, 0), (2, 1)), "dilation": (1, 2), "groups": 2},
    ),
    "conv_transpose2d": ("conv_transpose2d", [SMALL, TRANSPOSED, BIASES[:3]], {}),
    "conv_transpose2d, one image": ("conv_transpose2d", [IMAGES[0], TRANSPOSED], {"stride": 2}),
    "conv_transpose2d, output padding": (
        "conv_transpose2d",
        [IMAGES[:1], TRANSPOSED, BIASES[:3]],
        {"stride": (3, 2), "padding": ((1, 0), (1, 0)), "output_padding": (2, 1)},
    ),
    "conv_transpose2d, cropped output padding": (
        "conv_transpose2d",
        [IMAGES[:1], TRANSPOSED[..., :1, :], BIASES[:3]],
        {"stride": 2, "padding": ((0, 1), (2, 1)), "output_padding": 1},
    ),
    "conv_transpose2d, room for more positions": (
        "conv_transpose2d",
        [IMAGES[:1], TRANSPOSED[:, :, :2], BIASES[:3]],
        {"dilation": (4, 3), "output_padding": (3, 2)},
    ),
    "conv_transpose2d, nothing arrives": (
        "conv_transpose2d",
        [IMAGES[:, :, :1], TRANSPOSED[:, :, :1]],
        {"stride": 3, "padding": ((1, 0), (0, 0)), "output_padding": 2},
    ),
    "conv_transpose2d, same": (
        "conv_transpose2d",
        [IMAGES[:1], TRANSPOSED[:, :, :, :1], BIASES[:3]],
        {"stride": 2, "padding": "same"},
    ),
    "conv_transpose2d, groups": (
        "conv_transpose2d",
        [IMAGES[:1], TRANSPOSED[:, :2], BIASES],
        {"dilation": (2, 1), "groups": 2},
    ),
    "max_pool2d": ("max_pool2d", [IMAGES, 2], {}),
    "max_pool2d, one image": ("max_pool2d", [IMAGES[0], (3, 2)], {"stride": 1}),
    "max_pool2d, all options": (
        "max_pool2d",
        [IMAGES, (2, 3)],
        {"stride": (2, 1), "padding": ((1, 0), (2, 1)), "dilation": (2, 1), "ceil_mode": True},
    ),
    "max_pool2d, windows on padding": ("max_pool2d", [IMAGES, 1], {"stride": 2, "padding": 1}),
    "avg_pool2d": ("avg_pool2d", [IMAGES, 2], {}),
    "avg_pool2d, one image": ("avg_pool2d", [IMAGES[0], (3, 2)], {"stride": 1}),
    "avg_pool2d, hanging over": (
        "avg_pool2d",
        [IMAGES, (2, 3)],
        {"stride": 2, "padding": (0, 1), "ceil_mode": True},
    ),
    "avg_pool2d, pixels counted": (
        "avg_pool2d",
        [IMAGES],
        {"size": 3, "stride": 2, "padding": "same", "count_include_pad": False},
    ),
    "dense": ("dense", [ROWS, ROWS[:2], BIASES[:2]], {}),
    "dense, no biases": ("dense", [ROWS, ROWS[:2]], {}),
    "dense, one vector": ("dense", [ROWS[0], ROWS[:2], BIASES[:2]], {}),
    "squared_error": ("squared_error", [ROWS, 2 * ROWS], {}),
    "squared_error, one image": ("squared_error", [IMAGES[0], IMAGES[1]], {}),
    "cross_entropy": ("cross_entropy", [ROWS, [0, 3, 1]], {}),
    "cross_entropy, one sample": ("cross_entropy", [ROWS[0], 2], {}),
}


def draw(*shape):
    """Noise, positive where a mistake below changes an entry, so that a ReLU shows it, too."""
    noise = NOISE.standard_normal(*shape)
    noise.flat[-2:] = np.abs(noise.flat[-2:])
    noise[..., 0] = np.abs(noise[..., 0])
    return noise


# What has no line above is called as the table of operations says.
for operation in OPERATIONS:
    if operation.gradients and operation.name not in CALLS:
        for number, (arguments, options) in enumerate(operation.calls(draw)):
            key = f"{operation.name}, call {number}" if number else operation.name
            CALLS[key] = (operation.name, list(arguments), options)
LINEAR = {key: call for key, call in CALLS.items() if find(call[0]).linear}


@every_method
@each(call=CALLS, by=WAYS)
def test_every_operation_passes(call, method, by, ops):
    name, arguments, options = call
    before = copy.deepcopy(arguments)
    reports = gradcheck.check_operation(ops, name, *arguments, method=method, by=by, **options)
    assert all(report.passed for report in reports), text(reports)
    letters = [letter for letter in find(name).gradients if letter != "b" or len(arguments) == 3]
    assert [report.name for report in reports] == [f"{name}.d{letter}" for letter in letters]
    for argument, old in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, old)


@each(call=LINEAR)
def test_every_linear_operation_has_its_adjoint(call, ops):
    name, arguments, options = call
    reports = gradcheck.check_operation(ops, name, *arguments, method="adjoint", **options)
    assert all(report.passed for report in reports), text(reports)


@each(method=[*METHODS, "adjoint"])
def test_empty_batch_passes(method, ops):
    for name, *rest in [("conv2d", PATTERNS), ("max_pool2d", 2), ("avg_pool2d", 2)]:
        reports = gradcheck.check_operation(ops, name, IMAGES[:0], *rest, method=method)
        assert all(report.passed for report in reports), text(reports)


@each(seed=[0, 1, 2, np.int64(0)], method=METHODS, by=WAYS)
def test_inputs_drawn_from_the_same_seed_are_not_the_upstream_gradient(seed, by, method):
    """Z and dY alike, a ReLU that looks at the sign of the wrong one would be right."""
    Z = np.random.default_rng(seed).standard_normal((3, 4))
    ops = Changed(reference, relu_dZ=lambda dY, Y: np.where(dY > 0, dY, 0))
    np.testing.assert_array_equal(ops.relu_dZ(Z, Z), reference.relu_dZ(Z, Z))
    (report,) = gradcheck.check_operation(ops, "relu", Z, method=method, by=by, seed=seed)
    assert not report.passed


# What is replaced: the call it is checked with, and the report that must name it.
BROKEN = {
    function: (operation.name, function.replace("_d", ".d"))
    for operation in OPERATIONS
    for function in operation.functions[1:]
}
MISTAKES = [flip_sign, change_one, forget, double, shift, turn, spoil]


# Biases, and the spreads of batch normalization, have one axis, which nothing can turn.
EVERY_MISTAKE = {
    f"{mistake.__name__} in {broken}": (broken, mistake)
    for broken in BROKEN
    for mistake in MISTAKES
    if mistake is not turn or not broken.endswith(("db", "batch_norm2d_dw"))
}


def assert_caught(broken, mistake, **settings):
    """One operation gives its gradients with a mistake: that report alone fails, at the place."""
    call, culprit = BROKEN[broken]
    name, arguments, options = CALLS[call]
    ops = after(fast, broken, mistake)
    bad = gradcheck.check_operation(ops, name, *arguments, **settings, **options)
    wrong = [report for report in bad if not report.passed]
    assert [report.name for report in wrong] == [culprit], text(bad)
    (report,) = wrong
    place = report.where
    numerical = report.expected if settings["method"] == "adjoint" else report.numerical
    assert not np.isclose(report.given, numerical, rtol=1e-6, atol=1e-9)
    if mistake is spoil:
        assert place == (0,) * len(place)
    if mistake is change_one:
        shape = arguments[list(find(name).gradients).index(culprit[-1])].shape
        assert place == np.unravel_index(np.prod(shape) - 2, shape)
    if mistake is flip_sign:
        np.testing.assert_allclose(report.given, -numerical, rtol=1e-6)
    if mistake is double:
        np.testing.assert_allclose(report.given, 2 * numerical, rtol=1e-6)
    assert str(report).startswith(f"WRONG {culprit}: ")
    assert f"{culprit}[{', '.join(map(str, place))}] (given " in str(report)


@pytest.mark.slow
@every_method
@each(case=EVERY_MISTAKE, by=WAYS)
def test_every_mistake_is_caught_and_its_worst_entry_named(case, method, by):
    assert_caught(*case, method=method, by=by)


@each(
    case={
        name: (broken, mistake)
        for name, (broken, mistake) in EVERY_MISTAKE.items()
        if find(BROKEN[broken][0]).linear
    }
)
def test_every_mistake_is_caught_by_the_adjoint_test(case):
    assert_caught(*case, method="adjoint")


@each(
    name=["squared_error", "cross_entropy"],
    mistake=[flip_sign, change_one, double, spoil],
    method=METHODS,
    by=WAYS,
)
def test_a_loss_with_a_wrong_gradient_is_caught(mistake, name, by, method):
    _, arguments, _ = CALLS[name]
    wrong = after(reference, name, lambda loss: loss._replace(dY=mistake(loss.dY)))
    (report,) = gradcheck.check_operation(wrong, name, *arguments, method=method, by=by)
    assert not report.passed
    if mistake is change_one:
        assert report.where == (2, 2)
    if mistake is spoil:
        assert report.where == (0, 0)


def test_mistakes_in_options_are_caught(ops):
    """Each option forgotten on the way back, or off by one."""
    _, arguments, options = CALLS["conv2d, all options"]
    wrong_padding = {
        "conv2d_dX": lambda dZ, w, shape, **k: ops.conv2d_dX(
            dZ, w, shape, **{**k, "padding": ((0, 1), (1, 2))}
        ),
        "conv2d_dw": lambda dZ, X, shape, **k: ops.conv2d_dw(
            dZ, X, shape, **{**k, "padding": ((0, 1), (1, 2))}
        ),
    }
    for name, replaced in wrong_padding.items():
        changed = Changed(ops, **{name: replaced})
        for settings in [{"by": "entry"}, {"by": "direction"}, {"method": "adjoint"}]:
            reports = gradcheck.check_operation(
                changed, "conv2d", *arguments, **settings, **options
            )
            wrong = [report.name for report in reports if not report.passed]
            assert wrong == [name.replace("_", ".")], text(reports)


def test_mistakes_in_a_transposed_convolution_are_caught(ops):
    """Its way back is the convolution: a pattern turned around, a crop off by one."""
    _, arguments, options = CALLS["conv_transpose2d, output padding"]
    turned = Changed(
        ops,
        conv_transpose2d=lambda X, w, b, **k: ops.conv_transpose2d(
            X, np.array(w[..., ::-1, ::-1]), b, **k
        ),
    )
    moved = after(ops, "conv_transpose2d", lambda Z: np.roll(Z, 1, axis=-1))
    for changed in (turned, moved):
        for settings in [{"by": "entry"}, {"by": "direction"}, {"method": "adjoint"}]:
            reports = gradcheck.check_operation(
                changed, "conv_transpose2d", *arguments, **settings, **options
            )
            wrong = [report.name for report in reports if not report.passed]
            assert wrong == ["conv_transpose2d.dX", "conv_transpose2d.dw"], text(reports)


def test_the_complex_step_moves_the_loops():
    """The operation under test may refuse complex numbers; a wrong forward is none of its own."""

    def real_only(Z):
        assert not np.iscomplexobj(Z)
        return reference.tanh(Z)

    (report,) = gradcheck.check_operation(
        Changed(reference, tanh=real_only), "tanh", ROWS, method="complex"
    )
    assert report.passed
    other = Changed(reference, tanh=lambda Z: reference.tanh(2 * Z))
    (report,) = gradcheck.check_operation(other, "tanh", ROWS, method="complex")
    assert not report.passed


def test_messages():
    def check(*arguments, **options):
        return gradcheck.check_operation(reference, *arguments, **options)

    with pytest.raises(
        ValueError,
        match="^check_operation: no operation 'conv3d'; choose conv2d, the nearest of conv2d, c",
    ):
        check("conv3d", ROWS)
    with pytest.raises(ValueError, match=r'^check_operation: .* check "batch_norm2d", and its'):
        check("batch_norm2d_backward", *[ROWS] * 5)
    for name in ("softmax", "log_softmax"):
        with pytest.raises(
            ValueError, match=f'^check_operation: {name} has no gradient of its own, .* check "cro'
        ):
            check(name, ROWS)
    with pytest.raises(
        ValueError, match='^check_operation: tanh is not linear, .* choose method="central" or'
    ):
        check("tanh", ROWS, method="adjoint")
    with pytest.raises(
        ValueError, match='^check_operation: method=\'exact\'; choose "central", "complex" or "adj'
    ):
        check("tanh", ROWS, method="exact")
    with pytest.raises(ValueError, match="^check_operation: by='row'; choose"):
        check("tanh", ROWS, by="row")
    with pytest.raises(
        TypeError, match=r"^check_operation: conv2d cannot be called like this \(missing a required"
    ):
        check("conv2d", IMAGES)
    with pytest.raises(ValueError, match="^conv2d: X has depth D=2 but w expects 1"):
        check("conv2d", IMAGES, GROUPED)
    short = after(reference, "conv2d_dw", lambda dw: dw[:1])
    for method in ("central", "adjoint"):
        with pytest.raises(
            ValueError, match=r"^check_(operation|adjoint): conv2d.dw has shape \(1, 2, 2, 3\), but"
        ):
            gradcheck.check_operation(short, "conv2d", IMAGES, PATTERNS, method=method)
