"""Typical use, which runs; type checkers must find nothing in it. See `test_typing.py`."""

import copy
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

import cnnlab
from cnnlab import data, fast, gradcheck, mutants, plots, reference, tutor
from cnnlab.algorithms import ALGORITHMS
from cnnlab.initializers import he_normal
from cnnlab.inspection import exciting_image, image_gradient, occlusion_map
from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    Layer,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Residual,
)
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam, AdamW, Optimizer
from cnnlab.page.explorer import explore, explore_geometry, explore_pooling
from cnnlab.presets import PRESETS, preset
from cnnlab.reference import plain
from cnnlab.results import Loss
from cnnlab.schedules import CosineDecay, StepDecay, WarmUp
from cnnlab.training import (
    Augmentation,
    EarlyStopping,
    Epoch,
    NotFiniteError,
    calibration,
    class_report,
    confusion_matrix,
    evaluate,
    fit,
)
from cnnlab.typing import Array, ArrayLike, Padding, Pair

rng = np.random.default_rng(0)

# --- Operations: lists, integers, float32, pairs, words -------------------------------------------

X = rng.standard_normal((2, 1, 6, 8))
w = rng.standard_normal((3, 1, 3, 3)).astype(np.float32)
Z = fast.conv2d(X, w)
B, P, rows, columns = Z.shape
largest: float = Z.max()
assert np.allclose(Z, reference.conv2d(X, w, np.zeros(3)))
assert np.allclose(Z, plain.conv2d(X, w))
fast.conv2d(X, w, [0, 1, 2], stride=2, padding=1)
fast.conv2d(X, w, None, stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=1)
fast.conv2d(X, w, padding="same")
fast.conv2d(X, w, padding=((1, 0), (2, 1)), stride=[1, 2])
fast.conv2d(X, w, padding=[[1, 0], [2, 1]], stride=np.int64(2), dilation=np.array([1, 1]))
fast.conv2d([[[1, 2], [3, 4]]], [[[[1.5]]]], (0.5,))
fast.conv2d(rng.integers(0, 2, (1, 4, 4)) > 0, np.ones((2, 1, 2, 2), np.float16))
padding: Padding
for padding in (0, (1, 1), "full", "valid"):
    reference.conv2d(X[0], w, padding=padding)
dX = fast.conv2d_dX(Z, w, X.shape)
dw = fast.conv2d_dw(Z, X, [3, 1, 3, 3])
db = fast.conv2d_db(Z.tolist())
fast.conv_transpose2d(Z, w, stride=2, output_padding=(1, 0))

Y, argmax = fast.max_pool2d(X, 2)
fast.max_pool2d(X, (2, 3), stride=(1, 1), padding=1, ceil_mode=True)
fast.max_pool2d(X, w.shape[-2:], stride=None).argmax.ravel()
fast.max_pool2d_dX(Y, argmax, X.shape)
fast.avg_pool2d(X, [2, 2], count_include_pad=np.True_)
fast.avg_pool2d_dX(Y, np.array(X.shape), 2)

V = fast.dense([1.0, 2.0], [[3, 4], [5, 6]], [0, 0])
fast.dense_dX(V, np.eye(2))
fast.dense_dw(V, V)
fast.dense_db(V)
print(fast.sigmoid(0), fast.tanh([0, 1]), fast.relu(X).mean(), fast.softmax(V), fast.log_softmax(V))
fast.leaky_relu(X, slope=np.float32(0.1))
fast.leaky_relu_dZ(X, X, slope=1)
print(reference.sigmoid(np.array([1j])).real)
L, dV = fast.cross_entropy([[0.0, 1.0]], [1])
loss = fast.squared_error(V, [1, 2])
print(round(L, 3), loss.L + 1, loss.dY.shape, dV[0, 0])

for backend in (fast, reference):
    assert backend.relu(-1.0) == 0
one = {"conv2d": fast.conv2d, "loops": reference.conv2d}
for search in one.values():
    search(X, w, stride=2)
strided = partial(fast.conv2d, stride=2)
strided(X, w)
cnnlab.fast.relu(X)
print(cnnlab.__version__.upper())


def blurred(image: ArrayLike, size: Pair = 3) -> Array:
    """A function of one's own, in the words of the package."""
    return fast.avg_pool2d(image, size, stride=1, padding="same")


