"""Dense layer: both backends, against matrix products."""

import numpy as np
from support.cases import DENSE, integers
from support.failures import each

from cnnlab import gradcheck

DTYPES = [np.float32, np.float64]


@each(case=DENSE, dtype=DTYPES)
def test_matrix_products_agree(case, dtype, ops, rng):
    X = integers(rng, (case.B, case.inputs), dtype)
    w = integers(rng, (case.outputs, case.inputs), dtype)
    b = integers(rng, case.outputs, dtype)
    dZ = integers(rng, (case.B, case.outputs), dtype)
    results = [
        (ops.dense(X, w, b), X @ w.T + b),
        (ops.dense(X, w), X @ w.T),
        (ops.dense_dX(dZ, w), dZ @ w),
        (ops.dense_dw(dZ, X), dZ.T @ X),
        (ops.dense_db(dZ), dZ.sum(axis=0)),
    ]
    for result, expected in results:
        np.testing.assert_array_equal(result, expected, strict=True)
        assert result.flags.c_contiguous
        assert result.flags.writeable


@each(case=DENSE)
def test_adjoint_is_exact(case, ops, rng):
    X = integers(rng, (case.B, case.inputs))
    w = integers(rng, (case.outputs, case.inputs))
    for_X = gradcheck.check_adjoint(
        lambda x: ops.dense(x, w), lambda g: ops.dense_dX(g, w), X.shape
    )
    for_w = gradcheck.check_adjoint(
        lambda x: ops.dense(X, x), lambda g: ops.dense_dw(g, X), w.shape
    )
    assert for_X.passed, for_X
    assert for_w.passed, for_w


def test_one_vector_gives_one_result(ops, rng):
    X, w, b, dZ = (integers(rng, shape) for shape in [(5,), (3, 5), (3,), (3,)])
    np.testing.assert_array_equal(ops.dense(X, w, b), w @ X + b, strict=True)
    np.testing.assert_array_equal(ops.dense_dX(dZ, w), dZ @ w, strict=True)
    np.testing.assert_array_equal(ops.dense_dw(dZ, X), np.outer(dZ, X), strict=True)
    np.testing.assert_array_equal(ops.dense_db(dZ), dZ, strict=True)


@each(dtype=DTYPES)
def test_error_is_within_the_bound_of_summation(dtype, ops, rng):
    X, w = rng.random((6, 200)).astype(dtype), rng.random((4, 200)).astype(dtype)
    u = np.finfo(dtype).eps / 2
    exact = X.astype(np.longdouble) @ w.astype(np.longdouble).T
    assert (np.abs(ops.dense(X, w) - exact) <= 201 * u * exact).all()
