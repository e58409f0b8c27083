"""What became of the small networks that were trained with the mutants: stored, with versions.

``python -m tools.train_mutants`` of the repository writes ``trained.json``.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, TypeAlias

import numpy as np

from cnnlab import shapes
from cnnlab.mutants.networks import RATES
from cnnlab.mutants.registry import Mutant, catalogue
from cnnlab.mutants.training import Beside

SEEDS = 5
ROUNDING = 1e-9  # of a distance: the same sum in another order
LOST = 0.3  # accuracy of a run that has learned nothing to speak of; a guess has 0.1
NAME = "trained.json"

Verdict: TypeAlias = Literal[
    "same", "better", "as well", "worse", "by luck", "not at all", "raises"
]


@dataclass(frozen=True)
class Trained:
    """A network trained with one mutant, five times.

    Attributes
    ----------
    name : str
        Of the mutant.
    network : str
        See `cnnlab.mutants.network`.
    accuracies : tuple of float
        Share of the 1,000 test digits that it reads, for the seeds 0 to 4. Empty if it raises.
    right : tuple of float
        The same with the right gradient: same starting values, same order of the digits.
    noise : float
        Standard deviation of the difference of two such accuracies if nothing is wrong and only
        the order of the digits differs, equation (eq-wrong-noise).
    start, end : Beside or None
        The wrong gradient beside the right one, at the first step of seed 0 and after its last
        one. None if it raises; `end` also where parameters became infinite.
    passes : tuple of str
        Names of those checks of `cnnlab.mutants` that let the mutant pass.
    error : str
        What it raises on these shapes; empty for most.
    versions : dict of str to str
        Of the packages that computed it.
    """

    name: str
    network: str
    accuracies: tuple[float, ...]
    right: tuple[float, ...]
    noise: float
    start: Beside | None
    end: Beside | None
    passes: tuple[str, ...]
    error: str
    versions: dict[str, str]

    @property
    def differences(self) -> np.ndarray:
        """Accuracy less that with the right gradient, seed by seed. Empty if it raises."""
        return np.subtract(self.accuracies, self.right) if self.accuracies else np.zeros(0)

    @property
    def difference(self) -> float:
        """Their mean; NaN if it raises."""
        return float(self.differences.mean()) if self.accuracies else float("nan")

    @property
    def spread(self) -> float:
        """Their standard deviation; NaN if it raises."""
        return float(self.differences.std(ddof=1)) if self.accuracies else float("nan")

    @property
    def threshold(self) -> float:
        """Least difference that is told from chance: three standard deviations of the mean.

        Equation (eq-wrong-noise).
        """
        return 3 * self.noise / SEEDS**0.5

    @property
    def verdict(self) -> Verdict:
        """How it learns.

        "raises", or "same" if the gradients are those of the right network; "not at all" if all
        runs read fewer than 30 of 100 digits, "by luck" if some do; and otherwise "worse" or
        "better" if the mean difference reaches the threshold, "as well" if not.
        """
        if self.error:
            return "raises"
        if not any(side and side.distance > ROUNDING for side in (self.start, self.end)):
            return "same"
        lost = [accuracy < LOST for accuracy in self.accuracies]
        if any(lost):
            return "not at all" if all(lost) else "by luck"
        if abs(self.difference) < self.threshold:
            return "as well"
        return "worse" if self.difference < 0 else "better"


def trained() -> tuple[Trained, ...]:
    """Return what became of the network with each mutant, in the order of `catalogue`.

    Returns
    -------
    records : tuple of Trained
        The stored results of a script of the repository. A mutant that was added without them is
        left out.

    Examples
    --------
    >>> records = {record.name: record for record in trained()}
    >>> records["cross-entropy-sign-flipped"].verdict
    'not at all'
    """
    stored = _stored()
    return tuple(
        _record(mutant, stored) for mutant in catalogue() if mutant.name in stored["mutants"]
    )


def right_accuracies(name: str) -> np.ndarray:
    """Return what a network reads when its gradient is right.

    Parameters
    ----------
    name : str
        Of the network, see `cnnlab.mutants.network`.

    Returns
    -------
    accuracies : ndarray
        Shape (5, 4): for the seeds 0 to 4 of the starting values, with four orders of the digits.
        The first order is that of the mutants.

    Raises
    ------
    ValueError
        If there is no network of this name.

    Examples
    --------
    >>> right_accuracies("plain").shape
    (5, 4)
    """
    name = shapes.as_choice(name, "right_accuracies", "name", RATES)
    return np.array(_stored()["right"][name]["accuracies"])


@functools.cache
def _stored() -> dict[str, Any]:
    return json.loads(resources.files("cnnlab.mutants").joinpath(NAME).read_text(encoding="utf-8"))


def _record(mutant: Mutant, stored: dict[str, Any]) -> Trained:
    entry = stored["mutants"][mutant.name]
    right = np.array(stored["right"][entry["network"]]["accuracies"])
    return Trained(
        name=mutant.name,
        network=entry["network"],
        accuracies=tuple(entry["accuracies"]),
        right=tuple(right[:, 0].tolist()),
        # Two orders differ by the root of 2 times what one differs from the mean of its start.
        noise=float(np.sqrt(2 * right.var(axis=1, ddof=1).mean())),
        start=_beside(entry["start"]),
        end=_beside(entry["end"]),
        passes=tuple(entry["passes"]),
        error=entry["error"],
        versions=entry["versions"],
    )


def _beside(entry: dict[str, Any] | None) -> Beside | None:
    if entry is None:
        return None
    numbers = {name: float("nan") if x is None else x for name, x in entry["cosines"].items()}
    cosine = float("nan") if entry["cosine"] is None else entry["cosine"]
    return Beside(entry["distance"], cosine, numbers)
