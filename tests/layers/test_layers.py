"""Layers and models: shapes, gradients of the whole, and what a wrong use is told."""

from typing import NamedTuple

import numpy as np
import pytest
from support.networks import every_layer, snapshot

from cnnlab import fast, gradcheck, layers, reference, shapes
from cnnlab.initializers import (
    glorot_uniform,
    glorot_uniform_sigmoid,
    he_normal,
    uniform_fan_in,
    zeros,
)
from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD


class Case(NamedTuple):
    """A layer with its options, and the shape of one input."""

    name: str
    kind: type
    arguments: tuple
    options: dict
    input_shape: tuple

    def model(self, ops, **options):
        layer = self.kind(*self.arguments, **self.options, ops=ops)
        return Sequential([layer], input_shape=self.input_shape, **options)


SPREAD = {"stride": (2, 1), "padding": ((1, 0), (0, 2)), "dilation": (1, 2), "groups": 2}
LAYERS = [
    Case("Conv2D", Conv2D, (4, (2, 3)), {}, (2, 4, 5)),
    Case("Conv2D spread", Conv2D, (4, (2, 3)), SPREAD, (2, 5, 6)),
    Case("Conv2D same", Conv2D, (3, 3), {"stride": (2, 3), "padding": "same"}, (1, 5, 4)),
    Case("ConvTranspose2D", ConvTranspose2D, (3, (2, 3)), {}, (2, 3, 4)),
    Case("ConvTranspose2D spread", ConvTranspose2D, (6, (2, 3)), SPREAD, (4, 3, 4)),
    Case(
        "ConvTranspose2D same",
        ConvTranspose2D,
        (3, (3, 2)),
        {"stride": (2, 3), "padding": "same"},
        (2, 3, 2),
    ),
    Case(
        "ConvTranspose2D full",
        ConvTranspose2D,
        (2, (2, 3)),
        {"stride": 2, "padding": "full", "output_padding": (0, 1)},
        (2, 3, 4),
    ),
    Case(
        "ConvTranspose2D with more rest than a stride",
        ConvTranspose2D,
        (2, (2, 3)),
        {"stride": (1, 2), "padding": (1, 0), "output_padding": (2, 1), "dilation": (3, 1)},
        (2, 2, 3),
    ),
    Case(
        "ConvTranspose2D of which only the rest is left",
        ConvTranspose2D,
        (2, 1),
        {"padding": ((2, 0), (0, 0)), "output_padding": 2, "dilation": 3},
        (2, 1, 2),
    ),
    Case("MaxPool2D", MaxPool2D, (2,), {}, (2, 4, 5)),
    Case(
        "MaxPool2D spread",
        MaxPool2D,
        ((2, 3),),
        {"stride": (1, 2), "padding": 1, "dilation": (2, 1), "ceil_mode": True},
        (2, 4, 6),
    ),
    Case("AvgPool2D", AvgPool2D, ((2, 3),), {}, (2, 4, 6)),
    Case(
        "AvgPool2D spread",
        AvgPool2D,
        (2,),
        {"stride": (1, 3), "padding": (1, 0), "ceil_mode": True, "count_include_pad": False},
        (2, 4, 6),
    ),
    Case("Flatten", Flatten, (), {}, (2, 3, 4)),
    Case("Dense", Dense, (3,), {}, (4,)),
    Case("Sigmoid", Sigmoid, (), {}, (2, 3, 4)),
    Case("Tanh", Tanh, (), {}, (5,)),
    Case("ReLU", ReLU, (), {}, (2, 3, 4)),
    Case("Dropout", Dropout, (0.4,), {}, (2, 3, 4)),
    Case("BatchNorm2D", BatchNorm2D, (), {"momentum": 0.3, "epsilon": 0.01}, (2, 3, 4)),
]
each_layer = pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.name)
in_both_modes = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])


def small_model(ops, **options):
    """Two convolutional layers, non-square images, everything small."""
    return Sequential(
        [
            Conv2D(3, (2, 3), ops=ops),
            Sigmoid(ops=ops),
            Conv2D(2, 2, ops=ops),
            Sigmoid(ops=ops),
            Flatten(),
            Dense(4, ops=ops),
        ],
        input_shape=(2, 4, 5),
        **options,
    )


