"""Compare, then time: `cnnlab.fast` and what one would use instead of it.

Parts: conv (nine layers), single (one small image), pauses (calls that do not follow at once),
threads (what a second thread gains), pool, activations, losses, dense, training (LeNet-5), startup,
memory, and machine (its limits).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    convolution,
    layers,
    machine,
    memory,
    operations,
    peers,
    startup,
    training,
)
from benchmarks.report import Results
from benchmarks.worker import WRONG, Plan

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "_build" / "bench"
COMMITTED = ROOT / "cnnlab" / "data" / "bench"  # what the book shows

SHOWS: dict[str, Callable[[Results, str, int], str]] = {
    "machine": machine.show,
    "conv": convolution.show,
    "single": convolution.show,
    "pauses": convolution.show,
    "threads": convolution.show_sharing,
    **dict.fromkeys(operations.PARTS, operations.show),
    "training": training.show,
    "startup": startup.show,
    "memory": memory.show,
}
ONCE = ("startup", "memory")  # with one thread only

THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def plans(options: argparse.Namespace) -> Iterator[Plan]:
    """Yield what is to be done, part by part."""
    for part in options.parts or SHOWS:
        counts = options.threads
        if part in ONCE:
            counts = [1]
        elif part == "threads":
            counts = [count for count in counts if count > 1]
        for threads in counts:
            yield Plan(
                part, threads, options.quick, options.layers, options.operations, options.peers
            )


def work(plan: Plan) -> Results:
    """Let a new process do the plan."""
    settings = dict.fromkeys(THREAD_SETTINGS, str(plan.threads))
    # Threads of NumPy's matrix product would keep a processor busy, waiting for the next product,
    # while the next peer has its turn.
    settings["OPENBLAS_THREAD_TIMEOUT"] = "4"
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        found = Path(folder) / "results.json"
        command = [sys.executable, "-m", "benchmarks.worker", json.dumps(asdict(plan)), str(found)]
        status = subprocess.run(command, cwd=ROOT, env=os.environ | settings).returncode
        if status == WRONG:
            raise SystemExit("benchmarks: stopped; what is wrong is not timed.")
        if status:
            raise SystemExit(f"benchmarks: part {plan.part} ended with status {status}.")
        return Results.load(found)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    lists = layers.LAYERS, *layers.OF_PART.values()
    names = list(dict.fromkeys(layer.name for chosen in lists for layer in chosen))
    everyone = (peers.FAST, peers.TORCH, peers.NUMPY, peers.LOOPS)
    most = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    add = parser.add_argument
    add("parts", nargs="*", metavar="PART", help="all of them when left out")
    add("--layers", nargs="+", default=[], choices=names, metavar="NAME", help=", ".join(names))
    add("--operations", nargs="+", default=[], choices=layers.OPERATIONS, help="of a layer")
    add("--peers", nargs="+", default=[], choices=everyone, metavar="NAME", help=str(everyone))
    add("--threads", nargs="+", type=int, default=sorted({1, min(2, most or 1)}), metavar="N")
    add("--quick", action="store_true", help="few repetitions")
    add("--best", action="store_true", help="show the shortest turns instead of medians")
    add("--output", type=Path, metavar="FILE", help="where results (JSON) and figures go")
    add("--save", action="store_true", help="keep results and figures for the book: all parts")
    add("--show", type=Path, metavar="FILE", help="print and draw these results; time nothing")
    options = parser.parse_args(arguments)
    if options.save:
        if options.parts or options.layers or options.operations or options.peers or options.quick:
            parser.error("--save keeps a whole run: no parts, layers, operations, peers or --quick")
        options.output = COMMITTED / "bench.json"
    options.output = options.output or options.show or BUILT / "bench.json"
    unknown = [part for part in options.parts if part not in SHOWS]
    if unknown:
        parser.error(f"no part is called {unknown[0]}; there are {', '.join(SHOWS)}")
    return options


def say(results: Results, part: str, threads: int) -> None:
    """Print the table of one part."""
    print(SHOWS[part](results, part, threads), end="\n\n", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the parts that were asked for."""
    options = parse(arguments)
    if options.show:
        results = Results.load(options.show)
        shown = results.shortest() if options.best else results
        for part, threads in dict.fromkeys((row.part, row.threads) for row in results.rows):
            say(shown, part, threads)
        if results.memory:
            say(shown, "memory", 1)
    else:
        results = Results(machine.describe(), machine.versions(), quick=options.quick)
        for plan in plans(options):
            results.merge(work(plan))
            say(results.shortest() if options.best else results, plan.part, plan.threads)
        results.save(options.output)
    print(machine.words(results))
    for doubt in results.doubts():
        print(f"doubtful  {doubt}")
    from benchmarks import figures  # late: Matplotlib is not needed to measure

    drawn = figures.draw(results, options.output.parent)
    print(f"results   {', '.join(str(path) for path in [options.output, *drawn])}")


if __name__ == "__main__":
    main()
