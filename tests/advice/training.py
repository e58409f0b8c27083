"""Wrong options of `fit` and its checkpoints, with the advice that answers them."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from cnnlab import fast
from cnnlab.layers import Conv2D, Dense, Flatten, Layer
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.schedules import StepDecay
from cnnlab.training import Augmentation, EarlyStopping, History, fit
from cnnlab.training.checkpoints import LOCK, NAME, only_training

FOLDER = tempfile.TemporaryDirectory(prefix="advice-")
RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((6, 1, 5, 4)), np.array([0, 1, 1, 0, 1, 0])
VECTORS = IMAGES.reshape(6, 20)


def model(*layers, input_shape=(1, 5, 4)):
    return Sequential([*layers, Flatten(), Dense(2)], input_shape=input_shape)


def losses(network=None, X=IMAGES, targets=LABELS, **options):
    """Train, and return the losses of the steps."""
    options = {"optimizer": SGD(0.1), "batch_size": 2, "progress": False} | options
    return fit(network or model(), X, targets, **options).step_losses


def kept(folder="", epochs=1, **options):
    """Train with a checkpoint, in a folder of its own if none is named."""
    place = Path(FOLDER.name, folder) if folder else Path(tempfile.mkdtemp(dir=FOLDER.name))
    return losses(checkpoint=place, epochs=epochs, **options)


def kept_then(change=lambda place: None, first=(), **options):
    """Train with a checkpoint, change something, and go on."""
    place = Path(tempfile.mkdtemp(dir=FOLDER.name))
    losses(checkpoint=place, **dict(first))
    change(place / NAME)
    return losses(checkpoint=place, **{"resume": True} | options)


def beside_another(**options):
    """Train in a folder while another training is at work there."""
    place = Path(tempfile.mkdtemp(dir=FOLDER.name))
    with only_training(place), ThreadPoolExecutor(1) as other:
        return other.submit(lambda: losses(checkpoint=place, **options)).result()


def in_a_spoilt_folder():
    """Train in a folder into which a file cannot be written."""
    place = Path(tempfile.mkdtemp(dir=FOLDER.name))
    (place / LOCK).mkdir()
    return losses(checkpoint=place)


def begun_anew(**options):
    """Train in another folder."""
    return losses(checkpoint=Path(tempfile.mkdtemp(dir=FOLDER.name)), **options)


class Wide(Layer):
    """A layer of one's own that does not say how wide it is."""

    def __init__(self, width, *, ops=None):
        super().__init__(ops=ops)
        self.size = width

    def build(self, input_shape, rng, dtype=np.float64):
        self.parameters["w"] = np.zeros(self.size, dtype)
        return input_shape

    def forward(self, X, *, training=None):
        return X

    def backward(self, dY):
        self.gradients["w"] = np.zeros(self.size)
        return dY


class ReadOnly(Wide):
    """One whose gradient is not to be changed."""

    def backward(self, dY):
        dX = super().backward(dY)
        self.gradients["w"].flags.writeable = False
        return dX


class Copies(ReadOnly):
    """The same, with a copy of it."""

    def backward(self, dY):
        dX = super().backward(dY)
        self.gradients["w"] = np.array(self.gradients["w"])
        return dX


class Plain:
    """An optimizer of one's own, without a state and without a rate."""

    def step(self, network):
        for parameter in network.parameters():
            parameter.value[...] -= 0.1 * parameter.gradient


class Kept(Plain):
    """The same, with a state."""

    def state(self):
        return {"steps": 1}

    def set_state(self, state):
        pass


class Names(Kept):
    """One that keeps words."""

    def state(self):
        return {"name": "plain"}


