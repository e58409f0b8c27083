"""Models: gradients of the whole, seeds, tables, and what a wrong use is told."""

import re
import sys
import threading
import warnings

import numpy as np
import pytest
from support.failures import each
from support.networks import every_layer, layers_of, snapshot

from cnnlab import fast, gradcheck, reference
from cnnlab.data import mnist_subset
from cnnlab.layers import (
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    Layer,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.training import fit


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


def test_a_step_of_training_lets_go_of_what_layers_remember(rng):
    model = Sequential([Conv2D(2, 2), ReLU(), Flatten(), Dense(3)], input_shape=(1, 3, 4))
    X, dY = rng.random((2, 1, 3, 4)), rng.random((2, 3))
    model.forward(X)
    model.backward(dY)
    expected = [parameter.gradient.copy() for parameter in model.parameters()]
    model.backward_to_parameters(dY)
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.gradient, gradient, strict=True)
    assert [layer._remembered for layer in model.layers] == [None] * 4
    for back in (model.backward, model.backward_to_parameters):
        with pytest.raises(RuntimeError, match="call forward first"):
            back(dY)
    model.forward(X)
    model.backward(dY)


def test_every_gradient_of_a_model_is_right(ops, rng):
    reports = gradcheck.check_model(small_model(ops), rng.standard_normal((2, 2, 4, 5)))
    assert [report.name for report in reports] == [
        *["0.Conv2D.w", "0.Conv2D.b", "2.Conv2D.w", "2.Conv2D.b", "5.Dense.w", "5.Dense.b", "X"]
    ]
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


def test_using_a_model_changes_nothing_in_it(rng):
    """Not its running values, not its generators, and not what `backward` goes back through."""
    model, untouched = every_layer(fast), every_layer(fast)
    X, other = rng.random((2, 5, *model.input_shape))
    dY = rng.random((5, *model.output_shape))
    for one in (model, untouched):
        one.forward(X, training=True)
    kept = snapshot(model)
    model(other)
    model.predict(other)
    model.predict(other, batch_size=2)
    model(other[0])
    assert snapshot(model) == kept
    np.testing.assert_array_equal(model.backward(dY), untouched.backward(dY), strict=True)
    np.testing.assert_array_equal(
        model(X), model.forward(X, training=False), "the same as forward in use", strict=True
    )


class Remembering(Layer):
    """A layer of one's own that remembers its input by a name of its own."""

    def forward(self, X, *, training=None):
        self.X = X
        return X**2

    def backward(self, dY):
        return 2 * self.X * dY


class Block(Layer):
    """A layer of one's own that holds others: one alone, and a model."""

    def build(self, input_shape, rng, dtype=np.float64):
        self.first = Remembering()
        self.rest = Sequential([Tanh(), Remembering()], input_shape=input_shape, dtype=dtype)
        return input_shape

    def forward(self, X, *, training=None):
        return self.rest.forward(self.first.forward(X, training=training), training=training)

    def backward(self, dY):
        return self.first.backward(self.rest.backward(dY))


class Noting(Remembering):
    """The same, in a dict, as a subclass of a layer that has attributes."""

    def __init__(self):
        super().__init__()
        self.notes = {}

    def forward(self, X, *, training=None):
        self.notes["X"] = X
        return X**2

    def backward(self, dY):
        return 2 * self.notes["X"] * dY


class Tangent(Tanh):
    """A layer of the package in other words; it reads what it remembered."""

    def forward(self, X, *, training=None):
        super().forward(X, training=training)
        return self._remembered


@pytest.mark.parametrize("layer", [Remembering, Block, Noting, Tangent])
def test_using_a_model_leaves_the_way_back_through_layers_of_ones_own(layer, rng):
    model = Sequential([layer()], input_shape=(4,))
    X, other, dY = rng.random((3, 2, 4))
    model.forward(X)
    expected = model.backward(dY)
    model.forward(X)
    model(other)
    model(other[0])
    np.testing.assert_array_equal(model.backward(dY), expected)


def test_a_model_within_a_model_leaves_other_layers_safe(rng):
    """A layer that is used alone afterwards keeps a copy of what it was given."""
    Sequential([Block()], input_shape=(4,)).forward(rng.random((2, 4)))
    layer, X, dZ = Dense(2), rng.random((3, 4)), rng.random((3, 2))
    layer.build((4,), rng)
    expected = dZ.T @ X
    layer.forward(X)
    X[:] = 0
    layer.backward(dZ)
    np.testing.assert_allclose(layer.gradients["w"], expected)


