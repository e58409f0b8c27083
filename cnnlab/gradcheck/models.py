"""Every gradient of a whole model, compared with numerical derivatives."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.gradcheck.differences import Comparison
from cnnlab.gradcheck.reports import GradientReport
from cnnlab.layers import Layer
from cnnlab.model import Sequential


def check_model(
    model: Sequential,
    X: np.ndarray,
    *,
    method: str = "central",
    by: str = "entry",
    directions: int = 3,
    training: bool = True,
    tolerance: float | None = None,
    seed: int | np.random.Generator = 0,
) -> list[GradientReport]:
    """Compare the gradients of every parameter of a model, and of its input, with numerical ones.

    ``method="complex", by="direction"`` is the adjoint test of a whole model, ``<J v, G> == <v,
    dv>``: J v, how the outputs answer to a change v, comes from one complex step, dv from
    `backward`. Without subtractions the two sides are equal up to rounding.

    Parameters
    ----------
    model : Sequential
        Of dtype float64; float32 rounds too coarsely. Its parameters and the state of its layers
        are the same before and after; its gradients are those of the check.
    X : array_like
        A small batch, or one sample. Shape (B,) + `model.input_shape`, or `model.input_shape`.
    method : {"central", "complex"}
        See `numerical_gradient`. With "complex" the layers compute with `cnnlab.reference` while
        they take complex numbers; the gradients are those of the model's own backend.
    by : {"entry", "direction"}
        See `check_gradients`; directions are drawn for each parameter on its own.
    directions : int
        How many random directions, each.
    training : bool
        Whether the layers behave as in training. Their state is put back before every evaluation,
        so that `Dropout` leaves out the same entries each time.
    tolerance : float, optional
        As for `check_gradients`.
    seed : int or numpy.random.Generator
        Where the upstream gradient and the directions come from.

    Returns
    -------
    reports : list of GradientReport
        One per parameter, then one for `X`.

    Raises
    ------
    ValueError
        If the model is of dtype float32, or an option has none of its values.
    """
    comparison = Comparison("check_model", method, by, directions, tolerance, seed)
    if model.dtype != np.float64:
        raise ValueError(
            f"check_model: the model is of dtype {model.dtype}; build it with dtype=np.float64, "
            f"numerical derivatives need the digits."
        )
    X = np.asarray(X, np.float64)
    put_back = _state_keeper(model)
    try:
        Y = model.forward(X, training=training)
        G = comparison.rng.standard_normal(Y.shape)
        dX = model.backward(G)

        def loss(x: np.ndarray) -> Any:
            put_back()
            if method == "complex":
                return np.sum(G * _forward_in_loops(model, x, training=training))
            return np.sum(G * model.forward(x, training=training))

        names, gradients, values, losses = [], [], [], []
        places = [(layer, key) for layer in model.layers for key in layer.parameters]
        for parameter, (layer, key) in zip(list(model.parameters()), places, strict=True):

            def changed(value: np.ndarray, layer: Layer = layer, key: str = key) -> Any:
                with _parameter_set(layer, key, value):
                    return loss(X)

            names.append(parameter.name)
            gradients.append(np.asarray(parameter.gradient))
            values.append(parameter.value)
            losses.append(changed)
        return comparison.of_gradients(
            [*names, "X"], [*gradients, dX], [*values, X], [*losses, loss], G * Y
        )
    finally:
        put_back()


def _state_keeper(model: Sequential) -> Callable[[], None]:
    """Return a function that gives every layer the state that it has now."""
    kept = [(layer, dict(layer.state), copy.deepcopy(layer.state)) for layer in model.layers]

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
def _parameter_set(layer: Layer, key: str, value: np.ndarray) -> Iterator[None]:
    """Give a layer another parameter for a while."""
    own = layer.parameters[key]
    before = own.copy()
    if np.iscomplexobj(value):
        layer.parameters[key] = value
    else:
        own[...] = value
    try:
        yield
    finally:
        own[...] = before
        layer.parameters[key] = own


def _forward_in_loops(model: Sequential, X: np.ndarray, *, training: bool) -> np.ndarray:
    """Send complex numbers through a model, whose `forward` takes none."""
    single = X.shape == model.input_shape
    own = [layer.ops for layer in model.layers]
    try:
        Y = X[np.newaxis] if single else X
        for layer in model.layers:
            layer.ops = reference
            Y = layer.forward(Y, training=training)
    finally:
        for layer, ops in zip(model.layers, own, strict=True):
            layer.ops = ops
    return Y[0] if single else Y
