"""Every operation of `cnnlab.fast`, called with every kind of option; and results to the bit."""

import gc

import numba
import numpy as np

from cnnlab import fast
from cnnlab.operations import OPERATIONS

# Large enough that every thread gets a share of images, depths, patterns and rows, and that
# shares differ in size.
OPTIONS = {
    "no options": {},
    "stride, a rest": {"stride": (2, 3)},
    "uneven padding": {"padding": ((2, 1), (0, 3))},
    "same": {"padding": "same", "stride": (3, 2)},
    "dilation": {"dilation": (2, 3)},
    "groups": {"groups": 3},
    "everything": {"stride": 2, "padding": ((2, 1), (0, 3)), "dilation": (3, 2), "groups": 3},
}
POOLING = {
    "side by side": {},
    "overlap": {"stride": (1, 2), "padding": 1},
    "over the end": {"stride": (2, 3), "ceil_mode": True, "padding": ((1, 0), (0, 2))},
}


def every_result(B=5, D=6, M=13, N=17, P=9, m=3, n=2, seed=0):
    """Compute everything with `fast` on float32 noise; return arrays by name."""
    rng = np.random.default_rng(seed)

    def noise(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    X, b = noise(B, D, M, N), noise(P)
    results = {}
    for words, options in OPTIONS.items():
        groups = options.get("groups", 1)
        w = noise(P, D // groups, m, n)
        Z = fast.conv2d(X, w, b, **options)
        dZ = noise(*Z.shape)
        results[f"conv2d, {words}"] = Z
        results[f"conv2d_dX, {words}"] = fast.conv2d_dX(dZ, w, X.shape, **options)
        results[f"conv2d_dw, {words}"] = fast.conv2d_dw(dZ, X, w.shape, **options)
        results[f"conv2d_db, {words}"] = fast.conv2d_db(dZ)
        results[f"conv_transpose2d, {words}"] = fast.conv_transpose2d(dZ, w, noise(D), **options)
    for words, options in POOLING.items():
        Y, argmax = fast.max_pool2d(X, (2, 3), **options)
        results[f"max_pool2d, {words}"] = Y
        results[f"argmax, {words}"] = argmax
        results[f"max_pool2d_dX, {words}"] = fast.max_pool2d_dX(noise(*Y.shape), argmax, X.shape)
        for include in (True, False):
            given = {**options, "count_include_pad": include}
            Y = fast.avg_pool2d(X, (2, 3), **given)
            results[f"avg_pool2d, {words}, {include}"] = Y
            dX = fast.avg_pool2d_dX(noise(*Y.shape), X.shape, (2, 3), **given)
            results[f"avg_pool2d_dX, {words}, {include}"] = dX
    rows, weights, drows = noise(33, 70), noise(21, 70), noise(33, 21)
    results["dense"] = fast.dense(rows, weights, noise(21))
    results["dense_dX"] = fast.dense_dX(drows, weights)
    results["dense_dw"] = fast.dense_dw(drows, rows)
    results["dense_db"] = fast.dense_db(drows)
    for f in (fast.softmax, fast.log_softmax):
        results[f.__name__] = f(X)
    for operation in OPERATIONS:
        if operation.entrywise:
            value, slope = (getattr(fast, name) for name in operation.functions)
            results[operation.name] = value(X)
            results[f"{operation.name}_dZ"] = slope(rows, rows * rows)
    for words, planes in {"": X, ", small planes": noise(40, 9, 3, 2)}.items():
        w, dY = noise(planes.shape[1]), noise(*planes.shape)
        Y, *statistics = fast.batch_norm2d(planes, w, w)
        mean, _, scale = statistics
        results[f"batch_norm2d{words}"] = Y
        results[f"statistics{words}"] = np.array(statistics)
        dX, *sums = fast.batch_norm2d_backward(dY, planes, w, mean, scale)
        results[f"batch_norm2d_backward{words}"] = dX
        results[f"sums{words}"] = np.array(sums)
        results[f"batch_norm2d_dX{words}"] = fast.batch_norm2d_dX(
            dY, planes, w, mean, scale, fixed=True
        )
        results[f"batch_norm2d_dw{words}"] = fast.batch_norm2d_dw(dY, planes, mean, scale)
        results[f"batch_norm2d_db{words}"] = fast.batch_norm2d_db(dY)
    results["dropout"] = fast.dropout(X, X > 0, rate=0.3)
    results["dropout_dX"] = fast.dropout_dX(X, X < 0.5)
    results["squared_error"] = fast.squared_error(rows, -rows).dY
    results["cross_entropy"] = fast.cross_entropy(rows, np.arange(33)).dZ
    return results


def assert_same(results, expected):
    assert results.keys() == expected.keys()
    for name, result in results.items():
        # Bits and not numbers, so that -0.0 is not 0.0.
        assert result.shape == expected[name].shape
        assert result.tobytes() == expected[name].tobytes(), name


def drivers():
    """Return what Python calls to run a kernel: every driver that this process has made."""
    return [
        value
        for value in gc.get_objects()
        if issubclass(type(value), numba.core.dispatcher.Dispatcher)  # not of what it refers to
        and value.py_func.__qualname__ == "driver.<locals>.drive"
    ]
