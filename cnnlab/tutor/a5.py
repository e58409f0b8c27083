"""Assignment A5: a network that learns, from the forward pass to digits that it has not seen."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from cnnlab import data, reference
from cnnlab.operations import Call
from cnnlab.tutor import network_mistakes, networks
from cnnlab.tutor.answers import Answer, Problem
from cnnlab.tutor.cases import (
    ConvSizes,
    DenseSizes,
    Draw,
    Step,
    climb,
    conv_cases,
    dense_cases,
    entrywise_cases,
    integers,
    normal,
    single,
)
from cnnlab.tutor.comparing import Difference
from cnnlab.tutor.judging import Outcome
from cnnlab.tutor.questions import Assignment, Case, Item, Question

__all__ = ["ASSIGNMENT"]


class Sizes(NamedTuple):
    """Sizes of a batch, and of the network that sees it."""

    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int
    O: int  # noqa: E741 - as in the book

    def __str__(self) -> str:
        """Say them in words."""
        return f"{ConvSizes(*self[:7])}, {self.O} classes"

    @property
    def Y_shape(self) -> tuple[int, int, int, int]:
        """Shape of the maps."""
        return self.B, self.P, self.M - self.m + 1, self.N - self.n + 1

    def parameters(self, draw: Draw) -> networks.Parameters:
        """Draw weights and biases."""
        w_shape = (self.P, self.D, self.m, self.n)
        inputs = int(np.prod(self.Y_shape[1:]))
        shapes = {"w": w_shape, "b": (self.P,), "W": (self.O, inputs), "c": (self.O,)}
        return {name: draw(shape) for name, shape in shapes.items()}


# The example of the notebook: one image of two pixels, one pattern, two classes.
EXAMPLE = "the example of the notebook"
TINY = {
    "w": np.array([[[[1.0, -2.0]]]]),
    "b": np.array([0.0]),
    "W": np.array([[2.0], [-2.0]]),
    "c": np.array([0.0, 0.0]),
}
IMAGE = np.array([[[[2.0, 1.0]]]])

ONE_PIXEL = Sizes(1, 1, 1, 2, 1, 1, 2, 2)
ONE_PATTERN = Sizes(1, 1, 3, 4, 1, 2, 2, 3)
NETWORK = Sizes(2, 3, 4, 6, 4, 2, 3, 5)
BY_SIZE = (ONE_PIXEL, ONE_PATTERN, NETWORK._replace(D=1), NETWORK)
EDGES = (NETWORK._replace(m=4, n=6), NETWORK._replace(m=1, n=1, O=1), NETWORK._replace(B=0))


def quarters(rng: np.random.Generator) -> Draw:
    """Return a function that draws quarters of small integers: a sigmoid of them is no 0 or 1."""
    draw = integers(rng)
    return lambda shape: draw(shape) / 4


def thousands(rng: np.random.Generator) -> Draw:
    """Return a function that draws integers whose sums reach thousands, too large for `exp`."""
    draw = integers(rng)
    return lambda shape: 40 * draw(shape)


def _network_steps(first: Any) -> list[Step]:
    steps = [Step("values", sizes, first) for sizes in BY_SIZE]
    steps += [Step("values", NETWORK, normal), Step("values", NETWORK, normal, words="once more")]
    steps += [Step("edges", sizes, normal) for sizes in EDGES]
    return [*steps, Step("manners", NETWORK, single, words="float32")]


def _forward_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((sizes.parameters(draw), draw((sizes.B, sizes.D, sizes.M, sizes.N))), options)


def _forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("values", EXAMPLE, Call((TINY, IMAGE), {}))
    large = Step("edges", NETWORK, thousands, words="responses of thousands")
    yield from climb([*_network_steps(quarters), large], _forward_call, rng)


def _backward_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    parameters, X = _forward_call(sizes, draw, {}).arguments
    Y, _ = networks.forward(parameters, X)
    return Call((parameters, X, Y, draw((sizes.B, sizes.O))), options)


def _backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    Y, scores = networks.forward(TINY, IMAGE)
    dscores = reference.cross_entropy(scores, np.array([1])).dY
    yield Case("values", EXAMPLE, Call((TINY, IMAGE, Y, dscores), {}))
    steps = [step for step in _network_steps(quarters) if step.item != "edges"]
    yield from climb(steps, _backward_call, rng)


def _step_call(sizes: Sizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((sizes.parameters(draw), sizes.parameters(draw), 0.25), options)


def _step_cases(rng: np.random.Generator) -> Iterator[Case]:
    steps = [Step("values", sizes) for sizes in (ONE_PIXEL, NETWORK)]
    steps += [Step("values", NETWORK, normal), Step("manners", NETWORK, single, words="float32")]
    return climb(steps, _step_call, rng)


class Run(NamedTuple):
    """Sizes of a training."""

    sizes: Sizes
    batch: int
    epochs: int

    def __str__(self) -> str:
        """Say them in words."""
        return f"{self.sizes}, batches of {self.batch}, epochs: {self.epochs}"


def _train_call(run: Run, draw: Draw, options: dict[str, Any]) -> Call:
    parameters, X = _forward_call(run.sizes, draw, {}).arguments
    # The classes in turn: every batch has several, and no two batches are alike.
    labels = np.arange(run.sizes.B) * 2 % run.sizes.O
    return Call((parameters, X, labels, 0.5, run.batch, run.epochs), options)


def _train_cases(rng: np.random.Generator) -> Iterator[Case]:
    four, six = (Sizes(B, 2, 4, 5, 3, 2, 3, 5) for B in (4, 6))
    runs = [Run(four, 4, 1), Run(four, 2, 1), Run(six, 2, 3), Run(six._replace(M=6), 3, 2)]
    steps = [Step("values", run, normal) for run in runs]
    rest = [Run(six, 4, 1), Run(six._replace(B=7), 3, 2)]
    steps += [Step("rest", run, normal) for run in rest]
    steps += [Step("manners", Run(six, 3, 1), single, words="float32")]
    return climb(steps, _train_call, rng)


def _dense_dw_call(sizes: DenseSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw((sizes.B, sizes.outputs)), draw((sizes.B, sizes.inputs))), options)


def _dense_db_call(sizes: DenseSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw((sizes.B, sizes.outputs)),), options)


def _dense_dX_call(sizes: DenseSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw((sizes.B, sizes.outputs)), draw((sizes.outputs, sizes.inputs))), options)


def _conv2d_dw_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape()), draw(sizes.X_shape), sizes.w_shape), options)


def _conv2d_db_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape()),), options)


def _conv2d_dX_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape()), draw(sizes.w_shape), sizes.X_shape), options)


def _sigmoid_call(shape: tuple[int, ...], draw: Draw, options: dict[str, Any]) -> Call:
    dY = draw(shape)
    return Call((dY, 1 / (1 + np.exp(-draw(shape)))), options)


class Scores(NamedTuple):
    """Sizes of a batch of scores, and what is added to them.

    `apart` is what is added to a sample more than to the one before, `spread` to a class.
    """

    B: int
    O: int  # noqa: E741
    offset: int = 0
    apart: int = 0
    spread: int = 0

    def __str__(self) -> str:
        """Say them in words."""
        near = f", scores near {self.offset}" if self.offset else ""
        apart = f", samples {self.apart} apart" if self.apart else ""
        spread = f", classes {self.spread} apart" if self.spread else ""
        return f"{self.B} x {self.O} scores{near}{apart}{spread}"


def _loss_cases(rng: np.random.Generator) -> Iterator[Case]:
    steps = [Step("values", Scores(*shape)) for shape in ((1, 2), (1, 3), (3, 2))]
    steps += [Step("values", Scores(*shape), normal) for shape in ((4, 5), (3, 10))]
    for offset in 1000, -1000:
        steps += [Step("large", Scores(*shape, offset)) for shape in ((1, 2), (3, 4))]
    steps += [Step("large", Scores(3, 4, apart=1000))]
    steps += [Step("large", Scores(6, 4, spread=spread)) for spread in (40, 400)]
    steps += [Step("manners", Scores(3, 4), single, words="float32")]

    def call(sizes: Scores, draw: Draw, options: dict[str, Any]) -> Call:
        scores = draw((sizes.B, sizes.O)) + sizes.offset
        scores += sizes.apart * np.arange(sizes.B, dtype=scores.dtype)[:, None]
        scores += sizes.spread * np.arange(sizes.O, dtype=scores.dtype)
        return Call((scores, rng.integers(0, sizes.O, sizes.B)), options)

    yield Case("values", EXAMPLE, Call((np.array([[1.0, -1.0]]), np.array([1])), {}))
    yield from climb(steps, call, rng)


TRAINED_ON = 2000


@functools.lru_cache(maxsize=2)
def small_digits(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return digits of 14 x 14 pixels, each the mean of 2 x 2, to learn from and to be judged on.

    Parameters
    ----------
    seed : int
        Says which are which. What was asked for last is kept.

    Returns
    -------
    X_train, labels_train, X_test, labels_test : ndarray
        2,000 and 1,000 digits, shape (2000, 1, 14, 14) and (1000, 1, 14, 14).
    """
    X, labels, X_test, labels_test = data.mnist_subset(seed=seed)
    halves = [images.reshape(-1, 1, 14, 2, 14, 2).mean(axis=(3, 5)) for images in (X, X_test)]
    return halves[0][:TRAINED_ON], labels[:TRAINED_ON], halves[1], labels_test


