"""The checks themselves: they pass what is right and name what is wrong."""

import copy

import numpy as np
import pytest

from cnnlab import gradcheck, reference
from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential

NOISE = np.random.default_rng(1)

every_method = pytest.mark.parametrize("method", ["central", "complex"])
every_way = pytest.mark.parametrize("by", ["entry", "direction"])


def model_with(layer):
    return Sequential([layer, Flatten(), Dense(2, ops=reference)], input_shape=(1, 3, 4))


class Changed:
    """Operations of which some are replaced."""

    def __init__(self, ops, **replaced):
        self.ops, self.replaced = ops, replaced

    def __getattr__(self, name):
        return self.replaced.get(name) or getattr(self.ops, name)


def after(ops, name, change):
    """`ops` with the result of one operation changed."""
    return Changed(ops, **{name: lambda *a, **k: change(getattr(ops, name)(*a, **k))})


def text(reports):
    return "\n".join(map(str, reports))


# ------------------------------------------------------------------------------- any function


@every_method
def test_numerical_gradient_of_a_cubic(method):
    x = np.array([[0.5, -2.0], [3.0, 0.0]])
    gradient = gradcheck.numerical_gradient(lambda x: (x**3).sum(), x, method=method)
    np.testing.assert_allclose(gradient, 3 * x**2, rtol=1e-9, atol=1e-9)


def test_complex_step_is_right_to_the_last_digits():
    x = np.linspace(-3, 3, 7)
    gradient = gradcheck.numerical_gradient(
        lambda z: reference.sigmoid(z).sum(), x, method="complex"
    )
    Y = reference.sigmoid(x)
    np.testing.assert_allclose(gradient, Y * (1 - Y), rtol=1e-14)


@every_method
@every_way
def test_inputs_are_left_as_they_were(method, by):
    x = np.array([1.0, 2.0])
    gradcheck.numerical_gradient(lambda x: (x**2).sum(), x, method=method)
    gradcheck.check_gradients(lambda x: x**2, lambda dY, x: [2 * x * dY], [x], method=method, by=by)
    np.testing.assert_array_equal(x, [1.0, 2.0])


@every_method
@every_way
def test_a_wrong_entry_is_named(method, by):
    def wrong(dY, x):
        gradient = 2 * x * dY
        gradient[1, 2] *= 1.001
        return [gradient]

    x = np.arange(1.0, 7.0).reshape(2, 3)
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, wrong, [x], names=["dx"], method=method, by=by
    )
    assert not report.passed
    assert report.where == (1, 2)
    assert report.by == "entry"
    np.testing.assert_allclose(report.given, 1.001 * report.numerical, rtol=1e-6)
    assert str(report).startswith("WRONG dx: largest relative error")
    assert "at dx[1, 2] (given " in str(report)


@pytest.mark.parametrize(("method", "per_direction"), [("central", 2), ("complex", 1)])
def test_a_direction_takes_few_evaluations(method, per_direction):
    calls = []

    def forward(x):
        calls.append(x)
        return x**3

    x = np.linspace(0.5, 2, 100)
    (report,) = gradcheck.check_gradients(
        forward, lambda dY, x: [3 * x**2 * dY], [x], method=method, by="direction", directions=4
    )
    assert len(calls) == 1 + 4 * per_direction
    assert report.passed
    assert report.by == "direction"
    assert report.where == ()
    np.testing.assert_allclose(report.given, report.numerical, rtol=1e-6)
    assert str(report).startswith("ok    gradient 0: largest relative error ")
    assert " along a random direction (given " in str(report)


def test_the_worst_direction_is_reported():
    def error(directions):
        (report,) = gradcheck.check_gradients(
            lambda x: x**3,
            lambda dY, x: [3 * x**2 * dY],
            [np.linspace(0.5, 2, 5)],
            by="direction",
            directions=directions,
            seed=1,
        )
        return report.error

    errors = [error(directions) for directions in range(1, 7)]
    assert errors == sorted(errors)
    assert errors[0] < errors[-1]


@every_way
def test_tolerance_and_seed_are_heeded(by):
    def check(**options):
        (report,) = gradcheck.check_gradients(
            np.sin, lambda dY, x: [(1 + 1e-5) * np.cos(x) * dY], [np.ones(3)], by=by, **options
        )
        return report

    assert not check().passed
    assert check(tolerance=1e-4).passed
    assert not check(tolerance=1e-6).passed
    options = {"tolerance": 1e-4}
    assert check(seed=1, **options) == check(seed=1, **options) != check(seed=2, **options)
    generators = [np.random.default_rng(seed) for seed in (1, 1, 2)]
    first, same, other = (check(seed=generator, **options) for generator in generators)
    assert first == same != other


