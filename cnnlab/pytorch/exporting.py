"""From a model to PyTorch: every layer as the module that computes the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import layers, reference, shapes
from cnnlab.layers import Layer
from cnnlab.layers.base import as_layer
from cnnlab.pytorch import modules
from cnnlab.shapes import Geometry

Shape = tuple[int, ...]


def to_torch(model: Any) -> Any:
    """Make the model of PyTorch that computes the same; see `Sequential.to_torch`."""
    torch = modules.load("Sequential.to_torch")
    with torch.random.fork_rng(devices=[]):  # modules draw starting values, which nobody needs
        made = _Export(torch, model).row(model._row, model.input_shape, "")
    return made.eval()


class _Export:
    """One model on its way to PyTorch."""

    def __init__(self, torch: Any, model: Any) -> None:
        self._torch, self._values = torch, model.state()
        self._dtype = torch.float64 if model.dtype == np.float64 else torch.float32
        nn = torch.nn
        self._makers: dict[type[Layer], Callable[[Any, Shape, str], Any]] = {
            layers.Conv2D: self._conv2d,
            layers.ConvTranspose2D: self._conv_transpose2d,
            layers.MaxPool2D: self._max_pool2d,
            layers.AvgPool2D: self._avg_pool2d,
            layers.GlobalAvgPool2D: lambda *_: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            layers.Dense: self._dense,
            layers.Flatten: lambda *_: nn.Flatten(),
            layers.BatchNorm2D: self._batch_norm2d,
            layers.Dropout: lambda layer, *_: nn.Dropout(layer.rate),
            layers.Sigmoid: lambda *_: nn.Sigmoid(),
            layers.Tanh: lambda *_: nn.Tanh(),
            layers.ReLU: lambda *_: nn.ReLU(),
            layers.LeakyReLU: lambda layer, *_: nn.LeakyReLU(layer.options["slope"]),
            layers.Residual: self._residual,
        }

    def row(self, row: Any, shape: Shape, where: str) -> Any:
        """Make a ``torch.nn.Sequential`` of a row of layers, given the shape of one input."""
        made = []
        for position, (part, after) in enumerate(zip(row.layers, row.shapes, strict=True)):
            layer = as_layer(part)
            place = f"{where}{position}.{layer.name}"
            made.append(self._module(layer, shape, place))
            shape = after
        return self._torch.nn.Sequential(*made)

    def _module(self, layer: Any, shape: Shape, where: str) -> Any:
        if layer._rows().get("") is layer:  # of a model within the model
            return self.row(layer, shape, f"{where}.")
        if type(layer) not in self._makers:
            raise ValueError(
                f"Sequential.to_torch: {where} is a layer of your own, which PyTorch does not "
                f"have; put the other layers into a Sequential without it, and convert that."
            )
        return self._makers[type(layer)](layer, shape, where)

    def _filled(self, module: Any, where: str, **names: str) -> Any:
        """Copy values into a module; `names` says which of ours are which of PyTorch."""
        with self._torch.no_grad():
            for ours, theirs in names.items():
                value = np.array(self._values[f"{where}.{ours}"])
                getattr(module, theirs).copy_(self._torch.from_numpy(value))
        return module

    def _learned(self, kind: Any, layer: Any, where: str, *arguments: Any, **options: Any) -> Any:
        """Make a module with weights and perhaps biases."""
        module = kind(*arguments, bias=layer.bias, dtype=self._dtype, **options)
        return self._filled(module, where, w="weight", **({"b": "bias"} if layer.bias else {}))

    def _dense(self, layer: Any, shape: Shape, where: str) -> Any:
        return self._learned(self._torch.nn.Linear, layer, where, shape[0], layer.outputs)

    def _conv2d(self, layer: Any, shape: Shape, where: str) -> Any:
        nn, w = self._torch.nn, self._values[f"{where}.w"]
        geometry = shapes.conv2d_geometry(layer.name, (1, *shape), w.shape, **layer.options)
        even = _as_even(geometry.padding)
        conv = self._learned(
            nn.Conv2d,
            layer,
            where,
            *(shape[0], layer.patterns, layer.size),
            **_steps(geometry),
            padding=even or 0,
            groups=geometry.groups,
        )
        return conv if even else nn.Sequential(nn.ZeroPad2d(_as_margins(geometry.padding)), conv)

    def _conv_transpose2d(self, layer: Any, shape: Shape, where: str) -> Any:
        """Take what there is in full, and cut it, where PyTorch cannot cut on its own."""
        nn, w = self._torch.nn, self._values[f"{where}.w"]
        Z_shape, geometry = shapes.conv_transpose2d_geometry(
            layer.name, (1, *shape), w.shape, **layer.options
        )
        window = shapes.window_extent(layer.size, geometry.dilation)
        ends = [  # where the last window ends, in rows and columns
            (length - 1) * stride + extent
            for length, stride, extent in zip(shape[1:], geometry.stride, window, strict=True)
        ]
        starts = [before for before, _ in geometry.padding]
        wanted = Z_shape[-2:]
        rests = [n - end + 2 * a for n, end, a in zip(wanted, ends, starts, strict=True)]
        largest = [max(pair) for pair in zip(geometry.stride, geometry.dilation, strict=True)]
        even = all(0 <= rest < most for rest, most in zip(rests, largest, strict=True))
        if not even:
            rests = [max(a + n - end, 0) for n, end, a in zip(wanted, ends, starts, strict=True)]
        module = self._learned(
            nn.ConvTranspose2d,
            layer,
            where,
            *(shape[0], layer.patterns, layer.size),
            **_steps(geometry),
            padding=tuple(starts) if even else 0,
            output_padding=tuple(rests),
            groups=geometry.groups,
        )
        if even:
            return module
        rows, columns = (
            (-a, n + a - end - rest)
            for n, end, a, rest in zip(wanted, ends, starts, rests, strict=True)
        )
        return nn.Sequential(module, nn.ZeroPad2d((*columns, *rows)))

    def _max_pool2d(self, layer: Any, shape: Shape, where: str) -> Any:
        nn = self._torch.nn
        _, geometry = shapes.pool_geometry(layer.name, (1, *shape), layer.size, **layer.options)
        window = shapes.window_extent(layer.size, geometry.dilation)
        steps = _steps(geometry)
        if even := _as_even(geometry.padding, layer.size):
            ceil_mode = bool(layer.options["ceil_mode"])
            return nn.MaxPool2d(layer.size, **steps, padding=even, ceil_mode=ceil_mode)
        margins = _as_margins(_as_covered(geometry, shape, window))
        pad = nn.ConstantPad2d(margins, -np.inf)
        return nn.Sequential(pad, nn.MaxPool2d(layer.size, **steps))

    def _avg_pool2d(self, layer: Any, shape: Shape, where: str) -> Any:
        options = {"size": layer.size, **layer.options}
        given = {name: options[name] for name in ("stride", "padding", "ceil_mode")}
        _, geometry = shapes.pool_geometry(layer.name, (1, *shape), layer.size, **given)
        options |= {"stride": geometry.stride, "padding": geometry.padding}
        even = _as_even(geometry.padding, layer.size)
        counted = {name: bool(options[name]) for name in ("ceil_mode", "count_include_pad")}
        if even:
            return self._torch.nn.AvgPool2d(layer.size, geometry.stride, even, **counted)
        counts = [
            [
                reference.pool.count_pixels(
                    i, j, (shape[1], shape[2]), layer.size, geometry, counted["count_include_pad"]
                )
                for j in range(geometry.positions[1])
            ]
            for i in range(geometry.positions[0])
        ]
        margins = _as_margins(_as_covered(geometry, shape, layer.size))
        # Where nothing counts, the sum is 0, and so is the mean.
        divisors = self._torch.tensor(np.maximum(counts, 1), dtype=self._dtype)
        return modules.MeansOfWindows(margins, divisors, options | counted)

    def _batch_norm2d(self, layer: Any, shape: Shape, where: str) -> Any:
        module = self._torch.nn.BatchNorm2d(
            shape[0], eps=layer.epsilon, momentum=layer.momentum, dtype=self._dtype
        )
        names = {"mean": "running_mean", "variance": "running_var"}
        return self._filled(module, where, w="weight", b="bias", **names)

    def _residual(self, layer: Any, shape: Shape, where: str) -> Any:
        ways = layer._rows()
        around: Any = self._torch.nn.Identity()
        if "shortcut" in ways:
            around = self.row(ways["shortcut"], shape, f"{where}.shortcut.")
        return modules.Residual(self.row(ways[""], shape, f"{where}."), around)


def _steps(geometry: Geometry) -> dict[str, Any]:
    return {"stride": geometry.stride, "dilation": geometry.dilation}


def _as_even(padding: Any, window: Any = None) -> tuple[int, int] | None:
    """Return (rows, columns) of padding that is the same on both sides, as PyTorch has it.

    Its pools have at most half a window of it.
    """
    (top, bottom), (left, right) = padding
    if (top, left) != (bottom, right):
        return None
    if window is not None and (2 * top > window[0] or 2 * left > window[1]):
        return None
    return top, left


def _as_margins(padding: Any) -> tuple[int, int, int, int]:
    """Return padding in the order of PyTorch: left, right, top, bottom."""
    (top, bottom), (left, right) = padding
    return left, right, top, bottom


def _as_covered(geometry: Geometry, shape: Shape, window: Any) -> Any:
    """Return padding that makes every window fit, as ``ceil_mode=False`` asks for."""
    return [
        (before, max((count - 1) * stride + extent - length - before, 0))
        for (before, _), count, stride, extent, length in zip(
            geometry.padding, geometry.positions, geometry.stride, window, shape[1:], strict=True
        )
    ]