blurred([[[1, 2], [3, 4]]])


# --- The tutor: of an assignment, of an operation, for programs -----------------------------------

checked = tutor.check("dense_db", lambda dZ: np.atleast_2d(dZ).sum(axis=0))
assert checked.right
points: float = checked.report.points
found = [finding.words for finding in tutor.diagnose(reference.dense_dX, "dense_dX").findings]
titles: list[str] = [assignment.title for assignment in tutor.assignments()]
fourth = tutor.find("A4")
assert isinstance(fourth, tutor.Assignment)
earned: list[float] = [scored.points for scored in checked.report.items]

# --- Models, a layer, a loss and an optimizer of one's own ----------------------------------------


class Twice(Layer):
    """A layer of one's own, with types."""

    def forward(self, X: np.ndarray, *, training: bool | None = None) -> np.ndarray:
        return 2 * X

    def backward(self, dY: np.ndarray) -> np.ndarray:
        return 2 * dY


class Scale(Layer):
    """One with a parameter, without types."""

    def build(self, input_shape, rng, dtype=np.float64):
        self.parameters["w"] = np.ones(1, dtype)
        return self.output_shape(input_shape)

    def forward(self, X, *, training=True):
        self._remembered = X
        return X * self.parameters["w"]

    def backward(self, dY):
        self.gradients["w"] = np.array([np.sum(dY * self._recall())])
        return dY * self.parameters["w"]


class SignDescent(Optimizer):
    """An optimizer of one's own."""

    def direction(self, gradient: np.ndarray, kept: dict[str, np.ndarray]) -> np.ndarray:
        return np.sign(gradient)


class Still:
    """What makes steps, and is none of the package."""

    def step(self, model: Sequential) -> None:
        for parameter in model.parameters():
            assert parameter.gradient is not None
            parameter.value[...] -= 0 * parameter.gradient


def absolute_error(Y: np.ndarray, T: np.ndarray) -> Loss:
    return Loss(float(np.abs(Y - T).mean()), np.sign(Y - T) / Y.size)


def as_pair(Y, T):
    return float(((Y - T) ** 2).sum()), 2 * (Y - T)


def as_typed_pair(Y: np.ndarray, T: np.ndarray) -> tuple[float, np.ndarray]:
    return float(((Y - T) ** 2).sum()), 2 * (Y - T)


layers = [
    Conv2D(4, 3, padding="same", initializer=he_normal),
    BatchNorm2D(momentum=0.2),
    ReLU(),
    MaxPool2D((2, 2), stride=2),
    Conv2D(4, (1, 2), stride=[1, 1], groups=2, ops=reference),
    LeakyReLU(0.1),
    AvgPool2D(2, padding=1, count_include_pad=False),
    ConvTranspose2D(2, 2, stride=2, output_padding=1),
    Twice(),
    Scale(),
    Flatten(),
    Dropout(0.25),
    Dense(3),
]
model = Sequential(layers, input_shape=(1, 6, 8), seed=rng, dtype="float32")
small = Sequential([Flatten(), Dense(3)], input_shape=[1, 6, 8], dtype=np.float64)
labels = [0, 2]
history = fit(model, X, labels, optimizer=Adam(), epochs=2, batch_size=2, progress=False)
fit(
    small,
    X.tolist(),
    np.array(labels),
    optimizer=SGD(WarmUp(CosineDecay(0.1, steps=5), steps=2), momentum=0.9, nesterov=True),
    validation=(X, labels),
    seed=np.random.default_rng(1),
    progress=False,
)
targets = rng.standard_normal((2, 3))
for own_loss in (as_pair, as_typed_pair, fast.squared_error, absolute_error):
    fit(small, X, targets, optimizer=SGD(1e-3), loss=own_loss, progress=False)
fit(
    small,
    X,
    targets,
    optimizer=SignDescent(1e-3),
    loss=absolute_error,
    validation=[X, targets],
    progress=False,
)
fit(small, X, labels, optimizer=Still(), loss=lambda Y, T: fast.cross_entropy(Y, T), progress=False)
SGD(lambda step: 0.1 / (1 + step))
Adam(StepDecay(1, every=2, factor=0.5), epsilon=np.float64(1e-6))
print(history.losses[-1] > 0, evaluate(model, X, labels).accuracy >= 0, model.summary())
scores = model(X.astype(np.float32))
predicted = model.predict(X)
confusion_matrix(labels, predicted.tolist(), classes=3).trace()


