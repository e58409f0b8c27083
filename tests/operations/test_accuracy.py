"""How far every operation may be from the exact result, as a bound that is derived.

Rounding to a dtype changes a number by at most u times itself (u is half of eps). A term of a sum
that is rounded k times on its way moves the sum by at most k u times its absolute value, so that

    |computed - exact| <= k u (sum of the absolute values of the terms)

with no tolerance to choose. (Terms of second order in u are not needed: Jeannerod and Rump, 2013.)
The exact results are computed in longdouble, whose own error the first test shows to be
negligible. All bounds hold for every order of the sums, and for sums in a wider dtype that are
rounded once when they are stored.
"""

import itertools
from fractions import Fraction
from typing import NamedTuple

import numba
import numpy as np
import pytest
from support import accuracy
from support.accuracy import DTYPES, WIDE, bounds, check, record, unit_roundoff, wide
from support.cases import CONV, DENSE, GEOMETRY, SHAPES
from support.failures import each

from cnnlab import fast, reference
from cnnlab.operations import OPERATIONS
from cnnlab.operations.activations import LIBRARY

LAYERS = CONV + GEOMETRY


def pixels(rng, shape, dtype):
    """Gray values from 0 to 1, as images have them."""
    return (rng.integers(0, 256, shape) / 255).astype(dtype)


def signed(rng, shape, dtype):
    return rng.standard_normal(shape).astype(dtype)


every_dtype = pytest.mark.parametrize("dtype", DTYPES)
KINDS = [pixels, signed]


def options(case):
    """What the exact results need to know of a layer."""
    names = "stride", "margins", "dilation", "groups"
    return {name: getattr(case, name) for name in names}


def test_longdouble_is_exact_enough(rng):
    """Its error is below a hundredth of u of float64, measured with fractions."""
    if np.finfo(WIDE).eps > 2.0**-60:
        pytest.skip("this machine has no floats wider than float64")
    X, w = signed(rng, 500, np.float64), signed(rng, 500, np.float64)
    products = [Fraction(x) * Fraction(y) for x, y in zip(X.tolist(), w.tolist(), strict=True)]
    sums = (wide(X)[0] * wide(w)[0]).sum()
    # A longdouble is the sum of two float64.
    high = float(sums)
    error = abs(Fraction(high) + Fraction(float(sums - high)) - sum(products))
    assert error <= Fraction(2) ** -53 / 100 * sum(map(abs, products))


# ------------------------------------------------------------------------------- convolution


@bounds("conv2d")
@every_dtype
@each(case=LAYERS, draw=KINDS)
def test_conv2d(case, dtype, draw, ops, rng):
    X, w, b = (draw(rng, shape, dtype) for shape in (case.X_shape, case.w_shape, (case.P,)))
    known = {"positions": case.Z_shape[2:], **options(case)}
    bias = wide(b)[0][:, np.newaxis, np.newaxis]
    exact = accuracy.conv2d(*wide(X, w), **known) + bias
    size = accuracy.conv2d(*wide(abs(X), abs(w)), **known) + abs(bias)
    # A product is rounded once itself, and once in each addition of the other terms and the bias;
    # the sum once more if it was wider.
    terms = accuracy.conv2d(np.ones_like(X), np.ones_like(w), **known) + 1
    bound = (terms + 1) * unit_roundoff(dtype) * size
    result = ops.conv2d(X, w, b, **case.options)
    check("conv2d", ops, result, exact, bound, "(t + 1) u (|X| * |w| + |b|)")


@bounds("conv2d_dX")
@every_dtype
@each(case=LAYERS, draw=KINDS)
def test_conv2d_dX(case, dtype, draw, ops, rng):
    dZ, w = draw(rng, case.Z_shape, dtype), draw(rng, case.w_shape, dtype)
    known = {"X_shape": case.X_shape, **options(case)}
    exact = accuracy.conv2d_dX(*wide(dZ, w), **known)
    size = accuracy.conv2d_dX(*wide(abs(dZ), abs(w)), **known)
    # As for conv2d; the terms are those patterns and offsets that meet the pixel.
    terms = accuracy.conv2d_dX(np.ones_like(dZ), np.ones_like(w), **known)
    bound = (terms + 1) * unit_roundoff(dtype) * size
    result = ops.conv2d_dX(dZ, w, case.X_shape, **case.options)
    check("conv2d_dX", ops, result, exact, bound, "(t + 1) u dX(|dZ|, |w|)")