def test_threads_may_use_one_model_at_the_same_time(rng):
    model, X = small_model(reference), rng.random((1, 2, 4, 5))
    expected, failed = model(X), []

    def use():
        for _ in range(30):
            try:
                np.testing.assert_array_equal(model(X), expected)
            except Exception as error:
                failed.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        users = [threading.Thread(target=use) for _ in range(3)]
        for user in users:
            user.start()
        for user in users:
            user.join()
    finally:
        sys.setswitchinterval(before)
    assert not failed, failed[:1]


@each(
    make={
        "of the package": lambda: small_model(reference),
        "of one's own": lambda: Sequential(
            [Block(), Flatten(), Residual(Remembering()), Dense(2)], input_shape=(2, 4, 5)
        ),
    }
)
def test_a_thread_may_use_a_model_that_another_one_trains(make, rng):
    """What `backward` goes back through is that of its own `forward`, whatever comes between."""
    model, other = make(), rng.random((3, 2, 4, 5))
    X = rng.random((2, 2, 4, 5))
    dY = rng.random((2, *model.output_shape))
    scores = model.forward(X)
    expected, stop = model.backward(dY), threading.Event()

    def use():
        while not stop.is_set():
            model(other)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    user = threading.Thread(target=use)
    user.start()
    try:
        for _ in range(20):
            np.testing.assert_array_equal(model.forward(X), scores)
            np.testing.assert_array_equal(model.backward(dY), expected)
    finally:
        stop.set()
        user.join()
        sys.setswitchinterval(before)


def calls_in(function, *arguments, **options):
    """Count the calls of functions of Python."""
    counted = []
    sys.setprofile(lambda frame, event, argument: event == "call" and counted.append(frame))
    try:
        function(*arguments, **options)
    finally:
        sys.setprofile(None)
    return len(counted)


def test_using_a_model_costs_what_forward_costs(rng):
    """A few calls for each layer more, whatever it holds and remembers."""
    model, X = every_layer(fast), rng.random((2, 1, 6, 7))
    model(X)  # compiled
    used, forward = calls_in(model, X), calls_in(model.forward, X, training=False)
    assert used <= forward + 4 * len(layers_of(model)), (used, forward)


def test_an_exception_while_a_model_is_used_leaves_training_right(rng):
    class Fails(Tanh):
        def forward(self, X, *, training=None):
            if X[0, 0] == 7:
                raise KeyboardInterrupt
            return super().forward(X, training=training)

    model = Sequential([Dense(3), Fails(), Dense(2)], input_shape=(3,))
    model[0].parameters["w"][...] = np.eye(3)
    with pytest.raises(KeyboardInterrupt):
        model(np.full((1, 3), 7.0))
    model.forward(np.ones((1, 3)))  # remembered, for it is no longer used
    assert model.backward(np.ones((1, 2))).shape == (1, 3)


def test_layers_may_be_exchanged():
    model = small_model(reference)
    model.layers = model.layers[:-1]
    assert model(np.ones((1, 2, 4, 5))).ndim == 2
    with pytest.raises(TypeError, match=r"^Sequential: layers\[0\] is <ufunc 'tanh'>, not a layer"):
        model.layers = [np.tanh]


def test_a_layer_that_fails_leaves_nothing_to_go_back_through(rng):
    model = small_model(reference)
    X = rng.random((2, *model.input_shape))
    model.forward(X)
    model[2].parameters["w"] = np.ones((1, 1, 1, 1))
    with pytest.raises(ValueError, match="^conv2d: "):
        model.forward(X)
    with pytest.raises(RuntimeError, match="nothing to go back through"):
        model.backward(np.ones((2, 4)))


