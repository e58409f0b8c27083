"""Parts `pool`, `activations`, `losses` and `dense`: the other operations, against PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks import peers
from benchmarks.compare import compare
from benchmarks.layers import Array
from benchmarks.report import (
    Results,
    Row,
    geometric_mean,
    number,
    ratio,
    table,
    threads_in_words,
    timed,
    times,
)
from benchmarks.timing import Call, Effort, interleave
from cnnlab.operations import OPERATIONS, Operation, find

PARTS = ("pool", "activations", "losses", "dense")

MAPS = {
    "lenet1 64x6x28x28": (64, 6, 28, 28),
    "lenet2 64x16x10x10": (64, 16, 10, 10),
    "large 64x32x56x56": (64, 32, 56, 56),
}
SCORES = {"lenet 64x10": (64, 10), "classes 256x1000": (256, 1000)}
MATRICES = {  # batch, inputs, outputs
    "lenet 64x400 to 120": (64, 400, 120),
    "lenet 64x120 to 84": (64, 120, 84),
    "large 256x1024 to 512": (256, 1024, 512),
}


class Expected(NamedTuple):
    """An exact result, and the scale of its rounding errors; 0 where it must be met."""

    exact: Array
    magnitude: Array | float = 0.0


class Case(NamedTuple):
    """One operation on arrays of one size."""

    name: str
    operation: str
    work: float  # entries read and written, or operations
    calls: dict[str, Call]  # by peer
    expected: tuple[Expected, ...]  # one for each result


def cases(part: str, fast: Any, torch: Any) -> Iterator[Case]:
    """Yield the cases of a part; without PyTorch, `torch` is None."""
    maker: dict[str, Callable[[Any, Any], Iterator[Case]]] = {
        "pool": _pools,
        "activations": _activations,
        "losses": _losses,
        "dense": _dense,
    }
    return maker[part](fast, torch)


def measure(part: str, threads: int, effort: Effort, fast: Any, torch: Any) -> list[Row]:
    """Compare, then time."""
    rows = []
    for case in cases(part, fast, torch):
        errors = {}
        for peer, call in case.calls.items():
            results: Any = call()
            results = results if isinstance(results, (tuple, list)) else (results,)
            where = f"{part}, {case.name}, {case.operation}, {peer}"
            errors[peer] = max(
                compare(where, result, *expected)
                for result, expected in zip(results, case.expected, strict=True)
            )
        pause = 0.01 if threads > 1 else 0.0
        for peer, timing in interleave(case.calls, effort, pause=pause).items():
            rows.append(
                timed(
                    part, case.name, case.operation, threads, peer, case.work, timing, errors[peer]
                )
            )
    return rows


def show(results: Results, part: str, threads: int) -> str:
    """Return the table of microseconds and ratios."""
    lines, ratios = [], []
    rows = results.select(part=part, threads=threads)
    for case, operation in dict.fromkeys((row.case, row.operation) for row in rows):
        wanted = {"part": part, "threads": threads, "case": case, "operation": operation}
        fast, torch = (results.one(peer=name, **wanted) for name in (peers.FAST, peers.TORCH))
        quotient = ratio(fast, torch)
        microseconds = [number(each.microseconds if each else None) for each in (fast, torch)]
        lines.append([case, operation, *microseconds, times(quotient)])
        if quotient is not None:
            ratios.append(quotient)
    if ratios:
        lines.append(["geometric mean", "", "", "", times(geometric_mean(ratios))])
    head = ["size", "operation", peers.FAST, peers.TORCH, f"vs {peers.TORCH}"]
    title = f"{part}, {threads_in_words(threads)}: microseconds per call"
    return f"{title}\n\n{table(head, lines, words=2)}"


def _calls(fast: Call, torch: Any, call: Any) -> dict[str, Call]:
    """Return the calls by peer; `call` is PyTorch's."""
    return {peers.FAST: fast} | ({} if torch is None else {peers.TORCH: call})


def _tensors(torch: Any, *arrays: Array) -> Sequence[Any]:
    return arrays if torch is None else [torch.from_numpy(array) for array in arrays]