@every_method
@every_way
@pytest.mark.parametrize("seed", [0, 1, 2, np.int64(0)])
def test_inputs_drawn_from_the_same_seed_are_not_the_upstream_gradient(seed, by, method):
    """Z and dY alike, a ReLU that looks at the sign of the wrong one would be right."""
    Z = np.random.default_rng(seed).standard_normal((3, 4))
    ops = Changed(reference, relu_dZ=lambda dY, Y: np.where(dY > 0, dY, 0))
    np.testing.assert_array_equal(ops.relu_dZ(Z, Z), reference.relu_dZ(Z, Z))
    (report,) = gradcheck.check_operation(ops, "relu", Z, method=method, by=by, seed=seed)
    assert not report.passed


def test_directions_find_two_entries_that_changed_places():
    """A direction of signs would give both the same weight in one half of all cases."""
    x = np.arange(1.0, 9.0)
    for seed in range(20):
        (report,) = gradcheck.check_gradients(
            lambda x: x**2,
            lambda dY, x: [(2 * x * dY)[[1, 0, 2, 3, 4, 5, 6, 7]]],
            [x],
            by="direction",
            directions=1,
            seed=seed,
        )
        assert not report.passed
        assert report.where in [(0,), (1,)]


def test_entries_decide_where_a_direction_meets_a_kink():
    """Where three numbers tie for the largest, one half each is right entry by entry alone."""
    (report,) = gradcheck.check_gradients(
        lambda x: x.max(),
        lambda dY, x: [np.full(3, 0.5) * dY],
        [np.zeros(3)],
        by="direction",
    )
    assert report.passed
    assert report.by == "entry"


@every_method
@every_way
def test_a_vanishing_gradient_may_be_rounding_errors(by, method):
    """What cancels, as a bias before batch normalization, leaves nothing but those."""

    def forward(x, shift):
        return np.sin(x) * (np.exp(shift) * np.exp(-shift))

    def backward(dY, x, shift):
        return [np.cos(x) * dY, np.full(shift.shape, 1e-16)]

    inputs = [NOISE.standard_normal(4), NOISE.standard_normal(4)]
    reports = gradcheck.check_gradients(forward, backward, inputs, method=method, by=by)
    assert all(report.passed for report in reports), text(reports)


@every_way
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_never_pass(value, by):
    x = np.array([1.0, 2.0])
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, lambda dY, x: [np.array([2 * dY[0], value])], [x], by=by
    )
    assert not report.passed
    assert report.where == (1,)
    (report,) = gradcheck.check_gradients(
        lambda x: x * [1.0, value], lambda dY, x: [dY * [1.0, value]], [x], by=by
    )
    assert not report.passed


@every_method
@every_way
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_hide_no_other_mistake(value, by, method):
    reports = gradcheck.check_gradients(
        lambda x, y: x * y,
        lambda dY, x, y: [np.array([dY[0] * y[0], value]), 1.01 * dY * x],
        [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
        by=by,
        method=method,
    )
    assert not any(report.passed for report in reports), text(reports)


def test_a_gradient_right_for_an_upstream_gradient_of_ones_is_caught():
    """Forgetting dY altogether is invisible when dY is all ones."""
    x = np.array([1.0, 2.0])
    (report,) = gradcheck.check_gradients(lambda x: x**2, lambda dY, x: [2 * x], [x])
    assert not report.passed


@every_method
@every_way
def test_empty_input_passes(method, by):
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, lambda dY, x: [2 * x * dY], [np.zeros((0, 3))], method=method, by=by
    )
    assert report.passed


def test_no_input_has_no_report():
    assert gradcheck.check_gradients(lambda: np.ones(3), lambda dY: [], []) == []


def test_a_number_is_an_array_of_no_axes():
    (report,) = gradcheck.check_gradients(np.sin, lambda dY, x: [dY * np.sin(x)], [0.3])
    assert not report.passed
    assert " at gradient 0 (given " in str(report)


# ------------------------------------------------------------------------------- adjoint


