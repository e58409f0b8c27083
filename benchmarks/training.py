"""Part `training`: LeNet-5 on 28x28 images, the same network and the same steps in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.compare import WrongResultError
from benchmarks.report import Results, Row, number, ratio, table, threads_in_words, timed, times
from benchmarks.timing import Call, Effort, interleave

LEARNING_RATE = 0.01
STEPS_COMPARED = 5
TOLERANCE = 1e-4  # relative; rounding errors of the steps before are in every loss

Step = Callable[[Any, Any], float]  # images, labels -> loss before the step


def batches_of(threads: int) -> tuple[int, ...]:
    """Return the batch sizes that are timed with that many threads."""
    return (32, 64) if threads == 1 else (256,)


def batches(size: int, count: int = 8) -> list[tuple[Any, Any]]:
    """Return batches of random images and labels."""
    rng = np.random.default_rng(0)
    return [
        (rng.random((size, 1, 28, 28), np.float32), rng.integers(0, 10, size)) for _ in range(count)
    ]


def fast_model() -> Any:
    """Return LeNet-5 as a model of this package."""
    from cnnlab.presets import preset

    return preset("lenet")


def fast_step(model: Any) -> Step:
    """Return one step of training: the four lines of the book, as `training.fit` takes them."""
    from cnnlab.fast import cross_entropy
    from cnnlab.optimizers import SGD

    optimizer = SGD(LEARNING_RATE)

    def step(X: Any, labels: Any) -> float:
        L, dY = cross_entropy(model.forward(X), labels)
        model.backward_to_parameters(dY)  # PyTorch leaves it out, too
        optimizer.step(model)
        return float(L)

    return step


def torch_step(torch: Any, model: Any) -> Step:
    """Return the same step in PyTorch, from the same weights."""
    nn = torch.nn
    twin = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )
    with torch.no_grad():
        for value, parameter in zip(twin.parameters(), model.parameters(), strict=True):
            value.copy_(torch.from_numpy(parameter.value))
    optimizer = torch.optim.SGD(twin.parameters(), lr=LEARNING_RATE)

    def step(X: Any, labels: Any) -> float:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(twin(X), labels)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def measure(threads: int, effort: Effort, torch: Any) -> list[Row]:
    """Compare the losses of the first steps, then time steps."""
    rows = []
    for size in batches_of(threads):
        data = batches(size)
        model = fast_model()
        steps = {peers.FAST: (fast_step(model), data)}
        if torch is not None:
            tensors = [tuple(map(torch.from_numpy, batch)) for batch in data]
            steps[peers.TORCH] = (torch_step(torch, model), tensors)
        errors = compare_losses(
            {
                peer: [step(*batch) for batch in own[:STEPS_COMPARED]]
                for peer, (step, own) in steps.items()
            },
            f"training, batch {size}",
        )
        calls = {peer: _next_step(step, own) for peer, (step, own) in steps.items()}
        pause = 0.01 if threads > 1 else 0.0
        for peer, timing in interleave(calls, effort, pause=pause).items():
            case = f"batch {size}"
            rows.append(
                timed("training", case, "step", threads, peer, size, timing, errors.get(peer, 0.0))
            )
    return rows


def _next_step(step: Step, data: list[tuple[Any, Any]]) -> Call:
    endless = cycle(data)
    return lambda: step(*next(endless))


def compare_losses(losses: dict[str, list[float]], where: str) -> dict[str, float]:
    """Return the largest relative difference of each peer from the first one.

    Raises
    ------
    WrongResultError
        If a loss differs by more than `TOLERANCE`.
    """
    (_, expected), *others = losses.items()
    differences: dict[str, float] = {}
    for peer, own in others:
        for step, (loss, wanted) in enumerate(zip(own, expected, strict=True)):
            difference = abs(loss - wanted) / abs(wanted)
            if not difference <= TOLERANCE:
                raise WrongResultError(
                    f"{where}, step {step}: the losses of {next(iter(losses))} and {peer} are "
                    f"{wanted:.9g} and {loss:.9g}"
                )
            differences[peer] = max(difference, differences.get(peer, 0.0))
    return differences


def show(results: Results, part: str, threads: int) -> str:
    """Return the table of images per second."""
    lines = []
    rows = results.select(part=part, threads=threads)
    for case in dict.fromkeys(row.case for row in rows):
        wanted = {"part": part, "threads": threads, "case": case}
        fast, torch = (results.one(peer=name, **wanted) for name in (peers.FAST, peers.TORCH))
        rates = [number(each.rate if each else None) for each in (fast, torch)]
        lines.append([case, *rates, times(ratio(fast, torch))])
    head = ["LeNet-5", peers.FAST, peers.TORCH, f"vs {peers.TORCH}"]
    return f"training, {threads_in_words(threads)}: images per second\n\n{table(head, lines)}"
