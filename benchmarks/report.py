"""Rows of measurements, the tables made of them, and the file that keeps them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.timing import Timing


@dataclass(frozen=True)
class Row:
    """What one peer needed for one operation."""

    part: str
    case: str
    operation: str
    threads: int  # allowed
    peer: str
    work: float  # operations, bytes or images of one call
    seconds: float  # of one call, median
    best: float  # of one call, shortest
    turns: int
    processors: float  # busy on average
    error: float = 0.0  # in units of the rounding error of float32

    @property
    def rate(self) -> float:
        """Work per second."""
        return self.work / self.seconds

    @property
    def giga(self) -> float:
        """Billions per second."""
        return self.rate / 1e9

    @property
    def microseconds(self) -> float:
        """Median of one call."""
        return self.seconds * 1e6


def timed(
    part: str, case: str, operation: str, threads: int, peer: str, work: float, timing: Timing,
    error: float = 0.0,
) -> Row:  # fmt: skip
    """Return the row of a timing."""
    return Row(part, case, operation, threads, peer, work, **asdict(timing), error=error)


@dataclass
class Results:
    """All that one run of the benchmarks found out."""

    machine: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    quick: bool = False
    rows: list[Row] = field(default_factory=list)
    memory: dict[str, dict[str, int]] = field(default_factory=dict)  # bytes by case and peer
    others: dict[str, float] = field(default_factory=dict)  # busy with something else, by part

    def select(self, **wanted: Any) -> list[Row]:
        """Return the rows with these values."""
        return [
            row
            for row in self.rows
            if all(getattr(row, name) == value for name, value in wanted.items())
        ]

    def one(self, **wanted: Any) -> Row | None:
        """Return the row with these values, if there is one."""
        return next(iter(self.select(**wanted)), None)

    def merge(self, other: Results) -> None:
        """Take over what another process found."""
        self.rows += other.rows
        self.versions |= other.versions
        self.memory |= other.memory
        self.others |= other.others
        self.missing += [reason for reason in other.missing if reason not in self.missing]

    def doubts(self) -> list[str]:
        """Return what makes rows doubtful: too many threads, or other programs at work."""
        lines = [
            f"{row.part}, {row.case}, {row.operation}: {row.peer} kept {row.processors:.2f} "
            f"processors busy, but {threads_in_words(row.threads)} were asked for"
            for row in self.rows
            if row.processors > row.threads + 0.1
        ]
        lines += [
            f"{part}: other programs kept {busy:.2f} processors busy; measure again when they rest"
            for part, busy in self.others.items()
            if busy > 0.1
        ]
        return lines

    def shortest(self) -> Results:
        """Return the same with the shortest turn of each row in place of the median."""
        return replace(self, rows=[replace(row, seconds=row.best) for row in self.rows])

    def save(self, path: Path) -> None:
        """Write everything as JSON, one line for each row."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = _rounded(asdict(self))
        rows = ",\n".join(json.dumps(row) for row in content.pop("rows"))
        rest = json.dumps(content, indent=1).removesuffix("\n}")
        path.write_text(f'{rest},\n "rows": [\n{rows}\n ]\n}}\n', encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Results:
        """Read what `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        content["rows"] = [Row(**row) for row in content["rows"]]
        return cls(**content)


def _rounded(value: Any) -> Any:
    """Keep four digits of every float: a timing has no more."""
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def geometric_mean(numbers: Iterable[float]) -> float:
    """Return the n-th root of the product; NaN of no numbers."""
    logarithms = [math.log(number) for number in numbers]
    return math.exp(sum(logarithms) / len(logarithms)) if logarithms else math.nan


def ratio(row: Row | None, peer: Row | None) -> float | None:
    """Return how many times as fast `row` is as `peer`."""
    if row is None or peer is None:
        return None
    return row.rate / peer.rate


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """Return lines with aligned columns: first `words` columns of words, then numbers."""
    cells = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with that many digits, without an exponent; "-" for none."""
    if value is None or math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}"


def threads_in_words(threads: int) -> str:
    """Return "1 thread", "2 threads"."""
    return f"{threads} thread" + "s" * (threads != 1)


def times(value: float | None) -> str:
    """Return a ratio."""
    return "-" if value is None else f"{number(value)}x"