def test_adjoint_needs_no_tolerance():
    A = np.array([[1.0, 2.0], [0.0, 3.0], [5.0, 1.0]])
    right = gradcheck.check_adjoint(lambda x: A @ x, lambda g: A.T @ g, (2,))
    assert right.passed
    assert str(right) == f"ok    adjoint: both sides are {right.left:.17g}"
    report = gradcheck.check_adjoint(lambda x: A @ x, lambda g: A.T @ g + [0, 1], (2,), name="dx")
    assert not report.passed
    assert report.left != report.right
    assert report.where == (1,)
    assert report.given == report.expected + 1
    assert str(report).startswith(f"WRONG dx: {report.left:.17g} is not {report.right:.17g}; ")
    assert "worst entry dx[1] (given " in str(report)


def test_adjoint_of_what_is_not_linear():
    report = gradcheck.check_adjoint(lambda x: 2 * x + 1, lambda g: 2 * g, (3,))
    assert not report.passed
    assert str(report).endswith("every entry is right, so the operation is not linear")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_adjoint_never_passes_nan_or_infinity(value):
    report = gradcheck.check_adjoint(
        lambda x: x, lambda g: np.where(np.arange(3) == 1, value, g), (3,)
    )
    assert not report.passed
    assert report.where == (1,)
    assert "worst entry adjoint[1] (given " in str(report)
    # Infinity on both sides makes them equal every other time.
    for seed in range(9):
        both = gradcheck.check_adjoint(
            lambda x: np.array([x[0], value]),
            lambda g: np.array([g[0], value]),
            (2,),
            seed=seed,
        )
        assert not both.passed


def test_adjoint_finds_one_wrong_entry_for_every_seed():
    """Small x would be zero at that entry once in 19 times."""
    for seed in range(100):
        report = gradcheck.check_adjoint(
            lambda x: x, lambda g: g + np.array([0, 1, 0]), (3,), seed=seed
        )
        assert not report.passed


# ------------------------------------------------------------------------------- operations

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
    "sigmoid": ("sigmoid", [IMAGES[0]], {}),
    "tanh": ("tanh", [IMAGES[0]], {}),
    "relu": ("relu", [IMAGES[0]], {}),
    "squared_error": ("squared_error", [ROWS, 2 * ROWS], {}),
    "squared_error, one image": ("squared_error", [IMAGES[0], IMAGES[1]], {}),
    "cross_entropy": ("cross_entropy", [ROWS, [0, 3, 1]], {}),
    "cross_entropy, one sample": ("cross_entropy", [ROWS[0], 2], {}),
}
every_call = pytest.mark.parametrize("call", CALLS)
LINEAR = [call for call in CALLS if CALLS[call][0] in gradcheck.LINEAR]


def test_every_operation_is_here():
    """Whatever the contract has, and its way back."""
    assert {name for name, _, _ in CALLS.values()} == set(gradcheck.GRADIENTS)
    backwards = {name for name in reference.__all__ if "_d" in name}
    assert set(reference.__all__) == {*gradcheck.GRADIENTS, *backwards, "softmax", "log_softmax"}


@every_method
@every_way
@every_call
def test_every_operation_passes(call, method, by, ops):
    name, arguments, options = CALLS[call]
    before = copy.deepcopy(arguments)
    reports = gradcheck.check_operation(ops, name, *arguments, method=method, by=by, **options)
    assert all(report.passed for report in reports), text(reports)
    letters = gradcheck.GRADIENTS[name][0][: 2 if len(arguments) == 2 else 3]
    assert [report.name for report in reports] == [f"{name}.d{letter}" for letter in letters]
    for argument, old in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, old)


@pytest.mark.parametrize("call", LINEAR)
def test_every_linear_operation_has_its_adjoint(call, ops):
    name, arguments, options = CALLS[call]
    reports = gradcheck.check_operation(ops, name, *arguments, method="adjoint", **options)
    assert all(report.passed for report in reports), text(reports)


@pytest.mark.parametrize("method", ["central", "complex", "adjoint"])
def test_empty_batch_passes(method, ops):
    for name, *rest in [("conv2d", PATTERNS), ("max_pool2d", 2), ("avg_pool2d", 2)]:
        reports = gradcheck.check_operation(ops, name, IMAGES[:0], *rest, method=method)
        assert all(report.passed for report in reports), text(reports)


def flip_sign(gradient):
    return -gradient


def change_one(gradient):
    gradient = gradient.copy()
    gradient.flat[-2] += 0.5
    return gradient