@bounds("conv2d_dw")
@every_dtype
@each(case=LAYERS, draw=KINDS)
def test_conv2d_dw(case, dtype, draw, ops, rng):
    dZ, X = draw(rng, case.Z_shape, dtype), draw(rng, case.X_shape, dtype)
    known = {"w_shape": case.w_shape, **options(case)}
    exact = accuracy.conv2d_dw(*wide(dZ, X), **known)
    size = accuracy.conv2d_dw(*wide(abs(dZ), abs(X)), **known)
    # As for conv2d; the terms are all positions of all samples.
    terms = accuracy.conv2d_dw(np.ones_like(dZ), np.ones_like(X), **known)
    bound = (terms + 1) * unit_roundoff(dtype) * size
    result = ops.conv2d_dw(dZ, X, case.w_shape, **case.options)
    check("conv2d_dw", ops, result, exact, bound, "(t + 1) u dw(|dZ|, |X|)")


@bounds("conv2d_db")
@every_dtype
@each(case=LAYERS, draw=KINDS)
def test_conv2d_db(case, dtype, draw, ops, rng):
    dZ = draw(rng, case.Z_shape, dtype)
    exact, size = (array.sum(axis=(0, 2, 3)) for array in wide(dZ, abs(dZ)))
    # No products: t - 1 additions, and one rounding more if the sum was wider.
    terms = dZ[:, 0].size
    bound = terms * unit_roundoff(dtype) * size
    result = ops.conv2d_db(dZ)
    check("conv2d_db", ops, result, exact, bound, "t u sum |dZ|")


def image_of(case):
    """Rows and columns that come back when the layer is transposed: the least that reach as far."""
    stride, dilation = accuracy.as_pair(case.stride), accuracy.as_pair(case.dilation)
    rows, columns = (
        (case.Z_shape[2 + axis] - 1) * stride[axis]
        + (case.w_shape[2 + axis] - 1) * dilation[axis]
        + 1
        - sum(case.margins[axis])
        for axis in (0, 1)
    )
    return rows, columns


@bounds("conv_transpose2d")
@every_dtype
@each(case=[case for case in LAYERS if min(image_of(case)) > 0], draw=KINDS)
def test_conv_transpose2d(case, dtype, draw, ops, rng):
    # From Z back to X: the patterns of the layer are the depths of its transpose.
    X, w, b = (draw(rng, shape, dtype) for shape in (case.Z_shape, case.w_shape, (case.D,)))
    known = {"X_shape": (case.B, case.D, *image_of(case)), **options(case)}
    bias = wide(b)[0][:, np.newaxis, np.newaxis]
    exact = accuracy.conv2d_dX(*wide(X, w), **known) + bias
    size = accuracy.conv2d_dX(*wide(abs(X), abs(w)), **known) + abs(bias)
    # As for conv2d.
    terms = accuracy.conv2d_dX(np.ones_like(X), np.ones_like(w), **known) + 1
    bound = (terms + 1) * unit_roundoff(dtype) * size
    result = ops.conv_transpose2d(X, w, b, **{**case.options, "padding": case.margins})
    check("conv_transpose2d", ops, result, exact, bound, "(t + 1) u (dX(|X|, |w|) + |b|)")


# ------------------------------------------------------------------------------- pooling


class Pool(NamedTuple):
    """One pooling layer; the largest pixel knows dilation, and the mean how it counts."""

    name: str
    X_shape: tuple
    size: tuple
    stride: tuple
    margins: tuple = ((0, 0), (0, 0))
    dilation: tuple = (1, 1)
    ceil_mode: bool = False
    count_include_pad: bool = True


POOL = [
    Pool("side by side", (2, 3, 4, 6), (2, 3), (2, 3)),
    Pool("overlap", (2, 2, 5, 7), (3, 2), (1, 1)),
    Pool("gaps", (1, 2, 7, 8), (2, 1), (3, 2)),
    Pool("padding", (1, 2, 5, 4), (3, 2), (2, 1), ((1, 1), (0, 1))),
    Pool("padding that does not count", (1, 2, 5, 4), (3, 2), (2, 1), ((1, 1), (0, 1)),
         count_include_pad=False),
    Pool("over the end", (2, 1, 5, 8), (2, 3), (2, 3), ceil_mode=True),
    Pool("over the end and padding", (2, 1, 6, 8), (3, 3), (2, 2), ((1, 0), (0, 1)),
         ceil_mode=True, count_include_pad=False),
    Pool("dilation", (1, 2, 7, 8), (3, 2), (1, 2), ((1, 2), (0, 1)), (2, 3)),
    Pool("empty batch", (0, 2, 5, 4), (2, 2), (2, 2)),
]  # fmt: skip