@pytest.mark.parametrize("layer", [Dropout(0.5), BatchNorm2D()])
def test_a_model_asks_whether_it_is_trained_where_that_matters(layer):
    model = Sequential([layer, Flatten(), Dense(2)], input_shape=(1, 3, 4))
    before = snapshot(model)
    missing = r"forward: training is missing"
    with pytest.raises(ValueError, match=rf"^Sequential.{missing}.*{layer.name}"):
        model.forward(np.ones((2, 1, 3, 4)))
    with pytest.raises(ValueError, match=rf"^{layer.name}.{missing}"):
        layer.forward(np.ones((2, 1, 3, 4)))
    assert snapshot(model) == before
    # The advice, followed.
    model.forward(np.ones((2, 1, 3, 4)), training=True)
    model(np.ones((2, 1, 3, 4)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("given", [np.float32, np.float64, np.uint8])
def test_the_dtype_of_a_model_binds(dtype, given, ops, rng):
    model = small_model(ops, dtype=dtype)
    Y = model.forward(rng.integers(0, 9, (2, 2, 4, 5)).astype(given))
    dX = model.backward(np.ones(Y.shape))
    assert Y.dtype == dX.dtype == dtype
    assert all(parameter.gradient.dtype == dtype for parameter in model.parameters())


def test_a_model_says_what_it_is():
    model = Sequential([Conv2D(3, (2, 3), stride=2), Dropout(0.5)], input_shape=(2, 4, 5))
    assert repr(model) == (
        "Sequential([\n    Conv2D(3, (2, 3), stride=2),\n    Dropout(0.5),\n"
        "], input_shape=(2, 4, 5), dtype='float64')"
    )
    assert len(model) == 2
    assert model[0] is model.layers[0]
    assert model[-1] is model.layers[1]
    assert model[:1] == model.layers[:1]
    assert list(model) == model.layers
    table = model._repr_html_()
    assert table.count("<tr>") == 1 + len(model.summary().splitlines()) - 3
    assert '<td style="text-align:right">39</td>' in table


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


@each(dtype=[np.float32, np.float64])
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


def test_a_rejected_batch_leaves_the_way_back_as_it_was(ops, rng):
    model = Sequential([Dense(2, ops=ops)], input_shape=(3,))
    model.forward(rng.random(3))
    with pytest.raises(ValueError, match="^Sequential.forward: X.shape=\\(4,\\)"):
        model.forward(np.ones(4))
    assert model.backward(np.ones(2)).shape == (3,)


def test_a_model_that_is_not_built_is_shown_as_it_is_written():
    model = Sequential([Dense(2), Sigmoid()])
    assert repr(model) == "Sequential([\n    Dense(2),\n    Sigmoid(),\n])"
    assert model._repr_html_() is None
    for use in (
        model.summary,
        model.state,
        lambda: model(np.ones(3)),
        lambda: fit(model, [], [], optimizer=SGD(1.0)),
    ):
        with pytest.raises(RuntimeError, match="^Sequential: this model has no input_shape yet"):
            use()


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


@each(bad=[np.nan, np.inf, -np.inf])
def test_predict_gives_no_class_where_there_is_none(bad, rng):
    model, X = small_model(reference), rng.standard_normal((5, 2, 4, 5))
    X[3, 1, 2, 2] = bad
    for given, batch_size in ((X, 256), (X, 2)):
        with pytest.raises(ValueError, match=r"^Sequential.predict: X\[3\] holds NaN or infinity"):
            model.predict(given, batch_size=batch_size)
    with pytest.raises(ValueError, match="^Sequential.predict: X"):
        model.predict(X[3])
    assert model.predict(np.delete(X, 3, axis=0)).shape == (4,)
    # The scores themselves show NaN, in its own sample alone.
    if np.isnan(bad):
        np.testing.assert_array_equal(np.isnan(model(X)).any(axis=1), np.arange(5) == 3)


def test_predict_gives_no_class_after_a_training_that_went_wrong(rng):
    model = small_model(reference)
    model.layers[5].parameters["b"][:] = np.nan
    with pytest.raises(ValueError, match="^Sequential.predict: some scores are NaN, so that"):
        model.predict(rng.standard_normal((5, 2, 4, 5)))
    with pytest.raises(ValueError, match="^Sequential.predict: some scores are NaN, so that"):
        model.predict(rng.standard_normal((2, 4, 5)))


@each(shape=[(32, 32, 3), (28, 28, 1), (16, 40, 3), (3, 3, 1)])
def test_images_with_their_depth_last_are_noticed(shape):
    first = shape[2], *shape[:2]
    with pytest.warns(UserWarning, match=rf"pass input_shape={re.escape(str(first))} and X.tra"):
        Sequential([Conv2D(2, 1)], input_shape=shape)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sequential: input_shape")  # as the warning says
        assert Sequential([Conv2D(2, 1)], input_shape=shape).output_shape == (2, *shape[1:])


@each(shape=[(3, 32, 32), (1, 3, 3), (3, 3, 3), (8, 9, 3), (16, 100, 1), (32, 32, 32), (1, 1, 1)])
def test_images_with_their_depth_first_are_not(shape):
    Sequential([Conv2D(2, 1)], input_shape=shape)
    Sequential([Flatten(), Dense(2)], input_shape=(32, 32, 3))  # what lays out no image


def test_a_residual_network_reads_digits():
    digits = mnist_subset(dtype=np.float32)
    some, labels = digits.X_train[:512], digits.labels_train[:512]
    block = Residual(
        [Conv2D(8, 3, stride=2, padding=1, bias=False), BatchNorm2D(), ReLU()],
        shortcut=Conv2D(8, 1, stride=2),
    )
    model = Sequential(
        [Sequential([Conv2D(4, 5, stride=2), ReLU()]), block, GlobalAvgPool2D(), Dense(10)],
        input_shape=(1, 28, 28),
        dtype=np.float32,
    )
    history = fit(model, some, labels, optimizer=Adam(0.01), epochs=6, progress=False)
    assert history.losses[-1] < 0.9 * history.losses[0]


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
    "model backward first": (
        lambda: small_model(reference).backward(np.zeros((1, 4))),
        RuntimeError,
        "Sequential.backward: there is nothing to go back through; call forward first.",
    ),
    "wrong images": (
        lambda: small_model(reference).forward(np.zeros((3, 1, 4, 5))),
        ValueError,
        r"Sequential.forward: X.shape=\(3, 1, 4, 5\), but this model takes a batch of shape "
        r"\(B, 2, 4, 5\) or one sample of shape \(2, 4, 5\); pass samples of that shape",
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


@each(case=WRONG)
def test_message(case):
    wrong_use, kind, words = case
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()


def test_predict_proba_is_the_softmax_of_the_scores(rng):
    model = Sequential([Flatten(), Dense(3)], input_shape=(1, 4, 5))
    X = rng.standard_normal((7, 1, 4, 5))
    expected = reference.softmax(model(X))
    for size in (1, 3, 256):
        np.testing.assert_allclose(model.predict_proba(X, batch_size=size), expected, rtol=1e-14)
    np.testing.assert_allclose(model.predict_proba(X[0]), expected[0], rtol=1e-14)
    np.testing.assert_array_equal(model.predict_proba(X).argmax(axis=1), model.predict(X))
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-14)
    assert model.predict_proba(X[:0]).shape == (0, 3)
    bytes_ = (9 * abs(X)).astype(np.uint8)
    np.testing.assert_array_equal(model.predict_proba(bytes_), model.predict_proba(1.0 * bytes_))
    small = Sequential([Flatten(), Dense(3)], input_shape=(1, 4, 5), dtype=np.float32)
    assert small.predict_proba(X).dtype == np.float32


def test_predict_proba_survives_large_scores():
    model = Sequential([Dense(2)], input_shape=(1,))
    model[0].parameters["w"][:] = [[1e5], [-1e5]]
    np.testing.assert_array_equal(model.predict_proba([[1.0], [-1.0]]), [[1, 0], [0, 1]])


@each(
    case={
        "one score": ([Flatten(), Dense(1)], 1, r"returns shape \(1,\) for each sample"),
        "maps": ([Sigmoid()], 1, r"returns shape \(1, 2, 2\) for each sample"),
        "NaN": ([Flatten(), Dense(2)], np.nan, "some scores are NaN or infinite"),
        "infinite": ([Flatten(), Dense(2)], np.inf, "some scores are NaN or infinite"),
    }
)
def test_predict_proba_is_never_wrong_in_silence(case):
    layers, value, says = case
    model = Sequential(layers, input_shape=(1, 2, 2))
    for parameter in model.parameters():
        parameter.value[:] = value
    with pytest.raises(ValueError, match=f"^Sequential.predict_proba: .*{says}"):
        model.predict_proba(np.ones((3, 1, 2, 2)))