def test_every_gradient_of_a_model_is_right(ops, rng):
    reports = gradcheck.check_model(small_model(ops), rng.standard_normal((2, 2, 4, 5)))
    assert [report.name for report in reports] == [
        *["0.Conv2D.w", "0.Conv2D.b", "2.Conv2D.w", "2.Conv2D.b", "5.Dense.w", "5.Dense.b", "X"]
    ]
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


def test_every_layer_is_in_the_table():
    assert {case.kind for case in LAYERS} == {
        getattr(layers, name) for name in layers.__all__ if name != "Layer"
    }


@each_layer
@in_both_modes
def test_gradients_of_a_layer_are_right(case, training, ops, rng):
    model = case.model(ops)
    for parameter in model.parameters():
        parameter.value[...] = rng.standard_normal(parameter.value.shape)
    X = rng.standard_normal((3, *case.input_shape))
    model.forward(X)  # running values are no longer those of the start
    reports = gradcheck.check_model(model, X, training=training)
    assert [report.name.split(".")[-1] for report in reports] == [*model.layers[0].parameters, "X"]
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


@in_both_modes
def test_complex_step_goes_through_all_layers(training, rng):
    model = every_layer(reference)
    reports = gradcheck.check_model(
        model,
        rng.standard_normal((2, 1, 6, 7)),
        method="complex",
        by="direction",
        training=training,
    )
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


@each_layer
@in_both_modes
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_layer_keeps_the_dtype_and_announces_its_shape(case, training, dtype, ops, rng):
    model = case.model(ops, dtype=dtype)
    X = rng.random((2, *case.input_shape)).astype(dtype)
    Y = model.forward(X, training=training)
    dX = model.backward(rng.random(Y.shape).astype(dtype))
    assert Y.shape == (2, *model.output_shape)
    assert dX.shape == X.shape
    assert Y.dtype == dX.dtype == dtype
    for parameter in model.parameters():
        assert parameter.value.dtype == parameter.gradient.dtype == dtype
        assert parameter.value.shape == parameter.gradient.shape


@each_layer
@in_both_modes
def test_one_sample_is_a_batch_of_one(case, training, ops, rng):
    one, batch = case.model(ops), case.model(ops)
    x = rng.random(case.input_shape)
    Y = one.forward(x, training=training)
    np.testing.assert_array_equal(
        Y, batch.forward(x[np.newaxis], training=training)[0], strict=True
    )
    dY = rng.random(Y.shape)
    dX = one.backward(dY)
    np.testing.assert_array_equal(dX, batch.backward(dY[np.newaxis])[0], strict=True)
    for own, other in zip(one.parameters(), batch.parameters(), strict=True):
        np.testing.assert_array_equal(own.gradient, other.gradient, strict=True)


@each_layer
def test_gradients_of_parameters_alone(case, ops, rng):
    """The same as with dX, whether the layer has less to do then or not."""
    whole, part = case.model(ops), case.model(ops)
    X = rng.random((2, *case.input_shape))
    dY = rng.random(whole.forward(X).shape)
    part.forward(X)
    whole.backward(dY)
    assert part.backward_to_parameters(dY) is None
    for own, other in zip(part.parameters(), whole.parameters(), strict=True):
        np.testing.assert_array_equal(own.gradient, other.gradient, strict=True)


def test_gradients_of_parameters_alone_need_no_dX(monkeypatch, rng):
    for name, layer, shape in (
        ("conv2d_dX", Conv2D(3, 2, ops=fast), (2, 4, 5)),
        ("dense_dX", Dense(4, ops=fast), (6,)),
    ):
        layer.build(shape, rng)
        Y = layer.forward(rng.random((2, *shape)))
        monkeypatch.delattr(fast, name)
        layer.backward_to_parameters(np.ones_like(Y))
        with pytest.raises(AttributeError, match=name):
            layer.backward(np.ones_like(Y))


