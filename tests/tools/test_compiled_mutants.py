"""Mutants with a compiled loop: the same to the bit on integers, or as they were."""

import numpy as np
import pytest

from cnnlab import mutants
from cnnlab.mutants.adapters import meetings
from tools import compiled_mutants


def test_windows_meet_pixels_in_the_same_order():
    given = (2, 3, 2, 3), (3, 2, 2, 1), (2, 1), (1, 3)
    assert [*compiled_mutants.meetings(*given)] == [*meetings(*given)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dw-turned", "dX-off-by-one"])
def test_a_loop_is_compiled(name, rng):
    mutant = mutants.find(name)
    quick = compiled_mutants.compiled(mutant)
    assert quick is not mutant
    assert quick.name == name
    X = rng.integers(-9, 10, (2, 2, 5, 6)).astype(float)
    w, dZ = X[:, :, :2, :3], rng.integers(-9, 10, (2, 2, 4, 4)).astype(float)
    given = (dZ, w, X.shape) if name.startswith("dX") else (dZ, X, w.shape)
    np.testing.assert_array_equal(quick.function(*given), mutant.function(*given))


def test_what_has_no_such_loop_stays():
    for name in "db-zero", "relu-leaks", "dX-padding-left-on":
        assert compiled_mutants.compiled(mutants.find(name)) is mutants.find(name)


def test_another_result_is_not_taken():
    right = mutants.find("dw-turned")
    assert compiled_mutants.gives_the_same(right, right.function)
    assert not compiled_mutants.gives_the_same(right, mutants.find("dw-dZ-turned").function)
