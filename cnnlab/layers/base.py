"""What every layer offers."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Collection, Iterator, Sequence
from threading import local
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from cnnlab import shapes
from cnnlab.shapes import words as phrases
from cnnlab.typing import Backend, DTypeLike, Flag

__all__ = ["Layer"]


class _Within(local):
    """Whether this thread is inside something, and how deep."""

    depth = 0

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Call a function inside it; whatever exception comes when, it ends with the call."""
        before = self.depth
        try:
            self.depth = before + 1
            return function(*arguments, **options)
        finally:
            self.depth = before


class Layer:
    """What every layer offers; the base of all others.

    Parameters
    ----------
    ops : module, optional
        `cnnlab.fast`, `cnnlab.reference`, or an object with the same functions. `cnnlab.fast` when
        left out.

    Attributes
    ----------
    parameters : dict of str to ndarray
        Learned arrays by name, `w` and `b`. Empty until the layer is built, and for layers that
        learn nothing. A layer of your own that holds others says here which of their arrays are
        learned; those of the layers in a `Residual` or a `Sequential` are, without being here.
    gradients : dict of str to ndarray
        Gradient of the loss with respect to each parameter, from the latest `backward`.
    state : dict of str to object
        What else changes in training, by name: running statistics, a random generator. Empty
        until the layer is built, and for most layers. Who copies it deeply and puts the copy back
        undoes every `forward` in between.
    """

    # Whether `forward` does something else in training; then it must be told which it is.
    trains_differently: ClassVar[bool] = False
    # Names of the parameters that weight decay leaves as they are.
    undecayed: ClassVar[Collection[str]] = ("b",)

    def __init__(self, *, ops: Backend | None = None) -> None:
        if ops is None:
            from cnnlab import fast  # here, so that the loops can be used without Numba

            ops = fast
        self.ops: Backend = ops
        self.parameters: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self.state: dict[str, Any] = {}
        self._remembered = None

    @property
    def _remembered(self) -> Any:
        """What `forward` remembers for `backward`; nothing while a model is only used."""
        return vars(self).get("_remembered")

    @_remembered.setter
    def _remembered(self, value: Any) -> None:
        if not use.depth or is_own(self):  # one of your own is a copy then, see `as_used`
            vars(self)["_remembered"] = value

    @property
    def name(self) -> str:
        """Name of the kind of layer."""
        return type(self).__name__

    def __repr__(self) -> str:
        """Say it as it is written in a program: the kind, and the options that are not usual."""
        words = []
        for name, parameter in inspect.signature(type(self).__init__).parameters.items():
            options = getattr(self, "options", {})
            value = getattr(self, name, options.get(name, parameter.empty))
            if name in ("self", "ops") or value is parameter.empty:
                continue
            if isinstance(value, tuple) and len(set(value)) == 1 and len(value) == 2:
                value = value[0]  # the same for rows and columns
            if value == parameter.default:
                continue
            value = getattr(value, "__name__", repr(value))
            words.append(value if parameter.default is parameter.empty else f"{name}={value}")
        return f"{self.name}({', '.join(words)})"

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy or a file must hold; a module as its name, for none can be copied."""
        kept = self.__dict__.copy()
        if isinstance(self.ops, ModuleType):
            kept["ops"] = _Module(self.ops.__name__)
        return kept

    def __setstate__(self, kept: dict[str, Any]) -> None:
        """Become the copy."""
        self.__dict__.update(kept)
        if isinstance(self.ops, _Module):
            self.ops = importlib.import_module(self.ops)

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of one output, given the shape of one input (no batch axis).

        Parameters
        ----------
        input_shape : tuple of int

        Returns
        -------
        output_shape : tuple of int

        Raises
        ------
        ValueError
            If the layer cannot take such an input.
        """
        return input_shape

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Draw starting values for the parameters.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one input, without the batch axis.
        rng : numpy.random.Generator
            Where the starting values come from.
        dtype : dtype
            float32 or float64.

        Returns
        -------
        output_shape : tuple of int
            Shape of one output, without the batch axis.

        Raises
        ------
        ValueError
            If the layer cannot take such an input.
        """
        return self.output_shape(input_shape)

    def forward(self, X: Any, *, training: Any = None) -> np.ndarray:
        """Compute the output for a batch, and remember what `backward` needs.

        Parameters
        ----------
        X : ndarray
            A batch of inputs, batch axis first.
        training : bool, optional
            Whether the network is being trained, or used. Most layers do the same in both; those
            that do not (`trains_differently`) must be told.

        Returns
        -------
        Y : ndarray
            A batch of outputs.

        Raises
        ------
        NotImplementedError
            If the layer has no such method of its own.
        """
        raise NotImplementedError(self._lacks("forward(self, X, *, training=None)"))

    def backward(self, dY: Any) -> np.ndarray:
        """Turn the gradient with respect to the output into that with respect to the input.

        Fills `gradients` on the way.

        Parameters
        ----------
        dY : ndarray
            Gradient of the loss with respect to what the latest `forward` returned.

        Returns
        -------
        dX : ndarray
            Gradient of the loss with respect to what the latest `forward` was given.

        Raises
        ------
        RuntimeError
            If `forward` was not called before.
        NotImplementedError
            If the layer has no such method of its own.
        """
        raise NotImplementedError(self._lacks("backward(self, dY)"))

    def _lacks(self, method: str) -> str:
        """Say which method to write."""
        name = method.partition("(")[0]
        return f"{self.name}: the class has no method {name}; write def {method} in it."

    def backward_to_parameters(self, dY: Any) -> None:
        """Fill `gradients` and go back no further: for the first layer of a network in training.

        Parameters
        ----------
        dY : ndarray
            As for `backward`.

        Raises
        ------
        RuntimeError
            If `forward` was not called before.
        """
        self.backward(dY)

    def _rows(self) -> dict[str, Any]:
        """Return the rows of layers that it is made of, by name; most layers are made of none."""
        return {}

    def _goes_back_as(self, kind: type[Layer]) -> bool:
        """Whether a short cut that `kind` takes in training leads where `backward` would.

        It does not where a subclass changed `backward` and nothing else: then `backward` is the
        way in training, too.
        """
        own = type(self)
        return (
            own.backward is kind.backward
            or own.backward_to_parameters is not kind.backward_to_parameters
        )

    def _start(self, dtype: DTypeLike, **parameters: np.ndarray) -> None:
        """Take copies of the starting values as parameters."""
        for name, value in parameters.items():
            self.parameters[name] = np.array(value, dtype, order="C")

    def _biases(self, count: int) -> dict[str, np.ndarray]:
        """Return biases to start with, if the layer has any."""
        return {"b": np.zeros(count)} if vars(self)["bias"] else {}

    def _w_and_b(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the weights, and the biases or None."""
        return self._parameter("w"), self._parameter("b") if vars(self)["bias"] else None

    def _as_initializer(self, initializer: Any) -> Any:
        """Return what draws the starting values."""
        return shapes.as_function(
            initializer,
            self.name,
            "initializer",
            "initializer(shape, rng)",
            "pass cnnlab.initializers.he_normal",
        )

    def _draw(self, initializer: Any, shape: tuple[int, ...], rng: Any) -> np.ndarray:
        """Return starting values of that shape."""
        values = initializer(shape, shapes.as_generator(rng, f"{self.name}.build", "rng"))
        if not isinstance(values, np.ndarray) or values.shape != shape:
            raise ValueError(
                f"{self.name}.build: initializer returned {phrases.brief(values)}, but an array of "
                f"shape {shape} is needed; let it return one, as rng.normal(0, 0.1, shape) does."
            )
        return values

    def _built(self, values: dict[str, Any], name: str) -> Any:
        """Return one of the parameters or of the state, or say that there are none."""
        if name not in values:
            raise RuntimeError(
                f"{self.name}.forward: the layer has not been built yet; put it into "
                f"Sequential([...], input_shape=...), or call {self.name}.build(input_shape, rng)."
            )
        return values[name]

    def _parameter(self, name: str) -> np.ndarray:
        return self._built(self.parameters, name)

    def _keep(self, array: np.ndarray) -> np.ndarray:
        """Return an array that stays as it is until `backward`.

        Whoever calls a layer by hand may change what it was given and what it returned. A model
        lets nobody touch what is between its layers.
        """
        return array if walk.depth else np.array(array)

    def _told(self, training: Flag | None) -> bool:
        """Return `training`, which a layer that `trains_differently` must be told."""
        if training is None:
            raise ValueError(
                f"{self.name}.forward: training is missing, but {self.name} computes something "
                f"else in training than in use; pass training=True or training=False."
            )
        return bool(training)

    def _recall(self) -> Any:
        """Return what `forward` remembered."""
        if self._remembered is None:
            raise RuntimeError(
                f"{self.name}.backward: there is nothing to go back through; call forward first."
            )
        return self._remembered

    def _as_input(self, X: Any) -> np.ndarray:
        """Return `X` as an array, so that `backward` finds one."""
        return shapes.as_array(X, f"{self.name}.forward", "X", keep_complex=True)

    def _as_gradient(self, dY: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Return `dY` as an array; it must have the shape of what `forward` returned."""
        dY = shapes.as_array(dY, f"{self.name}.backward", "dY", keep_complex=True)
        if dY.shape != shape:
            raise ValueError(
                f"{self.name}.backward: dY.shape={dY.shape}, but forward returned shape {shape}; "
                f"dY must have the same shape."
            )
        return dY


class AsLayer:
    """What is a model and, within another one, a layer: a `cnnlab.model.Sequential`."""

    _row: Any

    def _written(self) -> dict[str, Any]:
        """Return the options that it is written with."""
        raise NotImplementedError


def as_layer(part: Any) -> Any:
    """Return what a row of layers calls: of a model its row, else the layer itself."""
    return part._row if isinstance(part, AsLayer) else part


def layers_in_rows(layer: Layer, where: str = "") -> Iterator[tuple[str, Layer]]:
    """Yield a layer and all in its rows, each with the place where it sits.

    Places are written as ``"2.Residual.shortcut.0.Conv2D"``.
    """
    yield where, layer
    for name, row in layer._rows().items():
        before = "".join(f"{place}." for place in (where, name) if place)
        for position, part in enumerate(row.layers):
            inner = as_layer(part)
            place = f"{before}{position}.{inner.name}"
            if inner._rows():
                yield from layers_in_rows(inner, place)
            else:
                yield place, inner


def layers_within(part: Any) -> dict[str, Layer]:
    """Return a layer or a model and all layers that it holds anywhere, by where they sit.

    In rows they are found where `layers_in_rows` finds them; what layers of one's own hold in
    their attributes, by the names of these.
    """
    found: dict[str, Layer] = {}
    _collect(part, "", found, set())
    return found


def _collect(part: Any, where: str, found: dict[str, Layer], seen: set[int]) -> None:
    part = as_layer(part)
    if id(part) in seen:
        return
    seen.add(id(part))
    before = f"{where}." if where else ""
    if isinstance(part, Layer):
        found[where] = part
        for name, row in part._rows().items():
            seen.add(id(row))
            for place, inner in _numbered(row.layers, f"{before}{name}." if name else before):
                _collect(inner, place, found, seen)
        part = vars(part)
    if isinstance(part, dict):
        pairs = [(f"{before}{key}", value) for key, value in part.items() if _may_hold(value)]
    else:
        pairs = _numbered(part, before)
    for place, inner in pairs:
        _collect(inner, place, found, seen)


def _may_hold(value: Any) -> bool:
    return isinstance(value, Layer | AsLayer | dict | list | tuple)


def _numbered(parts: Sequence[Any], before: str) -> list[tuple[str, Any]]:
    """Return what may hold layers in a row of anything; a layer has its kind behind its number."""
    found = []
    for position, part in enumerate(parts):
        if isinstance(part, Layer | AsLayer):
            found.append((f"{before}{position}.{as_layer(part).name}", part))
        elif _may_hold(part):
            found.append((f"{before}{position}", part))
    return found


def as_used(part: Any) -> Any:
    """Return what may be called in the place of a layer or a model.

    That is itself, but for one of your own while a model is only used. Then it is a copy, for that
    class may remember its input in any attribute; so are those of your own that it holds, and
    lists and dicts. Arrays are the same ones.
    """
    return _copied(part, {}) if use.depth and is_own(part) else part


def handed_to(layer: Layer, array: np.ndarray) -> np.ndarray:
    """Return what a layer is given: one of your own a copy, for it may work in place."""
    return np.array(array) if is_own(layer) else array


def is_own(part: Any) -> bool:
    """Tell a layer or a model of a class that somebody else wrote."""
    return not type(part).__module__.startswith("cnnlab.")


def _copied(part: Any, made: dict[int, Any]) -> Any:
    if id(part) in made:
        return made[id(part)]
    if isinstance(part, Layer | AsLayer) and is_own(part):
        twin = made[id(part)] = object.__new__(type(part))
        vars(twin).update({name: _copied(value, made) for name, value in vars(part).items()})
        return twin
    if type(part) is dict:  # its own, because somebody may remember something in it
        made[id(part)] = {name: _copied(value, made) for name, value in part.items()}
    elif type(part) in (list, tuple):
        made[id(part)] = type(part)(_copied(value, made) for value in part)
    return made.get(id(part), part)


class _Module(str):
    """The name of a module, in the place of the module."""

    __slots__ = ()


walk = _Within()  # a model that is run, and looks after the arrays between its layers
use = _Within()  # a model that is used, and must stay as it is
