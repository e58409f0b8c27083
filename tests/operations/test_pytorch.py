"""PyTorch as a judge of every operation: forward, and every gradient through its autograd.

Where the contract and PyTorch differ on purpose, a test at the end says so.
"""

import itertools

import numpy as np
import pytest
from support.cases import ACTIVATIONS, integers
from support.failures import each

from cnnlab.operations import OPERATIONS, find

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed: python -m pip install -c constraints.txt torch"
)

F = torch.nn.functional

DTYPES = [np.float32, np.float64]

# Means of multiples of this over up to 12 pixels are integers, exactly.
MULTIPLE = 27720.0


def product(**options):
    """Run a test with `options`: every combination of the values that are listed."""
    combinations = [
        dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())
    ]
    return each(options=combinations)


def both_ways(function, inputs, dY, **options):
    """Call a function of PyTorch; return its result and the gradients of its inputs."""
    leaves = [torch.tensor(array, requires_grad=True) for array in inputs]
    result = function(*leaves, **options)
    gradients = torch.autograd.grad(result, leaves, torch.tensor(dY))
    return [result.detach().numpy(), *(gradient.numpy() for gradient in gradients)]


def shape_of(function, *inputs, **options):
    """The shape of a result of PyTorch, from which the gradient handed down takes its own."""
    return tuple(function(*(torch.tensor(array) for array in inputs), **options).shape)


def assert_equal(results, expected):
    for result, other in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, other, strict=True)


def assert_close(results, expected, ulps):
    """Each entry within so many units in the last place of the largest entry of its array."""
    for result, other in zip(results, expected, strict=True):
        assert result.dtype == other.dtype
        scale = np.abs(other).max(initial=0.0)
        np.testing.assert_allclose(
            result, other, rtol=0, atol=ulps * np.finfo(other.dtype).eps * scale, strict=True
        )


@each(operation=OPERATIONS)
def test_every_operation_has_its_name_in_pytorch(operation):
    assert callable(operation.in_pytorch(torch))


def conv2d_both_ways(ops, X, w, b, dZ, **options):
    return [
        ops.conv2d(X, w, b, **options),
        ops.conv2d_dX(dZ, w, X.shape, **options),
        ops.conv2d_dw(dZ, X, w.shape, **options),
        ops.conv2d_db(dZ),
    ]


def conv_transpose2d_both_ways(ops, X, w, b, dZ, output_padding=0, **options):
    return [
        ops.conv_transpose2d(X, w, b, output_padding=output_padding, **options),
        ops.conv2d(dZ, w, **options),
        ops.conv2d_dw(X, dZ, w.shape, **options),
        ops.conv2d_db(dZ),
    ]


def max_pool2d_both_ways(ops, X, dY, size, **options):
    Y, argmax = ops.max_pool2d(X, size, **options)
    return [Y, ops.max_pool2d_dX(dY, argmax, X.shape)], argmax


def avg_pool2d_both_ways(ops, X, dY, size, **options):
    return [ops.avg_pool2d(X, size, **options), ops.avg_pool2d_dX(dY, X.shape, size, **options)]


# ------------------------------------------------------------------------------- convolution