def watch(epoch: Epoch) -> bool:
    """A function of one's own that is told of each epoch."""
    print(epoch.number, round(epoch.loss, 3), epoch.validation, epoch.model(X).shape)
    return epoch.seconds > 60 or epoch.history.losses[-1] < 1e-3


many, answers = np.zeros((6, 1, 6, 8), np.uint8), [0, 1, 2, 0, 1, 2]
watched = fit(
    small,
    many,
    answers,
    optimizer=SGD(0.1),
    batch_size=2,
    drop_last=True,
    class_weights="balanced",
    validation=0.5,
    augment=Augmentation(shift=(1, 2), rotation=10),
    schedule=StepDecay(0.1, every=2, factor=0.5),
    clip_norm=1,
    clip_value=0.5,
    early_stopping=EarlyStopping(2, min_delta=1e-3, monitor="loss"),
    on_epoch=[watch, print],
    progress=False,
)
for weights in ({1: 2.0}, [1, 2, 3], np.ones(3)):
    fit(small, many, answers, optimizer=SGD(0.1), class_weights=weights, on_epoch=watch)
fit(
    small,
    many,
    answers,
    optimizer=SGD(0.1),
    validation=np.float64(0.5),
    augment=lambda images, draws: images + draws.integers(0, 2, images.shape),
    early_stopping=3,
)
together = watched + history
print(together, len(together.learning_rates), together.interrupted, together.best_epoch)
probabilities: float = small.predict_proba(many, batch_size=4).max()
report = class_report(answers, small.predict(many), classes=3)
print(report, report.precision.mean(), report.accuracy)
try:
    fit(small, many, answers, optimizer=SGD(0.1), loss=lambda Y, T: (np.nan, Y))
except NotFiniteError as error:
    print(error.layer, error.step, error.sample)
with tempfile.TemporaryDirectory() as folder:
    fit(small, many, answers, optimizer=SGD(0.1), checkpoint=folder)
    fit(small, many, answers, optimizer=SGD(0.1), checkpoint=Path(folder), resume=True)
    watched.to_csv(Path(folder) / "history.csv")
step_scores = model.forward(X, training=True)
L, dY = fast.cross_entropy(step_scores, labels)
model.backward(dY).shape
normalized = fast.batch_norm2d(X, np.ones(1), [0.0], epsilon=1e-3)
back = fast.batch_norm2d_backward(X, X, [1.0], normalized.mean, normalized.scale, fixed=False)
kept = rng.random(back.dX.shape) >= 0.25
print(fast.dropout_dX(fast.dropout(back.dX, kept, rate=0.25), kept, rate=0.25).shape, back.dw[0])
optimizer = Adam(0.01)
optimizer.step(model)
optimizer.set_state(optimizer.state())
AdamW(WarmUp(0.001, steps=5), weight_decay=0.1, decay_all=True).step(model)
print([parameter.name for parameter in model.parameters() if parameter.decays])
first = model[0].parameters["w"] + model.layers[0].gradients["w"]
names = [parameter.name for parameter in model.parameters()]
copied = copy.deepcopy(model)
print(len(model), [layer.name for layer in model[1:3]], first.shape, copied.output_shape[-1] + 1)

block = Residual([Conv2D(4, 3, padding="same", bias=False), BatchNorm2D()], shortcut=Conv2D(4, 1))
around = Residual(Dense(4))
outer = Sequential([Sequential([block, ReLU()]), GlobalAvgPool2D(), around], input_shape=(1, 6, 8))
print(outer[0][1].name, outer.layers[0].output_shape, outer(X).shape, block.trains_differently)

alone = Conv2D(4, 3)
alone.build((1, 6, 8), np.random.default_rng(0))
alone.backward(alone.forward(X.tolist()))
print(alone.gradients["b"].sum() is not None, Dropout(0.5).output_shape((3,)))

# --- Checks, data, pictures -----------------------------------------------------------------------

