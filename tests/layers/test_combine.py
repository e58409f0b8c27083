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


class Learned(Layer):
    """A layer of one's own, which keeps its values beside `parameters`, too."""

    def build(self, input_shape, rng, dtype=np.float64):
        self.w = self.parameters["w"] = rng.random(input_shape).astype(dtype)
        return input_shape

    def forward(self, X, *, training=None):
        self._remembered = X
        return X * self.w

    def backward(self, dY):
        self.gradients["w"] = (dY * self._remembered).sum(axis=0)
        return dY * self.w


def mixed():
    layers = [Conv2D(2, 3), BatchNorm2D(), Residual(Conv2D(2, 1)), Dropout(0.5), Learned(), ReLU()]
    return Sequential([*layers, Flatten(), Dense(2)], input_shape=(1, 4, 6), seed=3)


@each(
    other={
        "all layers": lambda m: Sequential(m.layers, input_shape=(1, 4, 6), seed=9),
        "some": lambda m: Sequential(m[:5], input_shape=(1, 4, 6), seed=9),
        "further in": lambda m: Sequential([Sequential(m[:3]), *m[3:]], input_shape=(1, 4, 6)),
        "in a Residual": lambda m: Sequential([Residual(m[7], Dense(2))], input_shape=(16,)),
        "with a new one": lambda m: Sequential([*m[:7], Dense(3)], input_shape=(1, 4, 6)),
    }
)
def test_layers_in_a_second_model_keep_their_values(other):
    """In both models."""
    model = mixed()
    fit(model, X, LABELS, optimizer=SGD(0.1), progress=False)
    kept, Y = snapshot(model), model(X)
    second = other(model)
    assert snapshot(model) == kept
    np.testing.assert_array_equal(model(X), Y)
    if second.output_shape == (2,) and second.input_shape == model.input_shape:
        np.testing.assert_array_equal(second(X), Y)


def test_a_layer_that_was_built_by_hand_keeps_its_values():
    layer = built(Dense(3), (4,), seed=5)
    w = layer.parameters["w"]
    assert Sequential([layer], input_shape=(4,))[0].parameters["w"] is w
    copied = Sequential(copy.deepcopy([layer]), input_shape=(4,))[0].parameters["w"]
    assert copied is not w
    np.testing.assert_array_equal(copied, w)


@each(
    layer=[Dense(3), Learned(), Residual(Dense(4)), Sequential([Tanh()])],
    options=[{"input_shape": (5,)}, {"input_shape": (4,), "dtype": np.float32}],
)
def test_values_for_other_inputs_are_refused(layer, options):
    layer = copy.deepcopy(layer)
    model = Sequential([layer], input_shape=(4,))
    kept = snapshot(model)
    match = "values already|was built for|stands where|must be the same"
    with pytest.raises(ValueError, match=match):
        Sequential([Tanh(), layer], **options)
    assert (snapshot(model), model.dtype) == (kept, np.float64)


def test_a_model_that_could_not_be_made_leaves_no_values():
    """The seed and the shape of the next one count."""
    layers = [Conv2D(2, 3), Residual(Learned()), Sequential([Tanh()])]
    with pytest.raises(ValueError, match="Flatten"):
        Sequential([*layers, Dense(2)], input_shape=(3, 6, 6), seed=1)
    assert not layers[0].parameters
    model = Sequential(layers, input_shape=(1, 4, 5), seed=2)
    new = [Conv2D(2, 3), Residual(Learned()), Sequential([Tanh()])]
    assert snapshot(model) == snapshot(Sequential(new, input_shape=(1, 4, 5), seed=2))


# --------------------------------------------------------------- a list of layers that changed


def test_a_model_whose_list_changed_is_what_it_is_now(tmp_path):
    model = Sequential([Sequential([Dense(3)]), Residual(Dense(3))], input_shape=(4,))
    model.layers.append(ReLU())
    model[0].layers.append(built(Dense(5), (3,)))
    model.layers[1] = built(Residual(Dense(5)), (5,))
    model[1].layers.append(Tanh())
    assert model.output_shape == model(np.ones((1, 4))).shape[1:] == (5,)
    assert str(model.summary()).splitlines()[-1].split() == ["total", "65"]
    model.save(tmp_path / "model")
    again = Sequential.load(tmp_path / "model")
    np.testing.assert_array_equal(again(np.ones(4)), model(np.ones(4)))


@each(
    use=[
        lambda m: m.summary(),
        lambda m: m.save("never"),
        lambda m: m(np.ones(4)),
        Sequential.state,
    ]
)
def test_a_layer_without_values_in_a_list_is_refused(use):
    model = Sequential([Dense(3), ReLU(), Dense(2)], input_shape=(4,))
    model.layers[2] = Dense(5)
    with pytest.raises(RuntimeError, match=r"^Sequential: layers\[2\] \(Dense\) has no values, .*"):
        use(model)
    assert "Dense(5)" in repr(model)
    again = Sequential(model.layers, input_shape=(4,))
    assert again[0] is model[0]
    assert again.output_shape == (5,)
    model.layers[2] = built(Dense(2), (7,))
    with pytest.raises(ValueError, match=r"layers\[2\] \(Dense\) has values already, .*\(2, 7\)"):
        use(model)


def test_a_list_that_changed_after_forward_has_no_way_back():
    model = Sequential([Dense(3)], input_shape=(4,))
    model.forward(np.ones((1, 4)))
    model.layers.append(ReLU())
    with pytest.raises(RuntimeError, match=r"^Sequential.backward: there are 2 layers, but 1 when"):
        model.backward(np.ones((1, 3)))


def test_the_ways_of_a_residual_stay():
    block = Residual(Dense(3), Dense(3))
    with pytest.raises(AttributeError, match="layers"):
        block.layers = [Tanh()]
    with pytest.raises(AttributeError, match="shortcut"):
        block.shortcut = None
    assert repr(block) == "Residual([Dense(3)], shortcut=Dense(3))"


# ------------------------------------------------------- a layer that somebody else called since


@each(
    call={
        "inner model": lambda m: m[0].forward(np.zeros((2, 4))),
        "further in": lambda m: m[0][0].forward(np.zeros((2, 4))),
        "last layer": lambda m: m[2].forward(np.zeros((2, 3))),
        "in a Residual": lambda m: m[1].layers[0].forward(np.zeros((2, 3))),
        "another model": lambda m: Sequential(m[:1], input_shape=(4,)).forward(np.ones((2, 4))),
    },
    back=[Sequential.backward, Sequential.backward_to_parameters],
)
def test_nobody_goes_back_through_the_call_of_another(call, back):
    model = Sequential([Sequential([Dense(3)]), Residual(Dense(3)), Dense(2)], input_shape=(4,))
    dY = np.ones((2, 2))
    model.forward(np.ones((2, 4)))
    call(model)
    with pytest.raises(RuntimeError, match=r"\) was called by another model, .*call forward again"):
        back(model, dY)
    model.forward(np.ones((2, 4)))
    model(np.zeros((2, 4)))
    copied = copy.deepcopy(model)
    back(copied, dY)
    back(model, dY)


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
