"""What must hold between results, whatever the shapes and options: no oracle is needed.

Small integers make every sum exact, so that both sides must be equal to the bit. What is drawn, is
in `support.drawn`.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.drawn import layers, pad, rows, spread

from cnnlab.operations.activations import LIBRARY


def same(result, expected):
    np.testing.assert_array_equal(result, expected, strict=True)


def conv_gradients(ops, layer, dZ, X, w, **options):
    """Return dX and dw."""
    options = {**layer.options, **options}
    dX = ops.conv2d_dX(dZ, w, X.shape, **options)
    return dX, ops.conv2d_dw(dZ, X, w.shape, **options)


# ------------------------------------------------------------------------------- convolution


@given(layer=layers(), first=st.integers(-3, 3), second=st.integers(-3, 3))
def test_linear_in_the_images(layer, first, second, ops):
    X, other, w, dZ = layer.draw(layer.X_shape, layer.X_shape, layer.w_shape, layer.Z_shape)
    mix = layer.dtype(first) * X + layer.dtype(second) * other
    for f in (
        lambda X: ops.conv2d(X, w, **layer.options),
        lambda X: ops.conv2d_dw(dZ, X, w.shape, **layer.options),
    ):
        same(f(mix), layer.dtype(first) * f(X) + layer.dtype(second) * f(other))


@given(layer=layers(), first=st.integers(-3, 3), second=st.integers(-3, 3))
def test_linear_in_the_patterns(layer, first, second, ops):
    w, other, X, dZ = layer.draw(layer.w_shape, layer.w_shape, layer.X_shape, layer.Z_shape)
    mix = layer.dtype(first) * w + layer.dtype(second) * other
    for f in (
        lambda w: ops.conv2d(X, w, **layer.options),
        lambda w: ops.conv2d_dX(dZ, w, X.shape, **layer.options),
    ):
        same(f(mix), layer.dtype(first) * f(w) + layer.dtype(second) * f(other))


@given(layer=layers())
def test_linear_in_the_upstream_gradient(layer, ops):
    dZ, other, X, w = layer.draw(layer.Z_shape, layer.Z_shape, layer.X_shape, layer.w_shape)
    sums = conv_gradients(ops, layer, dZ + other, X, w)
    parts = conv_gradients(ops, layer, dZ, X, w), conv_gradients(ops, layer, other, X, w)
    for result, one, two in zip(sums, *parts, strict=True):
        same(result, one + two)
    same(ops.conv2d_db(dZ + other), ops.conv2d_db(dZ) + ops.conv2d_db(other))


@given(layer=layers())
def test_bias_is_added_to_every_position(layer, ops):
    X, w, b = layer.draw(layer.X_shape, layer.w_shape, (layer.P,))
    plain = ops.conv2d(X, w, **layer.options)
    same(ops.conv2d(X, w, b, **layer.options), plain + b[:, np.newaxis, np.newaxis])


@given(layer=layers())
def test_moving_the_image_moves_the_response(layer, ops):
    """Away from the border: by whole steps of the stride, on images without padding."""
    X, w = layer.draw(layer.padded_shape, layer.w_shape)
    options = {**layer.options, "padding": 0}
    i, j = layer.rng.integers(layer.Z_shape[2:])
    moved = X[:, :, i * layer.stride[0] :, j * layer.stride[1] :]
    same(ops.conv2d(moved, w, **options), ops.conv2d(X, w, **options)[:, :, i:, j:])


@given(layer=layers(), down=st.integers(0, 3), right=st.integers(0, 3))
def test_moving_the_image_moves_the_whole_response_with_full_padding(layer, down, right, ops):
    X, w = layer.draw(layer.X_shape, layer.w_shape)
    options = {**layer.options, "stride": 1, "padding": "full"}
    shift = (down, 0), (right, 0)
    same(ops.conv2d(pad(X, shift), w, **options), pad(ops.conv2d(X, w, **options), shift))


@given(layer=layers())
def test_pattern_with_a_single_one_copies_a_depth(layer, ops):
    (X,) = layer.draw(layer.padded_shape)
    w = np.zeros(layer.w_shape, layer.dtype)
    chosen = layer.rng.integers([layer.depth, *layer.size], size=(layer.P, 3))
    for k, entry in enumerate(chosen):
        w[k, *entry] = 1
    Z = ops.conv2d(X, w, **{**layer.options, "padding": 0})
    rows, columns = Z.shape[2:]
    for k, (c, u, v) in enumerate(chosen):
        shifted = X[
            :,
            k // layer.patterns * layer.depth + c,
            u * layer.dilation[0] :: layer.stride[0],
            v * layer.dilation[1] :: layer.stride[1],
        ]
        same(Z[:, k], shifted[:, :rows, :columns])


@given(layer=layers())
def test_stride_takes_every_so_manyth_position(layer, ops):
    X, w, dZ = layer.draw(layer.X_shape, layer.w_shape, layer.Z_shape)
    one = {**layer.options, "stride": 1}
    every = ops.conv2d(X, w, **one)
    same(
        ops.conv2d(X, w, **layer.options),
        every[:, :, :: layer.stride[0], :: layer.stride[1]].copy(),
    )
    # Backward: what was not taken has no gradient.
    all_dZ = np.zeros_like(every)
    all_dZ[:, :, :: layer.stride[0], :: layer.stride[1]] = dZ
    expected = conv_gradients(ops, layer, all_dZ, X, w, stride=1)
    for result, other in zip(conv_gradients(ops, layer, dZ, X, w), expected, strict=True):
        same(result, other)


@given(layer=layers())
def test_groups_are_separate_convolutions(layer, ops):
    X, w, b, dZ = layer.draw(layer.X_shape, layer.w_shape, (layer.P,), layer.Z_shape)
    parts = [np.split(X, layer.groups, axis=1), np.split(w, layer.groups)]
    parts += [np.split(b, layer.groups), np.split(dZ, layer.groups, axis=1)]
    one = {**layer.options, "groups": 1}
    Z = [ops.conv2d(x, p, c, **one) for x, p, c, _ in zip(*parts, strict=True)]
    same(ops.conv2d(X, w, b, **layer.options), np.concatenate(Z, axis=1))
    dX, dw = conv_gradients(ops, layer, dZ, X, w)
    pairs = [
        conv_gradients(ops, layer, d, x, p, groups=1) for x, p, _, d in zip(*parts, strict=True)
    ]
    same(dX, np.concatenate([pair[0] for pair in pairs], axis=1))
    same(dw, np.concatenate([pair[1] for pair in pairs]))


@given(layer=layers())
def test_dilation_is_a_pattern_with_zeros_in_between(layer, ops):
    X, w, dZ = layer.draw(layer.X_shape, layer.w_shape, layer.Z_shape)
    wide = spread(w, layer.dilation)
    one = {**layer.options, "dilation": 1}
    same(ops.conv2d(X, w, **layer.options), ops.conv2d(X, wide, **one))
    dX, dw = conv_gradients(ops, layer, dZ, X, w)
    wide_dX, wide_dw = conv_gradients(ops, layer, dZ, X, wide, dilation=1)
    same(dX, wide_dX)
    same(dw, wide_dw[:, :, :: layer.dilation[0], :: layer.dilation[1]].copy())


@given(layer=layers())
def test_padding_is_zeros_put_around_first(layer, ops):
    X, w, dZ = layer.draw(layer.X_shape, layer.w_shape, layer.Z_shape)
    padded = pad(X, layer.padding)
    none = {**layer.options, "padding": 0}
    same(ops.conv2d(X, w, **layer.options), ops.conv2d(padded, w, **none))
    dX, dw = conv_gradients(ops, layer, dZ, X, w)
    padded_dX, padded_dw = conv_gradients(ops, layer, dZ, padded, w, padding=0)
    (top, _), (left, _) = layer.padding
    M, N = X.shape[2:]
    same(dX, padded_dX[:, :, top : top + M, left : left + N].copy())
    same(dw, padded_dw)


def explicit(layer, padding):
    """Return ((top, bottom), (left, right)) for the other forms of a padding."""
    if padding == "same":
        totals = [
            max((-(-axis.size // axis.stride) - 1) * axis.stride + axis.extent - axis.size, 0)
            for axis in (layer.rows, layer.columns)
        ]
        # An odd row or column goes to the bottom or right.
        return tuple((total // 2, total - total // 2) for total in totals)
    if padding == "full":
        return tuple((axis.extent - 1, axis.extent - 1) for axis in (layer.rows, layer.columns))
    if padding == "valid":
        return (0, 0), (0, 0)
    if isinstance(padding, int):
        return (padding, padding), (padding, padding)
    return tuple((size, size) for size in padding)


@pytest.mark.parametrize("padding", ["same", "full", "valid", "int", "pair"])
@given(layer=layers())
def test_forms_of_padding(padding, layer, ops):
    """Each form is its ((top, bottom), (left, right)), in every operation that takes one."""
    if padding == "valid":  # on an image that the pattern fits into
        layer = layer._replace(
            rows=layer.rows._replace(size=layer.rows.padded),
            columns=layer.columns._replace(size=layer.columns.padded),
        )
    if padding == "int":
        padding = max(map(max, layer.padding)) + 3
    if padding == "pair":
        padding = tuple(max(axis) + 3 for axis in layer.padding)
    X, w = layer.draw(layer.X_shape, layer.w_shape)
    form, plain = {"padding": padding}, {"padding": explicit(layer, padding)}
    Z = ops.conv2d(X, w, **layer.options | form)
    same(Z, ops.conv2d(X, w, **layer.options | plain))
    if padding == "same":
        steps = zip(layer.X_shape[2:], layer.stride, strict=True)
        assert Z.shape[2:] == tuple(-(-size // stride) for size, stride in steps)
    (dZ,) = layer.draw(Z.shape)
    expected = conv_gradients(ops, layer, dZ, X, w, **plain)
    for result, other in zip(conv_gradients(ops, layer, dZ, X, w, **form), expected, strict=True):
        same(result, other)
    result = ops.max_pool2d(X, layer.size, **layer.pooling | form, dilation=layer.dilation)
    expected = ops.max_pool2d(X, layer.size, **layer.pooling | plain, dilation=layer.dilation)
    same(result.Y, expected.Y)
    same(result.argmax, expected.argmax)
    # The mean knows no dilation.
    plain = {"padding": explicit(layer.without_dilation, padding)}
    Y = ops.avg_pool2d(X, layer.size, **layer.pooling | form)
    same(Y, ops.avg_pool2d(X, layer.size, **layer.pooling | plain))
    dX = ops.avg_pool2d_dX(Y, X.shape, layer.size, **layer.pooling | form)
    same(dX, ops.avg_pool2d_dX(Y, X.shape, layer.size, **layer.pooling | plain))


@given(layer=layers())
def test_order_of_patterns_depths_and_samples(layer, ops):
    X, w, b, dZ = layer.draw(layer.X_shape, layer.w_shape, (layer.P,), layer.Z_shape)
    options = {**layer.options, "groups": 1}
    w = np.tile(w, (1, layer.groups, 1, 1))
    Z = ops.conv2d(X, w, b, **options)
    dX, dw = conv_gradients(ops, layer, dZ, X, w, groups=1)
    rng = layer.rng
    k, c, s = (rng.permutation(count) for count in (layer.P, layer.D, layer.B))
    same(ops.conv2d(X, w[k], b[k], **options), Z[:, k])
    same(ops.conv2d(X[:, c], w[:, c], b, **options), Z)
    same(ops.conv2d(X[s], w, b, **options), Z[s])
    for result, expected in [
        (conv_gradients(ops, layer, dZ[:, k], X, w[k], groups=1), (dX, dw[k])),
        (conv_gradients(ops, layer, dZ, X[:, c], w[:, c], groups=1), (dX[:, c], dw[:, c])),
        (conv_gradients(ops, layer, dZ[s], X[s], w, groups=1), (dX[s], dw)),
    ]:
        same(result[0], expected[0])
        same(result[1], expected[1])


@given(layer=layers())
def test_images_of_a_batch_do_not_meet(layer, ops):
    """The result of a batch holds the results of its images, bit for bit, on real numbers."""
    X, w, b, dZ = layer.noise(layer.X_shape, layer.w_shape, (layer.P,), layer.Z_shape)
    size, pooling, dilated = layer.size, layer.pooling, {"dilation": layer.dilation}
    winners = ops.max_pool2d(X, size, **pooling, **dilated)
    means = ops.avg_pool2d(X, size, **pooling)
    rows, weights = dZ[:, :, 0, 0].copy(), w[:, 0, 0].copy()
    operations = [
        lambda s: ops.conv2d(X[s], w, b, **layer.options),
        lambda s: ops.conv2d_dX(dZ[s], w, X[s].shape, **layer.options),
        lambda s: ops.conv_transpose2d(dZ[s], w, stride=layer.stride, groups=layer.groups),
        lambda s: ops.max_pool2d(X[s], size, **pooling, **dilated).Y,
        lambda s: ops.max_pool2d(X[s], size, **pooling, **dilated).argmax,
        lambda s: ops.max_pool2d_dX(winners.Y[s], winners.argmax[s], X[s].shape),
        lambda s: ops.avg_pool2d(X[s], size, **pooling),
        lambda s: ops.avg_pool2d_dX(means[s], X[s].shape, size, **pooling),
        lambda s: ops.dense(rows[s], weights.T),
        lambda s: ops.dense_dX(rows[s], weights),
        lambda s: ops.softmax(X[s]),
        lambda s: ops.log_softmax(X[s]),
    ]
    for operation in operations:
        batch = operation(slice(None))
        for s in range(layer.B):
            same(batch[s], operation(s))


def inner(first, second):
    """Return the sum of all products, exact for small integers."""
    return float(np.vdot(first.astype(np.float64), second.astype(np.float64)))


@given(layer=layers())
def test_gradients_are_adjoint(layer, ops):
    """<conv(X, w), G> = <X, dX> = <w, dw>: what it means to be the gradient of a linear map."""
    X, w, G = layer.draw(layer.X_shape, layer.w_shape, layer.Z_shape)
    dX, dw = conv_gradients(ops, layer, G, X, w)
    forward = inner(ops.conv2d(X, w, **layer.options), G)
    assert forward == inner(X, dX)
    assert forward == inner(w, dw)


# ------------------------------------------------------------------------------- its transpose


@given(layer=layers())
def test_transpose_is_the_gradient_of_the_images(layer, ops):
    X, w, b = layer.draw(layer.Z_shape, layer.w_shape, (layer.D,))
    # The rows and columns that no window reached come back as output_padding.
    options = {**layer.options, "output_padding": (layer.rows.rest, layer.columns.rest)}
    expected = ops.conv2d_dX(X, w, layer.X_shape, **layer.options)
    same(ops.conv_transpose2d(X, w, **options), expected)
    same(ops.conv_transpose2d(X, w, b, **options), expected + b[:, np.newaxis, np.newaxis])


@given(layer=layers())
def test_transpose_with_same_padding_is_stride_times_as_large(layer, ops):
    X, w = layer.draw(layer.Z_shape, layer.w_shape)
    options = {**layer.options, "padding": "same"}
    sizes = [size * step for size, step in zip(X.shape[2:], layer.stride, strict=True)]
    expected = ops.conv2d_dX(X, w, (layer.B, layer.D, *sizes), **options)
    same(ops.conv_transpose2d(X, w, **options), expected)


@pytest.mark.parametrize("padding", ["full", "valid", "int", "pair"])
@given(layer=layers())
def test_forms_of_padding_of_the_transpose(padding, layer, ops):
    if padding == "int":
        padding = min(min(axis.extent for axis in (layer.rows, layer.columns)) - 1, 2)
    if padding == "pair":
        padding = layer.rows.extent - 1, layer.columns.extent - 1
    # Large enough that something is left.
    X_shape = layer.B, layer.P, layer.rows.extent + 1, layer.columns.extent + 2
    X, w = layer.draw(X_shape, layer.w_shape)
    form, plain = {"padding": padding}, {"padding": explicit(layer, padding)}
    result = ops.conv_transpose2d(X, w, **layer.options | form)
    same(result, ops.conv_transpose2d(X, w, **layer.options | plain))


# ------------------------------------------------------------------------------- pooling
#
# Pixels are multiples of 12, which every count of a window divides: all means are exact.


def poolings(ops, layer, **changed):
    """Return each pooling of a layer as a function of images, by name."""
    size, options = layer.size, {**layer.pooling, **changed}
    image_alone = {**options, "count_include_pad": False}
    return {
        "max": lambda X: ops.max_pool2d(X, size, **options, dilation=layer.dilation).Y,
        "mean": lambda X: ops.avg_pool2d(X, size, **options),
        "mean of the image alone": lambda X: ops.avg_pool2d(X, size, **image_alone),
    }


@given(layer=layers())
def test_brighter_pixels_give_brighter_pools(layer, ops):
    X, more = layer.draw(layer.X_shape, layer.X_shape)
    for pool in poolings(ops, layer).values():
        assert (pool(12 * X + 12 * abs(more)) >= pool(12 * X)).all()


@given(layer=layers(), constant=st.integers(-9, 9))
def test_adding_a_constant_adds_it_to_the_pools(layer, constant, ops):
    (X,) = layer.draw(layer.X_shape)
    X, constant = 12 * X, layer.dtype(12 * constant)
    pools = poolings(ops, layer)
    same(pools["max"](X + constant), pools["max"](X) + constant)
    name = "mean of the image alone"
    counted = pools[name](np.ones_like(X))  # 0 where a window lies wholly on padding
    same(pools[name](X + constant), pools[name](X) + constant * counted)
    options = {**layer.pooling, "dilation": layer.dilation}
    winners = ops.max_pool2d(X, layer.size, **options).argmax
    same(ops.max_pool2d(X + constant, layer.size, **options).argmax, winners)


@given(layer=layers())
def test_mean_lies_between_least_and_largest(layer, ops):
    """The largest of -X is the least of X, negated."""
    (X,) = layer.draw(layer.padded_shape)
    options = {"stride": layer.stride}
    largest = ops.max_pool2d(12 * X, layer.size, **options).Y
    least = -ops.max_pool2d(-12 * X, layer.size, **options).Y
    mean = ops.avg_pool2d(12 * X, layer.size, **options)
    assert (least <= mean).all()
    assert (mean <= largest).all()
    windows = np.lib.stride_tricks.sliding_window_view(12 * X, layer.size, axis=(2, 3))
    same(least, windows.min(axis=(4, 5))[:, :, :: layer.stride[0], :: layer.stride[1]].copy())


@given(layer=layers())
def test_moving_the_image_moves_the_pools(layer, ops):
    (X,) = layer.draw(layer.padded_shape)
    i, j = layer.rng.integers(layer.Z_shape[2:])
    moved = X[:, :, i * layer.stride[0] :, j * layer.stride[1] :]
    for pool in poolings(ops, layer, padding=0).values():
        same(pool(12 * moved), pool(12 * X)[:, :, i:, j:].copy())


@given(layer=layers())
def test_stride_of_pools_takes_every_so_manyth(layer, ops):
    (X,) = layer.draw(layer.X_shape)
    every = poolings(ops, layer, stride=1)
    for name, pool in poolings(ops, layer).items():
        taken = every[name](12 * X)[:, :, :: layer.stride[0], :: layer.stride[1]]
        same(pool(12 * X), taken.copy())


@given(layer=layers())
def test_padding_of_pools_is_put_around_first(layer, ops):
    """Zeros that count for the mean, minus infinity for the largest."""
    (X,) = layer.draw(layer.X_shape)
    X = 12 * X
    before, after = poolings(ops, layer), poolings(ops, layer, padding=0)
    same(before["mean"](X), after["mean"](pad(X, layer.padding)))
    same(before["max"](X), after["max"](pad(X, layer.padding, -np.inf)))
    Y = before["mean"](X)
    dX = ops.avg_pool2d_dX(12 * Y, X.shape, layer.size, **layer.pooling)
    padded = ops.avg_pool2d_dX(12 * Y, layer.padded_shape, layer.size, stride=layer.stride)
    (top, _), (left, _) = layer.padding
    same(dX, padded[:, :, top : top + X.shape[2], left : left + X.shape[3]].copy())


@given(layer=layers())
def test_ceil_mode_is_more_rows_and_columns_at_the_end(layer, ops):
    (X,) = layer.draw(layer.X_shape)
    X = 12 * X
    for name, pool in poolings(ops, layer, ceil_mode=True).items():
        if name == "mean":
            continue  # zeros at the end would count
        Y = pool(X)
        longer = tuple((before, after + 3) for before, after in layer.padding)
        more = poolings(ops, layer, padding=longer)[name](X)
        same(Y, more[:, :, : Y.shape[2], : Y.shape[3]].copy())
        fewer = poolings(ops, layer)[name](X)
        same(Y[:, :, : fewer.shape[2], : fewer.shape[3]].copy(), fewer)


@given(layer=layers(), include=st.booleans(), ceil_mode=st.booleans())
def test_gradient_of_the_mean_is_adjoint(layer, include, ceil_mode, ops):
    options = {**layer.pooling, "count_include_pad": include, "ceil_mode": ceil_mode}
    (X,) = layer.draw(layer.X_shape)
    Y = ops.avg_pool2d(12 * X, layer.size, **options)
    G = 12 * layer._replace(seed=layer.seed // 2).draw(Y.shape)[0]
    dX = ops.avg_pool2d_dX(G, X.shape, layer.size, **options)
    assert inner(Y, G) == inner(12 * X, dX)


@given(layer=layers(), ceil_mode=st.booleans())
def test_gradient_of_the_largest_is_adjoint_to_picking_the_winners(layer, ceil_mode, ops):
    options = {**layer.pooling, "dilation": layer.dilation, "ceil_mode": ceil_mode}
    X, other = layer.draw(layer.X_shape, layer.X_shape)
    Y, argmax = ops.max_pool2d(X, layer.size, **options)
    winners = argmax.reshape(*Y.shape[:2], -1)

    def picked(images):
        planes = images.reshape(*Y.shape[:2], -1)
        return np.take_along_axis(planes, winners, axis=2).reshape(Y.shape)

    met = argmax >= 0  # the others lie wholly on padding
    same(Y, np.where(met, picked(X), X.dtype.type(-np.inf)))
    (G,) = layer.draw(Y.shape)
    dX = ops.max_pool2d_dX(G, argmax, X.shape)
    assert inner(met * picked(other), G) == inner(other, dX)


# ------------------------------------------------------------------------------- dense


@given(layer=layers())
def test_dense_is_a_convolution_of_images_of_one_pixel(layer, ops):
    X, w, b, dZ = layer.draw((layer.B, layer.D), (layer.P, layer.D), (layer.P,), (layer.B, layer.P))
    X_, w_, dZ_ = (array[:, :, np.newaxis, np.newaxis] for array in (X, w, dZ))
    same(ops.dense(X, w, b), ops.conv2d(X_, w_, b)[:, :, 0, 0])
    same(ops.dense_dX(dZ, w), ops.conv2d_dX(dZ_, w_, X_.shape)[:, :, 0, 0])
    same(ops.dense_dw(dZ, X), ops.conv2d_dw(dZ_, X_, w_.shape)[:, :, 0, 0])
    same(ops.dense_db(dZ), ops.conv2d_db(dZ_))


# ------------------------------------------------------------------------------- activations


@given(rows=rows())
def test_symmetries_of_the_activations(rows, ops):
    Z, u = rows.Z, rows.u
    # Each sigmoid is within 1.5 LIBRARY + 2 units of u of itself (test_accuracy), and they add up
    # to 1; the sum here is rounded once.
    gap = np.abs(ops.sigmoid(Z) + ops.sigmoid(-Z) - 1)
    assert (gap <= (1.5 * LIBRARY + 3) * u).all()
    Y = ops.tanh(Z)
    assert (np.abs(Y + ops.tanh(-Z)) <= (2 * LIBRARY + 1) * u * np.abs(Y)).all()
    same(ops.relu(ops.relu(Z)), ops.relu(Z))
    same(ops.relu(Z) - ops.relu(-Z), Z)


@given(rows=rows(), constant=st.integers(-99, 99))
def test_softmax_sums_to_one_and_ignores_a_constant(rows, constant, ops):
    Z, whole = rows.Z, rows.whole
    # The bound of test_accuracy, with the largest |z| in the place of each and of their mean.
    spread = np.ptp(Z, axis=-1)
    bound = (2 * spread + 2 * LIBRARY + Z.shape[-1] + 1) * rows.u
    assert (np.abs(ops.softmax(Z).astype(np.float64).sum(axis=-1) - 1) <= bound).all()
    same(ops.softmax(whole + Z.dtype.type(constant)), ops.softmax(whole))
    same(ops.log_softmax(whole + Z.dtype.type(constant)), ops.log_softmax(whole))


# ------------------------------------------------------------------------------- losses


@given(rows=rows())
def test_gradient_of_cross_entropy_sums_to_zero(rows, ops):
    B, classes = rows.Z.shape
    L, dZ = ops.cross_entropy(rows.Z, rows.labels)
    # Again from test_accuracy: |B dZ| sums to at most 2, log C and the sum of |log Y| Y are below
    # C and, with the largest |z|, below spread + C.
    spread = np.ptp(rows.Z, axis=-1)
    bound = (4 * spread + (3 + classes) * LIBRARY + 3 * classes + 4) * rows.u / B
    assert (np.abs(dZ.astype(np.float64).sum(axis=-1)) <= bound).all()
    assert L >= 0


@given(rows=rows(), constant=st.integers(-99, 99))
def test_cross_entropy_ignores_a_constant(rows, constant, ops):
    moved = ops.cross_entropy(rows.whole + rows.whole.dtype.type(constant), rows.labels)
    L, dZ = ops.cross_entropy(rows.whole, rows.labels)
    assert moved.L == L
    same(moved.dZ, dZ)


@given(rows=rows())
def test_squared_error_is_zero_only_for_the_targets(rows, ops):
    Y, B = rows.Z, len(rows.Z)
    L, dY = ops.squared_error(Y, Y)
    assert L == 0
    same(dY, np.zeros_like(Y))
    T = rows.whole.copy()
    T[0, 0] += 2
    L, dY = ops.squared_error(rows.whole, T)
    np.testing.assert_allclose(L, 2 / B, rtol=1e-15)
    assert np.count_nonzero(dY) == 1
    assert ops.squared_error(T, rows.whole).L == L
    same(ops.squared_error(T, rows.whole).dY, -dY + 0)
