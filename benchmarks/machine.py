"""The machine: what it is, and part `machine`, how fast it multiplies and copies."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.convolution import PRODUCT_SIZE, products
from benchmarks.peers import Peer
from benchmarks.report import Results, Row, number, table, threads_in_words, timed
from benchmarks.timing import Call, Effort, interleave
from cnnlab.machine import processor, processors

COUNTS = Path("/proc/stat")
VECTORS = ("neon", "sve", "sse4.2", "avx", "avx2", "fma", "avx512f")
COPIED = 1 << 28  # bytes; more than most caches hold


def describe() -> dict[str, Any]:
    """Return what the results depend on."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    return {
        "processor": f"{processor()} ({binding.get_host_cpu_name()})",
        "cores": processors(),
        "vectors": [name for name in VECTORS if features.get(name)],
        "caches": _caches(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _caches() -> dict[str, str]:
    """Return the sizes of the caches that the first core uses, where Linux says them."""
    sizes = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (
            (index / name).read_text().strip() for name in ("level", "type", "size")
        )
        if kind != "Instruction":
            sizes[f"L{level}"] = size
    return sizes


class Watch:
    """How many processors other programs kept busy while this process and its children ran."""

    def __init__(self) -> None:
        self.begin = time.monotonic(), _busy_seconds(), _own_seconds()

    def others(self) -> float | None:
        """Return their mean number since the watch began; None where Linux's count is missing."""
        begin, busy, own = self.begin
        now = _busy_seconds()
        if now is None or busy is None:
            return None
        passed = time.monotonic() - begin
        return max(0.0, (now - busy - (_own_seconds() - own)) / passed)


def _busy_seconds() -> float | None:
    """Return the time that all processors together have worked."""
    if not COUNTS.exists():
        return None
    user, nice, system, _, _, *rest = map(int, COUNTS.read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    return sum(os.times()[:4])


def versions() -> dict[str, str]:
    """Return the versions of what every peer stands on."""
    import numba
    from llvmlite import binding

    llvm = ".".join(map(str, binding.llvm_version_info))
    return {
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "Numba": f"{numba.__version__} (LLVM {llvm})",
    }


def measure(those: Sequence[Peer], threads: int, effort: Effort) -> list[Row]:
    """Time a product of large matrices, and copies of an array that no cache holds."""
    pause = 0.01 if threads > 1 else 0.0
    work = 2.0 * PRODUCT_SIZE**3
    rows = [
        timed("machine", f"{PRODUCT_SIZE}x{PRODUCT_SIZE}", "product", threads, peer, work, timing)
        for peer, timing in interleave(products(those), effort, pause=pause).items()
    ]
    source, target = np.ones(COPIED, np.uint8), np.ones(COPIED, np.uint8)
    calls: dict[str, Call] = {"NumPy": lambda: np.copyto(target, source)}
    torch = peers.torch_of(those)
    if torch is not None:
        one, other = torch.from_numpy(source), torch.from_numpy(target)
        calls["PyTorch"] = lambda: other.copy_(one)
    rows += [
        timed("machine", f"{COPIED >> 20} MiB", "copy", threads, peer, 2.0 * COPIED, timing)
        for peer, timing in interleave(calls, effort, pause=pause).items()
    ]
    return rows


def show(results: Results, part: str, threads: int) -> str:
    """Return the table of rates."""
    units = {"product": "GFLOP/s", "copy": "GB/s read and written"}
    lines = [
        [row.operation, row.case, row.peer, number(row.giga), units[row.operation]]
        for row in results.select(part=part, threads=threads)
    ]
    head = ["what", "size", "by", "rate", "unit"]
    return f"machine, {threads_in_words(threads)}\n\n{table(head, lines, words=3)}"


def words(results: Results) -> str:
    """Return the machine, the versions and what is missing, as lines."""
    machine = results.machine
    caches = ", ".join(f"{name} {size}" for name, size in machine["caches"].items())
    lines = [
        f"machine   {machine['processor']}, {machine['cores']} cores, {machine['system']}",
        f"vectors   {' '.join(machine['vectors'])}; caches {caches or 'unknown'}",
        f"versions  {', '.join(f'{name} {number}' for name, number in results.versions.items())}",
    ]
    return "\n".join([*lines, *(f"missing   {reason}" for reason in results.missing)])
