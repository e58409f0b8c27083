"""Layers that keep one number of every window, or of every map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.layers.base import Layer
from cnnlab.typing import ArrayLike, Backend, Flag, Padding, Pair

__all__ = ["MaxPool2D", "AvgPool2D", "GlobalAvgPool2D"]


class MaxPool2D(Layer):
    """The largest pixel of every window.

    Equation (eq-max-pool) forward, with the size of (eq-pool-size); (eq-max-pool-dX) backward.

    Parameters
    ----------
    size : int or pair of int
        Height m and width n of a window.
    stride, padding, dilation, ceil_mode : optional
        As for `cnnlab.reference.max_pool2d`.
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.

    Raises
    ------
    ValueError, TypeError
        If an option has a wrong value or type.
    """

    def __init__(
        self,
        size: Pair,
        *,
        stride: Pair | None = None,
        padding: Padding = 0,
        dilation: Pair = 1,
        ceil_mode: Flag = False,
        ops: Backend | None = None,
    ) -> None:
        super().__init__(ops=ops)
        self.size = shapes.as_counts(size, self.name, "size")
        self.options: dict[str, Any] = {
            "stride": stride,
            "padding": padding,
            "dilation": shapes.as_counts(dilation, self.name, "dilation"),
            "ceil_mode": ceil_mode,
        }
        # On the smallest image that the window fits, to check what can be checked without one.
        smallest = shapes.window_extent(self.size, self.options["dilation"])
        shapes.pool_geometry(self.name, (1, 1, *smallest), self.size, **self.options)

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (D, M', N') for images of shape (D, M, N)."""
        shape = shapes.as_shape(input_shape, self.name, "input_shape", (3,))
        _, geometry = shapes.pool_geometry(self.name, (1, *shape), self.size, **self.options)
        return (shape[0], *geometry.positions)

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y (B, D, M', N') for images X (B, D, M, N)."""
        X = self._as_input(X)
        Y, argmax = self.ops.max_pool2d(X, self.size, **self.options)
        self._remembered = argmax, X.shape
        return Y

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X."""
        argmax, X_shape = self._recall()
        return self.ops.max_pool2d_dX(dY, argmax, X_shape)


class AvgPool2D(Layer):
    """The mean of every window.

    Equation (eq-avg-pool) forward, with the size of (eq-pool-size); (eq-avg-pool-dX) backward.

    Parameters
    ----------
    size : int or pair of int
        Height m and width n of a window.
    stride, padding, ceil_mode, count_include_pad : optional
        As for `cnnlab.reference.avg_pool2d`.
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.

    Raises
    ------
    ValueError, TypeError
        If an option has a wrong value or type.
    """

    def __init__(
        self,
        size: Pair,
        *,
        stride: Pair | None = None,
        padding: Padding = 0,
        ceil_mode: Flag = False,
        count_include_pad: Flag = True,
        ops: Backend | None = None,
    ) -> None:
        super().__init__(ops=ops)
        self.size = shapes.as_counts(size, self.name, "size")
        self.options = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
        # On the smallest image that the window fits, to check what can be checked without one.
        shapes.pool_geometry(self.name, (1, 1, *self.size), self.size, **self.options)
        self.options["count_include_pad"] = shapes.as_flag(
            count_include_pad, self.name, "count_include_pad"
        )

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (D, M', N') for images of shape (D, M, N)."""
        shape = shapes.as_shape(input_shape, self.name, "input_shape", (3,))
        # Which windows there are, does not depend on what a window counts.
        options = {key: self.options[key] for key in ("stride", "padding", "ceil_mode")}
        _, geometry = shapes.pool_geometry(self.name, (1, *shape), self.size, **options)
        return (shape[0], *geometry.positions)

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y (B, D, M', N') for images X (B, D, M, N)."""
        X = self._as_input(X)
        Y = self.ops.avg_pool2d(X, self.size, **self.options)
        self._remembered = X.shape
        return Y

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X."""
        return self.ops.avg_pool2d_dX(dY, self._recall(), self.size, **self.options)


class GlobalAvgPool2D(Layer):
    """The mean of every map: one number for each depth, whatever the size of the image.

    Equation (eq-global-avg-pool) forward, (eq-global-avg-pool-dX) backward: `avg_pool2d` with one
    window, the whole image. The result has no rows and columns, so that `Dense` can follow. In
    PyTorch: ``AdaptiveAvgPool2d(1)`` and ``Flatten()``.

    Parameters
    ----------
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.
    """

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (D,) for images of shape (D, M, N)."""
        return shapes.as_shape(input_shape, self.name, "input_shape", (3,))[:1]

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y (B, D) for images X (B, D, M, N)."""
        X = self._as_input(X)
        Y = self.ops.avg_pool2d(X, X.shape[-2:])
        self._remembered = X.shape
        return Y[..., 0, 0]

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X: every pixel of a map gets the same part."""
        X_shape = self._recall()
        dY = self._as_gradient(dY, X_shape[:-2])
        return self.ops.avg_pool2d_dX(dY[..., np.newaxis, np.newaxis], X_shape, X_shape[-2:])