OPTIONS = {
    "all for validation": (
        lambda: losses(validation=1.0),
        "pass validation=0.2",
        lambda: losses(validation=0.2, batch_size=5),
        None,
    ),
    "a fraction of one sample": (
        lambda: losses(X=IMAGES[:1], targets=LABELS[:1], validation=0.2),
        "leave validation out",
        lambda: losses(X=IMAGES[:1], targets=LABELS[:1]),
        None,
    ),
    "images for validation": (
        lambda: losses(validation=IMAGES),
        "or pass validation=0.2",
        lambda: losses(validation=0.2),
        None,
    ),
    "early stopping in words": (
        lambda: losses(validation=0.3, early_stopping="3"),
        "pass early_stopping=EarlyStopping(patience=3)",
        lambda: losses(validation=0.3, early_stopping=EarlyStopping(patience=3)),
        lambda: losses(validation=0.3),
    ),
    "early stopping without validation": (
        lambda: losses(early_stopping=3),
        "pass validation=0.2",
        lambda: losses(early_stopping=3, validation=0.2),
        lambda: losses(validation=0.2),
    ),
    "accuracy of measured values": (
        lambda: losses(
            targets=np.eye(2)[LABELS],
            loss=fast.squared_error,
            early_stopping=EarlyStopping(3, monitor="accuracy"),
        ),
        'EarlyStopping(..., monitor="loss")',
        lambda: losses(
            targets=np.eye(2)[LABELS],
            loss=fast.squared_error,
            early_stopping=EarlyStopping(3, monitor="loss"),
        ),
        lambda: losses(targets=np.eye(2)[LABELS], loss=fast.squared_error),
    ),
    "every batch dropped": (
        lambda: losses(batch_size=7, drop_last=True),
        "pass a smaller batch_size",
        lambda: losses(batch_size=6, drop_last=True),
        lambda: losses(batch_size=6),
    ),
    "a rate for a schedule": (
        lambda: losses(schedule=0.1),
        "as StepDecay(0.1, every=10, factor=0.5)",
        lambda: losses(schedule=StepDecay(0.1, every=10, factor=0.5)),
        losses,
    ),
    "two schedules": (
        lambda: losses(
            schedule=StepDecay(0.1, every=10, factor=0.5),
            optimizer=SGD(StepDecay(0.1, every=10, factor=0.5)),
        ),
        "give it a number, as SGD(0.1)",
        lambda: losses(schedule=StepDecay(0.1, every=10, factor=0.5), optimizer=SGD(0.1)),
        losses,
    ),
    "a word for a function": (
        lambda: losses(on_epoch="print"),
        "as lambda epoch: print(epoch.loss)",
        lambda: losses(on_epoch=lambda epoch: print(epoch.loss)),
        losses,
    ),
    "a gradient that is read-only": (
        lambda: losses(model(ReadOnly(3)), clip_norm=9),
        "in backward of your layer set self.gradients to np.array(gradient)",
        lambda: losses(model(Copies(3)), clip_norm=9),
        losses,
    ),
    "a csv in a folder that is missing": (
        lambda: History(losses=[1.0]).to_csv(Path(FOLDER.name, "nowhere", "h.csv")),
        "pass the path of a file in a folder that exists",
        lambda: History(losses=[1.0]).to_csv(Path(FOLDER.name, "h.csv")),
        None,
    ),
    "probabilities of maps": (
        lambda: Sequential([Conv2D(2, 3)], input_shape=(1, 5, 4)).predict_proba(IMAGES),
        "put Flatten() and Dense(classes) at its end",
        lambda: model(Conv2D(2, 3)).predict_proba(IMAGES).sum(axis=1),
        lambda: np.ones(6),
    ),
    "probabilities after a training that went wrong": (
        lambda: ruined().predict_proba(IMAGES),
        "make the model anew and train it with a smaller one",
        lambda: model().predict_proba(IMAGES).sum(axis=1),
        lambda: np.ones(6),
    ),
}


def ruined():
    network = model()
    network.layers[1].parameters["w"][:] = np.nan
    return network


WEIGHTS = {
    "weights of a loss of one's own": (
        lambda: losses(loss=lambda Y, T: fast.cross_entropy(Y, T), class_weights=[1, 2]),
        "leave class_weights out",
        lambda: losses(loss=lambda Y, T: fast.cross_entropy(Y, T)),
        losses,
    ),
    "weights in words": (
        lambda: losses(class_weights="even"),
        'or "balanced"',
        lambda: losses(class_weights="balanced"),
        losses,  # there are as many of both
    ),
    "a class by name": (
        lambda: losses(class_weights={"bar": 3.0}),
        "or name it by its number",
        lambda: losses(class_weights={1: 3.0}),
        lambda: losses(class_weights=[1.0, 3.0]),
    ),
    "a weight less": (
        lambda: losses(class_weights=[1.0]),
        "pass an array of shape (2,), or a dict of those that are not 1",
        lambda: losses(class_weights={1: 3.0}),
        lambda: losses(class_weights=[1.0, 3.0]),
    ),
    "weights below 0": (
        lambda: losses(class_weights=[1, -1]),
        'pass class_weights="balanced"',
        lambda: losses(class_weights="balanced"),
        losses,
    ),
}

