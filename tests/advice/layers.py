"""Wrong models, layers of one's own, optimizers and schedules, with the advice for each."""

import warnings
from types import SimpleNamespace

import numpy as np

from cnnlab import initializers, reference
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, Layer, Sigmoid
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam, Optimizer
from cnnlab.schedules import CosineDecay, StepDecay, WarmUp
from cnnlab.training import fit

RNG = np.random.default_rng(0)
X, T = RNG.standard_normal((2, 6, 4))
IMAGES = RNG.standard_normal((6, 2, 4, 5))


class Scale(Layer):
    """One factor for each entry: a right layer, in which the wrong ones change one thing."""

    def build(self, input_shape, rng, dtype=np.float64):
        self.parameters["w"] = np.full(input_shape, 2.0, dtype)
        return input_shape

    def forward(self, X, *, training=None):
        self._remembered = X
        return X * self.parameters["w"]

    def backward(self, dY):
        self.gradients["w"] = (dY * self._remembered).sum(axis=0)
        return dY * self.parameters["w"]


def step(kind=Scale):
    """Make one step with the layer, and return what all parameters are then."""
    model = Sequential([Dense(4, ops=reference), kind(), Dense(4, ops=reference)], input_shape=(4,))
    _, dY = reference.squared_error(model.forward(X), T)
    model.backward(dY)
    SGD(0.1).step(model)
    return np.concatenate([parameter.value.ravel() for parameter in model.parameters()])


def own(base=Scale, **methods):
    """Return a layer that has one thing in another way."""
    return type("Mine", (base,), methods)


def bad(base=Scale, **methods):
    return lambda: step(own(base, **methods))


def set_up(self):
    super(Scale, self).__init__()


def set_w(value):
    def build(self, input_shape, rng, dtype=np.float64):
        self.parameters["w"] = value(dtype)
        return input_shape

    return build


def never_set(self, dY):
    return dY * self.parameters["w"]


def of_each_sample(self, dY):
    self.gradients["w"] = dY * self._remembered
    return dY * self.parameters["w"]


def announced(self, input_shape):
    return (2,)


def alone(layer, back=None):
    layer.build((4,), np.random.default_rng(0))
    Y = layer.forward(X)
    return Y if back is None else layer.backward(back)


OWN_LAYERS = {
    "super().__init__() forgotten": (
        bad(__init__=lambda self: None),
        "begin it with super().__init__()",
        bad(__init__=set_up),
        step,
    ),
    "no backward": (
        bad(Layer, build=Scale.build, forward=Scale.forward),
        "write def backward(self, dY)",
        bad(Layer, build=Scale.build, forward=Scale.forward, backward=Scale.backward),
        step,
    ),
    "no forward, used alone": (
        lambda: own(Layer)().forward(X),
        "write def forward(self, X, *, training=None)",
        lambda: alone(own(Layer, build=Scale.build, forward=Scale.forward)()),
        lambda: 2 * X,
    ),
    "no backward, used alone": (
        lambda: own(Layer)().backward(X),
        "write def backward(self, dY)",
        lambda: alone(Scale(), back=T),
        lambda: 2 * T,
    ),
    "forward without training": (
        bad(forward=lambda self, X: Scale.forward(self, X)),
        "write def forward(self, X, *, training=None)",
        bad(forward=lambda self, X, *, training=None: Scale.forward(self, X)),
        step,
    ),
    "build without a shape": (
        bad(build=lambda self, input_shape, rng, dtype: None),
        "end it with return input_shape",
        bad(build=Scale.build),
        step,
    ),
    "a parameter that is a number": (
        bad(build=set_w(lambda dtype: 2.0)),
        'write self.parameters["w"] = np.array(..., dtype)',
        bad(build=set_w(lambda dtype: np.array([2.0] * 4, dtype))),
        step,
    ),
    "forward without return": (
        bad(forward=lambda self, X, training: None),
        "end it with return Y",
        bad(forward=lambda self, X, training: Scale.forward(self, X)),
        step,
    ),
    "forward of another shape": (
        bad(Flatten, forward=lambda self, X, training: X[:, :2], backward=lambda self, dY: dY),
        "return that, or correct output_shape",
        bad(
            Flatten,
            forward=lambda self, X, training: X[:, :2],
            output_shape=announced,
            backward=lambda self, dY: np.pad(dY, ((0, 0), (0, 2))),
        ),
    ),
    "backward of another shape": (
        bad(backward=lambda self, dY: dY[:, :2]),
        "return the gradient of every entry of X",
        bad(backward=Scale.backward),
        step,
    ),
    "a gradient that is never set": (
        bad(backward=never_set),
        'in a layer of your own let backward set self.gradients["w"]',
        bad(backward=Scale.backward),
        step,
    ),
    "a gradient for each sample": (
        bad(backward=of_each_sample),
        "let backward sum over the axes that the parameter does not have",
        bad(backward=Scale.backward),
        step,
    ),
}