def _normal(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def _pools(fast: Any, torch: Any) -> Iterator[Case]:
    for name, shape in MAPS.items():
        for size, stride in ((2, 2), (3, 2)):
            pool = _Pool(fast, torch, name, shape, size, stride)
            yield from pool.largest()
            yield from pool.means()


class _Pool:
    """Square windows over images: their largest pixels and their means, there and back."""

    def __init__(
        self, fast: Any, torch: Any, name: str, shape: tuple[int, ...], size: int, stride: int
    ) -> None:
        self.fast, self.torch, self.name, self.shape = fast, torch, name, shape
        self.size, self.stride = size, stride
        self.rows, self.columns = ((length - size) // stride + 1 for length in shape[2:])
        self.X, self.dY = _normal(shape, (*shape[:2], self.rows, self.columns))
        self.tX, self.tdY = _tensors(torch, self.X, self.dY)
        windows = np.lib.stride_tricks.sliding_window_view(self.X, (size, size), axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        self.windows = windows.reshape(*shape[:2], self.rows, self.columns, -1)
        # In the words of PyTorch.
        self.aten: Any = None if torch is None else torch.ops.aten
        self.options: Any = [size] * 2, [stride] * 2, [0, 0]

    def case(self, title: str, ours: Call, theirs: Call, *expected: Expected) -> Case:
        """Return a case; every number is read or written once."""
        kind, _, back = title.partition(" ")
        title = f"{kind} {self.size}x{self.size} stride {self.stride} {back}".rstrip()
        calls = _calls(ours, self.torch, theirs)
        return Case(self.name, title, float(self.X.size + self.dY.size), calls, expected)

    def largest(self) -> Iterator[Case]:
        fast, aten, size, stride = self.fast, self.aten, self.size, self.stride
        B, D, M, N = self.shape
        inside = self.windows.argmax(axis=-1)
        p = inside // size + stride * np.arange(self.rows)[:, None]
        q = inside % size + stride * np.arange(self.columns)
        argmax = p * N + q
        yield self.case(
            "max",
            lambda: fast.max_pool2d(self.X, size, stride=stride),
            lambda: aten.max_pool2d_with_indices(self.tX, *self.options, [1, 1], False),
            Expected(self.windows.max(axis=-1)),
            Expected(argmax),
        )
        dX, magnitude = (np.zeros((B * D, M * N)) for _ in range(2))
        places = np.arange(B * D)[:, None], argmax.reshape(B * D, -1)
        np.add.at(dX, places, self.dY.reshape(B * D, -1))
        np.add.at(magnitude, places, np.abs(self.dY).reshape(B * D, -1))
        winners = None if aten is None else self.torch.from_numpy(argmax)
        back = aten and aten.max_pool2d_with_indices_backward
        yield self.case(
            "max dX",
            lambda: fast.max_pool2d_dX(self.dY, argmax, self.shape),
            lambda: back(self.tdY, self.tX, *self.options, [1, 1], False, winners),
            Expected(dX.reshape(self.shape), magnitude.reshape(self.shape)),
        )

    def means(self) -> Iterator[Case]:
        fast, aten, size, stride = self.fast, self.aten, self.size, self.stride
        wide = self.windows.astype(np.float64)
        yield self.case(
            "average",
            lambda: fast.avg_pool2d(self.X, size, stride=stride),
            lambda: aten.avg_pool2d(self.tX, *self.options[:2]),
            Expected(wide.mean(axis=-1), np.abs(wide).mean(axis=-1)),
        )
        dX, magnitude = np.zeros(self.shape), np.zeros(self.shape)
        for u, v in np.ndindex(size, size):
            i = slice(u, u + (self.rows - 1) * stride + 1, stride)
            j = slice(v, v + (self.columns - 1) * stride + 1, stride)
            dX[:, :, i, j] += self.dY / size**2
            magnitude[:, :, i, j] += np.abs(self.dY) / size**2
        back = aten and aten.avg_pool2d_backward
        yield self.case(
            "average dX",
            lambda: fast.avg_pool2d_dX(self.dY, self.shape, size, stride=stride),
            lambda: back(self.tdY, self.tX, *self.options, False, True, None),
            Expected(dX, magnitude),
        )


def _activations(fast: Any, torch: Any) -> Iterator[Case]:
    for name, shape in MAPS.items():
        Z, dY = _normal(shape, shape)
        wide = Z.astype(np.float64)
        for operation in OPERATIONS:
            if operation.entrywise is not None:
                exact = operation.entrywise.value(wide)
                yield _activation(fast, torch, name, operation.name, Z, exact)
                yield _gradient(fast, torch, name, operation, Z, dY)
    for name, scores in SCORES.items():
        (Z,) = _normal(scores)
        logarithm = _log_softmax(Z.astype(np.float64))
        yield _activation(fast, torch, name, "softmax", Z, np.exp(logarithm), -1)
        yield _activation(fast, torch, name, "log_softmax", Z, logarithm, -1)


def _activation(
    fast: Any, torch: Any, name: str, operation: str, Z: Array, exact: Array, *axis: int
) -> Case:
    (tZ,) = _tensors(torch, Z)
    function = getattr(fast, operation)
    other = torch and find(operation).in_pytorch(torch)
    calls = _calls(lambda: function(Z), torch, lambda: other(tZ, *axis))
    return Case(name, operation, 2.0 * Z.size, calls, (Expected(exact, np.abs(exact)),))


def _gradient(fast: Any, torch: Any, name: str, operation: Operation, Z: Array, dY: Array) -> Case:
    function = getattr(fast, f"{operation.name}_dZ")
    judge: Any = operation.entrywise
    Y = judge.value(Z.astype(np.float64)).astype(np.float32)
    exact = judge.slope(Y.astype(np.float64)) * dY
    other = None if torch is None else _torch_slope(torch, operation, Z, dY, Y)
    calls = _calls(lambda: function(dY, Y), torch, other)
    title = f"{operation.name} dZ"
    return Case(name, title, 3.0 * Y.size, calls, (Expected(exact, np.abs(dY)),))


def _torch_slope(torch: Any, operation: Operation, Z: Array, dY: Array, Y: Array) -> Call:
    """Return PyTorch's way back: its function of the output where there is one, or autograd."""
    aten = torch.ops.aten
    tZ, tdY, tY = _tensors(torch, Z, dY, Y)
    if operation.name == "relu":
        return lambda: aten.threshold_backward(tdY, tY, 0)
    if operation.name in ("sigmoid", "tanh"):
        backward = getattr(aten, f"{operation.name}_backward")
        return lambda: backward(tdY, tY)
    leaf = tZ.requires_grad_()
    result = operation.in_pytorch(torch)(leaf)
    return lambda: torch.autograd.grad(result, leaf, tdY, retain_graph=True)[0]


def _log_softmax(Z: Array) -> Array:
    Z = Z - Z.max(axis=-1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))


def _losses(fast: Any, torch: Any) -> Iterator[Case]:
    for name, (batch, classes) in SCORES.items():
        yield _cross_entropy(fast, torch, name, batch, classes)
        yield _squared_error(fast, torch, name, batch, classes)


def _cross_entropy(fast: Any, torch: Any, name: str, batch: int, classes: int) -> Case:
    (Z,) = _normal((batch, classes))
    labels = np.random.default_rng(0).integers(0, classes, batch)
    logarithm = _log_softmax(Z.astype(np.float64))
    own = np.arange(batch), labels
    loss = np.asarray(-logarithm[own].mean())
    dZ = np.exp(logarithm)
    magnitude = dZ * (1 + np.abs(logarithm))
    dZ[own] -= 1
    calls = _calls(
        lambda: fast.cross_entropy(Z, labels), torch, _torch_cross_entropy(torch, Z, labels)
    )
    gradient = Expected(dZ / batch, (np.abs(dZ) + magnitude) / batch)
    return Case(name, "cross_entropy", 2.0 * Z.size, calls, (Expected(loss, loss), gradient))


def _squared_error(fast: Any, torch: Any, name: str, batch: int, classes: int) -> Case:
    Y, T = _normal((batch, classes), (batch, classes))
    error = Y.astype(np.float64) - T
    loss = np.asarray((error**2).sum() / 2 / batch)
    calls = _calls(lambda: fast.squared_error(Y, T), torch, _torch_squared_error(torch, Y, T))
    gradient = Expected(error / batch, (np.abs(Y) + np.abs(T)) / batch)
    return Case(name, "squared_error", 3.0 * Y.size, calls, (Expected(loss, loss), gradient))


def _torch_cross_entropy(torch: Any, Z: Array, labels: Array) -> Call:
    """Return the loss and its gradient in the four steps that autograd would take."""
    mean, ignored = 1, -100

    def call() -> Any:
        logarithm = aten._log_softmax(scores, 1, False)
        loss, weight = aten.nll_loss_forward(logarithm, targets, None, mean, ignored)
        gradient = aten.nll_loss_backward(one, logarithm, targets, None, mean, ignored, weight)
        return loss, aten._log_softmax_backward_data(gradient, logarithm, 1, scores.dtype)

    if torch is not None:
        aten, one = torch.ops.aten, torch.ones(())
        scores, targets = _tensors(torch, Z, labels)
    return call


def _torch_squared_error(torch: Any, Y: Array, T: Array) -> Call:
    total = 2

    def call() -> Any:
        loss = aten.mse_loss(outputs, targets, total) * share
        return loss, aten.mse_loss_backward(share, outputs, targets, total)

    if torch is not None:
        aten, share = torch.ops.aten, torch.tensor(0.5 / len(Y))
        outputs, targets = _tensors(torch, Y, T)
    return call


def _dense(fast: Any, torch: Any) -> Iterator[Case]:
    for name, sizes in MATRICES.items():
        yield from _products(fast, torch, name, *sizes)


def _products(
    fast: Any, torch: Any, name: str, batch: int, inputs: int, outputs: int
) -> Iterator[Case]:
    X, w, b, dZ = _normal((batch, inputs), (outputs, inputs), (outputs,), (batch, outputs))
    tX, tw, tb, tdZ = _tensors(torch, X, w, b, dZ)
    own: dict[str, Call] = {
        "forward": lambda: fast.dense(X, w, b),
        "dX": lambda: fast.dense_dX(dZ, w),
        "dw": lambda: fast.dense_dw(dZ, X),
    }
    other: dict[str, Call] = {
        "forward": lambda: torch.nn.functional.linear(tX, tw, tb),
        "dX": lambda: tdZ @ tw,
        "dw": lambda: tdZ.T @ tX,
    }

    def results(X: Array, w: Array, b: Array, dZ: Array) -> dict[str, Array]:
        return {"forward": X @ w.T + b, "dX": dZ @ w, "dw": dZ.T @ X}

    wide = [array.astype(np.float64) for array in (X, w, b, dZ)]
    exact, magnitude = results(*wide), results(*map(np.abs, wide))
    for operation in own:
        expected = Expected(exact[operation], magnitude[operation])
        calls = _calls(own[operation], torch, other[operation])
        yield Case(name, operation, 2.0 * batch * inputs * outputs, calls, (expected,))