@bounds("max_pool2d", "max_pool2d_dX")
@every_dtype
@each(case=POOL, draw=KINDS)
def test_max_pool2d(case, dtype, draw, ops, rng):
    X = draw(rng, case.X_shape, dtype)
    names = "stride", "dilation", "ceil_mode"
    given = {name: getattr(case, name) for name in names}
    Y, argmax = ops.max_pool2d(X, case.size, padding=case.margins, **given)
    # Minus infinity around: accuracy.windows pads with zeros, so the images are lifted over them.
    lifted = wide(X)[0] + 100
    known = {"stride": case.stride, "margins": case.margins, "dilation": case.dilation}
    seen = accuracy.windows(lifted, case.size, Y.shape[2:], **known).max(axis=(2, 3))
    exact = np.where(seen == 0, -np.inf, seen - 100)
    check("max_pool2d", ops, Y, exact, 0, "equal")
    dY = draw(rng, Y.shape, dtype)
    result = ops.max_pool2d_dX(dY, argmax, X.shape)
    exact, size, terms = (
        scatter_to(argmax, array, X.shape) for array in (*wide(dY, abs(dY)), np.ones_like(dY))
    )
    # No products: one addition less than terms; the first is stored as it is.
    bound = np.maximum(terms - 1, 0) * unit_roundoff(dtype) * size
    check("max_pool2d_dX", ops, result, exact, bound, "(t - 1) u dX(|dY|)")


def scatter_to(argmax, dY, X_shape):
    """Add every entry of dY to the pixel that argmax names."""
    dX = np.zeros((*X_shape[:2], X_shape[2] * X_shape[3]), dY.dtype)
    s, c, i, j = np.nonzero(argmax >= 0)
    np.add.at(dX, (s, c, argmax[s, c, i, j]), dY[s, c, i, j])
    return dX.reshape(X_shape)


@bounds("avg_pool2d", "avg_pool2d_dX")
@every_dtype
@each(case=[case for case in POOL if case.dilation == (1, 1)], draw=KINDS)
def test_avg_pool2d(case, dtype, draw, ops, rng):
    X = draw(rng, case.X_shape, dtype)
    names = "stride", "ceil_mode", "count_include_pad"
    given = {"padding": case.margins, **{name: getattr(case, name) for name in names}}
    Y = ops.avg_pool2d(X, case.size, **given)
    known = {"stride": case.stride, "margins": case.margins}

    def sums(images):
        return accuracy.windows(images, case.size, Y.shape[2:], **known).sum(axis=(2, 3))

    counted = np.pad(np.ones(X.shape[2:]), case.margins, constant_values=case.count_include_pad)
    counted = counted[np.newaxis, np.newaxis]
    count = accuracy.windows(counted, case.size, Y.shape[2:], stride=case.stride).sum(axis=(2, 3))
    # t - 1 additions and a division; where padding counts, t may be smaller than the count.
    u, count = unit_roundoff(dtype), np.maximum(count, 1)
    exact, size = (sums(array) / count for array in wide(X, abs(X)))
    terms = sums(np.ones_like(X))
    check("avg_pool2d", ops, Y, exact, terms * u * size, "t u mean |X|")
    # Every share is a quotient, rounded once, and then added to the others.
    dY = draw(rng, Y.shape, dtype)
    result = ops.avg_pool2d_dX(dY, X.shape, case.size, **given)
    shares = (array / count for array in (*wide(dY, abs(dY)), count * np.ones_like(dY)))
    exact, size, terms = (
        accuracy.scatter(windows_of(share, case.size), X.shape, **known) for share in shares
    )
    check("avg_pool2d_dX", ops, result, exact, terms * u * size, "t u dX(|dY|)")


def windows_of(shares, size):
    """Give the same share to all entries of a window, shape (B, D, m, n, rows, columns)."""
    B, D, rows, columns = shares.shape
    return np.broadcast_to(shares[:, :, np.newaxis, np.newaxis], (B, D, *size, rows, columns))