ASKED = {"values": 0.75, "85": 0.85}


def _reads(
    ask: Callable[[Call], Answer], rng: np.random.Generator, hidden: bool
) -> Iterator[Outcome]:
    """Let the function learn from digits, and count how many of others it reads."""
    X, labels, X_test, labels_test = small_digits(int(rng.integers(1000)) if hidden else 0)
    call = Call((X, labels), {})
    answer = ask(call)
    if answer.value is None and answer.problem is None:
        answer = replace(answer, problem=Problem("not written", "it returns None"))
    found, share = _usable(answer), 0.0
    if not found.fault:
        share = networks.accuracy(answer.value, X_test, labels_test)
    for item, asked in ASKED.items():
        words = f"2,000 digits to learn from, {asked:.0%} of 1,000 others"
        case = Case(item, words, Call((), {}))  # without the digits, which nobody needs to see
        said = f"it reads {share:.1%} of 1,000 digits that it has not seen; {asked:.0%} are asked"
        verdict = Difference("" if share >= asked else "accuracy", said)
        told = Answer(problem=answer.problem)
        yield Outcome(case, told, None, *(found if found.fault else verdict))


def _usable(answer: Answer) -> Difference:
    """Return what is wrong with parameters before they can be tried."""
    if answer.problem is not None:
        unwritten = answer.problem.kind == "not written"
        return Difference("problem", "not written yet" if unwritten else answer.problem.words)
    value, names = answer.value, ("w", "b", "W", "c")
    if not isinstance(value, dict) or set(value) != set(names):
        return Difference("type", "a dict with the keys w, b, W and c is needed")
    if not all(isinstance(v, np.ndarray) and v.dtype.kind == "f" for v in value.values()):
        return Difference("type", "w, b, W and c must be arrays of floats")
    w = value["w"]
    if w.ndim != 4 or w.shape[1] != 1 or not all(1 <= size <= 14 for size in w.shape[2:]):
        return Difference("shape", f"w has shape {w.shape}, but (P, 1, m, n) is needed")
    P, _, m, n = w.shape
    shapes = {"b": (P,), "W": (10, P * (15 - m) * (15 - n)), "c": (10,)}
    for name, shape in shapes.items():
        if value[name].shape != shape:
            words = f"{name} has shape {value[name].shape}, but w of shape {w.shape} needs {shape}"
            return Difference("shape", words)
    if not all(np.isfinite(v).all() for v in value.values()):
        return Difference("not finite", "some parameters are NaN or infinite")
    return Difference()


