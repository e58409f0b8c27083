"""Wrong models and layers of one's own, with the advice for each."""

import warnings

import numpy as np
from support.layers import built

from cnnlab import initializers, reference
from cnnlab.layers import (
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Residual,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD

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


class Doubled(Sequential):
    """A model of one's own."""

    def forward(self, X, *, training=None):
        return 2 * super().forward(X, training=training)


class HoldsTanh(Layer):
    """The same as a layer."""

    def build(self, input_shape, rng, dtype=np.float64):
        self.inner = Sequential([Tanh()], input_shape=input_shape, dtype=dtype)
        return input_shape

    def forward(self, X, *, training=None):
        return 2 * self.inner.forward(X, training=training)

    def backward(self, dY):
        return self.inner.backward(2 * dY)


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
    "one layer in two places, further in": (
        lambda: used(TWICE, Residual(TWICE)),
        "make a new Sigmoid for each place",
        lambda: used(Sigmoid(), Residual(Sigmoid())),
    ),
    "no layer in the place of a shortcut": (
        lambda: used(Residual(Tanh(), np.tanh)),
        "pass [...] with square brackets around them",
        lambda: used(Residual(Tanh(), [Tanh()])),
        lambda: 2 * reference.tanh(X),
    ),
    "a way around that does not fit": (
        lambda: used(Residual(Dense(3))),
        "pass shortcut=[Dense(3)]",
        lambda: used(Residual(Dense(3), shortcut=[Dense(3)])),
    ),
    "a way around images that does not fit": (
        lambda: used(Residual(Conv2D(4, 2)), shape=(2, 4, 5), given=IMAGES),
        'pass padding="same" to the layers that make the size another one, and '
        "shortcut=Conv2D(4, 1)",
        lambda: used(
            Residual(Conv2D(4, 2, padding="same"), shortcut=Conv2D(4, 1)),
            shape=(2, 4, 5),
            given=IMAGES,
        ),
    ),
    "a model without an input_shape": (
        lambda: Sequential([Tanh()])(X),
        "pass input_shape=X.shape[1:] when it is made",
        lambda: Sequential([Tanh()], input_shape=X.shape[1:])(X),
        lambda: reference.tanh(X),
    ),
    "a model without an input_shape, but in another": (
        lambda: Sequential([Tanh()])(X),
        "make another Sequential with it first",
        lambda: used(INNER := Sequential([Tanh()])) * 0 + INNER(X),
        lambda: reference.tanh(X),
    ),
    "a model for something else in another": (
        lambda: used(Sequential([Dense(2)], input_shape=(3,))),
        "make a new one without input_shape",
        lambda: used(Sequential([Dense(2)])),
        lambda: used(Dense(2)),
    ),
    "a layer with values for other inputs": (
        lambda: used(built(Dense(2), (3,))),
        "put a new Dense(...) in its place",
        lambda: used(Dense(2)),
    ),
    "a layer of one's own with values for other inputs": (
        lambda: used(Sequential([Scale()], input_shape=(3,))[0]),
        "put a new Scale(...) in its place",
        lambda: used(Scale()),
        lambda: 2 * X,
    ),
    "a layer without values, put into the list later": (
        lambda: exchanged()(X),
        "make a new model, Sequential(model.layers, input_shape=...)",
        lambda: Sequential(exchanged().layers, input_shape=(4,))(X),
        lambda: used(Dense(2)),
    ),
    "backward of a model whose list changed": (
        lambda: longer().backward(T),
        "call forward again before backward",
        lambda: called_since(longer(), again=True),
        lambda: T * (1 - reference.tanh(reference.tanh(X)) ** 2) * (1 - reference.tanh(X) ** 2),
    ),
    "backward of a model whose layer was called by hand": (
        lambda: called_since(Sequential([Tanh()], input_shape=(4,))),
        "call forward again before backward",
        lambda: called_since(Sequential([Tanh()], input_shape=(4,)), again=True),
        lambda: T * (1 - reference.tanh(X) ** 2),
    ),
    "a model of one's own that computes something else, in another": (
        lambda: used(Doubled([Tanh()])),
        "make Doubled a subclass of Layer that holds a Sequential",
        lambda: used(HoldsTanh()),
        lambda: 2 * reference.tanh(X),
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


def exchanged():
    model = Sequential([Tanh()], input_shape=(4,))
    model.layers[0] = Dense(2)
    return model


def longer():
    model = Sequential([Tanh()], input_shape=(4,))
    model.forward(X)
    model.layers.append(Tanh())
    return model


def called_since(model, again=False):
    model.forward(X)
    model[0].forward(T)
    if again:
        model.forward(X)
    return model.backward(T)


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


CASES = OWN_LAYERS | MODELS