# ------------------------------------------------------------------------------- dense


@bounds("dense", "dense_dX", "dense_dw", "dense_db")
@every_dtype
@each(case=DENSE, draw=KINDS)
def test_dense(case, dtype, draw, ops, rng):
    shapes = (case.B, case.inputs), (case.outputs, case.inputs), (case.outputs,)
    X, w, b = (draw(rng, shape, dtype) for shape in shapes)
    dZ = draw(rng, (case.B, case.outputs), dtype)
    u = unit_roundoff(dtype)
    # (result, exact, sum of absolute values, roundings of a term, the bound in words): a product
    # is rounded once itself, and once in each addition of the other terms (and the bias); the sum
    # once more if it was wider.
    results = {
        "dense": (
            ops.dense(X, w, b),
            lambda X, w, dZ, b: X @ w.T + b,
            case.inputs + 2,
            "(t + 1) u (|X| |w| + |b|)",
        ),
        "dense_dX": (
            ops.dense_dX(dZ, w),
            lambda X, w, dZ, b: dZ @ w,
            case.outputs + 1,
            "(t + 1) u |dZ| |w|",
        ),
        "dense_dw": (
            ops.dense_dw(dZ, X),
            lambda X, w, dZ, b: dZ.T @ X,
            case.B + 1,
            "(t + 1) u |dZ| |X|",
        ),
        "dense_db": (ops.dense_db(dZ), lambda X, w, dZ, b: dZ.sum(axis=0), case.B, "t u sum |dZ|"),
    }
    for name, (result, exact, roundings, words) in results.items():
        size = exact(*wide(abs(X), abs(w), abs(dZ), abs(b)))
        check(name, ops, result, exact(*wide(X, w, dZ, b)), roundings * u * size, words)


# ------------------------------------------------------------------------------- activations


ENTRYWISE = [operation for operation in OPERATIONS if operation.entrywise]


def scores(rng, dtype):
    """Numbers on both sides of 0, near it and far from it, in shapes that end in their classes."""
    arrays = [4 * rng.standard_normal(shape) for shape in SHAPES]
    arrays += [np.linspace(-20, 20, 999), 1e-3 * rng.standard_normal(50), np.zeros(7)]
    arrays += [1000 + rng.standard_normal((20, 5))]  # their differences are small
    return [array.astype(dtype) for array in arrays]


def in_words(roundings, value):
    """Return the bound of a record in words."""
    return f"{roundings:g} u |{value}|" if roundings else "equal"


@bounds(*(operation.name for operation in ENTRYWISE))
@every_dtype
def test_activations(dtype, ops, rng):
    """The table of operations derives each bound; the judge is its formula, in longdouble."""
    u = unit_roundoff(dtype)
    for operation, Z in itertools.product(ENTRYWISE, scores(rng, dtype)):
        value, _, roundings, _ = operation.entrywise
        exact = value(wide(Z)[0])
        result = getattr(ops, operation.name)(Z)
        bound = roundings * u * abs(exact)
        check(operation.name, ops, result, exact, bound, in_words(roundings, "Y"))


@bounds(*(f"{operation.name}_dZ" for operation in ENTRYWISE))
@every_dtype
def test_slopes_of_activations(dtype, ops, rng):
    """Of the output in this dtype: what its own rounding does to the slope is not counted."""
    u = unit_roundoff(dtype)
    for operation, Z in itertools.product(ENTRYWISE, scores(rng, dtype)):
        value, slope, _, roundings = operation.entrywise
        dY, Y = signed(rng, Z.shape, dtype), value(Z).astype(dtype)
        dY_, Y_ = wide(dY, Y)
        exact = dY_ * slope(Y_)
        name = f"{operation.name}_dZ"
        result = getattr(ops, name)(dY, Y)
        check(name, ops, result, exact, roundings * u * abs(exact), in_words(roundings, "dZ"))