def forget(gradient):
    gradient = gradient.copy()
    gradient[..., 0] = 0
    return gradient


def double(gradient):
    return 2 * gradient


def shift(gradient):
    return np.roll(gradient, 1, axis=-1)


def turn(gradient):
    return gradient[..., ::-1, ::-1]


def spoil(gradient):
    gradient = gradient.copy()
    gradient.flat[0] = np.nan
    return gradient


# What is replaced: the call it is checked with, and the report that must name it.
BROKEN = {
    "conv2d_dX": ("conv2d", "conv2d.dX"),
    "conv2d_dw": ("conv2d", "conv2d.dw"),
    "conv2d_db": ("conv2d", "conv2d.db"),
    "max_pool2d_dX": ("max_pool2d", "max_pool2d.dX"),
    "avg_pool2d_dX": ("avg_pool2d", "avg_pool2d.dX"),
    "dense_dX": ("dense", "dense.dX"),
    "dense_dw": ("dense", "dense.dw"),
    "dense_db": ("dense", "dense.db"),
    "sigmoid_dZ": ("sigmoid", "sigmoid.dZ"),
    "tanh_dZ": ("tanh", "tanh.dZ"),
    "relu_dZ": ("relu", "relu.dZ"),
}
MISTAKES = [flip_sign, change_one, forget, double, shift, turn, spoil]


def test_every_gradient_is_broken_once():
    assert set(BROKEN) == {name for name in reference.__all__ if "_d" in name}


def has(broken, mistake, method):
    """Whether a mistake can be made, and looked for in that way."""
    makes_sense = mistake is not turn or not broken.endswith("db")  # biases have one axis
    return makes_sense and (method != "adjoint" or BROKEN[broken][0] in gradcheck.LINEAR)


@pytest.mark.parametrize(
    ("broken", "mistake", "method", "by"),
    [
        (broken, mistake, method, by)
        for broken in BROKEN
        for mistake in MISTAKES
        for method in ("central", "complex", "adjoint")
        for by in ("entry", "direction")[: 1 if method == "adjoint" else 2]
        if has(broken, mistake, method)
    ],
)
def test_every_mistake_is_caught_and_its_worst_entry_named(broken, mistake, method, by):
    call, culprit = BROKEN[broken]
    name, arguments, options = CALLS[call]
    ops = after(reference, broken, mistake)
    bad = gradcheck.check_operation(ops, name, *arguments, method=method, by=by, **options)
    wrong = [report for report in bad if not report.passed]
    assert [report.name for report in wrong] == [culprit], text(bad)
    (report,) = wrong
    place = report.where
    numerical = report.expected if method == "adjoint" else report.numerical
    assert not np.isclose(report.given, numerical, rtol=1e-6, atol=1e-9)
    if mistake is spoil:
        assert place == (0,) * len(place)
    if mistake is change_one:
        shape = arguments[gradcheck.GRADIENTS[name][0].index(culprit[-1])].shape
        assert place == np.unravel_index(np.prod(shape) - 2, shape)
    if mistake is flip_sign:
        np.testing.assert_allclose(report.given, -numerical, rtol=1e-6)
    if mistake is double:
        np.testing.assert_allclose(report.given, 2 * numerical, rtol=1e-6)
    assert str(report).startswith(f"WRONG {culprit}: ")
    assert f"{culprit}[{', '.join(map(str, place))}] (given " in str(report)


@every_method
@every_way
@pytest.mark.parametrize("name", ["squared_error", "cross_entropy"])
@pytest.mark.parametrize("mistake", [flip_sign, change_one, double, spoil])
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


# ------------------------------------------------------------------------------- models


def layers_of_every_kind(ops):
    return [
        Conv2D(2, (2, 3), ops=ops),
        BatchNorm2D(ops=ops),
        Tanh(ops=ops),
        MaxPool2D(2, stride=1, ops=ops),
        Dropout(0.3, ops=ops),
        AvgPool2D((1, 2), ops=ops),
        ConvTranspose2D(1, 2, ops=ops),
        ReLU(ops=ops),
        Flatten(ops=ops),
        Dense(3, ops=ops),
        Sigmoid(ops=ops),
    ]


def model_of_every_kind(ops):
    return Sequential(layers_of_every_kind(ops), input_shape=(1, 4, 6), seed=2)