def used(*layers, shape=(4,), given=X, **options):
    return Sequential(list(layers), input_shape=shape, **options)(given)


def filtered(shape):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sequential: input_shape")
        return Sequential([Conv2D(2, 3, padding=1)], input_shape=shape).output_shape


def drawn(initializer):
    return used(Dense(2, initializer=initializer, ops=reference))


TWICE = Sigmoid(ops=reference)
COLORS = RNG.standard_normal((2, 8, 8, 3))

MODELS = {
    "one layer": (
        lambda: Sequential(Dense(2), input_shape=(4,)),
        "pass [...] with square brackets around them",
        lambda: used(*[Dense(2)]),
        lambda: used(Dense(2)),
    ),
    "no layer": (lambda: used(), "pass at least one layer", lambda: used(Dense(2))),
    "a class": (
        lambda: used(Flatten, Dense(2)),
        "write Flatten(...)",
        lambda: used(Flatten(), Dense(2)),
        lambda: used(Dense(2)),
    ),
    "one layer in two places": (
        lambda: used(TWICE, TWICE),
        "make a new Sigmoid for each place",
        lambda: used(Sigmoid(), Sigmoid()),
        lambda: reference.sigmoid(reference.sigmoid(X)),
    ),
    "an input_shape that is a number": (
        lambda: used(Dense(2), shape=4),
        "pass the shape of one sample without the batch axis, X.shape[1:]",
        lambda: used(Dense(2), shape=X.shape[1:]),
        lambda: used(Dense(2)),
    ),
    "an input_shape with the batch": (
        lambda: used(Conv2D(2, 2), shape=IMAGES.shape, given=IMAGES),
        "pass the shape of one sample without the batch axis, X.shape[1:]",
        lambda: used(Conv2D(2, 2), shape=IMAGES.shape[1:], given=IMAGES),
    ),
    "an input_shape below zero": (
        lambda: used(Dense(2), shape=(-1,)),
        "pass the shape of one sample without the batch axis, X.shape[1:]",
        lambda: used(Dense(2), shape=X.shape[1:]),
        lambda: used(Dense(2)),
    ),
    "depth last": (
        lambda: Sequential([Conv2D(2, 3)], input_shape=(8, 8, 3)),
        "pass input_shape=(3, 8, 8) and X.transpose(0, 3, 1, 2)",
        lambda: used(Conv2D(2, 3), shape=(3, 8, 8), given=COLORS.transpose(0, 3, 1, 2)),
        lambda: used(Conv2D(2, 3), shape=(3, 8, 8), given=np.moveaxis(COLORS, -1, 1)),
    ),
    "a depth of 8 that is meant": (
        lambda: Sequential([Conv2D(2, 3)], input_shape=(8, 8, 3)),
        'warnings.filterwarnings("ignore", "Sequential: input_shape")',
        lambda: filtered((8, 8, 3)),
        lambda: (2, 8, 3),
    ),
    "a dtype that is no float": (
        lambda: used(Dense(2), dtype=int),
        "pass np.float32 or np.float64",
        lambda: used(Dense(2), dtype=np.float64),
        lambda: used(Dense(2)),
    ),
    "complex samples": (
        lambda: used(Dense(2), given=X * (1 + 0j)),
        "take its real part, X.real",
        lambda: used(Dense(2), given=(X * (1 + 0j)).real),
        lambda: used(Dense(2)),
    ),
    "a seed in words": (
        lambda: used(Dense(2), seed="x"),
        "pass 0, or np.random.default_rng()",
        lambda: used(Dense(2), seed=0),
        lambda: used(Dense(2)),
    ),
    "an initializer by name": (
        lambda: drawn("he_normal"),
        "pass cnnlab.initializers.he_normal",
        lambda: drawn(initializers.he_normal),
    ),
    "an initializer of one number": (
        lambda: drawn(lambda shape, rng: rng.normal(0, 0.1)),
        "let it return one, as rng.normal(0, 0.1, shape) does",
        lambda: drawn(lambda shape, rng: rng.normal(0, 0.1, shape)),
    ),
    "a seed for an initializer": (
        lambda: initializers.he_normal((2, 3), "x"),
        "pass 0, or np.random.default_rng()",
        lambda: initializers.he_normal((2, 3), 0),
        lambda: initializers.he_normal((2, 3), np.random.default_rng(0)),
    ),
    "a number of weights": (
        lambda: initializers.he_normal(6, 0),
        "pass a tuple such as (8, 3, 5, 5)",
        lambda: initializers.he_normal((8, 3, 5, 5), 0),
    ),
    "images for a dense layer": (
        lambda: used(Dense(2), shape=(2, 4, 5), given=IMAGES),
        "put Flatten() before it",
        lambda: used(Flatten(), Dense(2), shape=(2, 4, 5), given=IMAGES),
        lambda: used(Dense(2), shape=(40,), given=IMAGES.reshape(6, 40)),
    ),
    "groups that do not divide": (
        lambda: Conv2D(4, 3, groups=3),
        "pass a divisor",
        lambda: Conv2D(4, 3, groups=2).patterns,
    ),
    "a layer that was not built": (
        lambda: Dense(2).forward(X),
        "call Dense.build(input_shape, rng)",
        lambda: by_hand(),
        lambda: used(Dense(2)),
    ),
    "backward before forward": (
        lambda: Dense(2).backward(X),
        "call forward first",
        lambda: by_hand(np.ones((6, 2))),
    ),
    "a gradient of another shape": (
        lambda: dropped_back(np.ones(4)),
        "dY must have the same shape",
        lambda: dropped_back(np.ones((6, 4))),
    ),
    "backward of a model before forward": (
        lambda: Sequential([Dense(2)], input_shape=(4,)).backward(T),
        "call forward first",
        lambda: step(),
    ),
    "training left out, in a model": (
        lambda: Sequential([Dropout(0.5)], input_shape=(4,)).forward(X),
        "call model(X) to use the model",
        lambda: Sequential([Dropout(0.5)], input_shape=(4,))(X),
        lambda: X,
    ),
    "training left out, in a layer": (
        lambda: Dropout(0.5).forward(X),
        "pass training=True or training=False",
        lambda: Dropout(0.5).forward(X, training=False),
        lambda: X,
    ),
    "images of another size": (
        lambda: used(Conv2D(2, 3), shape=(2, 4, 4), given=IMAGES),
        "make a model with the input_shape of these",
        lambda: used(Conv2D(2, 3), shape=IMAGES.shape[1:], given=IMAGES),
    ),
    "another depth for batch normalization": (
        lambda: normalized(IMAGES[:, :1]),
        "axis 1 of X must agree",
        lambda: normalized(IMAGES),
    ),
    "one number to normalize": (
        lambda: normalized(IMAGES[:1, :, :1, :1]),
        "pass a larger batch or larger images, or training=False",
        lambda: [normalized(IMAGES).shape, normalized(IMAGES[:1]).shape],
        lambda: [(6, 2, 4, 5), (1, 2, 4, 5)],
    ),
}


