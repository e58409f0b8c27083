"""Parts `conv`, `single`, `pauses` and `threads`: forward, dX and dw of every layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import layers, peers
from benchmarks.compare import compare
from benchmarks.layers import Layer
from benchmarks.peers import Peer
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

PRODUCT = "matrix product"  # of NumPy and of PyTorch, the limit of `mid` and `wide`
PRODUCT_SIZE = 1024

RESTS = (0.0, 1e-4, 1e-3, 5e-3)  # seconds between two calls, for the part `pauses`


def measure(
    part: str, chosen: Sequence[Layer], those: Sequence[Peer], threads: int, effort: Effort,
    operations: Sequence[str] = layers.OPERATIONS, rests: Sequence[float] = (0.0,),
) -> list[Row]:  # fmt: skip
    """Compare, then time; the matrix product takes its turn on layers that can come close to it."""
    those = [peer for peer in those if threads == 1 or not peer.serial]
    rows = []
    for layer in chosen:
        data = layer.data()
        exact, magnitude = layers.judge(layer, data), layers.magnitudes(layer, data)
        calls = {peer.name: peer.calls(layer, data) for peer in those}
        for operation in operations:
            errors = {
                peer: compare(
                    f"{layer.title}, {operation}, {peer}",
                    own[operation](),
                    exact[operation],
                    magnitude[operation],
                )
                for peer, own in calls.items()
            }
            turn = {peer: own[operation] for peer, own in calls.items()}
            work = dict.fromkeys(turn, layer.work)
            if layer.name in layers.DEEP:
                for name, call in products(those).items():
                    turn[name], work[name] = call, 2.0 * PRODUCT_SIZE**3
            pause = 0.01 if threads > 1 else 0.0
            for rest in rests:
                case = layer.name + apart(rest)
                for peer, timing in interleave(turn, effort, pause=pause, rest=rest).items():
                    error = errors.get(peer, 0.0)
                    rows.append(
                        timed(part, case, operation, threads, peer, work[peer], timing, error)
                    )
    return rows


def apart(rest: float) -> str:
    """Say how far calls are apart, behind the name of a layer."""
    return f", {number(1e3 * rest, 1)} ms apart" if rest else ""


def measure_sharing(
    chosen: Sequence[Layer], fast: Peer, threads: int, effort: Effort,
    operations: Sequence[str] = layers.OPERATIONS,
) -> list[Row]:  # fmt: skip
    """Time `cnnlab.fast` with one thread and with all of them, in turn, in one process."""
    import numba

    def with_threads(count: int, call: Call) -> Call:
        def shared() -> object:
            numba.set_num_threads(count)
            return call()

        return shared

    rows = []
    for layer in chosen:
        calls = fast.calls(layer, layer.data())
        for operation in operations:
            counts = {threads_in_words(count): count for count in (1, threads)}
            turn = {name: with_threads(n, calls[operation]) for name, n in counts.items()}
            for name, timing in interleave(turn, effort, pause=0.01).items():
                rows.append(
                    timed("threads", layer.name, operation, threads, name, layer.work, timing)
                )
    return rows


def show_sharing(results: Results, part: str, threads: int) -> str:
    """Return the table of what more threads gain."""
    rows = results.select(part=part, threads=threads)
    one, all_of_them = threads_in_words(1), threads_in_words(threads)
    lines, gains = [], []
    for case, operation in dict.fromkeys((row.case, row.operation) for row in rows):
        wanted = {"part": part, "threads": threads, "case": case, "operation": operation}
        found = [results.one(peer=name, **wanted) for name in (one, all_of_them)]
        gain = ratio(found[1], found[0])
        rates = [number(each.giga if each else None) for each in found]
        lines.append([case, operation, *rates, times(gain)])
        gains.append(gain or math.nan)
    lines.append(["geometric mean", "", "", "", times(geometric_mean(gains))])
    head = ["layer", "operation", one, all_of_them, "gain"]
    return f"{all_of_them} against {one}, GFLOP/s\n\n{table(head, lines, words=2)}"


def products(those: Sequence[Peer]) -> dict[str, Call]:
    """Return products of two large matrices, by each library that offers one."""
    rng = np.random.default_rng(0)
    one, other = (rng.standard_normal((PRODUCT_SIZE,) * 2, np.float32) for _ in range(2))
    result = np.empty_like(one)
    calls: dict[str, Call] = {f"NumPy {PRODUCT}": lambda: np.matmul(one, other, out=result)}
    torch = peers.torch_of(those)
    if torch is not None:
        factors = torch.from_numpy(one), torch.from_numpy(other)
        calls[f"PyTorch {PRODUCT}"] = lambda: torch.mm(*factors)
    return calls


def product_rate(results: Results, **wanted: Any) -> float | None:
    """Return the rate of the fastest matrix product that was timed together with a row."""
    rates = [row.rate for row in results.select(**wanted) if row.peer.endswith(PRODUCT)]
    return max(rates, default=None)


def show(results: Results, part: str, threads: int) -> str:
    """Return the table of GFLOP/s (or microseconds) and ratios."""
    rows = results.select(part=part, threads=threads)
    names = [name for name in _peer_names(rows) if not name.endswith(PRODUCT)]
    others = [name for name in names if name != peers.FAST]
    in_microseconds = part in ("single", "pauses")
    head = ["layer", "operation", *names, *(f"vs {name}" for name in others)]
    head += [] if in_microseconds else ["of product", "busy"]
    lines: list[list[str]] = []
    ratios: dict[str, list[float]] = {name: [] for name in others}
    for case, operation in dict.fromkeys((row.case, row.operation) for row in rows):
        wanted = {"part": part, "threads": threads, "case": case, "operation": operation}
        found = {name: results.one(peer=name, **wanted) for name in names}
        fast = found.get(peers.FAST)
        line = [case, operation]
        for own in found.values():
            value = None if own is None else own.giga
            if in_microseconds and own is not None:
                value = own.microseconds
            line.append(number(value))
        for name in others:
            quotient = ratio(fast, found[name])
            line.append(times(quotient))
            if quotient is not None:
                ratios[name].append(quotient)
        if not in_microseconds:
            limit = product_rate(results, **wanted)
            share = None if limit is None or fast is None else fast.rate / limit
            line.append("-" if share is None else f"{share:.0%}")
            line.append("-" if fast is None else f"{fast.processors:.2f}")
        lines.append(line)
    if len(lines) > 1:
        means = [times(geometric_mean(ratios[name])) for name in others]
        rest = [""] * (0 if in_microseconds else 2)
        lines.append(["geometric mean", "", *[""] * len(names), *means, *rest])
    unit = "microseconds per call" if in_microseconds else "GFLOP/s"
    title = f"convolution, {part}, {threads_in_words(threads)}: {unit}, and how many times as fast"
    return f"{title} {peers.FAST} is\n\n{table(head, lines, words=2)}"


def _peer_names(rows: Sequence[Row]) -> list[str]:
    names = list(dict.fromkeys(row.peer for row in rows))
    return sorted(names, key=lambda name: name != peers.FAST)
