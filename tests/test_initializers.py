"""Starting values: their mean and their spread."""

import numpy as np
from support.failures import each

from cnnlab.initializers import (
    glorot_uniform,
    glorot_uniform_sigmoid,
    he_normal,
    uniform_fan_in,
    zeros,
)

SPREADS = {
    uniform_fan_in: np.sqrt(1 / (3 * 50)),
    glorot_uniform: np.sqrt(2 / (50 + 200)),
    glorot_uniform_sigmoid: 4 * np.sqrt(2 / (50 + 200)),
    he_normal: np.sqrt(2 / 50),
    zeros: 0,
}


@each(initializer=list(SPREADS))
def test_starting_values_have_the_spread_of_the_formula(initializer, rng):
    spread = SPREADS[initializer]
    # 80 patterns of depth 2, 5 x 5: fan_in 50; 8 of them: fan_out 200.
    values = np.stack([initializer((8, 2, 5, 5), rng) for _ in range(200)])
    assert values.shape == (200, 8, 2, 5, 5)
    np.testing.assert_allclose(values.std(), spread, rtol=0.02)
    np.testing.assert_allclose(values.mean(), 0, atol=0.01 * spread)
