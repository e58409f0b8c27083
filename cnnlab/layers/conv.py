"""Layers that search for patterns, and that lay them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.initializers import Initializer, glorot_uniform
from cnnlab.layers.base import Layer
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Integer, Padding, Pair

__all__ = ["Conv2D", "ConvTranspose2D"]


class Conv2D(Layer):
    """Convolutional layer without its non-linearity: P patterns searched in every image.

    Equation (eq-pattern-search) forward; (eq-dX), (eq-dw) and (eq-db) backward. With the options,
    equations (eq-geometry), (eq-geometry-dX) and (eq-geometry-dw).

    Parameters
    ----------
    patterns : int
        P, how many patterns are learned.
    size : int or pair of int
        Height m and width n of a pattern; its depth is that of the images, D // groups.
    stride, padding, dilation, groups : optional
        As for `cnnlab.reference.conv2d`. `groups` must divide `patterns` and D.
    bias : bool
        Whether there are biases. Without them `parameters` has no `b`.
    initializer : callable
        Draws the starting patterns, those of each group on their own, see
        `cnnlab.initializers`. Biases start at 0.
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.

    Raises
    ------
    ValueError, TypeError
        If an option has a wrong value or type.
    """

    def __init__(
        self,
        patterns: Integer,
        size: Pair,
        *,
        stride: Pair = 1,
        padding: Padding = 0,
        dilation: Pair = 1,
        groups: Integer = 1,
        bias: Flag = True,
        initializer: Initializer = glorot_uniform,
        ops: Backend | None = None,
    ) -> None:
        super().__init__(ops=ops)
        self.patterns = shapes.as_count(patterns, self.name, "patterns")
        self.size = shapes.as_counts(size, self.name, "size")
        self.options = _as_options(
            self.name, self.patterns, self.size, stride, padding, dilation, groups
        )
        self.bias = shapes.as_flag(bias, self.name, "bias")
        self.initializer = self._as_initializer(initializer)

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (P, M', N') for images of shape (D, M, N); see `cnnlab.reference.conv2d`."""
        shape = shapes.as_shape(input_shape, self.name, "input_shape", (3,))
        # At least 1, so that too many groups are told apart from a pattern without depth.
        depth = max(shape[0] // self.options["groups"], 1)
        w_shape = (self.patterns, depth, *self.size)
        geometry = shapes.conv2d_geometry(self.name, (1, *shape), w_shape, **self.options)
        return (self.patterns, *geometry.positions)

    def build(
        self, input_shape: Sequence[int], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Draw the patterns w (P, D // groups, m, n); biases b (P,), if any, are zero."""
        output_shape = self.output_shape(input_shape)
        parts = _draw_groups(self, input_shape[0], rng)
        self._start(dtype, w=np.concatenate(parts), **self._biases(self.patterns))
        return output_shape

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Z (B, P, M', N') for images X (B, D, M, N)."""
        X = self._as_input(X)
        Z = self.ops.conv2d(X, *self._w_and_b(), **self.options)
        self._remembered = self._keep(X)
        return Z

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X; `gradients` gets `w`, and `b` if there are biases."""
        self._fill_gradients(dY)
        return self.ops.conv2d_dX(dY, self._parameter("w"), self._recall().shape, **self.options)

    def backward_to_parameters(self, dY: ArrayLike) -> None:
        """Give `w` and `b` to `gradients`, and leave dX out."""
        if self._goes_back_as(Conv2D):
            self._fill_gradients(dY)
        else:
            self.backward(dY)

    def _fill_gradients(self, dY: ArrayLike) -> None:
        X, w = self._recall(), self._parameter("w")
        self.gradients["w"] = self.ops.conv2d_dw(dY, X, w.shape, **self.options)
        if self.bias:
            self.gradients["b"] = self.ops.conv2d_db(dY)


class ConvTranspose2D(Layer):
    """Transposed convolution: every input pixel lays its multiple of the patterns on the output.

    Equation (eq-transpose) forward, with the size of (eq-transpose-size). Backward is the pattern
    search itself: dX is the convolution of dZ with w, and dw is (eq-geometry-dw) with X in the
    place of dZ and dZ in the place of X.

    Parameters
    ----------
    patterns : int
        P, how many planes the result has.
    size : int or pair of int
        Height m and width n of a pattern.
    stride, padding, output_padding, dilation, groups : optional
        As for `cnnlab.reference.conv_transpose2d`. `groups` must divide `patterns` and D.
    bias : bool
        Whether there are biases. Without them `parameters` has no `b`.
    initializer : callable
        Draws the starting patterns, those of each group on their own, see
        `cnnlab.initializers`. It is asked for (P // groups, D // groups, m, n), outputs first as
        for any layer; as for any layer, the stride does not count. Biases start at 0.
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.

    Raises
    ------
    ValueError, TypeError
        If an option has a wrong value or type.
    """

    def __init__(
        self,
        patterns: Integer,
        size: Pair,
        *,
        stride: Pair = 1,
        padding: Padding = 0,
        output_padding: Pair = 0,
        dilation: Pair = 1,
        groups: Integer = 1,
        bias: Flag = True,
        initializer: Initializer = glorot_uniform,
        ops: Backend | None = None,
    ) -> None:
        super().__init__(ops=ops)
        self.patterns = shapes.as_count(patterns, self.name, "patterns")
        self.size = shapes.as_counts(size, self.name, "size")
        self.options = _as_options(
            self.name, self.patterns, self.size, stride, padding, dilation, groups
        )
        # On an image of one pixel without padding, since padding may leave nothing of so little.
        shapes.conv_transpose2d_geometry(
            self.name,
            (1, 1, 1, 1),
            (1, 1, *self.size),
            stride=self.options["stride"],
            output_padding=output_padding,
            dilation=self.options["dilation"],
        )
        self.options["output_padding"] = output_padding
        self.bias = shapes.as_flag(bias, self.name, "bias")
        self.initializer = self._as_initializer(initializer)

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (P, rows, columns) for images (D, M, N); see `cnnlab.reference`."""
        shape = shapes.as_shape(input_shape, self.name, "input_shape", (3,))
        w_shape = (shape[0], self.patterns // self.options["groups"], *self.size)
        Z_shape, _ = shapes.conv_transpose2d_geometry(
            self.name, (1, *shape), w_shape, **self.options
        )
        return Z_shape[1:]

    def build(
        self, input_shape: Sequence[int], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Draw the patterns w (D, P // groups, m, n); biases b (P,), if any, are zero."""
        output_shape = self.output_shape(input_shape)
        parts = [part.swapaxes(0, 1) for part in _draw_groups(self, input_shape[0], rng)]
        self._start(dtype, w=np.concatenate(parts), **self._biases(self.patterns))
        return output_shape

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Z (B, P, rows, columns) for images X (B, D, M, N)."""
        X = self._as_input(X)
        Z = self.ops.conv_transpose2d(X, *self._w_and_b(), **self.options)
        self._remembered = self._keep(X), Z.shape
        return Z

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X; `gradients` gets `w`, and `b` if there are biases."""
        (X, Z_shape), w = self._recall(), self._parameter("w")
        dZ = self._as_gradient(dY, Z_shape)
        dX, self.gradients["w"] = conv_transpose2d_gradients(self.ops, dZ, X, w, **self.options)
        if self.bias:
            self.gradients["b"] = self.ops.conv2d_db(dZ)
        return dX


def conv_transpose2d_gradients(
    ops: Backend, dZ: np.ndarray, X: np.ndarray, w: np.ndarray, **options: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Go back through a transposed convolution: by a convolution, X and Z having changed roles.

    Parameters
    ----------
    ops : module
        `cnnlab.fast` or `cnnlab.reference`.
    dZ : ndarray
        Gradient of the loss with respect to what `conv_transpose2d` returned; its shape.
    X, w : ndarray
        What it was given.
    **options : object
        Its options.

    Returns
    -------
    dX, dw : ndarray
        Gradients of the loss with respect to both. Their shapes.
    """
    _, geometry = shapes.conv_transpose2d_geometry("conv_transpose2d", X.shape, w.shape, **options)
    (top, _), (left, _) = geometry.padding
    rows, columns = (
        (positions - 1) * stride + length
        for positions, stride, length in zip(
            geometry.positions,
            geometry.stride,
            shapes.window_extent((w.shape[2], w.shape[3]), geometry.dilation),
            strict=True,
        )
    )
    # dZ on exactly the pixels that all patterns together cover. Zeros stand where `padding` cut
    # the result off, and what `output_padding` added beyond the last pattern is gone: a search
    # with neither padding nor rest then has as many positions as X.
    met = np.zeros((*dZ.shape[:-2], rows, columns), dZ.dtype)
    kept = dZ[..., : max(rows - top, 0), : max(columns - left, 0)]
    met[..., top : top + kept.shape[-2], left : left + kept.shape[-1]] = kept
    plain = {name: getattr(geometry, name) for name in ("stride", "dilation", "groups")}
    return ops.conv2d(met, w, **plain), ops.conv2d_dw(X, met, w.shape, **plain)


def _as_options(
    function: str,
    patterns: int,
    size: tuple[int, int],
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> dict[str, Any]:
    """Check what can be checked before an image has come; return the options by name."""
    dilation = shapes.as_counts(dilation, function, "dilation")
    smallest = shapes.window_extent(size, dilation)  # the smallest image that the pattern fits
    stride = shapes.conv2d_geometry(
        function,
        (1, 1, *smallest),
        (1, 1, *size),
        stride=stride,
        padding=padding,
        dilation=dilation,
    ).stride
    groups = shapes.as_count(groups, function, "groups")
    if patterns % groups:
        raise ValueError(
            f"{function}: groups={groups} does not divide patterns={patterns}; pass a divisor."
        )
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def _draw_groups(
    layer: Conv2D | ConvTranspose2D, D: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Draw the patterns of each group, (P // groups, D // groups, m, n).

    One at a time, because an initializer counts the inputs and outputs that are connected, and no
    group is connected with another.
    """
    groups = layer.options["groups"]
    shape = (layer.patterns // groups, D // groups, *layer.size)
    rng = shapes.as_generator(rng, f"{layer.name}.build", "rng")
    return [layer._draw(layer.initializer, shape, rng) for _ in range(groups)]
