"""Part `startup`: what a new process waits for.

Each measurement is a process of its own, with a cache folder of its own for what Numba compiles.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks import peers
from benchmarks.report import Results, Row, number, table, timed
from benchmarks.timing import Timing

# Each prints seconds, and whether Numba was loaded.
BEGIN = "import sys, time; begin = time.perf_counter()\n"
END = "\nprint(time.perf_counter() - begin, int('numba' in sys.modules))"
IMPORT = "import cnnlab"
FIRST_CALL = """
import numpy as np
import cnnlab
cnnlab.fast.conv2d(np.zeros((1, 1, 28, 28), np.float32), np.zeros((6, 1, 5, 5), np.float32))
"""
TRAINING_STEP = """
from benchmarks import training
step = training.fast_step(training.fast_model())
step(*training.batches(64, 1)[0])
"""


def measure(repeats: int) -> list[Row]:
    """Time imports, first calls from a warm cache, and compilation from nothing."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="numba-cache-") as cold:
        seconds, _, _ = run(TRAINING_STEP, cold)
        rows.append(_row("first training step", "cold cache: all is compiled", [seconds]))
        run(FIRST_CALL, cold)
        for case, program in {
            "import cnnlab": IMPORT,
            "first convolution": FIRST_CALL,
            "first training step": TRAINING_STEP,
        }.items():
            taken = [run(program, cold) for _ in range(repeats)]
            numba = any(loaded for _, _, loaded in taken)
            state = "warm cache" if case != "import cnnlab" else "without Numba"
            if case == "import cnnlab" and numba:
                state = "LOADS NUMBA"
            rows.append(_row(case, state, [seconds for seconds, _, _ in taken]))
            if case == "first convolution":
                whole = [seconds for _, seconds, _ in taken]
                rows.append(_row(case, "warm cache, with the start of Python", whole))
    return rows


def run(program: str, cache: str) -> tuple[float, float, bool]:
    """Return seconds inside a new process, seconds for the whole of it, and if it loaded Numba."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program + END],
        env=os.environ | {"NUMBA_CACHE_DIR": cache},
        check=True,
        capture_output=True,
        text=True,
    )
    whole = time.perf_counter() - begin
    inside, loaded = done.stdout.split()
    return float(inside), whole, loaded == "1"


def _row(case: str, state: str, seconds: list[float]) -> Row:
    timing = Timing(statistics.median(seconds), min(seconds), len(seconds), 1.0)
    return timed("startup", case, state, 1, peers.FAST, 1.0, timing)


def show(results: Results, part: str, threads: int) -> str:
    """Return the table of seconds."""
    rows = results.select(part="startup")
    lines = [[row.case, row.operation, number(row.seconds), number(row.best)] for row in rows]
    head = ["what", "state", "median", "shortest"]
    return f"start-up, seconds in a new process\n\n{table(head, lines, words=2)}"
