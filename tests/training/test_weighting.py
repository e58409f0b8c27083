"""Class weights: means that are weighted, as PyTorch takes them."""

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.failures import each
from support.networks import snapshot

from cnnlab import fast, gradcheck, reference
from cnnlab.layers import Dense
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import fit
from cnnlab.training.weighting import WeightedCrossEntropy

WEIGHTS = np.array([0.5, 2.0, 0.0])


def weighted(ops):
    return WeightedCrossEntropy(WEIGHTS, ops.cross_entropy)


def test_by_hand(ops):
    """Two scores that are equal: each sample loses log 2, whatever it weighs."""
    loss = WeightedCrossEntropy(np.array([1.0, 3.0]), ops.cross_entropy)
    L, dZ = loss(np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([0, 1]))
    np.testing.assert_allclose(L, np.log(2), rtol=1e-15)
    np.testing.assert_allclose(dZ, [[-0.125, 0.125], [0.375, -0.375]], rtol=1e-15)


def test_as_pytorch(ops, rng):
    torch = pytest.importorskip("torch")
    Z, labels = rng.standard_normal((20, 3)), rng.integers(0, 3, 20)
    scores = torch.tensor(Z, requires_grad=True)
    judge = torch.nn.functional.cross_entropy(
        scores, torch.tensor(labels), weight=torch.tensor(WEIGHTS)
    )
    judge.backward()
    L, dZ = weighted(ops)(Z, labels)
    np.testing.assert_allclose(L, judge.item(), rtol=1e-13)
    np.testing.assert_allclose(dZ, scores.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_its_gradient_is_right(ops, rng):
    labels = rng.integers(0, 3, 5)
    loss = weighted(ops)
    reports = gradcheck.check_gradients(
        lambda Z: np.array(loss(Z, labels).L),
        lambda dY, Z: [dY * loss(Z, labels).dY],
        [rng.standard_normal((5, 3))],
    )
    assert all(report.passed for report in reports)


def test_a_batch_of_no_weight_has_no_loss(ops, rng):
    L, dZ = weighted(ops)(rng.standard_normal((2, 3)), np.array([2, 2]))
    assert L == 0
    np.testing.assert_array_equal(dZ, np.zeros((2, 3)))


def test_float32_stays(ops):
    assert weighted(ops)(np.zeros((2, 3), np.float32), np.array([0, 1])).dY.dtype == np.float32


def test_weights_of_1_change_nothing():
    plain, ones = bars_model(), bars_model()
    first, second = fit_bars(plain), fit_bars(ones, class_weights=[1, 1])
    np.testing.assert_allclose(first.step_losses, second.step_losses, rtol=1e-14)
    np.testing.assert_allclose(first.losses, second.losses, rtol=1e-14)


def test_a_dict_an_array_and_the_word_say_the_same():
    counts = np.bincount(LABELS[:40])
    balanced = 40 / (2 * counts)
    results = [
        fit_bars(bars_model(), class_weights=given)
        for given in ("balanced", balanced, dict(enumerate(balanced)), [*balanced])
    ]
    assert all(one == results[0] for one in results)
    assert fit_bars(bars_model(), class_weights={}) == fit_bars(bars_model(), class_weights=[1, 1])
    one = fit_bars(bars_model(), class_weights={1: 3})
    assert one == fit_bars(bars_model(), class_weights=[1.0, 3.0])
    assert one != results[0]


def test_balanced_counts_classes_that_there_are():
    model = Sequential([Dense(4)], input_shape=(1,))
    labels = [0, 0, 0, 2]
    options = {"optimizer": SGD(1e-9), "batch_size": 4, "progress": False}
    X = [[0.0]] * 4
    for balanced in ("balanced", [4 / 6, 1, 2, 1]):
        (loss,) = fit(model, X, labels, class_weights=balanced, **options).losses
        np.testing.assert_allclose(loss, np.log(4), rtol=1e-6)


def test_the_loss_of_an_epoch_is_the_weighted_mean():
    weights = np.array([1.0, 5.0])
    X, labels = IMAGES[:40], LABELS[:40]
    options = {"optimizer": SGD(1e-12), "progress": False}
    whole = fit(bars_model(), X, labels, batch_size=40, class_weights=weights, **options)
    parts = fit(bars_model(), X, labels, batch_size=7, class_weights=weights, **options)
    np.testing.assert_allclose(whole.losses, parts.losses, rtol=1e-9)
    Y = reference.log_softmax(bars_model()(X))
    expected = np.average(-Y[np.arange(40), labels], weights=weights[labels])
    np.testing.assert_allclose(whole.losses, [expected], rtol=1e-12)


def test_validation_takes_no_notice():
    plain = fit_bars(bars_model(), optimizer=SGD(1e-12), validation=(IMAGES, LABELS))
    heavy = fit_bars(
        bars_model(), optimizer=SGD(1e-12), validation=(IMAGES, LABELS), class_weights=[1, 9]
    )
    np.testing.assert_allclose(plain.validation_losses, heavy.validation_losses, rtol=1e-9)


@each(
    case={
        "too few": ([1.0], ValueError, r"has shape \(1,\), but one weight for each of 2"),
        "a number": (2.0, ValueError, r"has shape \(\), but one weight"),
        "below 0": ([1, -1], ValueError, "numbers of at least 0"),
        "NaN": ([1, np.nan], ValueError, "numbers of at least 0"),
        "infinite": ([1, np.inf], ValueError, "numbers of at least 0"),
        "all 0": ([0, 0], ValueError, "numbers of at least 0, not all 0"),
        "a word": ("even", ValueError, "class_weights='even' came"),
        "an unknown class": ({2: 1.0}, ValueError, "holds the class 2, but the classes are"),
        "a class below 0": ({-1: 1.0}, ValueError, "holds the class -1, but the classes are"),
        "a class by name": ({"bar": 1.0}, ValueError, "holds the class 'bar', but the classes are"),
        "a dict of arrays": ({0: [1, 2]}, ValueError, "class_weights"),
        "words": (["a", "b"], TypeError, "class_weights has dtype"),
    }
)
def test_weights_that_are_none(case):
    weights, kind, says = case
    model = bars_model()
    before = snapshot(model)
    with pytest.raises(kind, match=f"^fit: .*{says}"):
        fit_bars(model, class_weights=weights)
    assert snapshot(model) == before


def test_only_cross_entropy_knows_how_a_class_counts():
    for loss in (fast.squared_error, lambda Y, T: fast.cross_entropy(Y, T)):
        targets = np.eye(2)[LABELS] if loss is fast.squared_error else LABELS
        with pytest.raises(ValueError, match="^fit: class_weights came with a loss that is not"):
            fit(bars_model(), IMAGES, targets, optimizer=SGD(1), loss=loss, class_weights=[1, 2])