AUGMENTATION = {
    "one image": (
        lambda: Augmentation(shift=1)(IMAGES[0], np.random.default_rng(0)),
        "pass one as X[np.newaxis]",
        lambda: Augmentation(shift=1)(IMAGES[0][np.newaxis], np.random.default_rng(0))[0],
        lambda: Augmentation(shift=1)(IMAGES[:1], np.random.default_rng(0))[0],
    ),
    "the class": (
        lambda: losses(augment=Augmentation),
        "pass an object, Augmentation(shift=2)",
        lambda: losses(augment=Augmentation(shift=2)),
        None,
    ),
    "vectors": (
        lambda: losses(model(input_shape=(20,)), VECTORS, augment=Augmentation(shift=1), seed=1),
        "give the model images and begin it with Flatten()",
        lambda: losses(augment=Augmentation(shift=1), seed=1),
        None,
    ),
    "nothing returned": (
        lambda: losses(augment=lambda X, rng: None),
        "let it return an array of that shape",
        lambda: losses(augment=lambda X, rng: X),
        lambda: losses(augment=Augmentation()),
    ),
}

CHECKPOINTS = {
    "resume alone": (
        lambda: losses(resume=True),
        'as checkpoint="run"',
        lambda: kept("run", resume=True),
        losses,
    ),
    "a number for a folder": (
        lambda: losses(checkpoint=3),
        'pass a string, for example checkpoint="run"',
        kept,
        losses,
    ),
    "a file for a folder": (
        lambda: losses(checkpoint=__file__),
        "pass the path of a folder, and not of a file",
        kept,
        losses,
    ),
    "an optimizer without a state": (
        lambda: kept(optimizer=Plain()),
        "give it state(), which returns a dict of arrays and numbers, and set_state(state)",
        lambda: kept(optimizer=Kept()),
        losses,
    ),
    "an optimizer that keeps words": (
        lambda: kept(optimizer=Names()),
        "let state() return a dict of arrays and numbers",
        lambda: kept(optimizer=Kept()),
        losses,
    ),
    "a generator of another kind": (
        lambda: kept(seed=np.random.Generator(np.random.MT19937(0))),
        "pass an integer, or np.random.default_rng(0)",
        lambda: kept(seed=np.random.default_rng(0)),
        losses,
    ),
    "a folder with a training": (
        lambda: kept_then(resume=False),
        "pass resume=True to go on with it",
        lambda: kept_then(resume=True),
        losses,
    ),
    "a folder where another training is at work": (
        beside_another,
        "or pass another folder",
        begun_anew,
        losses,
    ),
    "a folder that takes no files": (
        in_a_spoilt_folder,
        "pass a folder that takes files",
        begun_anew,
        losses,
    ),
    "another batch size": (
        lambda: kept_then(batch_size=3, epochs=2),
        "go on with all that it began with",
        lambda: kept_then(epochs=2),
        lambda: losses(epochs=2),
    ),
    "fewer epochs": (
        lambda: kept_then(first={"epochs": 3}, epochs=2),
        "pass epochs=3 or more",
        lambda: kept_then(first={"epochs": 3}, epochs=3),
        lambda: losses(epochs=3),
    ),
    "a checkpoint that is cut off": (
        lambda: kept_then(lambda place: place.write_bytes(place.read_bytes()[:-1])),
        "begin anew in another folder",
        begun_anew,
        losses,
    ),
    "a layer that became wider": (
        lambda: kept_then(first={"network": model(Wide(3))}, network=model(Wide(4))),
        "begin anew in another folder",
        lambda: begun_anew(network=model(Wide(4))),
        losses,
    ),
}

CASES = OPTIONS | WEIGHTS | AUGMENTATION | CHECKPOINTS
