"""What an algorithm costs: operations and bytes, counted from shapes alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnlab import shapes


class Cost(NamedTuple):
    """What one call of an algorithm costs, from shapes alone.

    An operation is one addition or one multiplication of two real numbers. A subtraction is an
    addition, a halving is a multiplication, and a product with a zero of a matrix counts: the
    machine computes it like every other. Copies and index arithmetic are no operations.

    Arrays are taken to be of one dtype and C-contiguous; others are copied first.

    Attributes
    ----------
    multiplications, additions : int
        Operations of real numbers.
    necessary_bytes : int
        What any algorithm must move: `X`, `w` and `b` read once, `Z` written once.
    temporary_bytes : int
        All temporary arrays that are made, one after the other or at the same time. Each is
        written once and read at least once.
    peak_bytes : int
        The most bytes that the call holds at one time: temporary arrays, and `Z` once it exists.
        `X`, `w` and `b` are not counted.
    """

    multiplications: int
    additions: int
    necessary_bytes: int
    temporary_bytes: int
    peak_bytes: int

    @property
    def operation_count(self) -> int:
        """Additions and multiplications together."""
        return self.multiplications + self.additions

    @property
    def intensity(self) -> float:
        """Operations per byte when no byte is moved twice, the best that a cache can do."""
        return self.operation_count / self.necessary_bytes

    @property
    def intensity_with_temporaries(self) -> float:
        """Operations per byte when temporary arrays go to memory and come back once."""
        return self.operation_count / (self.necessary_bytes + 2 * self.temporary_bytes)


class Sizes(NamedTuple):
    """The sizes of a layer, by the letters of the equations."""

    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int
    rows: int
    columns: int

    @property
    def products(self) -> int:
        """How many products the sum of the equation has, over all of `Z`."""
        return self.outputs * self.D * self.m * self.n

    @property
    def outputs(self) -> int:
        """How many entries `Z` has."""
        return self.B * self.P * self.rows * self.columns

    @property
    def necessary(self) -> int:
        """How many numbers must be read or written at least once."""
        B, D, M, N, P, m, n, _, _ = self
        return B * D * M * N + P * D * m * n + P + self.outputs


def sizes(X_shape: Any, w_shape: Any) -> Sizes:
    """Return the sizes of a layer; refuse shapes that do not fit, as `conv2d` does."""
    X_shape = shapes.as_shape(X_shape, "cost", "X_shape", (3, 4))
    w_shape = shapes.as_shape(w_shape, "cost", "w_shape", (4,))
    rows, columns = shapes.conv2d_geometry("cost", X_shape, w_shape).positions
    B, D, M, N = (1, *X_shape)[-4:]
    P, _, m, n = w_shape
    return Sizes(B, D, M, N, P, m, n, rows, columns)
