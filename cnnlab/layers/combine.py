"""Layers made of layers: in a row, and in a row with a way around it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.layers import contract
from cnnlab.layers.base import (
    AsLayer,
    Layer,
    as_layer,
    as_used,
    handed_to,
    layers_in_rows,
    layers_within,
)
from cnnlab.shapes import words
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag

__all__ = ["Residual"]


def as_list(layers: Any, function: str, argument: str) -> list[Any]:
    """Return layers in a list of its own, each of them something that a row can call."""
    if isinstance(layers, Layer) or not isinstance(layers, Iterable):
        raise TypeError(
            f"{function}: {argument}={words.brief(layers)} came, but a list of layers is needed; "
            f"pass [...] with square brackets around them."
        )
    parts = list(layers)
    if not parts:
        raise ValueError(f"{function}: {argument} is empty; pass at least one layer.")
    for position, part in enumerate(parts):
        if not isinstance(part, Layer | AsLayer):
            hint = f"; write {part.__name__}(...)" if isinstance(part, type) else ""
            raise TypeError(f"{function}: {argument}[{position}] is {part!r}, not a layer{hint}.")
        contract.check_layer(as_layer(part))
        changed = [
            name for name in METHODS if isinstance(part, AsLayer) and _is_changed(part, name)
        ]
        if changed:
            kind = type(part).__name__
            raise TypeError(
                f"{function}: {argument}[{position}] is a {kind}, a model whose {changed[0]} is "
                f"its own and would not be called here; make {kind} a subclass of Layer that "
                f"holds a Sequential."
            )
    return parts


METHODS = "forward", "backward", "backward_to_parameters"


def _is_changed(model: AsLayer, method: str) -> bool:
    """Whether somebody wrote a method of a model anew."""
    return not getattr(type(model), method).__module__.startswith("cnnlab.")


def check_once(layer: Layer) -> None:
    """Refuse a layer in whose rows one and the same stands twice, itself for example."""
    seen: set[int] = set()
    for where, inner in layers_in_rows(layer):
        if id(inner) in seen:
            position, *_, kind = where.split(".")
            direct = where == f"{position}.{kind}"
            raise ValueError(
                f"{layer.name}: {f'layers[{position}] ({kind})' if direct else where} stands in "
                f"the list twice; make a new {kind} for each place."
            )
        seen.add(id(inner))


class Row(Layer):
    """Layers in a row, as one layer: what one returns is what the next is given.

    This is what a `cnnlab.model.Sequential` is made of, what it is within another one, and what
    each way of a `Residual` is.

    Parameters
    ----------
    layers : list of Layer or Sequential
        First to last. The list is kept, not copied.
    name : str
        What messages call it.
    keeps : bool
        Whether a second `build` leaves the values as they are.

    Attributes
    ----------
    input_shape : tuple of int or None
        Shape of one input; None before it is built.
    shapes : list of tuple of int
        Shape of one output of each layer; empty before it is built.
    dtype : dtype
        Of the parameters.
    """

    def __init__(self, layers: list[Any], name: str, *, keeps: bool) -> None:
        super().__init__(ops=as_layer(layers[0]).ops)
        self.layers = layers
        self.keeps = keeps
        self.input_shape: tuple[int, ...] | None = None
        self.shapes: list[tuple[int, ...]] = []
        self.dtype: np.dtype[Any] = np.dtype(np.float64)
        self._name = name

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    @property
    def trains_differently(self) -> bool:  # type: ignore[override]
        """Whether one of the layers does."""
        return any(as_layer(part).trains_differently for part in self.layers)

    def _rows(self) -> dict[str, Row]:
        return {"": self}

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return the shape of one output of the last layer."""
        shape = tuple(input_shape)
        for part in self.layers:
            shape = as_layer(part).output_shape(shape)
        return shape

    def build(
        self, input_shape: Sequence[int], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Draw starting values for all layers, unless there are some that are kept."""
        if self.keeps and self.shapes:
            self._check_same(tuple(input_shape), np.dtype(dtype))
            return self.shapes[-1]
        shape = tuple(input_shape)
        built = [
            shape := contract.check_built(layer, layer.build(shape, rng, dtype))
            for layer in map(as_layer, self.layers)
        ]
        self.input_shape, self.shapes, self.dtype = tuple(input_shape), built, np.dtype(dtype)
        return shape

    def _check_same(self, input_shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        if (input_shape, dtype) != (self.input_shape, self.dtype):
            raise ValueError(
                f"{self.name}: a model for inputs of shape {self.input_shape} in {self.dtype} "
                f"stands where inputs of shape {input_shape} in {dtype} come; make it for these, "
                f"or make a new one without input_shape, which takes what comes."
            )

    def forward(self, X: Any, *, training: Flag | None = None) -> np.ndarray:
        """Send a batch, or one sample, through all layers."""
        single = X.shape == self.input_shape
        Y = X[np.newaxis] if single else X
        given: list[tuple[int, ...]] = []
        self._remembered = None  # until all layers have answered
        announced = self.shapes[: len(self.layers)]
        for layer, shape in zip_longest(map(as_layer, self.layers), announced):
            X, Y = Y, as_used(layer).forward(handed_to(layer, Y), training=training)
            contract.check_output(layer, X, Y, shape)
            given.append(X.shape)
        self._remembered = single, given
        return Y[0] if single else Y

    def backward(self, dY: Any) -> np.ndarray:
        """Send the gradient back through all layers."""
        dZ, single, shape = self._back_to_the_first_layer(dY)
        first = as_layer(self.layers[0])
        gradient = first.backward(handed_to(first, dZ))
        contract.check_gradient(first, gradient, shape)
        return gradient[0] if single else gradient

    def backward_to_parameters(self, dY: Any) -> None:
        """Send the gradient back to the first layer, and no further; nothing is remembered then."""
        first = as_layer(self.layers[0])
        gradient = self._back_to_the_first_layer(dY, forget=True)[0]
        first.backward_to_parameters(handed_to(first, gradient))
        _forget(first)
        self._remembered = None

    def _back_to_the_first_layer(
        self, dY: Any, *, forget: bool = False
    ) -> tuple[np.ndarray, bool, tuple[int, ...]]:
        """Return the gradient with respect to the output of the first layer, and what came in."""
        single, given = self._recall()
        gradient = dY[np.newaxis] if single else dY
        layers = [as_layer(part) for part in self.layers]
        for layer, shape in zip(layers[:0:-1], given[:0:-1], strict=True):
            gradient = layer.backward(handed_to(layer, gradient))
            contract.check_gradient(layer, gradient, shape)
            if forget:
                _forget(layer)
        return gradient, single, given[0]


def _forget(layer: Layer) -> None:
    """Let a layer, and all in its rows, let go of what they remember."""
    for _, inner in layers_in_rows(layer):
        inner._remembered = None


class Residual(Layer):
    """Layers in a row and a way around them: what they make of the input is added to it.

    Equation (eq-residual), F being the layers in a row and S the shortcut, the input itself where
    there is none::

        Y = F(X) + S(X)

    Equation (eq-residual-dX) backward: the gradient goes both ways, and what comes back is added::

        dX = F'(dY) + S'(dY)

    where F' and S' are `backward` of each way. Source: He, Zhang, Ren and Sun (2016).

    Parameters
    ----------
    layers : sequence of Layer or Sequential
        F, first to last; a single one needs no list.
    shortcut : Layer, Sequential or sequence of them, optional
        S, where F changes the shape: for example ``Conv2D(P, 1, stride=2)``, if F makes P maps of
        half the size.
    ops : module, optional
        Where all its layers take their operations from; each from its own when left out.

    Attributes
    ----------
    layers : list of Layer or Sequential
        As given.
    shortcut : Layer, Sequential, list of them or None
        As given.

    Raises
    ------
    ValueError
        If one layer stands in two places. When it is built: if F and S make different shapes.
    TypeError
        If something in a list is no layer.

    Examples
    --------
    >>> from cnnlab.layers import Conv2D, ReLU
    >>> block = Residual([Conv2D(3, 3, padding="same"), ReLU(), Conv2D(3, 3, padding="same")])
    >>> block.output_shape((3, 8, 8))
    (3, 8, 8)
    """

    def __init__(self, layers: Any, shortcut: Any = None, *, ops: Backend | None = None) -> None:
        super().__init__(ops=ops)
        self.layers = _as_way(layers, self.name, "layers")
        self._ways = {"": Row(self.layers, self.name, keeps=False)}
        self.shortcut = shortcut
        if shortcut is not None:
            way = _as_way(shortcut, self.name, "shortcut")
            self.shortcut = way if isinstance(shortcut, Iterable) else shortcut
            self._ways["shortcut"] = Row(way, f"{self.name}.shortcut", keeps=False)
        check_once(self)
        for inner in layers_within(self).values():
            inner.ops = inner.ops if ops is None else ops

    @property
    def trains_differently(self) -> bool:  # type: ignore[override]
        """Whether one of the layers does."""
        return any(row.trains_differently for row in self._ways.values())

    def _rows(self) -> dict[str, Row]:
        return self._ways

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return the shape that both ways make of an input of that shape."""
        shape = tuple(input_shape)
        return self._sum_of(shape, *(row.output_shape(shape) for row in self._ways.values()))

    def build(
        self, input_shape: Sequence[int], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Draw starting values for all layers, those of the shortcut last."""
        shape = tuple(input_shape)
        self.output_shape(shape)  # before anything is drawn
        return self._sum_of(shape, *(row.build(shape, rng, dtype) for row in self._ways.values()))

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y (B, ...) for a batch X, or for one sample."""
        X = self._as_input(X)
        parts = [row.forward(X, training=training) for row in self._ways.values()]
        Y, around = parts if len(parts) > 1 else (*parts, X)
        self._sum_of(X.shape, Y.shape, around.shape)
        self._remembered = Y.shape
        return Y + around

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X; the layers get their gradients."""
        dY = self._as_gradient(dY, self._recall())
        parts = [row.backward(dY) for row in self._ways.values()]
        dX, around = parts if len(parts) > 1 else (*parts, dY)
        return dX + around

    def backward_to_parameters(self, dY: ArrayLike) -> None:
        """Give the layers their gradients, and leave dX out."""
        if not self._goes_back_as(Residual):
            self.backward(dY)
            return
        dY = self._as_gradient(dY, self._recall())
        for row in self._ways.values():
            row.backward_to_parameters(dY)

    def _sum_of(
        self, X: tuple[int, ...], Y: tuple[int, ...], around: tuple[int, ...] | None = None
    ) -> tuple[int, ...]:
        """Return the shape of a sum, or say with which shortcut there is one."""
        around = X if around is None else around
        if Y == around:
            return Y
        kind = "its shortcut makes" if len(self._ways) > 1 else "without a shortcut it is added to"
        raise ValueError(
            f"{self.name}: its layers make shape {Y} of an input of shape {X}, but {kind} shape "
            f"{around}; both must be the same: {_fitting_shortcut(X, Y)}."
        )


def _as_way(layers: Any, function: str, argument: str) -> list[Any]:
    """Return the layers of one way; a single one needs no list."""
    if isinstance(layers, Layer | AsLayer):
        layers = [layers]
    return as_list(layers, function, argument)


def _fitting_shortcut(X: tuple[int, ...], Y: tuple[int, ...]) -> str:
    """Say what to write, so that the shortcut makes shape Y of shape X."""
    if len(X) == len(Y) == 3:
        # A pattern of one pixel with that stride has ceil(length / stride) positions.
        strides = [shapes.ceil_div(length, made) for length, made in zip(X[1:], Y[1:], strict=True)]
        if all(
            shapes.ceil_div(length, stride) == made
            for length, stride, made in zip(X[1:], strides, Y[1:], strict=True)
        ):
            stride = strides[0] if strides[0] == strides[1] else tuple(strides)
            option = "" if stride == 1 else f", stride={stride}"
            return f"pass shortcut=Conv2D({Y[0]}, 1{option})"
        other = "" if X[0] == Y[0] else f", and shortcut=Conv2D({Y[0]}, 1)"
        return f'pass padding="same" to the layers that make the size another one{other}'
    if len(Y) == 1:
        before = "" if len(X) == 1 else "Flatten(), "
        return f"pass shortcut=[{before}Dense({Y[0]})]"
    return "choose layers that keep the shape"


def rows_of_table(layer: Layer, before: str = "") -> list[tuple[str, str, str]]:
    """Return kind, shape of one output and number of learned values of each layer in a layer.

    Those of layers in them are put further in.
    """
    rows = []
    for name, row in layer._rows().items():
        beside = f"{before}{name} " if name else before
        for inner, shape in zip(map(as_layer, row.layers), row.shapes, strict=True):
            count = sum(math.prod(value.shape) for value in inner.parameters.values())
            own = f"{count:,}" if count or not inner._rows() else ""
            rows.append((f"{beside}{inner.name}", shape_in_words(shape), own))
            rows += rows_of_table(inner, before + "  ")
    return rows


def shape_in_words(shape: tuple[int, ...]) -> str:
    """Return a shape as people write it."""
    return " x ".join(map(str, shape))
