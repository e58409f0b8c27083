"""Every gradient of a whole model, compared with numerical derivatives."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from cnnlab import shapes
from cnnlab.gradcheck.comparison import Comparison
from cnnlab.gradcheck.networks import Network
from cnnlab.gradcheck.places import Problem
from cnnlab.gradcheck.reports import GradientReport, Reports
from cnnlab.model import Sequential, check_sequential
from cnnlab.typing import ArrayLike, Flag, Integer, Number, Seed


def check_model(
    model: Sequential,
    X: ArrayLike,
    *,
    method: Literal["central", "complex"] = "central",
    by: Literal["entry", "direction"] = "entry",
    directions: Integer = 3,
    training: Flag = True,
    step: Number | None = None,
    tolerance: Number | None = None,
    seed: Seed = 0,
) -> list[GradientReport]:
    """Compare the gradients of every parameter of a model, and of its input, with numerical ones.

    ``method="complex", by="direction"`` is the adjoint test of a whole model, ``<J v, G> == <v,
    dv>``: J v, how the outputs answer to a change v, comes from one complex step, dv from
    `backward`. Without subtractions the two sides are equal up to rounding.

    Parameters
    ----------
    model : Sequential
        Of any dtype: steps are taken in float64, and what the gradients of a float32 model are
        rounded by is measured; float64 makes the check sharper. Its parameters and the state of
        its layers are the same before and after; its gradients are those of the check. Every layer
        is given copies: one that changes them, or what it returned before, has a report of its own.
    X : array_like
        A small batch, or one sample. Shape (B,) + `model.input_shape`, or `model.input_shape`.
    method : {"central", "complex"}
        See `numerical_gradient`. With "complex" the layers, and layers inside of them, compute
        with `cnnlab.reference` while they take complex numbers; the gradients are those of the
        model's own backend.
    by : {"entry", "direction"}
        See `check_gradients`; directions are drawn for each parameter on its own.
    directions : int
        How many random directions, each.
    training : bool
        Whether the layers behave as in training. Their state is put back before every evaluation,
        so that `Dropout` leaves out the same entries each time.
    step, tolerance : float, optional
        As for `check_gradients`.
    seed : int or numpy.random.Generator
        Where the upstream gradient and the directions come from.

    Returns
    -------
    reports : list of GradientReport
        One per parameter, then one for `X`, then one for each layer that changed what it was
        given. Where the backward pass of a layer raises an exception, the gradients that it did
        not reach have reports that say so. Shows itself as lines in a terminal, and as a table in
        a notebook.

    Raises
    ------
    ValueError
        If an option has none of its values.
    TypeError
        If a layer takes no complex numbers, and the method needs them.
    """
    check_sequential(model, "check_model")
    comparison = Comparison(
        "check_model",
        method=method,
        by=by,
        directions=directions,
        tolerance=tolerance,
        step=step,
        seed=seed,
    )
    X = np.array(shapes.as_array(X, "check_model", "X"), np.float64)
    network = Network(model, training=shapes.as_flag(training, "check_model", "training"))
    names = [*(parameter.name for parameter in model.parameters()), "X"]
    arrays = [*(np.array(parameter.value, np.float64) for parameter in model.parameters()), X]
    with network.kept():
        stepped = network.output if model.dtype == np.float64 else network.in_float64
        reports = comparison.of(
            Problem(
                "check_model",
                names,
                output=network.output,
                stepped=network.in_complex if method == "complex" else stepped,
                gradients=network.gradients,
                notes=lambda: [[] for _ in names],
                deep=True,
            ),
            arrays,
        )
    changed = [
        GradientReport(name, False, math.nan, (), math.nan, math.nan, note="; ".join(words))
        for name, words in network.found.items()
    ]
    return Reports([*reports, *changed])
