"""The fast twin as an algorithm."""

from support.algorithms import EVERY
from support.failures import each

from cnnlab.algorithms import find


@each(case=EVERY)
def test_the_direct_algorithm_counts_as_the_loops(case):
    shapes = case.X_shape, case.w_shape, 4
    assert find("direct").cost(*shapes) == find("loops").cost(*shapes)
