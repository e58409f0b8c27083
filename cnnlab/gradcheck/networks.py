"""A model under test: run with other parameters, in other numbers, its layers watched."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.gradcheck.guard import (
    Failure,
    add_new,
    as_gradient,
    changed_result_words,
    changed_words,
    complex_numbers,
    failure_words,
    is_same,
)
from cnnlab.gradcheck.places import Arrays
from cnnlab.layers import Layer
from cnnlab.layers.base import as_layer, layers_in_rows, layers_within
from cnnlab.model import Sequential


class Network:
    """A model, run with parameters and inputs that a check chooses.

    Attributes
    ----------
    found : dict of str to list of str
        What layers changed, by the name of the layer.
    """

    def __init__(self, model: Sequential, *, training: bool) -> None:
        self._model, self._training = model, training
        self._layers = list(layers_within(model).values())
        in_rows = dict(layers_in_rows(as_layer(model)))
        self._places = [(layer, key) for layer in in_rows.values() for key in layer.parameters]
        self._put_back = _state_keeper(self._layers)
        self._gradients = [(layer, copy.deepcopy(layer.gradients)) for layer in self._layers]
        self._first: list[tuple[Layer, dict[str, np.ndarray]]] = []
        self.found: dict[str, list[str]] = {}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Leave the model as it was, with the gradients of the first backward pass."""
        own = [layer.parameters[key] for layer, key in self._places]
        before = [value.copy() for value in own]
        try:
            yield
        finally:
            for value, old in zip(own, before, strict=True):
                value[...] = old
            self._put_back()
            for layer, gradients in self._first:
                layer.gradients.clear()
                layer.gradients.update(gradients)

    def output(self, arrays: Arrays) -> np.ndarray:
        """Return the outputs, in the dtype of the model."""
        self._set(arrays[:-1])
        return np.array(self._model.forward(self._as_input(arrays), training=self._training))

    def in_float64(self, arrays: Arrays) -> np.ndarray:
        """Return the outputs of the same model in float64, whatever its dtype."""
        with self._replaced(arrays[:-1]):
            return self._through(arrays[-1])

    def in_complex(self, arrays: Arrays) -> np.ndarray:
        """Return the outputs for complex numbers, which `forward` of a model does not take."""
        with self._replaced(arrays[:-1]), ExitStack() as stack:
            for layer in self._layers:
                stack.enter_context(_attribute(layer, "ops", reference))
            return self._through(arrays[-1], loops=True)

    def gradients(self, G: np.ndarray, arrays: Arrays) -> list[Any]:
        """Return the gradients of a backward pass, after a forward pass in which all is watched."""
        self._set(arrays[:-1])
        for layer, before in self._gradients:
            layer.gradients.clear()
            layer.gradients.update(copy.deepcopy(before))
        watch = _Watch(self._model, self.found)
        failed, dX = None, None
        with watch.on():
            Y = self._model.forward(self._as_input(arrays), training=self._training)
            try:
                dX = self._model.backward(G.astype(Y.dtype))
            except Exception as error:  # whatever it is, it is said in the reports
                failed = Failure(failure_words(f"{watch.latest}.backward", error))
        if not self._first:
            self._first = [(layer, copy.deepcopy(layer.gradients)) for layer in self._layers]
        gradients: list[Any] = []
        for layer, key in self._places:
            if failed is not None and layer not in watch.done:
                gradients.append(failed)
            elif key not in layer.gradients:
                words = f"backward of {layer.name} left no gradient for it; fill self.gradients"
                gradients.append(Failure(f'{words}["{key}"]'))
            else:
                gradients.append(copy.deepcopy(as_gradient(layer.gradients[key])))
        return [*gradients, failed or as_gradient(np.array(dX))]

    def _as_input(self, arrays: Arrays) -> np.ndarray:
        return arrays[-1].astype(self._model.dtype)

    def _set(self, values: Arrays) -> None:
        """Write parameters into the arrays of the model, and put its state back."""
        self._put_back()
        for (layer, key), value in zip(self._places, values, strict=True):
            layer.parameters[key][...] = value

    @contextmanager
    def _replaced(self, values: Arrays) -> Iterator[None]:
        """Put arrays of another dtype in the places of the parameters, wherever these are held."""
        self._put_back()
        own = [layer.parameters[key] for layer, key in self._places]
        held = []
        for layer in self._layers:
            for key, value in layer.parameters.items():
                place = next((n for n, array in enumerate(own) if array is value), None)
                if place is not None:
                    held.append((layer, key, value))
                    layer.parameters[key] = values[place].copy()
        try:
            yield
        finally:
            for layer, key, value in held:
                layer.parameters[key] = value

    def _through(self, X: np.ndarray, *, loops: bool = False) -> np.ndarray:
        """Send inputs through the layers one by one."""
        single = X.shape == self._model.input_shape
        Y = X[np.newaxis] if single else X
        for position, part in enumerate(self._model.layers):
            layer = as_layer(part)
            name = f"{position}.{layer.name}"
            with complex_numbers("check_model", f"{name}.forward") if loops else nullcontext():
                Y = np.array(layer.forward(Y.copy(), training=self._training))
        return Y[0] if single else Y