def _nothing(rng: np.random.Generator) -> Iterator[Case]:
    return iter(())


VALUES = "right values for every number of samples, depths and patterns"
EDGES_WORDS = "patterns as large as the image, one pixel, one row, an empty batch"
MANNERS = "arguments unchanged, new arrays each time, float32 kept"


def _gradient(
    function: str, signature: str, words: str, points: tuple[float, ...], make: Any, cases: Any
) -> Question:
    """Return the question for one gradient: an operation that is called as in the book."""
    layer, _, letter = function.rpartition("_d")
    pages = {"dense": ("vanilla-network", f"eq-vanilla-d{letter}"), "sigmoid": ("", "eq-dZ")}
    of_conv = {"w": "weight-gradient", "b": "bias-gradient", "X": "input-gradient"}
    page, equation = pages.get(layer, (of_conv.get(letter, ""), f"eq-d{letter}"))
    names = ("values", "edges", "manners") if len(points) == 3 else ("values", "manners")
    lines = {"values": VALUES, "edges": EDGES_WORDS, "manners": MANNERS}

    def ladder(rng: np.random.Generator) -> Iterator[Case]:
        return (case for case in cases(make, rng) if case.item in names)

    return Question(
        name=function,
        function=function,
        signature=signature,
        words=words,
        items=tuple(Item(n, p, lines[n]) for n, p in zip(names, points, strict=True)),
        cases=ladder,
        right=getattr(reference, function),
        returns=(f"d{letter}",),
        equation=equation,
        page=page or "delta-and-activation",
        operation=function,
    )


def _from(first: str) -> Callable[..., Iterator[Case]]:
    def cases(make: Any, rng: np.random.Generator) -> Iterator[Case]:
        return conv_cases(make, rng, first=first, empty=True)

    return cases


def _dense(make: Any, rng: np.random.Generator) -> Iterator[Case]:
    return dense_cases(make, rng, first="dZ")