def by_hand(dY=None):
    layer = Dense(2)
    layer.build((4,), np.random.default_rng(0))
    Y = layer.forward(X)
    return Y if dY is None else layer.backward(dY)


def dropped_back(dY):
    layer = Dropout(0.5)
    layer.forward(X, training=False)
    return layer.backward(dY)


def normalized(images):
    layer = BatchNorm2D()
    layer.build((2, 4, 5), np.random.default_rng(0))
    return layer.forward(images, training=True)


def moved(optimizer, model=None, **parameters):
    """Make one step with parameters of one's own, gradients being ones."""
    if model is None:
        found = [
            SimpleNamespace(name=name, value=np.array(value), gradient=np.ones(np.shape(value)))
            for name, value in parameters.items()
        ]
        model = SimpleNamespace(parameters=lambda: found)
    optimizer.step(model)
    return [parameter.value for parameter in model.parameters()]


def same_names(first, second):
    one, other = (
        SimpleNamespace(name=name, value=np.zeros(2), gradient=np.ones(2))
        for name in (first, second)
    )
    return moved(SGD(0.1), SimpleNamespace(parameters=lambda: [one, other]))


def model_after_backward(outputs=2):
    model = Sequential([Dense(outputs, ops=reference)], input_shape=(4,))
    model.backward(np.ones_like(model.forward(X)))
    return model