reports = gradcheck.check_operation(fast, "conv2d", X, w, [0.0, 0, 0], stride=2, by="direction")
assert all(report.passed for report in reports)
gradcheck.check_operation(reference, "max_pool2d", X, 2, method="complex", padding=1)
gradcheck.check_model(small, X[:1], by="direction", seed=3)
gradcheck.check_gradients(
    lambda x: x**2, lambda dY, x: [2 * x * dY], [[1.0, 2.0]], method="complex"
)
gradcheck.check_adjoint(lambda x: 2 * x, lambda g: 2 * g, [2, 3]).passed
gradcheck.numerical_gradient(lambda x: (x**2).sum(), [1.0, 2.0]).round()
gradcheck.check_against(fast.conv2d_db, "conv2d_db", cases=["no options"])[0].passed
wrong = mutants.ops("db-mean-over-batch", fast)
Conv2D(2, 3, ops=wrong)
tried = mutants.train("relu-leaks", seed=np.int64(1), steps=1)
print(mutants.accuracy_of(tried) + 1, mutants.beside("relu-leaks", tried).cosines["6.Dense"])
print(mutants.trained()[0].verdict.upper(), mutants.right_accuracies("plain").mean())
print(mutants.network("options", ops=wrong).output_shape, mutants.small_digits().X_test.shape)
ALGORITHMS["im2col"].conv2d(X, w).shape
explore([[[1, 2], [3, 4]]], [[[[1, 2]]]], mode="gather")
explore_pooling([[[1, 2], [3, 4]]], (1, 2), stride=1, mode="gather", rule="split")
explore_geometry((4, 6), 2, stride=(2, 1), padding="same", dilation=np.int64(2), groups=1)

digits = data.mnist_subset(dtype=np.float32)
X_train, labels_train, X_test, labels_test = digits
photo = data.photo("flower", dtype="float32")
prepared = data.digit(X_test[0], dtype=np.float32)
print(prepared.X.shape, prepared.box[2] > 0, prepared.scale + 1, str(prepared).upper())
lenet = preset("lenet", input_shape=[1, 28, 28], classes=np.int64(10), seed=1)
print(lenet.output_shape, lenet(prepared.X).argmax(), PRESETS["lenet"].upper())
print(digits.X_train.shape[0], labels_test.max() + 1, photo.mean() > 0, X_train.dtype)

seen = occlusion_map(lenet, prepared.X, np.int64(7), size=(5, 4), stride=2)
slopes_of_pixels = image_gradient(lenet, X_test[:2], 7)
best = exciting_image(lenet, (7,), start=0.0, steps=2, step=np.float32(0.1))
print(seen.shape, slopes_of_pixels[0].max() > 0, best.values[-1], best.X.min() >= 0)
sure = calibration(lenet.predict_proba(X_test), labels_test, bins=5)
print(round(sure.error, 2), sure.counts.sum(), sure.confidence[-1] < 1)

plots.use_style()
ax = plots.show_image(X_test[0], title="a digit")
ax.set_title("another")
plots.show_images(list(X_test[:2]), titles=["a", "b"], columns=2)
plots.show_grid([[1, 2], [3, 4]], highlight=[(0, 0, 1, 1)], ax=ax)
plots.show_windows([[1, 2, 3]], (1, 3), [(0, 0), (0, 1)], stride=2, padding=(0, 1))
plots.show_features({"first": Z[0]}, image=X[0])
plots.show_maps(Z[0], image=X[0], signed=False)
plots.show_orders([[[1, 2]]], {"ours": (0, 1, 2)}).set_title("one plane")
plots.plot_differences({"float32": [1e-7, 2e-7]}, steps="batch").set_title("two steps")
plots.plot_losses(history.losses, history.accuracies)[0].get_figure()
plots.plot_layer_sizes({"a": [0.1, 1]}, name="gradient").set_title("sizes")
plots.plot_learning_rates([0.1, 1], {"SGD": np.ones(2)}, guess=2.3)
plots.show_descents((1, 25), {"SGD": np.ones((3, 2))})[0].get_figure()
plots.show_confusion(confusion_matrix(labels, labels, classes=3), labels=["a", "b", "c"])
plots.show_influence(X_test[:2], {"gradient": slopes_of_pixels[:, 0]}, titles=["a", "b"])
plots.plot_shifts(range(2), {"lenet": [0.9, 0.8]})
plots.plot_calibration(sure.confidence, sure.accuracy, sure.counts)[0].get_title()
history.plot()
