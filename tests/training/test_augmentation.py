"""Augmentation: pixels move as they should, the same ones for the same seed."""

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.failures import each
from support.networks import snapshot

from cnnlab.layers import Dense
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import Augmentation, fit
from cnnlab.training.augmentation import _moved, _turned


def loops(image, row, column, angle):
    """Return one plane, turned and moved pixel by pixel."""
    M, N = image.shape
    middle = (M - 1) / 2, (N - 1) / 2
    result = np.zeros((M, N))
    for i in range(M):
        for j in range(N):
            di, dj = i - row - middle[0], j - column - middle[1]
            p = middle[0] + np.cos(angle) * di + np.sin(angle) * dj
            q = middle[1] - np.sin(angle) * di + np.cos(angle) * dj
            for u in range(M):
                for v in range(N):
                    share = max(0, 1 - abs(p - u)) * max(0, 1 - abs(q - v))
                    result[i, j] += share * image[u, v]
    return result


def test_turned_as_the_loops_turn(rng):
    X = rng.standard_normal((4, 3, 7, 5))
    moves, angles = rng.integers(-3, 4, (4, 2)), rng.uniform(-4, 4, 4)
    result = _turned(X, moves, angles)
    for s in range(4):
        for c in range(3):
            expected = loops(X[s, c], *moves[s], angles[s])
            np.testing.assert_allclose(result[s, c], expected, atol=1e-12)


def test_turned_as_scipy_turns(rng):
    ndimage = pytest.importorskip("scipy.ndimage")
    X = rng.standard_normal((1, 1, 9, 9))
    turned = _turned(X, np.zeros((1, 2), int), np.radians([20.0]))[0, 0]
    judge = ndimage.rotate(X[0, 0], 20, reshape=False, order=1, mode="grid-constant")
    np.testing.assert_allclose(turned, judge, atol=1e-12)


def test_a_quarter_turn_is_anticlockwise():
    X = np.arange(9.0).reshape(1, 1, 3, 3)
    turned = _turned(X, np.zeros((1, 2), int), np.array([np.pi / 2]))[0, 0]
    np.testing.assert_allclose(turned, np.rot90(X[0, 0]), atol=1e-12)


def test_moved_down_and_to_the_right():
    X = np.arange(1, 7, dtype=np.uint8).reshape(1, 1, 2, 3)
    for moves, expected in {
        (0, 0): [[1, 2, 3], [4, 5, 6]],
        (1, 1): [[0, 0, 0], [0, 1, 2]],
        (-1, 0): [[4, 5, 6], [0, 0, 0]],
        (0, -2): [[3, 0, 0], [6, 0, 0]],
        (5, 0): [[0, 0, 0], [0, 0, 0]],
    }.items():
        np.testing.assert_array_equal(_moved(X, np.array([moves]))[0, 0], expected)


def test_moves_and_angles_are_in_range_and_all_are_drawn():
    """A point tells where it went."""
    X = np.zeros((4000, 1, 9, 9))
    X[:, 0, 4, 4] = 1
    moved = Augmentation(shift=(1, 2))(X, np.random.default_rng(0))
    places = np.argwhere(moved[:, 0] == 1)[:, 1:] - 4
    assert len(places) == 4000
    found, counts = np.unique(places, axis=0, return_counts=True)
    assert found.min(axis=0).tolist() == [-1, -2]
    assert found.max(axis=0).tolist() == [1, 2]
    assert len(found) == 15
    assert counts.min() > 200
    X[:] = 0
    X[:, 0, 4, 8] = 1  # four pixels to the right of the middle
    turned = Augmentation(rotation=30)(X, np.random.default_rng(0))[:, 0]
    total = turned.sum(axis=(1, 2))
    rows = (turned * np.arange(9)[:, None]).sum(axis=(1, 2)) / total - 4
    assert np.abs(rows).max() < 4 * np.sin(np.radians(30)) + 0.5
    assert np.abs(rows).max() > 1.5
    assert abs(rows.mean()) < 0.1


def test_each_image_is_moved_on_its_own_and_all_depths_alike(rng):
    X = np.tile(rng.random((1, 1, 8, 8)), (20, 3, 1, 1))
    Y = Augmentation(shift=2, rotation=15)(X, rng)
    assert not np.array_equal(Y[0], Y[1])
    np.testing.assert_array_equal(Y[:, 0], Y[:, 2])