def softmax_bounds(Z, u):
    """Return the exact softmax and log-softmax of rows and the bounds of their errors.

    With z = Z - max(Z): the difference is rounded once, which moves exp(z) by u |z| of itself, and
    exp adds LIBRARY u. The sum of C of them is off by the mean of that, weighted with Y, and C - 1
    additions. The softmax divides; the log-softmax takes a logarithm, off by the relative error of
    the sum and LIBRARY u of itself, and subtracts.
    """
    z = Z - Z.max(axis=-1, keepdims=True)
    total = np.exp(z).sum(axis=-1, keepdims=True)
    Y, log_Y = np.exp(z) / total, z - np.log(total)
    of_total = (Y * abs(z)).sum(axis=-1, keepdims=True) + LIBRARY + Z.shape[-1] - 1
    bound = u * Y * (abs(z) + LIBRARY + of_total + 1)
    log_bound = u * (abs(z) + of_total + LIBRARY * np.log(total) + abs(log_Y))
    return Y, bound, log_Y, log_bound


@bounds("softmax", "log_softmax")
@every_dtype
def test_softmax(dtype, ops, rng):
    for Z in scores(rng, dtype):
        Y, bound, log_Y, log_bound = softmax_bounds(*wide(Z), unit_roundoff(dtype))
        words = "(2 exp + |z| + mean |z| + C) u Y"
        check("softmax", ops, ops.softmax(Z), Y, bound, words)
        words = "(exp + |z| + mean |z| + C + log) u"
        check("log_softmax", ops, ops.log_softmax(Z), log_Y, log_bound, words)


# ------------------------------------------------------------------------------- normalization

PLANES = [(3, 4, 9, 8), (5, 9, 3, 2), (64, 2, 1, 1), (1, 2, 5, 7), (0, 2, 3, 4)]


def over_pixels(array):
    return array.sum(axis=(0, 2, 3))


def per_depth(array):
    return array[:, np.newaxis, np.newaxis]


@bounds("batch_norm2d")
@every_dtype
@each(shape=PLANES, level=[0, 1000])
def test_batch_norm2d(dtype, shape, level, ops, rng):
    X = level + signed(rng, shape, dtype)
    w, b = signed(rng, (2, shape[1]), dtype)
    epsilon, count = 1e-3, max(X[:, 0].size, 1)
    Y, mean, variance, scale = ops.batch_norm2d(X, w, b, epsilon=epsilon)
    x, w, b = wide(X, w, b)
    exact = over_pixels(x) / count
    # All of it is in float64 but for the last rounding: v there, u in the end. A sum of t terms is
    # off by t - 1 roundings of them, and the quotient by one.
    u, v, t = unit_roundoff(dtype), unit_roundoff(np.float64), count
    off_mean = t * v * over_pixels(abs(x)) / count
    check("batch_norm2d mean", ops, mean, exact, off_mean, "t v mean |X|")
    d = x - per_depth(exact)
    off_d = per_depth(off_mean) + v * abs(d)
    # A square counts its error twice, and is rounded once itself.
    exact = over_pixels(d * d) / count
    off_variance = over_pixels(2 * abs(d) * off_d + off_d**2) / count + (t + 1) * v * exact
    words = "(2 mean |d| off d + (t + 1) v variance)"
    check("batch_norm2d variance", ops, variance, exact, off_variance, words)
    # The root halves a relative error; a sum, a root and a quotient.
    s = 1 / np.sqrt(exact + epsilon)
    off_s = (off_variance * s**2 / 2 + 3 * v) * s
    check("batch_norm2d scale", ops, scale, s, off_s, "(off variance / 2 sigma^2 + 3 v) scale")
    # Two products, and the sum with b.
    normal = per_depth(abs(w)) * (per_depth(s) * off_d + (per_depth(off_s) + 2 * v) * abs(d))
    exact = per_depth(w * s) * d + per_depth(b)
    bound = (u + v) * abs(exact) + normal
    check("batch_norm2d Y", ops, Y, exact, bound, "u Y + |w| (scale off d + |d| off scale)")