def snapshot(model):
    """Parameters and state, as they are now; a generator by its next numbers."""
    parts = [parameter.value.copy() for parameter in model.parameters()]
    for layer in model.layers:
        for value in layer.state.values():
            generator = isinstance(value, np.random.Generator)
            parts.append(copy.deepcopy(value).random(3) if generator else np.copy(value))
    return parts


@every_method
@every_way
@pytest.mark.parametrize("training", [True, False])
def test_every_gradient_of_a_model_passes_and_the_model_stays(training, by, method, ops, rng):
    model = model_of_every_kind(ops)
    X = rng.standard_normal((3, 1, 4, 6))
    model.forward(X)  # the running mean is no zero, the generator has moved
    before, own_ops = snapshot(model), [layer.ops for layer in model.layers]
    objects = [id(value) for layer in model.layers for value in layer.state.values()]
    arrays = [id(parameter.value) for parameter in model.parameters()]
    reports = gradcheck.check_model(model, X, method=method, by=by, training=training)
    assert all(report.passed for report in reports), text(reports)
    assert [report.name for report in reports] == [
        *["0.Conv2D.w", "0.Conv2D.b", "1.BatchNorm2D.w", "1.BatchNorm2D.b"],
        *["6.ConvTranspose2D.w", "6.ConvTranspose2D.b", "9.Dense.w", "9.Dense.b", "X"],
    ]
    for old, new in zip(before, snapshot(model), strict=True):
        np.testing.assert_array_equal(new, old, strict=True)
    assert objects == [id(value) for layer in model.layers for value in layer.state.values()]
    assert arrays == [id(parameter.value) for parameter in model.parameters()]
    assert own_ops == [layer.ops for layer in model.layers]


@every_method
@every_way
def test_one_sample_instead_of_a_batch(by, method, rng):
    model = model_with(Conv2D(2, 2, ops=reference))
    reports = gradcheck.check_model(model, rng.random((1, 3, 4)), method=method, by=by)
    assert all(report.passed for report in reports), text(reports)


@every_method
def test_model_is_left_as_it_was_when_the_check_fails(method, rng):
    """An error on the way leaves nothing behind."""
    calls = []

    class Fragile(Sigmoid):
        def forward(self, X, *, training=True):
            calls.append(X)
            if len(calls) == 3:
                raise RuntimeError("broken")
            return super().forward(X, training=training)

    ops = Changed(reference)
    layers = [Dropout(0.5, ops=ops), Conv2D(2, 2, ops=ops), Fragile(ops=ops)]
    model = Sequential(layers, input_shape=(1, 3, 4))
    before = snapshot(model)
    with pytest.raises(RuntimeError, match="broken"):
        gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method)
    for old, new in zip(before, snapshot(model), strict=True):
        np.testing.assert_array_equal(new, old, strict=True)
    assert all(layer.ops is ops for layer in layers)


class Counting(Sigmoid):
    """Counts in place how often it was used in training, and keeps a note."""

    def build(self, *arguments):
        self.state["count"] = np.zeros(1)
        return super().build(*arguments)

    def forward(self, X, *, training=True):
        self.state["count"] += 1
        self.state["note"] = "used"
        return super().forward((2 + self.state["count"]) * X, training=training)

    def backward(self, dY):
        return 3 * super().backward(dY)


@every_method
@every_way
def test_state_that_changes_in_place_is_put_back(by, method, rng):
    layer = Counting(ops=reference)
    model = model_with(layer)
    (count,) = layer.state.values()
    reports = gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method, by=by)
    assert all(report.passed for report in reports), text(reports)
    assert layer.state == {"count": count}
    np.testing.assert_array_equal(count, [0])


def test_dropout_draws_the_same_mask_for_every_evaluation(rng):
    """Without its state put back, the loss would jump between evaluations."""

    class Forgetful(Dropout):
        """Keeps its generator where the check does not look."""

        def build(self, *arguments):
            shape = super().build(*arguments)
            self.hidden = np.random.default_rng(0)
            return shape

        def forward(self, X, *, training=True):
            self.state["generator"] = np.random.default_rng(self.hidden.integers(1000))
            return super().forward(X, training=training)

    X = rng.random((2, 1, 3, 4))
    assert all(report.passed for report in gradcheck.check_model(model_with(Dropout(0.5)), X))
    reports = gradcheck.check_model(model_with(Forgetful(0.5)), X)
    assert not all(report.passed for report in reports)