@each(dtype=[np.uint8, np.int16, np.float16, np.float32, np.float64])
def test_dtypes(dtype, rng):
    X = (9 * rng.random((3, 1, 6, 5))).astype(dtype)
    kept = X.copy()
    moved = Augmentation(shift=1)(X, rng)
    assert moved.dtype == dtype
    assert set(np.unique(moved)) <= {0, *np.unique(X)}
    turned = Augmentation(rotation=10)(X, rng)
    assert turned.dtype == (np.float32 if dtype in (np.float16, np.float32) else np.float64)
    assert turned.shape == X.shape
    np.testing.assert_array_equal(X, kept)
    assert np.abs(turned).max() <= X.max() * 1.0001


def test_nothing_is_nothing(rng):
    X = rng.random((3, 1, 6, 5))
    np.testing.assert_array_equal(Augmentation()(X, rng), X)
    assert Augmentation(shift=1, rotation=3)(X[:0], rng).shape == (0, 1, 6, 5)


def test_the_same_seed_gives_the_same_training():
    augment = Augmentation(shift=1, rotation=5)
    first, again, other, plain = (
        fit_bars(bars_model(), epochs=2, augment=given, seed=seed)
        for given, seed in ((augment, 0), (augment, 0), (augment, 1), (None, 0))
    )
    assert first == again
    assert first.step_losses[0] != plain.step_losses[0]
    assert first.step_losses != other.step_losses


def test_epochs_one_by_one_are_epochs_in_a_row():
    augment = Augmentation(shift=1, rotation=5)
    apart, together = bars_model(), bars_model()
    losses = []
    for _ in range(3):
        losses += fit_bars(apart, augment=augment).step_losses
    assert losses == fit_bars(together, epochs=3, augment=augment).step_losses
    assert snapshot(apart) == snapshot(together)


def test_images_of_bytes_stay_bytes_until_their_batch():
    seen = []

    def augment(X, rng):
        seen.append((X.dtype, len(X)))
        X += 1  # a copy
        return X

    X = IMAGES[:40].round().astype(np.uint8)
    kept = X.copy()
    history = fit(bars_model(), X, LABELS[:40], optimizer=SGD(0.1), augment=augment)
    assert seen == [(np.uint8, 32), (np.uint8, 8)]
    np.testing.assert_array_equal(X, kept)
    moved = fit(bars_model(), X + 1, LABELS[:40], optimizer=SGD(0.1))
    assert history.step_losses == moved.step_losses


def test_validation_is_not_augmented():
    model = bars_model()
    options = {"optimizer": SGD(1e-12), "validation": (IMAGES, LABELS)}
    with_it = fit_bars(model, augment=lambda X, rng: 0 * X, **options)
    without = fit_bars(bars_model(), **options)
    np.testing.assert_allclose(with_it.validation_losses, without.validation_losses, rtol=1e-9)


@each(
    case={
        "shift": (lambda: Augmentation(shift=1.5), TypeError, "Augmentation: shift=float 1.5"),
        "below 0": (lambda: Augmentation(shift=-1), ValueError, "Augmentation: shift=-1"),
        "angle": (lambda: Augmentation(rotation=181), ValueError, "Augmentation: rotation=181"),
        "NaN": (lambda: Augmentation(rotation=np.nan), ValueError, "Augmentation: rotation=nan"),
        "one image": (
            lambda: Augmentation(shift=1)(IMAGES[0], np.random.default_rng(0)),
            ValueError,
            r"Augmentation: X.shape=\(1, 6, 7\), but a batch",
        ),
        "a number": (
            lambda: fit_bars(bars_model(), augment=2),
            TypeError,
            "fit: augment=int 2 came",
        ),
        "a class": (
            lambda: fit_bars(bars_model(), augment=Augmentation),
            TypeError,
            "fit: augment=Augmentation is a class; pass an object, Augmentation",
        ),
        "vectors": (
            lambda: fit(
                Sequential([Dense(2)], input_shape=(4,)),
                np.ones((3, 4)),
                [0, 1, 0],
                optimizer=SGD(0.1),
                augment=Augmentation(shift=1),
            ),
            ValueError,
            r"fit: augment=Augmentation\(shift=\(1, 1\), rotation=0.0\) came, but the samples",
        ),
        "nothing returned": (
            lambda: fit_bars(bars_model(), augment=lambda X, rng: None),
            ValueError,
            "fit: augment returned NoneType None for a batch of shape",
        ),
        "half of it": (
            lambda: fit_bars(bars_model(), augment=lambda X, rng: X[:3]),
            ValueError,
            "fit: augment returned an array of dtype float64 and shape",
        ),
        "text": (
            lambda: fit_bars(bars_model(), augment=lambda X, rng: X.astype(str)),
            TypeError,
            "fit: augment",
        ),
    }
)
def test_message(case):
    wrong, kind, says = case
    with pytest.raises(kind, match=f"^{says}"):
        wrong()