@product(
    stride=[1, 2, (2, 3)],
    padding=[0, 1, (2, 1)],
    dilation=[1, (2, 1), (1, 3)],
    groups=[1, 2],
)
def test_conv2d(options, ops, rng):
    X, w = integers(rng, (2, 4, 7, 8)), integers(rng, (6, 4 // options["groups"], 3, 2))
    b = integers(rng, (6,))
    dZ = integers(rng, shape_of(F.conv2d, X, w, **options))
    expected = both_ways(F.conv2d, [X, w, b], dZ, **options)
    assert_equal(conv2d_both_ways(ops, X, w, b, dZ, **options), expected)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@product(padding=["same", "valid"], window=[(3, 2), (4, 5), (1, 6)], dilation=[1, 2, (3, 1)])
def test_conv2d_with_named_padding(options, ops, rng):
    options, window = dict(options), options["window"]
    del options["window"]
    X, w, b = integers(rng, (2, 2, 10, 11)), integers(rng, (3, 2, *window)), integers(rng, (3,))
    dZ = integers(rng, shape_of(F.conv2d, X, w, **options))
    expected = both_ways(F.conv2d, [X, w, b], dZ, **options)
    assert_equal(conv2d_both_ways(ops, X, w, b, dZ, **options), expected)


@product(padding=[((1, 0), (0, 2)), ((0, 3), (4, 1))], stride=[1, 2], dilation=[1, 2])
def test_conv2d_with_padding_of_two_sides(options, ops, rng):
    """PyTorch pads such an image in a step of its own, left and right first."""
    (top, bottom), (left, right) = options["padding"]
    rest = {name: options[name] for name in ("stride", "dilation")}

    def padded(X, w, b, **options):
        return F.conv2d(F.pad(X, (left, right, top, bottom)), w, b, **options)

    X, w, b = integers(rng, (2, 2, 5, 6)), integers(rng, (3, 2, 3, 2)), integers(rng, (3,))
    dZ = integers(rng, shape_of(padded, X, w, b, **rest))
    expected = both_ways(padded, [X, w, b], dZ, **rest)
    assert_equal(conv2d_both_ways(ops, X, w, b, dZ, **options), expected)


@product(
    stride=[1, 2, (2, 3)],
    padding=[0, 1, (0, 2)],
    dilation=[1, (2, 3)],
    groups=[1, 2],
    output_padding=[0, (0, 1), (1, 2)],
)
def test_conv_transpose2d(options, ops, rng):
    X, w = integers(rng, (2, 4, 3, 4)), integers(rng, (4, 6 // options["groups"], 3, 2))
    b = integers(rng, (6,))
    extra, stride, dilation = (
        np.broadcast_to(options[name], 2) for name in ("output_padding", "stride", "dilation")
    )
    if (extra >= np.maximum(stride, dilation)).any():
        with pytest.raises(ValueError, match="^conv_transpose2d: output_padding=.* smaller than"):
            ops.conv_transpose2d(X, w, b, **options)
        with pytest.raises(RuntimeError, match="output padding must be smaller than either"):
            F.conv_transpose2d(torch.tensor(X), torch.tensor(w), **options)
        return
    dZ = integers(rng, shape_of(F.conv_transpose2d, X, w, **options))
    expected = both_ways(F.conv_transpose2d, [X, w, b], dZ, **options)
    if (extra >= stride).any():
        # The convolution that goes the other way gives more positions than X has.
        Z = ops.conv_transpose2d(X, w, b, **options)
        np.testing.assert_array_equal(Z, expected[0], strict=True)
    else:
        assert_equal(conv_transpose2d_both_ways(ops, X, w, b, dZ, **options), expected)


@each(dtype=DTYPES)
def test_convolutions_of_real_numbers(dtype, ops, rng):
    X, w, b = (rng.random(shape).astype(dtype) for shape in ((3, 4, 9, 8), (4, 4, 3, 2), (4,)))
    options = {"stride": 2, "padding": 1}
    for function, calls in [
        (F.conv2d, conv2d_both_ways),
        (F.conv_transpose2d, conv_transpose2d_both_ways),
    ]:
        dZ = rng.random(shape_of(function, X, w, **options)).astype(dtype)
        expected = both_ways(function, [X, w, b], dZ, **options)
        # Both sum up to 3 * 17 * 15 positive terms, in orders of their own.
        assert_close(calls(ops, X, w, b, dZ, **options), expected, ulps=3 * 17 * 15 / 4)


# ------------------------------------------------------------------------------- pooling


def in_words_of_pytorch(options):
    """The options with another name for the size."""
    return {"kernel_size" if name == "size" else name: options[name] for name in options}


@product(
    size=[2, (3, 2)],
    stride=[None, 1, (2, 3)],
    padding=[0, 1, (1, 0)],
    dilation=[1, (2, 1)],
    ceil_mode=[False, True],
)
def test_max_pool2d(options, ops, rng):
    """Few different integers: most windows hold ties."""
    X = rng.integers(0, 3, (2, 3, 7, 8)).astype(float)
    names = in_words_of_pytorch(options)
    Y, indices = F.max_pool2d(torch.tensor(X), return_indices=True, **names)
    dY = integers(rng, tuple(Y.shape))
    results, argmax = max_pool2d_both_ways(ops, X, dY, **options)
    assert_equal(results, both_ways(F.max_pool2d, [X], dY, **names))
    np.testing.assert_array_equal(argmax, indices.numpy(), strict=True)


@each(level=[0.0, np.inf, -np.inf])
def test_max_pool2d_of_windows_that_are_all_equal(level, ops):
    X = np.full((1, 2, 5, 6), level)
    Y, indices = F.max_pool2d(torch.tensor(X), 3, 2, 1, return_indices=True)
    result = ops.max_pool2d(X, 3, stride=2, padding=1)
    assert_equal(result, [Y.numpy(), indices.numpy()])


def test_max_pool2d_with_one_nan(ops, rng):
    X = rng.standard_normal((2, 2, 6, 6))
    X[0, 1, 2, 3] = X[1, 0, 5, 5] = np.nan
    Y, indices = F.max_pool2d(torch.tensor(X), 3, 2, 1, return_indices=True)
    result = ops.max_pool2d(X, 3, stride=2, padding=1)
    assert_equal(result, [Y.numpy(), indices.numpy()])


@product(
    size=[2, (3, 2), (3, 4)],
    stride=[None, 1, (2, 3)],
    padding=[0, 1, (1, 0)],
    ceil_mode=[False, True],
    count_include_pad=[True, False],
)
def test_avg_pool2d(options, ops, rng):
    names = in_words_of_pytorch(options)
    X = MULTIPLE * integers(rng, (2, 3, 7, 8))
    dY = MULTIPLE * integers(rng, shape_of(F.avg_pool2d, X, **names))
    expected = both_ways(F.avg_pool2d, [X], dY, **names)
    assert_equal(avg_pool2d_both_ways(ops, X, dY, **options), expected)


@each(dtype=DTYPES)
def test_pooling_of_real_numbers(dtype, ops, rng):
    X, dY = (rng.random(shape).astype(dtype) for shape in ((2, 3, 9, 8), (2, 3, 5, 4)))
    results, _ = max_pool2d_both_ways(ops, X, dY, 3, stride=2, padding=1)
    expected = both_ways(lambda X: F.max_pool2d(X, 3, 2, 1), [X], dY)
    assert_close(results, expected, ulps=4)  # up to 4 windows share a pixel
    results = avg_pool2d_both_ways(ops, X, dY, 3, stride=2, padding=1)
    assert_close(results, both_ways(lambda X: F.avg_pool2d(X, 3, 2, 1), [X], dY), ulps=9)


# ------------------------------------------------------------------------------- dense


@each(sizes=[(1, 1, 1), (3, 5, 2), (7, 2, 6), (0, 4, 3)])
def test_dense(sizes, ops, rng):
    B, inputs, outputs = sizes
    X, w, b = (integers(rng, shape) for shape in ((B, inputs), (outputs, inputs), (outputs,)))
    dZ = integers(rng, (B, outputs))
    results = [ops.dense(X, w, b), ops.dense_dX(dZ, w), ops.dense_dw(dZ, X), ops.dense_db(dZ)]
    assert_equal(results, both_ways(F.linear, [X, w, b], dZ))


@each(dtype=DTYPES)
def test_dense_of_real_numbers(dtype, ops, rng):
    X, w, b = (rng.random(shape).astype(dtype) for shape in ((9, 17), (5, 17), (5,)))
    dZ = rng.random((9, 5)).astype(dtype)
    results = [ops.dense(X, w, b), ops.dense_dX(dZ, w), ops.dense_dw(dZ, X), ops.dense_db(dZ)]
    assert_close(results, both_ways(F.linear, [X, w, b], dZ), ulps=18)


# ------------------------------------------------------------------------------- activations


@each(name=ACTIVATIONS, shape=[(5,), (3, 4), (0, 3), (2, 3, 4, 5)], dtype=DTYPES)
def test_activations(name, dtype, shape, ops, rng):
    Z, dY = (4 * rng.standard_normal((2, *shape))).astype(dtype)
    Y = getattr(ops, name)(Z)
    results = [Y, getattr(ops, f"{name}_dZ")(dY, Y)]
    expected = both_ways(find(name).in_pytorch(torch), [Z], dY)
    exact = find(name).entrywise.roundings == 0
    assert_equal(results, expected) if exact else assert_close(results, expected, ulps=8)


@each(name=ACTIVATIONS)
def test_activations_at_the_ends(name, ops):
    """Where they saturate, at zero, at infinity, at NaN; gradients too."""
    Z = np.array([-np.inf, -1000.0, -0.0, 0.0, 1000.0, np.inf, np.nan])
    dY = np.arange(1.0, 8.0)
    Y = getattr(ops, name)(Z)
    results = [Y, getattr(ops, f"{name}_dZ")(dY, Y)]
    assert_equal(results, both_ways(find(name).in_pytorch(torch), [Z], dY))


@each(name=["softmax", "log_softmax"], shape=[(5,), (3, 4), (0, 3), (2, 3, 7)], dtype=DTYPES)
def test_softmax(name, dtype, shape, ops, rng):
    Z = (10 * rng.standard_normal(shape)).astype(dtype)
    expected = getattr(torch, name)(torch.tensor(Z), dim=-1).numpy()
    assert_close([getattr(ops, name)(Z)], [expected], ulps=8)


def test_softmax_of_large_scores(ops):
    Z = np.array([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4], [-np.inf, 0.0, 1.0]])
    for name in ("softmax", "log_softmax"):
        expected = getattr(torch, name)(torch.tensor(Z), dim=-1).numpy()
        np.testing.assert_allclose(getattr(ops, name)(Z), expected, rtol=1e-15)


# ------------------------------------------------------------------------------- losses


@each(
    shape=[(4, 3, 9, 8), (5, 20, 3, 2), (16, 2, 1, 1), (0, 2, 3, 4)],
    in_use=[False, True],
    dtype=DTYPES,
)
def test_batch_norm2d(shape, in_use, dtype, ops, rng):
    X, dY = (3 * rng.standard_normal((2, *shape))).astype(dtype)
    w, b = rng.standard_normal((2, shape[1])).astype(dtype)
    known = {}
    if in_use or not len(X):  # PyTorch refuses an empty batch in training
        known = {"mean": rng.standard_normal(shape[1]), "variance": rng.random(shape[1])}
    running = [torch.tensor(array.astype(dtype)) for array in known.values()] or [None, None]

    def normalized(X, w, b):
        return F.batch_norm(X, *running, w, b, training=not known, eps=0.01)

    expected = both_ways(normalized, [X, w, b], dY)
    Y, mean, _, scale = ops.batch_norm2d(X, w, b, epsilon=0.01, **known)
    results = [Y, *ops.batch_norm2d_backward(dY, X, w, mean, scale, fixed=bool(known))]
    # PyTorch adds in the dtype of the images, some lanes at a time.
    assert_close(results, expected, ulps=64)


@each(shape=[(5,), (3, 4), (0, 3)], rate=[0, 0.75], dtype=DTYPES)
def test_dropout(shape, rate, dtype, ops, rng):
    """PyTorch draws what is kept; it shows where ones do not become zeros."""
    torch.manual_seed(0)
    kept = F.dropout(torch.ones(shape), rate).numpy() != 0

    def dropped(X):
        torch.manual_seed(0)
        mask = F.dropout(torch.ones(shape), rate).to(X.dtype)
        return X * mask

    X, dY = rng.standard_normal((2, *shape)).astype(dtype)
    expected = both_ways(dropped, [X], dY)
    results = [ops.dropout(X, kept, rate=rate), ops.dropout_dX(dY, kept, rate=rate)]
    assert_equal(results, expected)


@each(dtype=DTYPES, shape=[(3, 4), (2, 3, 4, 5)])
def test_squared_error(dtype, shape, ops, rng):
    """PyTorch's mean is over all entries and has no 1/2: with n a sample, ours is n/2 of it."""
    Y, T = rng.standard_normal((2, *shape)).astype(dtype)
    factor = np.prod(shape[1:]) / 2
    expected = both_ways(F.mse_loss, [Y, T], np.array(factor, dtype))
    L, dY = ops.squared_error(Y, T)
    np.testing.assert_allclose(L, factor * expected[0], rtol=60 * np.finfo(dtype).eps)
    assert_close([dY], [expected[1]], ulps=4)


@each(shape=[(1, 2), (4, 10), (6, 3)], dtype=DTYPES)
def test_cross_entropy(shape, dtype, ops, rng):
    B, classes = shape
    Z = (5 * rng.standard_normal(shape)).astype(dtype)
    labels = rng.integers(0, classes, B)
    expected = both_ways(
        lambda Z: F.cross_entropy(Z, torch.tensor(labels)), [Z], np.array(1, dtype)
    )
    L, dZ = ops.cross_entropy(Z, labels)
    np.testing.assert_allclose(L, expected[0], rtol=20 * np.finfo(dtype).eps)
    assert_close([dZ], [expected[1]], ulps=8)


def test_cross_entropy_of_one_sample(ops, rng):
    Z = rng.standard_normal(5)
    expected = both_ways(lambda Z: F.cross_entropy(Z, torch.tensor(3)), [Z], np.array(1.0))
    L, dZ = ops.cross_entropy(Z, 3)
    np.testing.assert_allclose(L, expected[0], rtol=1e-14)
    assert_close([dZ], [expected[1]], ulps=8)


# ------------------------------------------------------------------------------- batches


# Without a batch axis, and with an empty one.
@each(batch={"one image": (), "empty batch": (0,)})
def test_other_batches(batch, ops, rng):
    X, w, b = integers(rng, (*batch, 2, 5, 6)), integers(rng, (2, 2, 3, 2)), integers(rng, (2,))
    for function, calls in [
        (F.conv2d, conv2d_both_ways),
        (F.conv_transpose2d, conv_transpose2d_both_ways),
    ]:
        dZ = integers(rng, shape_of(function, X, w))
        assert_equal(calls(ops, X, w, b, dZ), both_ways(function, [X, w, b], dZ))
    dY = MULTIPLE * integers(rng, (*batch, 2, 2, 3))
    results, argmax = max_pool2d_both_ways(ops, X, dY, 2)
    assert_equal(results, both_ways(lambda X: F.max_pool2d(X, 2), [X], dY))
    _, indices = F.max_pool2d(torch.tensor(X), 2, return_indices=True)
    np.testing.assert_array_equal(argmax, indices.numpy(), strict=True)
    results = avg_pool2d_both_ways(ops, MULTIPLE * X, dY, 2)
    assert_equal(results, both_ways(lambda X: F.avg_pool2d(X, 2), [MULTIPLE * X], dY))


# ------------------------------------------------------------------------------- differences


def test_difference_of_several_nan(ops):
    """The first NaN wins here, the last in PyTorch."""
    X = np.array([[[1.0, np.nan], [np.nan, 2.0]]])
    _, indices = F.max_pool2d(torch.tensor(X), 2, return_indices=True)
    assert indices.item() == 2
    assert ops.max_pool2d(X, 2).argmax.item() == 1


def test_difference_of_windows_on_padding(ops):
    """Here such a window has no winner; PyTorch names a pixel that is not there."""
    X, options = np.array([[[7.0]]]), {"padding": (0, 1), "dilation": 2}
    Y, indices = F.max_pool2d(torch.tensor(X), (1, 2), return_indices=True, **options)
    assert (Y.item(), indices.item()) == (-np.inf, 1)
    Y, argmax = ops.max_pool2d(X, (1, 2), **options)
    assert (Y.item(), argmax.item()) == (-np.inf, -1)


def test_difference_of_windows_that_do_not_fit(ops):
    """Rounding up makes room for the first window in PyTorch, and only for others here."""
    X = torch.ones((1, 3, 3), dtype=torch.float64)
    assert F.max_pool2d(X, 4, 2, ceil_mode=True).shape == (1, 1, 1)
    assert F.avg_pool2d(X, 4, 2, ceil_mode=True).shape == (1, 1, 1)
    assert F.max_pool2d(X, 2, 2, dilation=3, ceil_mode=True).shape == (1, 1, 1)
    for wrong_call in (
        lambda: ops.max_pool2d(X.numpy(), 4, stride=2, ceil_mode=True),
        lambda: ops.avg_pool2d(X.numpy(), 4, stride=2, ceil_mode=True),
        lambda: ops.max_pool2d(X.numpy(), 2, stride=2, dilation=3, ceil_mode=True),
    ):
        with pytest.raises(ValueError, match="_pool2d: a window of . x .*does not fit into"):
            wrong_call()


def test_difference_of_padding_beyond_half_a_window(ops, rng):
    """PyTorch refuses it."""
    X = torch.tensor(rng.standard_normal((1, 3, 4)))
    with pytest.raises(RuntimeError, match="pad should be at most half"):
        F.max_pool2d(X, 2, padding=2)
    with pytest.raises(RuntimeError, match="pad should be at most half"):
        F.avg_pool2d(X, 2, padding=2)
    assert ops.max_pool2d(X.numpy(), 2, padding=2).Y.shape == (1, 3, 4)
    assert ops.avg_pool2d(X.numpy(), 2, padding=2).shape == (1, 3, 4)


def test_difference_of_same_padding_with_a_stride(ops, rng):
    """PyTorch refuses it; TensorFlow has it, as here."""
    X, w = rng.standard_normal((1, 5, 6)), rng.standard_normal((1, 1, 3, 3))
    with pytest.raises(RuntimeError, match="padding='same' is not supported for strided"):
        F.conv2d(torch.tensor(X), torch.tensor(w), padding="same", stride=2)
    assert ops.conv2d(X, w, padding="same", stride=2).shape == (1, 3, 3)


def test_difference_of_losses_of_nothing(ops):
    """The loss of an empty batch is 0 here, and NaN in PyTorch, a mean of nothing."""
    Z, labels = np.zeros((0, 3)), np.zeros(0, np.int64)
    assert torch.isnan(F.cross_entropy(torch.tensor(Z), torch.tensor(labels)))
    assert torch.isnan(F.mse_loss(torch.tensor(Z), torch.tensor(Z)))
    assert ops.cross_entropy(Z, labels).L == ops.squared_error(Z, Z).L == 0.0


def test_who_is_paid_at_a_tie_as_the_chapter_says():
    """Max-pooling pays the first winner, `amax` shares among all of them."""
    x = np.array([[[7.0, 7.0, 2.0, 7.0]]])
    _, first = both_ways(lambda X: F.max_pool2d(X, (1, 4)), [x], np.full((1, 1, 1), 6.0))
    _, split = both_ways(lambda X: torch.amax(X, -1), [x], np.full((1, 1), 6.0))
    np.testing.assert_array_equal(first.ravel(), [6, 0, 0, 0])
    np.testing.assert_array_equal(split.ravel(), [2, 2, 0, 2])