def two_models(first, second):
    moved(first, model_after_backward(2))
    return moved(second, model_after_backward(3))[0]


def plain(self, gradient, kept):
    return gradient


class Halves(Optimizer):
    """Goes half as far; the first version is not set up."""

    def __init__(self):
        self.part = 0.5

    def direction(self, gradient, kept):
        return self.part * gradient


class HalvesSetUp(Halves):
    def __init__(self):
        Optimizer.__init__(self, 0.1)
        self.part = 0.5


def fitted_by(make):
    model = Sequential([Dense(2, ops=reference)], input_shape=(4,))
    fit(model, X, [0, 1] * 3, optimizer=make(), loss=reference.cross_entropy, progress=False)
    return model(X)


def goes_on_with(state):
    """Give a new optimizer a state; return where its next step leads."""
    optimizer = SGD(0.1, momentum=0.9)
    optimizer.set_state(state)
    return moved(optimizer, w=[1.0])


def after_a_step(optimizer):
    moved(optimizer, w=[0.0])
    return optimizer


def two_steps():
    return moved(after_a_step(SGD(0.1, momentum=0.9)), w=[1.0])


ADAM = Adam(0.1)

OPTIMIZERS = {
    "layers in the place of a model": (
        lambda: SGD(0.1).step([Dense(2)]),
        "pass the Sequential that is trained",
        lambda: moved(SGD(0.1), model_after_backward())[0],
    ),
    "no gradient yet": (
        lambda: SGD(0.1).step(Sequential([Dense(2)], input_shape=(4,))),
        "call model.forward, the loss and model.backward first",
        lambda: moved(SGD(0.1), model_after_backward())[0],
    ),
    "integers to move": (
        lambda: moved(SGD(0.1), w=[1, 2]),
        "put a writable copy in float32 or float64 there",
        lambda: moved(SGD(0.1), w=np.array([1, 2], np.float64)),
        lambda: [[0.9, 1.9]],
    ),
    "one name for two": (
        lambda: same_names("w", "w"),
        "give each its own",
        lambda: same_names("w", "v"),
        lambda: [[-0.1, -0.1]] * 2,
    ),
    "one optimizer for two models": (
        lambda: two_models(ADAM, ADAM),
        "make a new Adam for each model",
        lambda: two_models(Adam(0.1), Adam(0.1)),
    ),
    "a state that is a list": (
        lambda: goes_on_with([1]),
        "pass what optimizer.state() returned",
        lambda: goes_on_with(after_a_step(SGD(0.1, momentum=0.9)).state()),
        two_steps,
    ),
    "the state of another optimizer": (
        lambda: goes_on_with(after_a_step(Adam(0.1)).state()),
        "pass the state of another SGD with the same options",
        lambda: goes_on_with(after_a_step(SGD(0.1, momentum=0.9)).state()),
        two_steps,
    ),
    "the state of an optimizer that keeps nothing": (
        lambda: goes_on_with(after_a_step(SGD(0.1)).state()),
        "pass the state of another SGD with the same options",
        lambda: goes_on_with(after_a_step(SGD(0.1, momentum=0.9)).state()),
        two_steps,
    ),
    "an optimizer that was not set up": (
        lambda: fitted_by(Halves),
        "begin it with super().__init__(learning_rate)",
        lambda: fitted_by(HalvesSetUp),
        lambda: fitted_by(lambda: SGD(0.05)),
    ),
    "an optimizer without a direction": (
        lambda: fitted_by(lambda: Optimizer(0.1)),
        "let it return gradient for plain descent",
        lambda: fitted_by(lambda: own(Optimizer, direction=plain)(0.1)),
        lambda: fitted_by(lambda: SGD(0.1)),
    ),
    "a direction that is not returned": (
        lambda: fitted_by(lambda: own(Optimizer, direction=lambda self, gradient, kept: None)(0.1)),
        "let it return an array of the shape of the gradient",
        lambda: fitted_by(lambda: own(Optimizer, direction=plain)(0.1)),
        lambda: fitted_by(lambda: SGD(0.1)),
    ),
    "Nesterov without momentum": (
        lambda: SGD(0.1, nesterov=True),
        "try momentum=0.9",
        lambda: moved(SGD(0.1, nesterov=True, momentum=0.9), w=[1.0]),
        lambda: [[1 - 0.1 * 1.9]],
    ),
    "a rate below zero": (
        lambda: SGD(-1),
        "try 0.1 or a schedule",
        lambda: moved(SGD(0.1), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a momentum of 1": (
        lambda: SGD(0.1, momentum=1),
        "try 0.9",
        lambda: SGD(0.1, momentum=0.9).momentum,
        lambda: 0.9,
    ),
    "the class of a schedule": (
        lambda: SGD(StepDecay),
        "write StepDecay(...)",
        lambda: moved(SGD(StepDecay(0.1, every=1, factor=0.5)), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a schedule that takes no step": (
        lambda: SGD(lambda: 0.1),
        "give it one argument, as lambda step: 0.1",
        lambda: moved(SGD(lambda step: 0.1), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a schedule that returns None": (
        lambda: moved(SGD(lambda step: None), w=[1.0]),
        "correct the schedule",
        lambda: moved(SGD(lambda step: 0.1), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a decay that rises": (
        lambda: CosineDecay(0.1, steps=2, final=0.2),
        "make final the smaller one",
        lambda: CosineDecay(0.2, steps=2, final=0.1)(2),
        lambda: 0.1,
    ),
    "a decay in words": (
        lambda: StepDecay(0.1, every="epoch", factor=0.5),
        "pass 1 or more",
        lambda: StepDecay(0.1, every=1, factor=0.5)(1),
        lambda: 0.05,
    ),
    "a factor above 1": (
        lambda: StepDecay(0.1, every=1, factor=2),
        "try 0.5",
        lambda: StepDecay(0.1, every=1, factor=0.5)(1),
        lambda: 0.05,
    ),
    "half a step": (
        lambda: WarmUp(0.1, steps=3)(0.5),
        "call it once for each step",
        lambda: [WarmUp(0.1, steps=1)(step) for step in range(2)],
        lambda: [0.05, 0.1],
    ),
}

CASES = OWN_LAYERS | MODELS | OPTIMIZERS