def test_a_changed_way_back_is_the_way_in_training_too(rng):
    class Frozen(Conv2D):
        def backward(self, dY):
            dX = super().backward(dY)
            self.gradients["w"] = 0 * self.gradients["w"]
            return dX

    model = Sequential([Frozen(3, 2, ops=fast)], input_shape=(2, 4, 5))
    Y = model.forward(rng.random((2, 2, 4, 5)))
    model.backward_to_parameters(np.ones_like(Y))
    assert not model.layers[0].gradients["w"].any()
    assert model.layers[0].gradients["b"].all()


@pytest.mark.parametrize("case", [case for case in LAYERS if case.kind is not Flatten], ids=str)
def test_a_layer_alone_takes_one_sample(case, ops, rng):
    one, batch = case.model(ops), case.model(ops)
    x = rng.random(case.input_shape)
    Y = one.layers[0].forward(x)
    np.testing.assert_array_equal(Y, batch.forward(x), strict=True)
    dY = rng.random(Y.shape)
    np.testing.assert_array_equal(one.layers[0].backward(dY), batch.backward(dY), strict=True)


@each_layer
@in_both_modes
def test_an_empty_batch_goes_both_ways_and_changes_nothing(case, training, ops):
    model = case.model(ops)
    before = snapshot(model)
    Y = model.forward(np.zeros((0, *case.input_shape)), training=training)
    assert Y.shape == (0, *model.output_shape)
    assert model.backward(Y).shape == (0, *case.input_shape)
    assert not any(parameter.gradient.any() for parameter in model.parameters())
    assert snapshot(model) == before