@bounds("batch_norm2d_dX", "batch_norm2d_dw", "batch_norm2d_db", "batch_norm2d_backward")
@every_dtype
@each(shape=PLANES, level=[0, 1000], fixed=[False, True])
def test_batch_norm2d_gradients(dtype, shape, level, fixed, ops, rng):
    X, dY, w = level + signed(rng, shape, dtype), signed(rng, shape, dtype), signed(rng, 9, dtype)
    w, count = w[: shape[1]], max(X[:, 0].size, 1)
    mean, scale = level + rng.standard_normal(shape[1]), 2 * rng.random(shape[1])
    x, dy, W, m, s = wide(X, dY, w, mean, scale)
    u, v, t = unit_roundoff(dtype), unit_roundoff(np.float64), count
    # As for the forward pass: v before the last rounding. A term of dw is a difference and two
    # products.
    normal = (x - per_depth(m)) * per_depth(s)
    dw, db = over_pixels(dy * normal), over_pixels(dy)
    off_dw = (t + 2) * v * over_pixels(abs(dy * normal))
    off_db = t * v * over_pixels(abs(dy))
    # The three terms of dX have at most six factors and divisors, and are added.
    level, bend = (per_depth(part) / count for part in (db, dw))
    off = 8 * v * abs(dy)
    exact = per_depth(W * s) * dy
    if not fixed:
        exact = per_depth(W * s) * (dy - level - normal * bend)
        off = off + 8 * v * (abs(level) + abs(normal * bend))
        off = off + (per_depth(off_db) + abs(normal) * per_depth(off_dw)) / count
    of_dX = u * abs(exact) + per_depth(abs(W * s)) * off
    of_dw, of_db = u * abs(dw) + off_dw, u * abs(db) + off_db
    words = "u dX + |w scale| (off db / K + |x| off dw / K + 8 v terms)"
    result = ops.batch_norm2d_dX(dY, X, w, mean, scale, fixed=fixed)
    check("batch_norm2d_dX", ops, result, exact, of_dX, words)
    result = ops.batch_norm2d_dw(dY, X, mean, scale)
    check("batch_norm2d_dw", ops, result, dw, of_dw, "u dw + (t + 2) v sum |dY x|")
    check("batch_norm2d_db", ops, ops.batch_norm2d_db(dY), db, of_db, "u db + t v sum |dY|")
    results = ops.batch_norm2d_backward(dY, X, w, mean, scale, fixed=fixed)
    for result, right, bound in zip(results, (exact, dw, db), (of_dX, of_dw, of_db), strict=True):
        check("batch_norm2d_backward", ops, result, right, bound, "as one by one")


@bounds("dropout", "dropout_dX")
@every_dtype
@each(rate=[0, 0.3, 0.9])
def test_dropout(dtype, rate, ops, rng):
    X, kept = signed(rng, (5, 7, 3), dtype), rng.random((5, 7, 3)) >= rate
    exact = wide(X)[0] * kept / (1 - np.longdouble(rate))
    # A difference and a quotient in float64, the factor in this dtype, the product.
    bound = (2 * unit_roundoff(dtype) + 2 * unit_roundoff(np.float64)) * abs(exact)
    for name in ("dropout", "dropout_dX"):
        result = getattr(ops, name)(X, kept, rate=rate)
        check(name, ops, result, exact, bound, "(2 u + 2 v) Y")


# ------------------------------------------------------------------------------- losses


@bounds("cross_entropy")
@every_dtype
@each(shape=[(1, 1), (1, 4), (7, 10), (64, 3)])
def test_cross_entropy(dtype, shape, ops, rng):
    B, classes = shape
    Z = (3 * rng.standard_normal(shape)).astype(dtype)
    labels = rng.integers(0, classes, B)
    result = ops.cross_entropy(Z, labels)
    u = unit_roundoff(dtype)
    Y, _, log_Y, log_bound = softmax_bounds(*wide(Z), u)
    rows = np.arange(B)
    # The mean of the errors of the log-softmax; then B quotients and B - 1 additions in float64.
    L = -log_Y[rows, labels].mean()
    bound = log_bound[rows, labels].mean() + B * unit_roundoff(np.float64) * L
    check("cross_entropy L", ops, result.L, L, bound, "mean of log_softmax's + B u64 L")
    # exp hands on the absolute error of its argument as a relative one; a difference, a quotient.
    exact = Y.copy()
    exact[rows, labels] -= 1
    bound = (Y * (log_bound + LIBRARY * u) + 2 * u * abs(exact)) / B
    words = "(Y (log_softmax's + exp) + 2 u |B dZ|) / B"
    check("cross_entropy dZ", ops, result.dZ, exact / B, bound, words)


