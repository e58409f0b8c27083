"""Layers made of layers: models in models, and ways around layers."""

import copy

import numpy as np
import pytest
from support.failures import each
from support.layers import built
from support.networks import snapshot

from cnnlab import fast, gradcheck, reference
from cnnlab.layers import (
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.training import fit

# ------------------------------------------------------------------------ a model in a model


def parts(ops):
    """Return layers of which some are to stand in a model of their own."""
    first = [Conv2D(3, 3, padding="same", ops=ops), BatchNorm2D(ops=ops), ReLU(ops=ops)]
    second = [MaxPool2D(2, ops=ops), Dropout(0.3, ops=ops), Flatten(ops=ops), Dense(2, ops=ops)]
    return first, second


def flat(ops=fast, **options):
    first, second = parts(ops)
    return Sequential([*first, *second], input_shape=(1, 4, 6), **options)


def nested(ops=fast, **options):
    first, second = parts(ops)
    return Sequential(
        [Sequential(first[:1]), Sequential([Sequential(first[1:]), *second])],
        input_shape=(1, 4, 6),
        **options,
    )


X, LABELS = np.random.default_rng(0).standard_normal((8, 1, 4, 6)), np.arange(8) % 2


@each(dtype=[np.float32, np.float64], make_optimizer=[lambda: SGD(0.1, momentum=0.9), Adam])
def test_a_model_in_a_model_is_the_same_as_its_layers(dtype, make_optimizer, ops):
    """From the same seed, to the bit: values, losses, gradients, what is drawn."""
    models = flat(ops, dtype=dtype), nested(ops, dtype=dtype)
    options = {"epochs": 2, "batch_size": 4, "progress": False, "loss": ops.cross_entropy}
    losses = [fit(m, X, LABELS, optimizer=make_optimizer(), **options) for m in models]
    assert losses[0].step_losses == losses[1].step_losses
    assert snapshot(models[0]) == snapshot(models[1])
    np.testing.assert_array_equal(models[0](X), models[1](X), strict=True)
    np.testing.assert_array_equal(models[0].predict(X), models[1].predict(X))
    dY = np.ones((8, 2), dtype)
    gradients = [(m.forward(X, training=True), m.backward(dY))[1] for m in models]
    np.testing.assert_array_equal(*gradients, strict=True)


def test_names_say_where():
    model = nested()
    names = [parameter.name for parameter in model.parameters()]
    assert names == [
        *("0.Sequential.0.Conv2D.w", "0.Sequential.0.Conv2D.b"),
        *("1.Sequential.0.Sequential.0.BatchNorm2D.w", "1.Sequential.0.Sequential.0.BatchNorm2D.b"),
        *("1.Sequential.4.Dense.w", "1.Sequential.4.Dense.b"),
    ]
    state = list(model.state())
    assert [name for name in state if name in names] == names
    assert "1.Sequential.0.Sequential.0.BatchNorm2D.mean" in state
    assert "1.Sequential.2.Dropout.generator" in state
    optimizer = Adam()
    model.forward(X, training=True)
    model.backward(np.ones((8, 2)))
    optimizer.step(model)
    kept = [name.rpartition(".")[0] for name in optimizer.state() if name != "steps"]
    assert list(dict.fromkeys(kept)) == names
    reports = gradcheck.check_model(nested(reference), X[:2], method="complex", by="direction")
    assert [report.name for report in reports] == [*names, "X"]


@each(method=["central", "complex"], training=[True, False])
def test_gradients_are_checked_further_in(method, training):
    model = nested(reference)
    model.forward(X, training=True)
    options = {"method": method, "by": "direction", "training": training}
    reports = gradcheck.check_model(model, X[:3], **options)
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


class Wrong(Tanh):
    """A layer with a wrong gradient, and one that changes what it is given."""

    def backward(self, dY):
        dY *= 0.5
        return 2 * super().backward(dY)


@pytest.mark.parametrize(
    "outer", [lambda layer: Sequential([layer]), lambda layer: Residual(layer)]
)
def test_a_layer_further_in_that_changes_its_argument_is_found(outer):
    model = Sequential([Dense(3, ops=reference), outer(Wrong(ops=reference))], input_shape=(4,))
    found = [r.name for r in gradcheck.check_model(model, np.ones((2, 4))) if not r.passed]
    assert found == [f"1.{model[1].__class__.__name__}.0.Wrong"]


def test_a_summary_and_a_repr_show_what_is_in_it():
    block = Residual([Dense(3), Tanh()], shortcut=Dense(3, bias=False))
    model = Sequential([Sequential([Dense(4), Sequential([Tanh()])]), block], input_shape=(2,))
    assert repr(model.summary()).splitlines() == [
        "layer             output shape  parameters",
        "------------------------------------------",
        "input             2                      0",
        "Sequential        4",
        "  Dense           4                     12",
        "  Sequential      4",
        "    Tanh          4                      0",
        "Residual          3",
        "  Dense           3                     15",
        "  Tanh            3                      0",
        "  shortcut Dense  3                     12",
        "------------------------------------------",
        "total                                   39",
    ]
    assert repr(model) == (
        "Sequential([\n"
        "    Sequential([\n"
        "        Dense(4),\n"
        "        Sequential([\n"
        "            Tanh(),\n"
        "        ]),\n"
        "    ]),\n"
        "    Residual([Dense(3), Tanh()], shortcut=Dense(3, bias=False)),\n"
        "], input_shape=(2,), dtype='float64')"
    )
    again = eval(repr(model), {"Sequential": Sequential, "Dense": Dense, "Tanh": Tanh,
                               "Residual": Residual})  # fmt: skip
    assert snapshot(again) == snapshot(model)


def test_a_model_in_a_model_stays_one():
    inner = Sequential([Dense(3), Tanh()])
    model = Sequential([inner, Dense(2)], input_shape=(4,), dtype=np.float32)
    assert model[0] is inner
    assert (len(model), len(inner), model[0][1].name) == (2, 2, "Tanh")
    assert (inner.input_shape, inner.output_shape, inner.dtype) == ((4,), (3,), np.float32)
    x = np.ones((5, 4))
    last = model[1].parameters
    np.testing.assert_allclose(model(x), inner(x) @ last["w"].T + last["b"], rtol=1e-6)


def test_a_model_with_a_shape_keeps_its_values():
    """A trained part is used as it is, and trained on."""
    inner = Sequential([Dense(3)], input_shape=(4,), seed=7)
    kept = snapshot(inner)
    model = Sequential([Tanh(), inner, Dense(2)], input_shape=(4,), seed=1)
    assert snapshot(inner) == kept
    model.forward(np.ones((1, 4)))
    model.backward(np.ones((1, 2)))
    SGD(0.1).step(model)
    assert snapshot(inner) != kept
    kept = snapshot(inner)
    Sequential([Tanh(), inner], input_shape=(4,))
    assert snapshot(inner) == kept


@each(case={"deepcopy": copy.deepcopy, "file": None})
def test_copies_and_files(case, tmp_path_factory):
    model = nested()
    model.forward(X, training=True)
    if case is None:
        path = tmp_path_factory.mktemp("nested") / "model"
        model.save(path)
        other = Sequential.load(path)
        assert repr(other) == repr(model)
    else:
        other = case(model)
    assert snapshot(other) == snapshot(model)
    Y = other.forward(X, training=True)
    np.testing.assert_array_equal(Y, model.forward(X, training=True), strict=True)
    other[0][0].parameters["w"][...] = 0
    assert snapshot(other) != snapshot(model)


def test_training_is_asked_for_further_in():
    model = Sequential([Residual([Sequential([Dropout(0.5)])])], input_shape=(3,))
    with pytest.raises(ValueError, match=r"in training than in use \(Dropout\); pass training=T"):
        model.forward(np.ones((1, 3)))
    np.testing.assert_array_equal(model(np.ones(3)), [2, 2, 2])


class Net(Sequential):
    """A model of one's own."""


class Scaled(Sequential):
    """A model of one's own that computes something else."""

    def forward(self, X, *, training=None):
        return 2 * super().forward(X, training=training)


def test_a_model_of_ones_own_in_a_model(tmp_path):
    model = Sequential([Net([Dense(2)])], input_shape=(3,))
    assert [parameter.name for parameter in model.parameters()] == [
        "0.Net.0.Dense.w",
        "0.Net.0.Dense.b",
    ]
    model.save(tmp_path / "model")
    read = Sequential.load(tmp_path / "model", layers=[Net])
    np.testing.assert_array_equal(read(np.ones(3)), model(np.ones(3)))
    assert type(read[0]) is Net
    with pytest.raises(
        TypeError, match=r"layers\[0\] is a Scaled, a model whose forward is its own"
    ):
        Sequential([Scaled([Dense(2)])], input_shape=(3,))


def test_a_model_put_into_itself_is_refused():
    model = Sequential([Tanh()], input_shape=(3,))
    model.layers.append(model)
    with pytest.raises(ValueError, match=r"^Sequential: layers\[1\] \(Sequential\) stands in the"):
        model(np.ones(3))


# ------------------------------------------------------------------------------ a way around


def test_residual_by_hand(ops):
    """F doubles and S is a sum: 2 x + 1 with weights that are written down."""
    block = built(Residual(Dense(2, ops=ops), Dense(2, bias=False, ops=ops)), (2,))
    F, S = block.layers[0], block.shortcut
    F.parameters["w"][...], F.parameters["b"][...] = [[2, 0], [0, 2]], [1, -1]
    S.parameters["w"][...] = [[1, 1], [0, 3]]
    Y = block.forward([[3.0, 5.0]])
    np.testing.assert_array_equal(Y, [[6 + 1 + 8, 10 - 1 + 15]])
    dX = block.backward([[1.0, 10.0]])
    np.testing.assert_array_equal(dX, [[2 + 1, 20 + 1 + 30]])
    np.testing.assert_array_equal(F.gradients["w"], [[3, 5], [30, 50]])
    np.testing.assert_array_equal(S.gradients["w"], [[3, 5], [30, 50]])


def test_residual_without_a_shortcut_adds_its_input(ops, rng):
    block = built(Residual([Dense(3, ops=ops), Tanh(ops=ops)]), (3,))
    x = rng.standard_normal((4, 3))
    alone = copy.deepcopy(block.layers)
    Z = alone[1].forward(alone[0].forward(x))
    np.testing.assert_array_equal(block.forward(x), Z + x)
    dY = rng.standard_normal((4, 3))
    np.testing.assert_array_equal(block.backward(dY), alone[0].backward(alone[1].backward(dY)) + dY)


@each(
    case={
        "depth": (lambda: [Conv2D(8, 3, padding="same")], (4, 8, 9), "Conv2D(8, 1)"),
        "stride": (
            lambda: [Conv2D(4, 3, stride=2, padding=1)],
            (4, 8, 9),
            "Conv2D(4, 1, stride=2)",
        ),
        "both": (
            lambda: [Conv2D(8, 3, stride=(3, 1), padding=1)],
            (4, 10, 9),
            "Conv2D(8, 1, stride=(3, 1))",
        ),
        "vectors": (lambda: [Dense(3)], (4,), "[Dense(3)]"),
        "images and vectors": (lambda: [Flatten(), Dense(3)], (2, 2, 2), "[Flatten(), Dense(3)]"),
    }
)
def test_a_shortcut_that_fits_is_named(case):
    layers, shape, shortcut = case
    with pytest.raises(ValueError, match="^Residual: its layers make shape ") as refused:
        built(Residual(layers()), shape)
    assert f"pass shortcut={shortcut}." in str(refused.value)
    fitting = eval(shortcut, {"Conv2D": Conv2D, "Dense": Dense, "Flatten": Flatten})
    block = built(Residual(layers(), fitting), shape)
    assert block.forward(np.ones((2, *shape))).shape == (2, *block.output_shape(shape))


def test_layers_that_lose_the_border_are_told_to_keep_it():
    with pytest.raises(
        ValueError, match=r'pass padding="same" to the layers .*shortcut=Conv2D\(8, 1\)\.'
    ):
        Residual([Conv2D(8, 3)]).output_shape((4, 8, 9))
    with pytest.raises(ValueError, match=r'pass padding="same" to the layers that .* one\.'):
        Residual([Conv2D(4, 3)]).output_shape((4, 8, 9))
    assert Residual([Conv2D(4, 3, padding="same")]).output_shape((4, 8, 9)) == (4, 8, 9)


def test_a_wrong_shortcut_is_named():
    with pytest.raises(ValueError, match=r"its shortcut makes shape \(5,\); both must be the same"):
        built(Residual(Dense(3), Dense(5)), (4,))


@each(
    case={
        "in both ways": lambda layer: Residual(layer, layer),
        "beside it": lambda layer: Sequential([layer, Residual(layer)], input_shape=(3,)),
        "in a model": lambda layer: Sequential([Sequential([layer]), layer], input_shape=(3,)),
        "a model twice": lambda layer: Sequential([m := Sequential([layer]), m], input_shape=(3,)),
    }
)
def test_one_layer_in_two_places_is_refused(case):
    with pytest.raises(ValueError, match="stands in the list twice; make a new "):
        case(Tanh())


class Own(Residual):
    """A block of one's own, which halves what comes back, both ways."""

    def backward(self, dY):
        return super().backward(dY) / 2


def test_a_block_of_ones_own_goes_back_by_its_own_way(rng):
    model = Sequential([Own([Dense(3)])], input_shape=(3,))
    model.forward(rng.random((2, 3)))
    model.backward_to_parameters(np.ones((2, 3)))
    assert model[0].layers[0].gradients["w"].any()


class Remembering(Layer):
    """A layer of one's own that remembers its input by a name of its own."""

    def forward(self, X, *, training=None):
        self.X = X
        return X**2

    def backward(self, dY):
        return 2 * self.X * dY


@each(
    make={
        "residual": lambda: Residual([Remembering(), Dense(4)]),
        "model": lambda: Sequential([Remembering(), Residual([Remembering()])]),
    }
)
def test_using_a_model_leaves_the_way_back_further_in(make, rng):
    model = Sequential([make()], input_shape=(4,))
    x, other, dY = rng.random((3, 2, 4))
    model.forward(x)
    expected = model.backward(dY)
    model.forward(x)
    model(other)
    np.testing.assert_array_equal(model.backward(dY), expected)


class InPlace(Layer):
    """Doubles what is positive, in the very arrays that it is given."""

    def forward(self, X, *, training=None):
        self.positive = X > 0
        X[~self.positive] = 0
        X *= 2
        return X

    def backward(self, dY):
        dY *= 2 * self.positive
        return dY


class Outside(Layer):
    """The same, in new arrays."""

    def forward(self, X, *, training=None):
        self.positive = X > 0
        return 2 * X * self.positive

    def backward(self, dY):
        return 2 * dY * self.positive


@each(
    before=[
        lambda: Sigmoid(ops=reference),
        lambda: Tanh(ops=reference),
        lambda: Dense(3, ops=reference),
        lambda: Residual([Dense(3, ops=reference)]),
        None,
    ]
)
def test_a_layer_may_work_in_place(before, rng):
    """Whatever comes before or beside it, and what the caller holds, stays as it is."""
    X, dY = rng.standard_normal((2, 4, 3))
    kept = X.copy(), dY.copy()
    for inside in (lambda layer: layer, lambda layer: Residual([layer])):
        results = []
        for kind in (InPlace, Outside):
            layers = [before()] if before else []
            model = Sequential([*layers, inside(kind()), Tanh(ops=reference)], input_shape=(3,))
            results.append([model.forward(X), model.backward(dY)])
            alone = inside(kind())
            alone.build((3,), rng)
            if isinstance(alone, Residual):
                results[-1] += [alone.forward(X), alone.backward(dY)]
        for one, other in zip(*results, strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(X, kept[0])
        np.testing.assert_array_equal(dY, kept[1])