class _Watch:
    """Gives every layer of a model copies, and sees what it does to them."""

    def __init__(self, model: Sequential, found: dict[str, list[str]]) -> None:
        self._model, self._found = model, found
        self._held: dict[Layer, list[tuple[str, Any, Any]]] = {}
        self.latest = ""
        self.done: set[Layer] = set()

    @contextmanager
    def on(self) -> Iterator[None]:
        """Watch for a while."""
        with ExitStack() as stack:
            for name, layer in layers_in_rows(as_layer(self._model)):
                if not name:
                    continue  # the model itself
                for method, watched in (
                    ("forward", self._forward(name, layer)),
                    ("backward", self._backward(name, layer)),
                ):
                    stack.enter_context(_attribute(layer, method, watched))
            yield

    def _forward(self, name: str, layer: Layer) -> Callable[..., Any]:
        own = layer.forward

        def forward(X: np.ndarray, **options: Any) -> Any:
            given, parameters = X.copy(), _copies(layer)
            returned = own(given, **options)
            result = copy.deepcopy(returned)
            self._held[layer] = [
                (changed_words(f"{name}.%s", "X"), given, X.copy()),
                (changed_result_words(f"{name}.%s", "forward"), returned, result),
                *parameters,
            ]
            self._look(name, layer, "forward")
            return copy.deepcopy(result)

        return forward

    def _backward(self, name: str, layer: Layer) -> Callable[..., Any]:
        own = layer.backward

        def backward(dY: np.ndarray) -> Any:
            self.latest = name
            given = dY.copy()
            result = copy.deepcopy(own(given))
            self.done.add(layer)
            self._held.setdefault(layer, []).append(
                (changed_words(f"{name}.%s", "dY"), given, dY.copy())
            )
            self._look(name, layer, "backward")
            return result

        return backward

    def _look(self, name: str, layer: Layer, method: str) -> None:
        """Note what is no longer as it was."""
        for words, now, before in self._held.get(layer, []):
            if not is_same(now, before):
                add_new(self._found.setdefault(name, []), [words % method])


def _copies(layer: Layer) -> list[tuple[str, Any, Any]]:
    """Return the parameters of a layer beside copies, with the words if they are changed."""
    return [
        (
            f"{layer.name}.%s changed the parameter {key}; only the optimizer may",
            value,
            value.copy(),
        )
        for key, value in layer.parameters.items()
    ]


def _state_keeper(layers: list[Layer]) -> Callable[[], None]:
    """Return a function that gives every layer the state that it has now."""
    kept = [(layer, dict(layer.state), copy.deepcopy(layer.state)) for layer in layers]

    def put_back() -> None:
        for layer, own, before in kept:
            layer.state.clear()
            for key, value in own.items():
                # Into the objects that were there: others may hold them too.
                if isinstance(value, np.random.Generator):
                    value.bit_generator.state = before[key].bit_generator.state
                elif isinstance(value, np.ndarray):
                    value[...] = before[key]
                layer.state[key] = value

    return put_back


@contextmanager
def _attribute(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Give an object another attribute for a while."""
    own = vars(owner).get(name, owner)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own is owner:
            delattr(owner, name)
        else:
            setattr(owner, name, own)