@bounds("squared_error")
@every_dtype
@each(shape=[(1, 1), (3, 4), (64, 10), (2, 3, 4, 5)], draw=KINDS)
def test_squared_error(dtype, draw, shape, ops, rng):
    Y, T = draw(rng, shape, dtype), draw(rng, shape, dtype)
    L, dY = ops.squared_error(Y, T)
    u, B = unit_roundoff(dtype), len(Y)
    (error,) = wide(Y) - wide(T)[0]
    exact = (error**2).sum() / 2 / B
    # The difference, squared, counts twice; then, in float64, a square, N - 1 additions and a
    # quotient.
    bound = (2 * u + (Y.size + 1) * unit_roundoff(np.float64)) * exact
    check("squared_error L", ops, L, exact, bound, "(2 u + (N + 1) u64) L")
    # A difference and a quotient.
    check("squared_error dY", ops, dY, error / B, 2 * u * abs(error / B), "2 u |dY|")


def test_every_operation_has_a_bound():
    """A new operation fails here until a test above derives a bound for it."""
    assert sorted(accuracy.BOUNDED) == sorted(reference.__all__)


# ------------------------------------------------------------------------------- PyTorch
#
# On non-negative pixels nothing cancels, and with a batch of 256 sums are long: plain sums in
# float32 lose two digits. Both sides get the same float32 numbers; the exact result is computed in
# float64, whose errors are 2**-29 of theirs.

LARGE = [
    ("conv2d", (256, 1, 28, 28), (6, 1, 5, 5)),
    ("conv2d", (256, 6, 12, 12), (16, 6, 5, 5)),
    ("conv2d", (256, 16, 14, 14), (32, 16, 3, 3)),
    ("conv2d_dw", (256, 1, 28, 28), (6, 1, 5, 5)),
    ("conv2d_dw", (256, 6, 12, 12), (16, 6, 5, 5)),
    ("conv2d_dw", (256, 16, 14, 14), (32, 16, 3, 3)),
    ("dense_dw", (256, 784), (100, 784)),
    ("dense_dw", (256, 400), (120, 400)),
]


def three_ways(name, X, w, dZ, torch):
    """Return the exact result, and how `fast` and PyTorch compute it."""
    X_, w_, dZ_ = (array.astype(np.float64) for array in (X, w, dZ))
    images, patterns, gradient = map(torch.from_numpy, (X, w, dZ))
    if name == "conv2d":
        return (
            accuracy.conv2d(X_, w_, dZ.shape[2:]),
            lambda: fast.conv2d(X, w),
            lambda: torch.nn.functional.conv2d(images, patterns),
        )
    if name == "conv2d_dw":
        return (
            accuracy.conv2d_dw(dZ_, X_, w.shape),
            lambda: fast.conv2d_dw(dZ, X, w.shape),
            lambda: torch.nn.grad.conv2d_weight(images, w.shape, gradient),
        )
    return dZ_.T @ X_, lambda: fast.dense_dw(dZ, X), lambda: gradient.T @ images


@pytest.mark.slow
@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="layers this large need compiled kernels")
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("name", "X_shape", "w_shape"), LARGE)
def test_at_least_as_accurate_as_pytorch(name, X_shape, w_shape, seed, threads):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    positions = [size - length + 1 for size, length in zip(X_shape[2:], w_shape[2:], strict=True)]
    shapes = X_shape, w_shape, (X_shape[0], w_shape[0], *positions)
    exact, ours, theirs = three_ways(
        name, *(pixels(rng, shape, np.float32) for shape in shapes), torch
    )
    before = torch.get_num_threads()
    try:
        for count in (1, 2):
            threads(count)
            torch.set_num_threads(count)
            compare(name, exact, ours(), theirs().numpy())
    finally:
        torch.set_num_threads(before)


def compare(name, exact, ours, theirs):
    """Record and assert that our relative errors are not larger than those of PyTorch."""
    seen = exact > 0  # elsewhere every product is 0
    u = unit_roundoff(np.float32)
    errors = [np.abs(Z[seen] - exact[seen]) / exact[seen] / u for Z in (ours, theirs)]
    measures = {
        "largest": [float(error.max()) for error in errors],
        "root mean square": [float(np.sqrt((error**2).mean())) for error in errors],
    }
    for words, (mine, other) in measures.items():
        record(
            name, fast, "PyTorch, beside it", worst=mine / other, bound=f"PyTorch's {words} error"
        )
    for words, (mine, other) in measures.items():
        assert mine <= other, f"{name}: {words} error {mine:.3g} u, PyTorch's {other:.3g} u"
