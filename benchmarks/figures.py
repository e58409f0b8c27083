"""The figures that the book shows, drawn from kept results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks import layers, peers
from benchmarks.convolution import PRODUCT, product_rate
from benchmarks.report import Results, number, ratio, threads_in_words
from cnnlab.plots import style, vector

# Told apart by form as well as by color.
OPERATION_MARKS = {
    "forward": ("o", style.COLORS["Z"]),
    "dX": ("s", style.COLORS["dX"]),
    "dw": ("^", style.COLORS["dw"]),
}
PEER_MARKS = {
    peers.FAST: ("o", style.BLUE),
    peers.TORCH: ("s", style.VERMILION),
    peers.NUMPY: ("^", style.GREEN),
    peers.LOOPS: ("D", style.PURPLE),
}


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw what there are results for; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    with mpl.rc_context():
        style.use_style()
        for name, figure in _figures(results):
            files.append(folder / f"{name}.svg")
            files[-1].write_text(vector.figure_svg(figure) + "\n", encoding="utf-8")
    return files


def _figures(results: Results) -> Iterator[tuple[str, Figure]]:
    for threads in sorted({row.threads for row in results.select(part="conv")}):
        if results.select(part="conv", threads=threads, peer=peers.TORCH):
            yield f"ratios-{threads}", draw_ratios(results, threads)
        if results.select(part="conv", threads=threads, operation="forward"):
            yield f"rates-{threads}", draw_rates(results, threads)
    if results.select(part="training"):
        yield "training", draw_training(results)


def draw_ratios(results: Results, threads: int) -> Figure:
    """Draw how many times as fast as PyTorch every operation of every layer is."""
    cases = _cases(results, threads)
    figure = Figure(figsize=(style.WIDTH, 1.3 + 0.36 * len(cases)))
    axes = figure.subplots()
    for place, (operation, (mark, color)) in enumerate(OPERATION_MARKS.items()):
        found = []
        for line, case in enumerate(cases):
            wanted = {"part": "conv", "threads": threads, "case": case, "operation": operation}
            fast, torch = (results.one(peer=name, **wanted) for name in (peers.FAST, peers.TORCH))
            quotient = ratio(fast, torch)
            if quotient is not None:
                found.append((quotient, line + 0.2 * (place - 1)))
        if found:
            axes.plot(*zip(*found, strict=True), mark, color=color, label=operation)
    axes.axvline(1, color=style.INK, linewidth=1.2)
    axes.set_xlabel(f"times as fast as PyTorch, {threads_in_words(threads)}")
    _finish(figure, axes, cases)
    return figure


def draw_rates(results: Results, threads: int) -> Figure:
    """Draw the rate of the forward pass, peer by peer."""
    cases = _cases(results, threads)
    figure = Figure(figsize=(style.WIDTH, 1.3 + 0.36 * len(cases)))
    axes = figure.subplots()
    shifts = {peers.FAST: -0.15, peers.TORCH: 0.15}  # equals do not hide each other
    for name, (mark, color) in PEER_MARKS.items():
        found = []
        for line, case in enumerate(cases):
            row = results.one(
                part="conv", threads=threads, case=case, operation="forward", peer=name
            )
            if row is not None:
                found.append((row.giga, line + shifts.get(name, 0.0)))
        if found:
            axes.plot(*zip(*found, strict=True), mark, color=color, label=name)
    limit = product_rate(results, part="conv", threads=threads, operation="forward")
    if limit is not None:
        axes.axvline(limit / 1e9, color=style.EDGE, linestyle="--", linewidth=1.2, label=PRODUCT)
    axes.set_xlabel(f"GFLOP/s of the forward pass, {threads_in_words(threads)}")
    _finish(figure, axes, cases)
    return figure


def draw_training(results: Results) -> Figure:
    """Draw images per second of training."""
    rows = results.select(part="training")
    cases = list(dict.fromkeys((row.case, row.threads) for row in rows))
    figure = Figure(figsize=(style.WIDTH, 1.0 + 0.62 * len(cases)))
    axes = figure.subplots()
    for place, (name, hatch) in enumerate([(peers.FAST, ""), (peers.TORCH, "//")]):
        for line, (case, threads) in enumerate(cases):
            row = results.one(part="training", case=case, threads=threads, peer=name)
            if row is None:
                continue
            bar = axes.barh(
                line + 0.38 * (place - 0.5), row.rate, 0.36, color=PEER_MARKS[name][1],
                hatch=hatch, edgecolor=style.PAPER, label=name if line == 0 else None,
            )  # fmt: skip
            axes.bar_label(bar, [f"{row.rate:,.0f}"], padding=3)
    axes.margins(x=0.15)
    axes.locator_params(axis="x", nbins=4)
    axes.set_yticks(range(len(cases)), [f"{case}\n{threads_in_words(n)}" for case, n in cases])
    axes.invert_yaxis()
    axes.set_xlabel("images per second, training LeNet-5")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def _cases(results: Results, threads: int) -> list[str]:
    """Return the layers that were timed, in the order of their table."""
    timed = {row.case for row in results.select(part="conv", threads=threads)}
    return [layer.name for layer in layers.LAYERS if layer.name in timed]


def _finish(figure: Figure, axes: Any, cases: Sequence[str]) -> None:
    axes.set_yticks(range(len(cases)), cases)
    axes.invert_yaxis()
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    steps = [step * 10.0**power for power in range(-3, 5) for step in (1, 2, 5)]
    axes.set_xticks([step for step in steps if low <= step <= high])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 1)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.grid(True)
    figure.legend(loc="outside upper center", ncols=2)
