"""Samples: who is kept back for validation, and what is said of fractions that are none."""

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.failures import each
from support.networks import snapshot

from cnnlab import fast
from cnnlab.layers import Dense
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import evaluate, fit
from cnnlab.training.samples import Samples, all_of, split_places


def parts(labels, fraction, seed=0):
    labels = np.asarray(labels)
    left, kept = split_places(labels, fraction, np.random.default_rng(seed))
    np.testing.assert_array_equal(np.sort(np.concatenate([left, kept])), np.arange(len(labels)))
    return labels[left], labels[kept]


def test_every_class_gives_the_same_part():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    left, kept = parts(labels, 0.2)
    np.testing.assert_array_equal(np.bincount(kept), [10, 6, 4])
    np.testing.assert_array_equal(np.bincount(left), [40, 24, 16])


@each(
    case={
        "rests are rounded up, the largest first": ([7, 7, 6], 0.5, [4, 3, 3]),
        "a class of two": ([98, 2], 0.1, [9, 1]),
        "a class of two, nearly all": ([98, 2], 0.9, [89, 1]),
        "a class of one stays where it is": ([9, 1], 0.2, [2, 0]),
        "single ones": ([1, 1, 1, 1], 0.5, [1, 1, 0, 0]),
        "nearly nothing": ([5, 5], 1e-9, [1, 1]),
        "nearly all": ([5, 5], 1 - 1e-9, [4, 4]),
        "two of one class": ([2], 0.01, [1]),
        "two of two classes": ([1, 1], 0.01, [1, 0]),
    }
)
def test_every_class_is_in_both_parts_where_it_can_be(case):
    counts, fraction, expected = case
    left, kept = parts(np.repeat(np.arange(len(counts)), counts), fraction)
    np.testing.assert_array_equal(np.bincount(kept, minlength=len(counts)), expected)
    assert len(left) > 0


def test_random_classes_are_split_as_promised(rng):
    for seed in range(200):
        counts = rng.integers(1, 30, rng.integers(1, 8))
        fraction = rng.uniform(0.01, 0.99)
        labels = rng.permutation(np.repeat(np.arange(len(counts)) * 3, counts))
        if len(labels) < 2:
            continue
        left, kept = parts(labels, fraction, seed)
        assert len(left) > 0 < len(kept)
        for label, count in zip(np.arange(len(counts)) * 3, counts, strict=True):
            share = (kept == label).sum()
            assert abs(share - fraction * count) <= 1
            assert count < 2 or 0 < share < count


def test_measured_values_are_not_split_by_class(rng):
    values = rng.random((10, 1))
    left, kept = split_places(values, 0.3, rng)
    assert (len(left), len(kept)) == (7, 3)


def test_many_class_numbers_take_no_time():
    labels = np.arange(60_000)
    left, kept = parts(labels, 0.1)
    assert (len(left), len(kept)) == (54_000, 6_000)


def seen_by(seed, **options):
    """Return the samples that were trained with and those that were validated with."""
    trained, validated = [], []

    def loss(Y, targets):
        (trained if learning else validated).append(targets[:, 0])
        return fast.squared_error(Y, 0 * targets)

    class Watched(Sequential):
        def __call__(self, X):
            nonlocal learning
            learning = False
            return super().__call__(X)

    learning = True
    model = Watched([Dense(1)], input_shape=(1,))
    numbers = np.arange(20.0)[:, np.newaxis]
    given = {"optimizer": SGD(1e-9), "loss": loss, "validation": 0.25, "progress": False}
    fit(model, numbers, numbers, seed=seed, **given | options)
    return np.sort(np.concatenate(trained)), np.sort(np.concatenate(validated))


def test_who_is_kept_back_is_never_trained_with_and_follows_from_the_seed():
    trained, validated = seen_by(0)
    np.testing.assert_array_equal(np.sort(np.concatenate([trained, validated])), np.arange(20))
    assert len(validated) == 5
    np.testing.assert_array_equal(seen_by(0)[1], validated)
    assert not np.array_equal(seen_by(1)[1], validated)


def test_epochs_one_by_one_keep_the_same_ones_back():
    apart, together = bars_model(), bars_model()
    histories = [fit_bars(apart, validation=0.2) for _ in range(3)]
    whole = fit_bars(together, epochs=3, validation=0.2)
    assert [h.validation_losses[0] for h in histories] == whole.validation_losses
    assert snapshot(apart) == snapshot(together)


def test_the_validation_loss_is_that_of_evaluate():
    model = bars_model()
    history = fit_bars(model, validation=0.2)
    _, kept = split_places(LABELS[:40], 0.2, splitter(0))
    expected = evaluate(model, IMAGES[kept], LABELS[kept])
    assert (history.validation_losses[-1], history.validation_accuracies[-1]) == expected


def splitter(seed):
    return np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])


def test_a_fingerprint_is_of_numbers_types_and_places():
    some = all_of(IMAGES, LABELS)
    same = all_of(np.asfortranarray(IMAGES), LABELS.copy())
    assert some.fingerprint() == same.fingerprint()
    others = [
        all_of(IMAGES.astype(np.float32), LABELS),
        all_of(IMAGES.reshape(60, 1, 7, 6), LABELS),
        all_of(IMAGES, LABELS[::-1]),
        Samples(IMAGES, LABELS, np.arange(60)[::-1]),
        all_of(np.nextafter(IMAGES, 1), LABELS),
    ]
    assert len({one.fingerprint() for one in (some, *others)}) == 6


@each(
    case={
        "0": (0, ValueError, "validation=0 came, but a fraction greater than 0 and below 1"),
        "1": (1, ValueError, "validation=1 came"),
        "1.0": (1.0, ValueError, "validation=1.0 came"),
        "5": (5, ValueError, "validation=5 came"),
        "below 0": (-0.1, ValueError, "validation=-0.1 came"),
        "NaN": (np.nan, ValueError, "validation=nan came"),
        "infinite": (np.inf, ValueError, "validation=inf came"),
        "float32": (np.float32(1.5), ValueError, "validation=np.float32"),
        "True": (True, TypeError, "validation=bool True came, but a pair"),
        "text": ("0.2", TypeError, "validation=str '0.2' came, but a pair"),
        "three": ((IMAGES, LABELS, LABELS), TypeError, "validation=tuple"),
        "none in it": ((IMAGES[:0], LABELS[:0]), ValueError, "validation holds no samples"),
    }
)
def test_a_validation_that_is_none(case):
    validation, kind, says = case
    model = bars_model()
    before = snapshot(model)
    with pytest.raises(kind, match=f"^fit: {says}"):
        fit_bars(model, validation=validation)
    assert snapshot(model) == before


def test_one_sample_cannot_be_split():
    with pytest.raises(
        ValueError, match=r"^fit: validation=0.5 came with 1 sample, but both parts"
    ):
        fit(bars_model(), IMAGES[:1], LABELS[:1], optimizer=SGD(0.1), validation=0.5)
