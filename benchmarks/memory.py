"""Part `memory`: by how much one step of training raises the memory of a process.

``python -m benchmarks.memory PEER BATCH`` is the process: everything is imported, a step with a
tiny batch is done, then the peak of the memory is set back and one step is watched.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import peers, training
from benchmarks.report import Results, number, table, times

BATCHES = (64, 256)
STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def measure(repeats: int, with_torch: bool) -> dict[str, dict[str, int]]:
    """Return bytes by batch and peer: medians over processes."""
    found: dict[str, dict[str, int]] = {}
    for batch in BATCHES:
        for peer in [peers.FAST, *([peers.TORCH] if with_torch else [])]:
            command = [sys.executable, "-m", "benchmarks.memory", peer, str(batch)]
            taken = [
                int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                for _ in range(repeats)
            ]
            found.setdefault(f"batch {batch}", {})[peer] = int(statistics.median(taken))
    return found


def growth(peer: str, batch: int) -> int:
    """Return the bytes that one step adds to the peak of this process."""
    model = training.fast_model()
    convert: Any = lambda array: array  # noqa: E731
    if peer == peers.TORCH:
        torch = peers.load_torch()
        torch.set_num_threads(1)
        step, convert = training.torch_step(torch, model), torch.from_numpy
    else:
        step = training.fast_step(model)
    ((X, labels),) = training.batches(batch, 1)
    X, labels = convert(X), convert(labels)
    step(X[:2], labels[:2])
    with contextlib.suppress(OSError):
        CLEAR.write_text("5")  # the peak is now what is in use
    before = peak()
    step(X, labels)
    return peak() - before


def peak() -> int:
    """Return the largest resident memory so far, in bytes."""
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource  # not on Windows

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def show(results: Results, part: str, threads: int) -> str:
    """Return the table of megabytes."""
    lines = []
    for case, taken in results.memory.items():
        fast, torch = taken[peers.FAST], taken.get(peers.TORCH)
        quotient = fast / torch if torch else None
        lines.append([case, number(fast / 1e6), number(torch and torch / 1e6), times(quotient)])
    head = ["LeNet-5", peers.FAST, peers.TORCH, "of PyTorch's"]
    return f"memory that one step of training adds to the peak, MB\n\n{table(head, lines)}"


if __name__ == "__main__":
    print(growth(sys.argv[1], int(sys.argv[2])))
