"""Stored results: of every mutant, of today's code, and what is said of them."""

import dataclasses
import math

import numpy as np
import pytest
from support.failures import each

from cnnlab import fast, mutants
from cnnlab.mutants.networks import RATES
from cnnlab.mutants.stored import ROUNDING, SEEDS
from tools.train_mutants import CHECKS

RECORDS = {record.name: record for record in mutants.trained()}
COMMAND = "run .venv/bin/python -m tools.train_mutants, and commit cnnlab/mutants/trained.json"
ONE = RECORDS["relu-leaks"]
# Where the mistake is not met at the first step, and why.
SAME = {
    "max-pool-no-winner-wraps": "every window has a pixel",
    "batch-norm-never-fixed": "mean and variance are those of the batch",
    "batch-norm-spread-forgotten": "every spread starts at 1",
    "dw-clipped": "no entry of the first gradient is as large as 10",
}


def test_every_mutant_has_been_trained_with():
    missing = [m.name for m in mutants.catalogue() if m.name not in RECORDS]
    assert not missing, f"no results of {', '.join(missing)}: {COMMAND}"


@each(name=sorted(RECORDS))
def test_the_gradient_that_is_stored_is_that_of_today(name):
    """A mutant or a network that has changed since shows here."""
    record = RECORDS[name]
    advice = f"results are old: {COMMAND} after `{name}` as its argument"
    assert record.network == mutants.network_of(mutants.find(name)), advice
    if record.error:
        with pytest.raises((IndexError, ValueError)):
            mutants.beside(name)
        return
    now = mutants.beside(name)
    assert math.isclose(now.distance, record.start.distance, rel_tol=1e-4, abs_tol=1e-9), advice
    for layer, cosine in now.cosines.items():
        stored = record.start.cosines[layer]
        assert np.isclose(cosine, stored, rtol=0, atol=1e-4, equal_nan=True), advice


@pytest.mark.parametrize("name", ["relu-leaks", "squared-error-mean-of-all"])
def test_a_training_made_again_reads_as_many_digits(name):
    """Other processors round otherwise, and a training makes that larger: so not to the digit."""
    again = mutants.accuracy_of(mutants.train(name, seed=0))
    assert abs(again - RECORDS[name].accuracies[0]) < 0.05, COMMAND


def test_a_right_training_made_again_reads_as_many_digits():
    assert mutants.right_accuracies("plain").shape == (SEEDS, 4)
    again = mutants.accuracy_of(mutants.train(None, seed=1, order=201))
    assert abs(again - mutants.right_accuracies("plain")[1, 2]) < 0.03, COMMAND
    for name in RATES:
        assert mutants.right_accuracies(name).mean() > 0.6, name
    with pytest.raises(ValueError, match="^right_accuracies: .*plain"):
        mutants.right_accuracies("vanilla")


def test_records_hold_what_they_say():
    for record in RECORDS.values():
        assert set(record.versions) == {"cnnlab", "python", "numpy", "numba"}
        assert record.right == tuple(mutants.right_accuracies(record.network)[:, 0])
        assert len(record.accuracies) == (0 if record.error else SEEDS)
        assert "every_entry" not in record.passes


@each(name=["relu-leaks", "cross-entropy-not-a-mean", "dropout-mask-forgotten", "db-zero"])
def test_the_checks_that_let_a_mutant_pass_are_those_of_today(name):
    mutant = mutants.find(name)
    found = [check.__name__ for check in CHECKS if mutants.survives(mutant, check, fast)]
    assert RECORDS[name].passes == tuple(found), COMMAND


def test_networks_are_such_that_almost_every_mistake_is_met():
    started = {name: record.start for name, record in RECORDS.items() if record.start}
    same = {name for name, start in started.items() if start.distance < ROUNDING}
    raises = {name for name, record in RECORDS.items() if record.error}
    assert same == set(SAME)
    assert raises == {"dense-dX-not-transposed"}  # 36 inputs and 10 outputs


def test_numbers_by_hand():
    record = dataclasses.replace(
        ONE, accuracies=(0.9, 0.8, 0.9, 0.9, 0.9), right=(0.9,) * 5, noise=0.01
    )
    assert record.difference == pytest.approx(-0.02)
    assert record.spread == pytest.approx(0.1 / 5**0.5)
    assert record.threshold == pytest.approx(0.03 / 5**0.5)


def test_noise_is_that_of_two_orders():
    """Two random orders of one start differ by it: compared with all pairs of orders."""
    right = mutants.right_accuracies(ONE.network)
    pairs = right[:, :, None] - right[:, None, :]
    assert ONE.noise == pytest.approx(np.sqrt((pairs**2).sum() / (5 * 4 * 3)))


@each(
    case=[
        ("as well", (0.90, 0.91, 0.89, 0.9, 0.9), 0.3),
        ("worse", (0.8, 0.81, 0.79, 0.8, 0.8), 0.3),
        ("better", (0.96, 0.95, 0.97, 0.96, 0.96), 0.3),
        ("not at all", (0.1, 0.1, 0.12, 0.1, 0.29), 0.3),
        ("by luck", (0.9, 0.9, 0.9, 0.9, 0.29), 0.3),
        ("same", (0.9, 0.9, 0.9, 0.9, 0.9), 0.0),
    ]
)
def test_verdicts(case):
    verdict, accuracies, distance = case
    side = ONE.start._replace(distance=distance)
    record = dataclasses.replace(
        ONE, accuracies=accuracies, right=(0.9,) * 5, noise=0.02, start=side, end=side
    )
    assert record.verdict == verdict


def test_a_mutant_that_raises_has_no_numbers():
    record = RECORDS["dense-dX-not-transposed"]
    assert record.verdict == "raises"
    assert record.start is record.end is None
    assert math.isnan(record.difference)
    assert math.isnan(record.spread)
    assert record.differences.size == 0
