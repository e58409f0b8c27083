"""Layers made of layers: in a row, and in a row with a way around it."""

from __future__ import annotations

import copy
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
    is_own,
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

    Attributes
    ----------
    input_shape : tuple of int or None
        Shape of one input; None before it is built.
    shapes : list of tuple of int
        Shape of one output of each layer; empty before it is built.
    dtype : dtype
        Of the parameters.
    """

    def __init__(self, layers: list[Any], name: str) -> None:
        super().__init__(ops=as_layer(layers[0]).ops)
        self.layers = layers
        self.input_shape: tuple[int, ...] | None = None
        self.shapes: list[tuple[int, ...]] = []
        self.dtype: np.dtype[Any] = np.dtype(np.float64)
        self._followed: list[Any] = []  # the layers that the shapes are of
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
        self,
        input_shape: Sequence[int],
        rng: np.random.Generator | None,
        dtype: DTypeLike = np.float64,
    ) -> tuple[int, ...]:
        """Draw starting values for the layers that have none; after an error all are as before.

        Without `rng` a layer that has none is refused.
        """
        shape, dtype = tuple(input_shape), np.dtype(dtype)
        if self.input_shape is not None:
            self._check_same(shape, dtype)
            if not self._is_changed():
                return self.shapes[-1]
        before = _copies(self)
        try:
            built = [
                shape := _build(as_layer(part), shape, rng, dtype, f"{self.name}: layers[{place}]")
                for place, part in enumerate(self.layers)
            ]
        except BaseException:
            _put_back(before)
            raise
        self.input_shape, self.shapes, self.dtype = tuple(input_shape), built, dtype
        self._followed = list(self.layers)
        return shape

    def follow(self) -> None:
        """Look at the list again, if somebody changed it after `build`."""
        if self.input_shape is not None and self._is_changed():
            check_once(self)
            self.build(self.input_shape, None, self.dtype)

    def _is_changed(self) -> bool:
        """Whether there are other layers than `build` found, here or further in."""
        if len(self._followed) != len(self.layers):
            return True
        for part, built in zip(self.layers, self._followed, strict=True):
            rows = as_layer(part)._rows().values()
            if part is not built or any(row._is_changed() for row in rows):
                return True
        return False

    def _check_same(self, input_shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        if (input_shape, dtype) != (self.input_shape, self.dtype):
            raise ValueError(
                f"{self.name}: made for inputs of shape {self.input_shape} in {self.dtype}, it "
                f"stands where inputs of shape {input_shape} in {dtype} come; make a new one "
                f"without input_shape, of new layers, which takes what comes."
            )

    def forward(self, X: Any, *, training: Flag | None = None) -> np.ndarray:
        """Send a batch, or one sample, through all layers."""
        single = X.shape == self.input_shape
        Y = X[np.newaxis] if single else X
        given: list[tuple[int, ...]] = []
        memories: list[Any] = []
        self._remembered = None  # until all layers have answered
        announced = self.shapes[: len(self.layers)]
        for layer, shape in zip_longest(map(as_layer, self.layers), announced):
            X, Y = Y, as_used(layer).forward(handed_to(layer, Y), training=training)
            contract.check_output(layer, X, Y, shape)
            given.append(X.shape)
            memories.append(None if is_own(layer) else layer._remembered)
        self._remembered = single, given, memories
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
        single, given, memories = self._recall()
        gradient = dY[np.newaxis] if single else dY
        layers = [as_layer(part) for part in self.layers]
        if len(layers) != len(given):
            raise RuntimeError(
                f"{self.name}.backward: there are {len(layers)} layers, but {len(given)} when "
                f"forward was called; call forward again before backward."
            )
        self._check_memories(layers, memories)
        if forget:
            memories.clear()  # so that nobody else holds what a layer lets go of
        for layer, shape in zip(layers[:0:-1], given[:0:-1], strict=True):
            gradient = layer.backward(handed_to(layer, gradient))
            contract.check_gradient(layer, gradient, shape)
            if forget:
                _forget(layer)
        return gradient, single, given[0]

    def _check_memories(self, layers: list[Any], memories: list[Any]) -> None:
        """Refuse to go back through a layer that was called by somebody else since."""
        for place, (layer, memory) in enumerate(zip(layers, memories, strict=True)):
            now = layer._remembered
            if memory is not None and now is not None and now is not memory:
                raise RuntimeError(
                    f"{self.name}.backward: layers[{place}] ({layer.name}) was called by another "
                    f"model, or by hand, after the forward of this one, and remembers that call; "
                    f"call forward again before backward."
                )


def _forget(layer: Layer) -> None:
    """Let a layer, and all in its rows, let go of what they remember."""
    for _, inner in layers_in_rows(layer):
        for one in (inner, *inner._rows().values()):
            one._remembered = None


def _build(
    layer: Any, shape: tuple[int, ...], rng: np.random.Generator | None, dtype: Any, where: str
) -> tuple[int, ...]:
    """Build a layer, unless it has values already; return the shape of one output."""
    if layer._rows():  # these look at each of their layers
        return contract.check_built(layer, layer.build(shape, rng, dtype))
    if not is_own(layer):
        _check_values(layer, shape, rng, dtype, where)
        if layer.parameters or layer.state:
            return contract.check_built(layer, layer.output_shape(shape))
    elif "_built_for" in vars(layer):
        *asked, made = vars(layer)["_built_for"]
        if asked != [shape, dtype]:
            raise ValueError(
                f"{where} ({layer.name}) was built for inputs of shape {asked[0]} in {asked[1]}, "
                f"but inputs of shape {shape} in {dtype} come here; put a new {layer.name}(...) in "
                f"its place."
            )
        return tuple(made)
    if rng is None:  # one that needs no values, or one's own, which was built by hand
        return contract.check_built(layer, layer.output_shape(shape))
    made = contract.check_built(layer, layer.build(shape, rng, dtype))
    if is_own(layer):
        vars(layer)["_built_for"] = shape, dtype, made
    return made


def _check_values(layer: Layer, shape: tuple[int, ...], rng: Any, dtype: Any, where: str) -> None:
    """Refuse values of a layer that are not what it would have here."""
    if rng is not None and not layer.parameters and not layer.state:
        return
    twin = copy.copy(layer)
    twin.parameters, twin.gradients, twin.state = {}, {}, {}
    twin.build(shape, np.random.default_rng(0), dtype)
    for needed, there in ((twin.parameters, layer.parameters), (twin.state, layer.state)):
        for name, value in needed.items():
            if name not in there:
                raise RuntimeError(
                    f"{where} ({layer.name}) has no values, for it came into the list after the "
                    f"model was made; make a new model, Sequential(model.layers, input_shape=...), "
                    f"which keeps the values of the others."
                )
            if isinstance(value, np.ndarray) and _kind(value) != _kind(there[name]):
                raise ValueError(
                    f"{where} ({layer.name}) has values already, which do not fit here: {name} "
                    f"has {_kind(there[name])}, but {_kind(value)} is needed for inputs of shape "
                    f"{shape}; put a new {layer.name}(...) in its place."
                )


def _kind(values: np.ndarray) -> str:
    return f"shape {values.shape} in {values.dtype}"


def _copies(row: Row) -> list[tuple[Layer, dict[str, Any]]]:
    """Return all layers of a row with what is in their attributes."""
    found = {id(inner): inner for inner in layers_within(row).values()}
    found |= {id(way): way for inner in list(found.values()) for way in inner._rows().values()}
    return [
        (layer, {key: dict(v) if type(v) is dict else v for key, v in vars(layer).items()})
        for layer in found.values()
    ]


def _put_back(before: list[tuple[Layer, dict[str, Any]]]) -> None:
    """Undo what was done to layers."""
    for layer, attributes in before:
        vars(layer).clear()
        vars(layer).update(attributes)


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
        As given. The list may be changed, the attribute not.
    shortcut : Layer, Sequential, list of them or None
        As given; cannot be changed.

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
        self._ways = {"": Row(_as_way(layers, self.name, "layers"), self.name)}
        self._shortcut = shortcut
        if shortcut is not None:
            way = _as_way(shortcut, self.name, "shortcut")
            self._shortcut = way if isinstance(shortcut, Iterable) else shortcut
            self._ways["shortcut"] = Row(way, f"{self.name}.shortcut")
        check_once(self)
        for inner in layers_within(self).values():
            inner.ops = inner.ops if ops is None else ops

    @property
    def layers(self) -> list[Any]:
        """F: the list of layers, first to last."""
        return self._ways[""].layers

    @property
    def shortcut(self) -> Any:
        """S, as it was given."""
        return self._shortcut

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
        """Draw starting values for the layers that have none, those of the shortcut last."""
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
