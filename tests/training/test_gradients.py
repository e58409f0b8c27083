"""Gradients between the way back and the step: clipped as promised."""

import numpy as np
import pytest
from support.bars import bars_model, fit_bars
from support.failures import each

from cnnlab import fast
from cnnlab.layers import Dense
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import fit
from cnnlab.training.gradients import clip, is_finite, norm_of


def with_gradients(*gradients):
    """Return a model whose gradients are these."""
    model = Sequential([Dense(2)], input_shape=(2,))
    model[0].gradients = {"w": np.array(gradients[0], float), "b": np.array(gradients[1], float)}
    return model


def test_the_norm_is_that_of_all_together():
    model = with_gradients([[1, 2], [2, 0]], [4, 0])  # norm 5
    clip(model, 2.5, None)
    np.testing.assert_array_equal(model[0].gradients["w"], [[0.5, 1], [1, 0]])
    np.testing.assert_array_equal(model[0].gradients["b"], [2, 0])
    clip(model, 2.5, None)
    np.testing.assert_array_equal(model[0].gradients["b"], [2, 0])


def test_values_are_clipped_first():
    model = with_gradients([[3, -9], [0, 0]], [4, 0])
    clip(model, None, 4)
    np.testing.assert_array_equal(model[0].gradients["w"], [[3, -4], [0, 0]])
    model = with_gradients([[3, -9], [0, 0]], [0, 0])
    clip(model, 2.5, 4)
    np.testing.assert_array_equal(model[0].gradients["w"], [[1.5, -2], [0, 0]])


@each(size=[1e-300, 1e-170, 1.0, 1e160, 1e300])
def test_the_norm_of_finite_numbers_is_finite(size):
    gradients = [size * np.array([3.0]), size * np.array([[4.0]]), np.zeros((0, 2))]
    np.testing.assert_allclose(norm_of(gradients), 5 * size, rtol=1e-15)


def test_float32_is_added_up_in_float64():
    ones = np.ones(1 << 22, np.float32) * np.float32(1e25)
    np.testing.assert_allclose(norm_of([ones]), 2**11 * float(np.float32(1e25)), rtol=1e-15)
    assert is_finite(ones)
    assert not is_finite(np.array([1.0, np.nan]))
    assert not is_finite(np.array([[1.0, -np.inf]]))
    assert is_finite(np.array([]))


def test_a_step_is_no_longer_than_the_rate_times_the_norm():
    model, free = bars_model(), bars_model()
    before = [p.value.copy() for p in model.parameters()]
    fit_bars(model, batch_size=40, optimizer=SGD(1.0), clip_norm=0.01)
    moved = np.sqrt(
        sum(((p.value - b) ** 2).sum() for p, b in zip(model.parameters(), before, strict=True))
    )
    np.testing.assert_allclose(moved, 0.01, rtol=1e-12)
    plain = fit_bars(free, epochs=2)
    assert plain == fit_bars(bars_model(), epochs=2, clip_norm=1e9, clip_value=1e9)


class Fixed(Dense):
    """A layer of one's own whose gradient cannot be changed in place."""

    def backward_to_parameters(self, dY):
        super().backward_to_parameters(dY)
        self.gradients["w"].flags.writeable = False


@each(
    case={
        "0": ({"clip_norm": 0}, ValueError, "fit: clip_norm=0, but a number greater than 0"),
        "below": ({"clip_value": -1}, ValueError, "fit: clip_value=-1, but"),
        "NaN": ({"clip_norm": np.nan}, ValueError, "fit: clip_norm=nan, but"),
        "text": ({"clip_norm": "1"}, ValueError, "fit: clip_norm='1', but"),
    }
)
def test_message(case):
    options, kind, says = case
    with pytest.raises(kind, match=f"^{says}"):
        fit_bars(bars_model(), **options)


def test_a_gradient_that_is_read_only():
    model = Sequential([Fixed(2)], input_shape=(2,))
    with pytest.raises(ValueError, match=r"^fit: the gradient of 0.Fixed.w cannot be clipped"):
        fit(model, np.eye(2), [0, 1], optimizer=SGD(1), clip_norm=1, loss=fast.cross_entropy)
