"""Exact results, bounds of rounding errors, and the table of how much of them was used.

A test calls `check` (a bound that it derived) or `record` (an outside oracle that agreed exactly,
or a comparison of its own). conftest prints the table of everything recorded when the tests end.
"""

import functools
from typing import NamedTuple

import numpy as np
import pytest

# Exact results are computed in the widest floats of the machine. That test_accuracy shows their
# own error to be negligible, is a matter of these bits more than float64 has.
WIDE = np.longdouble
DTYPES = [
    np.float32,
    pytest.param(
        np.float64,
        marks=pytest.mark.skipif(
            np.finfo(WIDE).eps > 2.0**-60, reason="this machine has no floats wider than float64"
        ),
    ),
]


class Record(NamedTuple):
    """How far an operation was from an oracle, in units of a bound."""

    operation: str
    backend: str
    oracle: str
    bound: str
    cases: int
    worst: float


RECORDS: list[Record] = []  # of the test that runs now


def record(operation, backend, oracle, *, cases=1, worst=0.0, bound="equal"):
    """Note a comparison for the table at the end.

    `backend` is "reference" or "fast" or the module itself; `worst` is the largest error in units
    of `bound`, which says in words what 1 stands for; an exact comparison leaves both out.
    """
    backend = getattr(backend, "__name__", backend).removeprefix("cnnlab.")
    RECORDS.append(Record(operation, backend, oracle, bound, int(cases), float(worst)))


def check(operation, ops, result, exact, bound, words, oracle="exact sums"):
    """Assert |result - exact| <= bound, entry by entry, and record the worst of the quotients.

    A bound of 0 asks for equality. NaN is as far away as can be.
    """
    result = np.asarray(result)
    assert result.shape == exact.shape, (result.shape, exact.shape)
    error = np.abs(result.astype(WIDE) - exact)
    bound = np.broadcast_to(np.asarray(bound, WIDE), error.shape)
    used = np.where(error == 0, WIDE(0), np.inf)
    np.divide(error, bound, out=used, where=(error != 0) & (bound > 0))
    worst = float(np.where(np.isnan(used), np.inf, used).max(initial=0))
    record(operation, ops, oracle, worst=worst, bound=words)
    assert worst <= 1, f"{operation}: an error of {worst:.3g} times the bound {words}"


BOUNDED: list[str] = []  # the operations that some test bounds


def bounds(*operations):
    """Declare the operations that a test bounds: it must record these, and no others."""
    BOUNDED.extend(operations)

    def declare(test):
        @functools.wraps(test)
        def checked(*positional, **fixtures):
            test(*positional, **fixtures)
            recorded = {record.operation.split()[0] for record in RECORDS}  # "cross_entropy dZ"
            assert recorded == set(operations)

        return checked

    return declare


def unit_roundoff(dtype):
    """Return u: rounding to `dtype` changes a number by at most u times itself."""
    return WIDE(np.finfo(dtype).eps) / 2


def table(records):
    """Return the lines of the table: one row per operation, oracle and bound."""
    rows = {}
    for record in records:
        rows.setdefault((record.operation, record.oracle, record.bound), []).append(record)
    cells = [("operation", "cases", "backends", "oracle", "1 stands for", "worst error")]
    for (operation, oracle, bound), group in sorted(rows.items()):
        backends = ", ".join(sorted({record.backend for record in group}))
        cases = str(sum(record.cases for record in group))
        worst = f"{max(record.worst for record in group):.3g}"
        cells.append((operation, cases, backends, oracle, bound, worst))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]


# ------------------------------------------------------------------------------- exact results
#
# Written from slices of padded arrays: neither the loops of `reference` nor those of `fast`.
# They compute in the dtype of their arguments.


def wide(*arrays):
    """Return the arrays with the same entries in the widest floats."""
    return [np.asarray(array).astype(WIDE) for array in arrays]


def as_pair(value):
    """Return a pair for a pair or for one number."""
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def windows(X, size, positions, *, stride=1, margins=((0, 0), (0, 0)), dilation=1):
    """Return the windows of padded images, shape (B, D, m, n, rows, columns).

    `positions` are (rows, columns); where they reach beyond the padding, more zeros are added.
    """
    stride, dilation = as_pair(stride), as_pair(dilation)
    padding = [(0, 0), (0, 0)]
    for axis in (0, 1):
        before, after = margins[axis]
        span = (positions[axis] - 1) * stride[axis] + (size[axis] - 1) * dilation[axis] + 1
        after = max(after, span - before - X.shape[2 + axis])
        padding.append((before, after))
    padded = np.pad(X, padding)
    out = np.empty((*X.shape[:2], *size, *positions), X.dtype)
    for u in range(size[0]):
        for v in range(size[1]):
            rows = slice(u * dilation[0], None, stride[0])
            columns = slice(v * dilation[1], None, stride[1])
            out[:, :, u, v] = padded[:, :, rows, columns][:, :, : positions[0], : positions[1]]
    return out


def conv2d(X, w, positions, *, stride=1, margins=((0, 0), (0, 0)), dilation=1, groups=1):
    """Cross-correlation of images with patterns, without a bias."""
    V = windows(X, w.shape[2:], positions, stride=stride, margins=margins, dilation=dilation)
    parts = zip(np.split(V, groups, axis=1), np.split(w, groups), strict=True)
    Z = [np.tensordot(v, p, axes=((1, 2, 3), (1, 2, 3))) for v, p in parts]
    return np.moveaxis(np.concatenate(Z, axis=3), 3, 1)


def conv2d_dw(dZ, X, w_shape, *, stride=1, margins=((0, 0), (0, 0)), dilation=1, groups=1):
    """Gradient of the loss with respect to the patterns."""
    V = windows(X, w_shape[2:], dZ.shape[2:], stride=stride, margins=margins, dilation=dilation)
    parts = zip(np.split(dZ, groups, axis=1), np.split(V, groups, axis=1), strict=True)
    return np.concatenate([np.tensordot(d, v, axes=((0, 2, 3), (0, 4, 5))) for d, v in parts])


def conv2d_dX(dZ, w, X_shape, *, stride=1, margins=((0, 0), (0, 0)), dilation=1, groups=1):
    """Gradient of the loss with respect to the images."""
    shares = [
        np.tensordot(d, p, axes=(1, 0))  # (B, rows, columns, D // groups, m, n)
        for d, p in zip(np.split(dZ, groups, axis=1), np.split(w, groups), strict=True)
    ]
    shares = np.concatenate(shares, axis=3).transpose(0, 3, 4, 5, 1, 2)
    return scatter(shares, X_shape, stride=stride, margins=margins, dilation=dilation)


def scatter(shares, X_shape, *, stride=1, margins=((0, 0), (0, 0)), dilation=1):
    """Add to every pixel what the windows have for it: the adjoint of `windows`."""
    stride, dilation = as_pair(stride), as_pair(dilation)
    m, n, rows, columns = shares.shape[2:]
    (top, _), (left, _) = margins
    height = max(top + X_shape[2], (rows - 1) * stride[0] + (m - 1) * dilation[0] + 1)
    width = max(left + X_shape[3], (columns - 1) * stride[1] + (n - 1) * dilation[1] + 1)
    padded = np.zeros((*X_shape[:2], height, width), shares.dtype)
    for u in range(m):
        for v in range(n):
            seen = padded[:, :, u * dilation[0] :: stride[0], v * dilation[1] :: stride[1]]
            seen[:, :, :rows, :columns] += shares[:, :, u, v]
    return padded[:, :, top : top + X_shape[2], left : left + X_shape[3]]
