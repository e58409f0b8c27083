"""Training with a mutant: the four lines, reproducible, and the two gradients side by side."""

import numpy as np
import pytest

from cnnlab import fast, mutants, training
from cnnlab.mutants.training import STEPS
from cnnlab.optimizers import SGD


def values(model):
    return np.concatenate([parameter.value.ravel() for parameter in model.parameters()])


def test_it_is_what_fit_does():
    digits = mutants.small_digits()
    order = np.random.default_rng(5).permutation(4000)[:32]
    model = mutants.network("plain", seed=5)
    training.fit(
        model,
        digits.X_train[order],
        digits.labels_train[order],
        optimizer=SGD(0.8),
        batch_size=32,
        progress=False,
    )
    found = mutants.train(None, seed=5, steps=1)
    np.testing.assert_allclose(values(found), values(model), rtol=0, atol=1e-12)


def test_the_same_seed_gives_the_same_network_and_order_another():
    first, again = (mutants.train(None, seed=1, steps=4) for _ in range(2))
    np.testing.assert_array_equal(values(first), values(again))
    other = mutants.train(None, seed=1, order=2, steps=4)
    assert not np.array_equal(values(first), values(other))
    np.testing.assert_array_equal(
        values(mutants.train(None, seed=1, steps=0)), values(mutants.network("plain", seed=1))
    )


def test_a_factor_is_a_learning_rate():
    """The gradients of the second layer are exactly a 32nd: one step moves that much less."""
    start, right, wrong = (
        mutants.train(name, seed=0, steps=steps).layers[3].parameters["w"]
        for name, steps in ((None, 0), (None, 1), ("dw-mean-over-batch", 1))
    )
    np.testing.assert_allclose((wrong - start) * 32, right - start, rtol=1e-9, atol=1e-12)


def test_a_sum_learns_as_a_mean_does_at_a_rate_that_much_smaller():
    right = mutants.train(None, steps=9)
    wrong = mutants.train("cross-entropy-not-a-mean", steps=9, learning_rate=0.8 / 32)
    np.testing.assert_allclose(values(wrong), values(right), rtol=1e-9, atol=1e-12)


def test_what_is_no_number_ends_it_and_reads_as_a_guess_does():
    model = mutants.train("cross-entropy-not-a-mean", steps=3)
    assert np.isfinite(values(model)).all()
    model.layers[0].parameters["w"][...] = np.nan
    assert mutants.accuracy_of(model) == 0.1
    assert mutants.accuracy_of(mutants.network("plain")) < 0.3


def test_a_mutant_that_does_not_fit_raises():
    with pytest.raises(ValueError, match="size 36 is different from 10"):
        mutants.train("dense-dX-not-transposed", steps=1)
    with pytest.raises(ValueError, match="^find: no mutant 'x'"):
        mutants.train("x")
    with pytest.raises(ValueError, match=f"^train: steps={STEPS + 1}, but at most {STEPS}"):
        mutants.train(None, steps=STEPS + 1)


def test_beside():
    found = mutants.beside("cross-entropy-sign-flipped")
    assert found.distance == pytest.approx(2)
    assert found.cosine == pytest.approx(-1)
    assert mutants.beside("cross-entropy-not-a-mean").distance == pytest.approx(31)
    only_below = mutants.beside("dX-off-by-one").cosines
    assert only_below.pop("0.Conv2D") < 0.999
    np.testing.assert_allclose([*only_below.values()], 1, rtol=1e-12)
    nothing = mutants.beside("relu-leaks", mutants.network("relu", seed=0))
    assert nothing == mutants.beside("relu-leaks")  # the parameters of seed 0
    other = mutants.beside("relu-leaks", mutants.network("relu", seed=1))
    assert other.distance != nothing.distance


def test_dropout_drops_the_same_in_both():
    """Else the two gradients would differ where the mutant is right."""
    found = mutants.beside("dropout-not-enlarged").cosines
    assert found["7.Dense"] == pytest.approx(1)


def test_the_loss_of_a_network():
    found = mutants.beside("squared-error-factor-two")
    assert (found.distance, found.cosine) == (pytest.approx(1), pytest.approx(1))
    assert fast.squared_error is mutants.ops("relu-leaks", fast).squared_error