ASSIGNMENT = Assignment(
    name="A5",
    title="A network that learns",
    chapter="learning",
    seconds=120.0,
    questions=(
        Question(
            name="forward",
            function="forward",
            signature="(parameters, X)",
            words="Search for patterns, apply the sigmoid, flatten, and give each class a score.",
            items=(
                Item("values", 8, VALUES),
                Item("edges", 2, "one pixel, whole images, responses of thousands, empty batches"),
                Item("manners", 2, MANNERS),
            ),
            cases=_forward_cases,
            right=networks.forward,
            returns=("Y", "scores"),
            equation="eq-pattern-search",
            page="pattern-search",
            operation="network_forward",
            mistakes=(*networks.FORWARD, *network_mistakes.FORWARD),
        ),
        Question(
            name="cross_entropy",
            function="cross_entropy",
            signature="(scores, labels)",
            words="The mean cost of the scores, and its gradient.",
            items=(
                Item("values", 8, "the loss and its gradient for every number of classes"),
                Item("large", 3, "scores near 1000 and -1000, and far from each other"),
                Item("manners", 2, MANNERS),
            ),
            cases=_loss_cases,
            right=reference.cross_entropy,
            returns=("L", "dscores"),
            equation="eq-cross-entropy-dZ",
            page="learning",
            operation="cross_entropy",
            mistakes=network_mistakes.LOSS,
        ),
        _gradient(
            "dense_dw",
            "(dZ, X)",
            "The gradient of the weights of the dense layer.",
            (4, 1),
            _dense_dw_call,
            _dense,
        ),
        _gradient(
            "dense_db",
            "(dZ)",
            "The gradient of the biases of the dense layer.",
            (2, 1),
            _dense_db_call,
            _dense,
        ),
        _gradient(
            "dense_dX",
            "(dZ, w)",
            "The gradient of what the dense layer was given.",
            (4, 1),
            _dense_dX_call,
            _dense,
        ),
        _gradient(
            "sigmoid_dZ",
            "(dY, Y)",
            "The gradient that passes the sigmoid.",
            (4, 1),
            _sigmoid_call,
            entrywise_cases,
        ),
        _gradient(
            "conv2d_dw",
            "(dZ, X, w_shape)",
            "The gradient of the patterns.",
            (6, 2, 1),
            _conv2d_dw_call,
            _from("dZ"),
        ),
        _gradient(
            "conv2d_db",
            "(dZ)",
            "The gradient of the biases of the patterns.",
            (3, 1),
            _conv2d_db_call,
            _from("dZ"),
        ),
        _gradient(
            "conv2d_dX",
            "(dZ, w, X_shape)",
            "The gradient of the images.",
            (6, 2, 1),
            _conv2d_dX_call,
            _from("dZ"),
        ),
        Question(
            name="backward",
            function="backward",
            signature="(parameters, X, Y, dscores)",
            words="The gradient of every parameter, from that of the scores.",
            items=(
                Item("values", 8, "all four gradients"),
                Item("manners", 2, MANNERS),
            ),
            cases=_backward_cases,
            right=networks.backward,
            returns=("w", "b", "W", "c"),
            equation="eq-dZ",
            page="delta-and-activation",
            operation="network_backward",
            mistakes=(*networks.BACKWARD, *network_mistakes.BACKWARD),
        ),
        Question(
            name="step",
            function="step",
            signature="(parameters, gradients, learning_rate)",
            words="Move every parameter against its gradient.",
            items=(
                Item("values", 3, "all four parameters"),
                Item("manners", 2, MANNERS),
            ),
            cases=_step_cases,
            right=networks.step,
            returns=("w", "b", "W", "c"),
            equation="eq-update-w",
            page="learning",
            operation="network_step",
            mistakes=(*networks.STEP, *network_mistakes.STEP),
        ),
        Question(
            name="train",
            function="train",
            signature="(parameters, X, labels, learning_rate, batch, epochs)",
            words="Go through the images in their order, batch by batch, one step for each batch.",
            items=(
                Item("values", 6, "the parameters after some steps"),
                Item("rest", 2, "a last batch that is not full"),
                Item("manners", 2, MANNERS),
            ),
            cases=_train_cases,
            right=networks.train,
            returns=("w", "b", "W", "c"),
            equation="eq-update-w",
            page="learning",
            operation="network_train",
            mistakes=(*networks.TRAIN, *network_mistakes.TRAIN),
        ),
        Question(
            name="learn",
            function="learn",
            signature="(X, labels)",
            words="Choose patterns, starting values, rate and epochs, and return what was learned.",
            items=(
                Item("values", 5, "it reads at least 75 of 100 digits that it has not seen"),
                Item("85", 5, "it reads at least 85 of 100"),
            ),
            cases=_nothing,
            right=networks.learn,
            returns=("w", "b", "W", "c"),
            equation="eq-update-w",
            page="learning",
            trials=_reads,
        ),
    ),
)
