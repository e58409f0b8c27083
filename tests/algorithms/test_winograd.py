"""Winograd: its matrices, what it saves, what it refuses."""

import numpy as np
import pytest
from support.cases import integers

from cnnlab.algorithms import find
from cnnlab.algorithms import winograd as wg


def test_the_transforms_of_winograd_are_its_matrices(rng):
    pixels, products, pattern = (integers(rng, (size, size)) for size in (4, 4, 3))
    for transform, matrix, array in [
        (wg.transform_pixels, wg.B_T, pixels),
        (wg.transform_pattern, wg.G, pattern),
        (wg.transform_products, wg.A_T, products),
    ]:
        np.testing.assert_array_equal(transform(array), matrix @ array)
        np.testing.assert_array_equal(wg.both_axes(transform, array), matrix @ array @ matrix.T)


@pytest.mark.slow
def test_winograd_holds_as_an_identity_of_polynomials():
    import sympy

    d, g = sympy.symbols("d:4"), sympy.symbols("g:3")
    B_T, A_T = sympy.Matrix(wg.B_T), sympy.Matrix(wg.A_T)
    G = sympy.Matrix(wg.G).applyfunc(sympy.nsimplify)
    products = (G * sympy.Matrix(g)).multiply_elementwise(B_T * sympy.Matrix(d))
    search = sympy.Matrix([sum(d[i + u] * g[u] for u in range(3)) for i in range(2)])
    assert (A_T * products - search).expand() == sympy.zeros(2, 1)


def test_winograd_needs_fewer_multiplications():
    """36 / 16 in the limit of many patterns, depths and tiles."""
    shapes = (64, 64, 34, 34), (64, 64, 3, 3), 4
    ratio = find("loops").cost(*shapes).multiplications / wg.cost(*shapes).multiplications
    assert 2.24 < ratio < 2.25


def test_winograd_refuses_other_patterns():
    words = (
        r"^winograd.conv2d: w.shape=\(2, 1, 2, 3\), but F\(2x2, 3x3\) needs patterns of 3 x 3; use"
    )
    with pytest.raises(ValueError, match=words):
        wg.conv2d(np.zeros((1, 1, 5, 5)), np.zeros((2, 1, 2, 3)))
    with pytest.raises(ValueError, match=words):
        wg.cost((1, 1, 5, 5), (2, 1, 2, 3), 8)
    assert not find("winograd").accepts((1, 1, 5, 5), (2, 1, 2, 3))