@pytest.mark.parametrize(
    "case", [case for case in LAYERS if case.kind is ConvTranspose2D], ids=lambda case: case.name
)
def test_transposed_convolution_goes_as_pytorch(case, ops, rng):
    torch = pytest.importorskip("torch")
    model, options = case.model(ops), dict(case.options)
    layer = model.layers[0]
    X = rng.standard_normal((2, *case.input_shape))
    Y = model.forward(X)
    # PyTorch knows neither the words nor two sides that differ: take all, and cut it by hand.
    (top, _), (left, _) = shapes.conv_transpose2d_geometry(
        "test", X.shape, layer.parameters["w"].shape, **layer.options
    )[1].padding
    if options.pop("padding", 0) == "same":
        options["output_padding"] = [stride - 1 for stride in options["stride"]]
    X_, w, b = (
        torch.tensor(array, requires_grad=True) for array in (X, *layer.parameters.values())
    )
    Z = torch.nn.functional.conv_transpose2d(X_, w, b, **options)
    Z = Z[..., top : top + Y.shape[2], left : left + Y.shape[3]]
    dY = rng.standard_normal(Y.shape)
    Z.backward(torch.tensor(dY))
    np.testing.assert_allclose(Y, Z.detach().numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(model.backward(dY), X_.grad.numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.gradients["w"], w.grad.numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.gradients["b"], b.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_default_backend_is_fast():
    assert Conv2D(1, 2).ops is fast
    assert Conv2D(1, 2, ops=reference).ops is reference


def test_backends_train_alike(rng):
    X, labels = rng.random((6, 2, 4, 5)), rng.integers(0, 4, 6)
    outcomes = []
    for ops in (reference, fast):
        model, optimizer = small_model(ops), SGD(0.5)
        for _ in range(3):
            L, dY = ops.cross_entropy(model.forward(X), labels)
            model.backward(dY)
            optimizer.step(model)
        outcomes.append((L, [parameter.value for parameter in model.parameters()]))
    (L, values), (other_L, other_values) = outcomes
    np.testing.assert_allclose(L, other_L, rtol=1e-13)
    for value, other in zip(values, other_values, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_of_the_parameters_is_kept(dtype, rng):
    model = small_model(fast, dtype=dtype)
    Y = model.forward(rng.random((2, 2, 4, 5)).astype(dtype))
    dX = model.backward(np.ones_like(Y))
    SGD(0.1).step(model)
    parameters = list(model.parameters())
    assert {p.value.dtype for p in parameters} == {p.gradient.dtype for p in parameters}
    assert Y.dtype == dX.dtype == parameters[0].value.dtype == dtype


def test_one_sample_gives_one_result(ops, rng):
    model, x = small_model(ops), rng.random((2, 4, 5))
    Y = model.forward(x)
    np.testing.assert_array_equal(Y, model.forward(x[np.newaxis])[0], strict=True)
    model.forward(x)
    assert model.backward(np.ones(4)).shape == x.shape


def test_empty_batch_goes_both_ways(ops):
    model = small_model(ops)
    assert model.forward(np.zeros((0, 2, 4, 5))).shape == (0, 4)
    assert model.backward(np.zeros((0, 4))).shape == (0, 2, 4, 5)
    assert not any(parameter.gradient.any() for parameter in model.parameters())


def test_flatten_is_row_major(rng):
    X = rng.random((2, 3, 4, 5))
    layer = Flatten()
    Y = layer.forward(X)
    k, i, j = 2, 1, 3
    assert Y[1, (k * 4 + i) * 5 + j] == X[1, k, i, j]
    np.testing.assert_array_equal(layer.backward(Y), X, strict=True)


def test_same_seed_same_network():
    first, same, other = (small_model(reference, seed=seed) for seed in (1, 1, 2))
    for a, b, c in zip(first.parameters(), same.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.value, b.value, strict=True)
        assert a.name.endswith(".b") or not np.array_equal(a.value, c.value)


def test_summary():
    model = Sequential([Conv2D(8, 5), Sigmoid(), Flatten(), Dense(10)], input_shape=(1, 28, 28))
    assert repr(model.summary()).splitlines() == [
        "layer    output shape  parameters",
        "---------------------------------",
        "input    1 x 28 x 28            0",
        "Conv2D   8 x 24 x 24          208",
        "Sigmoid  8 x 24 x 24            0",
        "Flatten  4608                   0",
        "Dense    10                46,090",
        "---------------------------------",
        "total                      46,298",
    ]


def test_predict_takes_the_highest_score_in_batches_of_any_size(rng):
    model, X = small_model(fast), rng.random((7, 2, 4, 5))
    expected = model.forward(X).argmax(axis=1)
    assert model.predict(X[3]) == expected[3]
    for batch_size in (1, 3, 7, 100):
        np.testing.assert_array_equal(model.predict(X, batch_size=batch_size), expected)
    assert model.predict(X[:0]).shape == (0,)


@pytest.mark.parametrize(
    ("initializer", "spread"),
    [
        (uniform_fan_in, np.sqrt(1 / (3 * 50))),
        (glorot_uniform, np.sqrt(2 / (50 + 200))),
        (glorot_uniform_sigmoid, 4 * np.sqrt(2 / (50 + 200))),
        (he_normal, np.sqrt(2 / 50)),
        (zeros, 0),
    ],
)
def test_starting_values_have_the_spread_of_the_formula(initializer, spread, rng):
    # 80 patterns of depth 2, 5 x 5: fan_in 50; 8 of them: fan_out 200.
    values = np.stack([initializer((8, 2, 5, 5), rng) for _ in range(200)])
    assert values.shape == (200, 8, 2, 5, 5)
    np.testing.assert_allclose(values.std(), spread, rtol=0.02)
    np.testing.assert_allclose(values.mean(), 0, atol=0.01 * spread)


def test_an_initializer_sees_what_is_connected(rng):
    seen = []

    def initializer(shape, rng):
        seen.append(shape)
        return np.full(shape, len(seen))

    convolution = Conv2D(6, (2, 3), groups=2, initializer=initializer)
    convolution.build((4, 5, 5), rng)
    transposed = ConvTranspose2D(6, (2, 3), groups=2, initializer=initializer)
    transposed.build((4, 5, 5), rng)
    # A group: (P // groups, D // groups, m, n), outputs first, for both.
    assert seen == 4 * [(3, 2, 2, 3)]
    assert convolution.parameters["w"].shape == (6, 2, 2, 3)
    np.testing.assert_array_equal(convolution.parameters["w"][:, 0, 0, 0], [1, 1, 1, 2, 2, 2])
    assert transposed.parameters["w"].shape == (4, 3, 2, 3)
    np.testing.assert_array_equal(transposed.parameters["w"][:, 0, 0, 0], [3, 3, 4, 4])
    assert transposed.parameters["b"].shape == (6,)


WRONG = {
    "no layers": (
        lambda: Sequential([], input_shape=(3,)),
        ValueError,
        "Sequential: layers is empty; pass at least one layer.",
    ),
    "a class": (
        lambda: Sequential([Flatten], input_shape=(3,)),
        TypeError,
        r"Sequential: layers\[0\] is <class .*, not a layer; write Flatten\(...\).",
    ),
    "no layer": (
        lambda: Sequential([np.tanh], input_shape=(3,)),
        TypeError,
        r"Sequential: layers\[0\] is <ufunc 'tanh'>, not a layer.",
    ),
    "one layer twice": (
        lambda: Sequential([layer := Sigmoid(), layer], input_shape=(3,)),
        ValueError,
        r"Sequential: layers\[1\] \(Sigmoid\) stands in the list twice; make a new Sigmoid",
    ),
    "dense on images": (
        lambda: Sequential([Dense(3)], input_shape=(1, 28, 28)),
        ValueError,
        r"Dense: inputs of shape \(1, 28, 28\) came, .* put Flatten\(\) before it.",
    ),
    "convolution on vectors": (
        lambda: Sequential([Flatten(), Conv2D(3, 2)], input_shape=(1, 28, 28)),
        ValueError,
        r"Conv2D: input_shape=\(784,\) has length 1, but needs 3",
    ),
    "pattern too large": (
        lambda: Sequential([Conv2D(3, 9)], input_shape=(1, 8, 8)),
        ValueError,
        "Conv2D: a pattern of 9 x 9 does not fit into an image of 8 x 8",
    ),
    "dtype": (
        lambda: Sequential([Dense(3)], input_shape=(3,), dtype=np.float16),
        TypeError,
        "Sequential: dtype=<class 'numpy.float16'>, but float32 or float64 is needed",
    ),
    "no dtype": (
        lambda: Sequential([Dense(3)], input_shape=(3,), dtype="numbers"),
        TypeError,
        "Sequential: dtype='numbers', but float32 or float64 is needed",
    ),
    "no patterns": (
        lambda: Conv2D(0, 3),
        ValueError,
        "Conv2D: patterns=0, but at least 1 is needed.",
    ),
    "half a pattern": (
        lambda: Conv2D(1.5, 3),
        TypeError,
        "Conv2D: patterns=float 1.5 came, but an integer is needed; pass 1 or more.",
    ),
    "three sizes": (
        lambda: Conv2D(1, (3, 3, 3)),
        ValueError,
        r"Conv2D: size=\(3, 3, 3\) has 3 entries, but needs 2; pass \(rows, columns\)",
    ),
    "stride of zero": (
        lambda: Conv2D(1, 3, stride=0),
        ValueError,
        "Conv2D: stride=0, but at least 1 is needed.",
    ),
    "unknown padding": (
        lambda: Conv2D(1, 3, padding="some"),
        ValueError,
        "Conv2D: padding='some' came, but an integer, a pair",
    ),
    "half a dilation": (
        lambda: Conv2D(1, 3, dilation=0.5),
        TypeError,
        "Conv2D: dilation=float 0.5 came, but an integer is needed",
    ),
    "no groups": (
        lambda: Conv2D(1, 3, groups=0),
        ValueError,
        "Conv2D: groups=0, but at least 1 is needed.",
    ),
    "groups of patterns": (
        lambda: Conv2D(3, 3, groups=2),
        ValueError,
        "Conv2D: groups=2 does not divide patterns=3; pass a divisor.",
    ),
    "groups of depths": (
        lambda: Sequential([Conv2D(4, 3, groups=4)], input_shape=(2, 5, 5)),
        ValueError,
        r"Conv2D: groups=4 does not divide depth D=2 and P=4 patterns \(X.shape=\(1, 2, 5, 5\)",
    ),
    "transposed, no patterns": (
        lambda: ConvTranspose2D(0, 3),
        ValueError,
        "ConvTranspose2D: patterns=0, but at least 1 is needed.",
    ),
    "transposed, three sizes": (
        lambda: ConvTranspose2D(1, (3, 3, 3)),
        ValueError,
        r"ConvTranspose2D: size=\(3, 3, 3\) has 3 entries",
    ),
    "transposed, stride": (
        lambda: ConvTranspose2D(1, 3, stride=(1, 0)),
        ValueError,
        "ConvTranspose2D: stride=0, but at least 1 is needed.",
    ),
    "transposed, too much output_padding": (
        lambda: ConvTranspose2D(1, 3, stride=2, output_padding=2),
        ValueError,
        r"ConvTranspose2D: output_padding=\(2, 2\), but it must be smaller than stride",
    ),
    "transposed, groups of patterns": (
        lambda: ConvTranspose2D(3, 3, groups=2),
        ValueError,
        "ConvTranspose2D: groups=2 does not divide patterns=3; pass a divisor.",
    ),
    "transposed, groups of depths": (
        lambda: Sequential([ConvTranspose2D(4, 3, groups=2)], input_shape=(3, 5, 5)),
        ValueError,
        "ConvTranspose2D: groups=2 does not divide depth D=3",
    ),
    "transposed, all cut off": (
        lambda: Sequential([ConvTranspose2D(4, 3, padding=2)], input_shape=(3, 1, 2)),
        ValueError,
        "ConvTranspose2D: padding=2 ",
    ),
    "transposed, on vectors": (
        lambda: Sequential([ConvTranspose2D(4, 3)], input_shape=(3,)),
        ValueError,
        r"ConvTranspose2D: input_shape=\(3,\) has length 1, but needs 3",
    ),
    "transposed, not built": (
        lambda: ConvTranspose2D(1, 2).forward(np.zeros((1, 1, 3, 3))),
        RuntimeError,
        "ConvTranspose2D.forward: the layer has not been built yet; put it into Sequential",
    ),
    "transposed, gradient of another shape": (
        lambda: backward_with(ConvTranspose2D(2, 2, ops=reference), (1, 3, 3), (1, 2, 5, 4)),
        ValueError,
        r"ConvTranspose2D.backward: dY.shape=\(1, 2, 5, 4\), but forward returned shape "
        r"\(1, 2, 4, 4\); dY must have the same shape.",
    ),
    "flattened gradient of another shape": (
        lambda: backward_with(Flatten(), (2, 3), (3, 2)),
        ValueError,
        r"Flatten.backward: dY.shape=\(3, 2\), but forward returned shape \(1, 6\)",
    ),
    "no window": (
        lambda: MaxPool2D(0),
        ValueError,
        "MaxPool2D: size=0, but at least 1 is needed.",
    ),
    "window stride": (
        lambda: MaxPool2D(2, stride=0),
        ValueError,
        "MaxPool2D: stride=0, but at least 1 is needed.",
    ),
    "window dilation": (
        lambda: MaxPool2D(2, dilation=0),
        ValueError,
        "MaxPool2D: dilation=0, but at least 1 is needed.",
    ),
    "window padding": (
        lambda: AvgPool2D(2, padding=-1),
        ValueError,
        "AvgPool2D: padding=-1, but at least 0 is needed.",
    ),
    "ceil_mode": (
        lambda: AvgPool2D(2, ceil_mode=1),
        TypeError,
        "AvgPool2D: ceil_mode=int 1 came, but True or False is needed; pass one.",
    ),
    "count_include_pad": (
        lambda: AvgPool2D(2, count_include_pad=None),
        TypeError,
        "AvgPool2D: count_include_pad=NoneType None came, but True or False is needed",
    ),
    "window too large": (
        lambda: Sequential([MaxPool2D(2, dilation=4)], input_shape=(1, 4, 9)),
        ValueError,
        "MaxPool2D: a window of 2 x 2, 5 x 5 with its dilation, does not fit into an image of",
    ),
    "mean of vectors": (
        lambda: Sequential([AvgPool2D(2)], input_shape=(4,)),
        ValueError,
        r"AvgPool2D: input_shape=\(4,\) has length 1, but needs 3",
    ),
    "maximum of a table": (
        lambda: MaxPool2D(2, ops=reference).forward(np.zeros((4, 4))),
        ValueError,
        "max_pool2d: X has 2 axes",
    ),
    "transposed, a table": (
        lambda: built(ConvTranspose2D(2, 2), (1, 3, 3)).forward(np.zeros((3, 3))),
        ValueError,
        "conv_transpose2d: X has 2 axes",
    ),
    "not built": (
        lambda: Conv2D(1, 2).forward(np.zeros((1, 1, 3, 3))),
        RuntimeError,
        "Conv2D.forward: the layer has not been built yet; put it into Sequential",
    ),
    "layer backward first": (
        lambda: Sigmoid().backward(np.zeros(3)),
        RuntimeError,
        "Sigmoid.backward: there is nothing to go back through; call forward first.",
    ),
    "model backward first": (
        lambda: small_model(reference).backward(np.zeros((1, 4))),
        RuntimeError,
        "Sequential.backward: there is nothing to go back through; call forward first.",
    ),
    "wrong images": (
        lambda: small_model(reference).forward(np.zeros((3, 1, 4, 5))),
        ValueError,
        r"Sequential.forward: X.shape=\(3, 1, 4, 5\), but this model takes a batch of shape "
        r"\(B, 2, 4, 5\) or one sample of shape \(2, 4, 5\); reshape X.",
    ),
    "wrong images to predict": (
        lambda: small_model(reference).predict(np.zeros((3, 4, 5))),
        ValueError,
        r"Sequential.forward: X.shape=\(3, 4, 5\), but this model takes a batch of shape",
    ),
    "text": (
        lambda: small_model(reference).forward("digits"),
        TypeError,
        "Sequential.forward: X has dtype <U6, but float32 or float64 is needed",
    ),
}


def built(layer, input_shape):
    layer.build(input_shape, np.random.default_rng(0))
    return layer


def backward_with(layer, input_shape, dY_shape):
    built(layer, input_shape).forward(np.zeros((1, *input_shape)))
    layer.backward(np.zeros(dY_shape))


@pytest.mark.parametrize(("wrong_use", "kind", "words"), WRONG.values(), ids=WRONG)
def test_message(wrong_use, kind, words):
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()


def test_a_layer_of_ones_own_needs_forward_and_backward():
    for method in ("forward", "backward"):
        with pytest.raises(NotImplementedError):
            getattr(Layer(), method)(np.zeros(3))


def test_a_rejected_batch_leaves_the_way_back_as_it_was(ops, rng):
    model = Sequential([Dense(2, ops=ops)], input_shape=(3,))
    model.forward(rng.random(3))
    with pytest.raises(ValueError, match="^Sequential.forward: X.shape=\\(4,\\)"):
        model.forward(np.ones(4))
    assert model.backward(np.ones(2)).shape == (3,)


@pytest.mark.parametrize(
    "make",
    [
        lambda ops: Conv2D(2, 2, ops=ops),
        lambda ops: ConvTranspose2D(2, 2, ops=ops),
        lambda ops: MaxPool2D(2, ops=ops),
        lambda ops: AvgPool2D(2, ops=ops),
        lambda ops: Flatten(),
    ],
)
def test_a_layer_alone_takes_a_nested_list(make, ops, rng):
    layer, X = make(ops), rng.integers(0, 9, (2, 1, 4, 5))
    layer.build((1, 4, 5), rng)
    Y = layer.forward(X.tolist())
    dX = layer.backward(np.ones_like(Y, dtype=float))
    np.testing.assert_array_equal(Y, layer.forward(X.astype(float)))
    np.testing.assert_array_equal(dX, layer.backward(np.ones_like(Y, dtype=float)))