@every_method
@every_way
@pytest.mark.parametrize(
    "operation", ["conv2d_dw", "conv2d_dX", "conv2d_db", "sigmoid_dZ", "avg_pool2d_dX"]
)
def test_a_flipped_sign_in_a_layer_is_named(operation, by, method, rng):
    ops = after(reference, operation, flip_sign)
    layers = [Conv2D(2, 2, ops=ops), Sigmoid(ops=ops), AvgPool2D(2, stride=1, ops=ops)]
    model = Sequential([*layers, Flatten(), Dense(2, ops=reference)], input_shape=(1, 3, 4))
    reports = gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method, by=by)
    wrong = {report.name for report in reports if not report.passed}
    expected = {
        "conv2d_dw": {"0.Conv2D.w"},
        "conv2d_db": {"0.Conv2D.b"},
        "conv2d_dX": {"X"},
        "sigmoid_dZ": {"0.Conv2D.w", "0.Conv2D.b", "X"},
        "avg_pool2d_dX": {"0.Conv2D.w", "0.Conv2D.b", "X"},
    }
    assert wrong == expected[operation]
    for report in reports:
        assert report.by == ("entry" if by == "entry" or not report.passed else "direction")


@every_method
@every_way
def test_a_wrong_entry_in_a_model_is_named(by, method, rng):
    model = model_with(Conv2D(2, 2, ops=after(reference, "conv2d_dw", change_one)))
    reports = gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method, by=by)
    (report,) = (report for report in reports if not report.passed)
    assert report.name == "0.Conv2D.w"
    assert report.where == (1, 0, 1, 0)


@every_method
def test_batch_statistics_forgotten_on_the_way_back_are_caught(method, rng):
    """Mean and variance depend on every pixel; a constant in their place is a classic mistake."""

    class Constant(BatchNorm2D):
        def backward(self, dY):
            super().backward(dY)
            _, deviation, _, _ = self._remembered
            return dY * (self.parameters["w"] / deviation)[:, np.newaxis, np.newaxis]

    reports = gradcheck.check_model(model_with(Constant()), rng.random((2, 1, 3, 4)), method=method)
    assert [report.name for report in reports if not report.passed] == ["X"]


# ------------------------------------------------------------------------------- messages


def test_messages(rng):
    x = np.ones(3)
    with pytest.raises(ValueError, match="^numerical_gradient: method='forward'; choose"):
        gradcheck.numerical_gradient(np.sum, x, method="forward")
    with pytest.raises(ValueError, match="^check_gradients: backward returned 2 gradients for 1"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY, dY], [x])
    with pytest.raises(ValueError, match=r"^check_gradients: dx has shape \(1,\), .* shape \(3,\)"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY[:1]], [x], names=["dx"])
    with pytest.raises(ValueError, match="^check_gradients: 2 names came for 1 inputs; pass one"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], names=["dx", "dy"])
    with pytest.raises(
        ValueError, match='^check_gradients: method=\'adjoint\'; choose "central" or "complex".'
    ):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], method="adjoint")
    with pytest.raises(
        ValueError, match='^check_gradients: by=\'row\'; choose "entry" or "direction".'
    ):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], by="row")
    with pytest.raises(ValueError, match="^check_gradients: directions=0, but at least 1"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], directions=0)
    with pytest.raises(ValueError, match=r"^check_adjoint: adjoint has shape \(2,\)"):
        gradcheck.check_adjoint(lambda x: x, lambda g: g[:2], (3,))
    with pytest.raises(ValueError, match=r"^check_adjoint: adjoint reaches .*, but beyond 2\*\*53"):
        gradcheck.check_adjoint(lambda x: 1e13 * x, lambda g: 1e13 * g, (3,))


def test_messages_of_operations(rng):
    def check(*arguments, **options):
        return gradcheck.check_operation(reference, *arguments, **options)

    with pytest.raises(
        ValueError,
        match="^check_operation: no operation 'conv3d' with a gradient; choose one of conv2d, c",
    ):
        check("conv3d", ROWS)
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


def test_messages_of_models(rng):
    model = Sequential([Dense(2, ops=reference)], input_shape=(3,), dtype=np.float32)
    with pytest.raises(ValueError, match="^check_model: the model is of dtype float32; build it"):
        gradcheck.check_model(model, rng.random((2, 3)))
    model = Sequential([Dense(2, ops=reference)], input_shape=(3,))
    with pytest.raises(ValueError, match="^check_model: method='adjoint'; choose"):
        gradcheck.check_model(model, rng.random((2, 3)), method="adjoint")
