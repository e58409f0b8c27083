"""What both poolings share: batches and options."""

import numpy as np
from support.failures import each


def test_empty_batch_is_pooled(ops):
    X = np.zeros((0, 2, 5, 4), np.float32)
    Y, argmax = ops.max_pool2d(X, 2)
    for result in (Y, argmax, ops.avg_pool2d(X, 2)):
        assert result.shape == (0, 2, 2, 2)
    assert (Y.dtype, argmax.dtype) == (np.float32, np.int64)
    for dX in (ops.max_pool2d_dX(Y, argmax, X.shape), ops.avg_pool2d_dX(Y, X.shape, 2)):
        np.testing.assert_array_equal(dX, X, strict=True)


def test_inputs_are_not_modified(ops, rng):
    X, dY = rng.standard_normal((2, 1, 3, 4, 4))[:, :, 0:1]
    dY = dY[..., ::2, ::2].copy()
    argmax = ops.max_pool2d(X, 2).argmax
    given = [X, dY, argmax]
    before = [array.copy() for array in given]
    for array in given:
        array.flags.writeable = False
    ops.max_pool2d_dX(dY, argmax, X.shape)
    ops.avg_pool2d(X, 2)
    ops.avg_pool2d_dX(dY, X.shape, 2)
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy, strict=True)


@each(
    spellings=[
        ({}, {"stride": 2, "padding": 0}),
        ({}, {"stride": np.array([2, 2]), "padding": "valid"}),
        ({"padding": 1}, {"padding": [1, 1]}),
        ({"padding": (0, 1)}, {"padding": [[0, 0], [1, 1]]}),
        ({"padding": "same"}, {"padding": ((0, 1), (0, 0)), "stride": [2, np.int8(2)]}),
        ({"padding": "full"}, {"padding": 1, "ceil_mode": np.False_}),
    ],
)
def test_options_have_several_spellings(spellings, ops, rng):
    short, long = spellings
    X = rng.standard_normal((1, 2, 5, 6))
    for size in (2, (2, 2), [2, 2], np.array([2, 2])):
        for result, other in zip(
            ops.max_pool2d(X, size, **long), ops.max_pool2d(X, 2, **short), strict=True
        ):
            np.testing.assert_array_equal(result, other, strict=True)
        np.testing.assert_array_equal(
            ops.avg_pool2d(X, size, **long), ops.avg_pool2d(X, 2, **short), strict=True
        )
