"""Dense layers, compiled: NaN and infinity stay where they are."""

import numpy as np
import pytest
from support.cases import integers

from cnnlab import fast, reference


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite_entries_of_dense_layers(value, rng):
    X, w, dZ = (integers(rng, shape) for shape in ((5, 37), (11, 37), (5, 11)))
    X[2, 36], dZ[4, 3] = value, value  # one in the entries that fill no vector
    for name, arguments in (("dense", (X, w)), ("dense_dX", (dZ, w)), ("dense_dw", (dZ, X))):
        ours, theirs = (getattr(ops, name)(*arguments) for ops in (fast, reference))
        np.testing.assert_array_equal(ours, theirs)
        assert np.isfinite(ours).any()
