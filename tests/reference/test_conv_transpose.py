"""Transposed convolution: the loops, their fast twin, and outside judges of both."""

from typing import NamedTuple

import numpy as np
from scipy import signal
from support.cases import integers
from support.failures import each

from cnnlab import fast, gradcheck, reference

DTYPES = [np.float32, np.float64]


class Transpose(NamedTuple):
    """One transposed convolution.

    `plane`, the rows and columns of the result, and `margin`, what is cut off it, are what the
    options come to, worked out by hand.
    """

    name: str
    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int
    plane: tuple[int, int]
    margin: tuple = ((0, 0), (0, 0))
    stride: int | tuple = 1
    padding: int | str | tuple = 0
    output_padding: int | tuple = 0
    dilation: int | tuple = 1
    groups: int = 1

    @property
    def X_shape(self):
        return self.B, self.D, self.M, self.N

    @property
    def w_shape(self):
        return self.D, self.P // self.groups, self.m, self.n

    @property
    def Z_shape(self):
        return self.B, self.P, *self.plane

    @property
    def options(self):
        """Keyword arguments of `conv_transpose2d`."""
        return {**self.there, "padding": self.padding, "output_padding": self.output_padding}

    @property
    def there(self):
        """Keyword arguments of the convolution that goes the other way."""
        return {
            "stride": self.stride,
            "padding": self.margin,
            "dilation": self.dilation,
            "groups": self.groups,
        }


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def ragged(top, bottom, left, right):
    """A margin and the padding that says the same, for cases whose padding is written out."""
    return {"margin": ((top, bottom), (left, right)), "padding": ((top, bottom), (left, right))}


# rows = (M - 1) stride - top - bottom + dilation (m - 1) + 1 + output_padding
TRANSPOSE = [
    Transpose("one pixel", 1, 1, 1, 1, 1, 1, 1, (1, 1)),
    Transpose("one pattern, one depth", 1, 1, 3, 4, 1, 2, 3, (4, 6)),
    Transpose("more planes than depths", 2, 2, 3, 4, 3, 3, 2, (5, 5)),
    Transpose("more depths than planes", 2, 4, 4, 3, 3, 2, 3, (5, 5)),
    Transpose("pattern of one pixel", 2, 3, 4, 5, 2, 1, 1, (4, 5)),
    Transpose("pattern of one pixel, gaps", 1, 2, 3, 2, 2, 1, 1, (5, 4), stride=(2, 3)),
    Transpose("one row", 2, 2, 1, 5, 3, 1, 4, (1, 8)),
    Transpose("one column", 2, 2, 5, 1, 3, 4, 1, (8, 1)),
    Transpose("stride", 2, 2, 3, 4, 3, 3, 2, (7, 11), stride=(2, 3)),
    Transpose("stride beyond the pattern", 1, 2, 3, 2, 2, 2, 3, (8, 7), stride=(3, 4)),
    Transpose("padding", 2, 2, 3, 4, 2, 3, 4, (3, 5), ((1, 1), (1, 1)), padding=1),
    Transpose("padding of columns", 1, 2, 3, 4, 2, 2, 3, (4, 2), ((0, 0), (2, 2)), padding=(0, 2)),
    Transpose("padding of two sides", 1, 2, 4, 3, 3, 3, 2, (3, 3), **ragged(1, 2, 0, 1)),
    Transpose("padding beyond the pattern", 1, 1, 5, 6, 2, 2, 2, (2, 3), **ragged(3, 1, 0, 4)),
    Transpose("padding down to a pixel", 1, 2, 2, 3, 1, 2, 2, (1, 1), **ragged(0, 2, 3, 0)),
    Transpose("valid", 1, 2, 3, 2, 2, 2, 3, (6, 5), stride=2, padding="valid"),
    Transpose("same", 1, 2, 3, 4, 2, 2, 5, (3, 4), ((0, 1), (2, 2)), padding="same"),
    Transpose("same, stride", 2, 1, 3, 4, 2, 3, 4, (6, 8), ((0, 1), (1, 1)), 2, "same"),
    # The convolution that goes the other way skips the last rows and columns.
    Transpose("same, gaps", 1, 2, 3, 2, 2, 1, 2, (9, 8), stride=(3, 4), padding="same"),
    Transpose("full", 1, 2, 4, 5, 2, 3, 2, (2, 4), ((2, 2), (1, 1)), padding="full"),
    Transpose("full, stride", 1, 2, 3, 3, 1, 2, 3, (4, 3), ((1, 1), (2, 2)), 2, "full"),
    Transpose("output padding", 2, 2, 3, 2, 3, 2, 3, (7, 7), stride=(2, 3), output_padding=1),
    Transpose(
        "output padding of columns",
        *(1, 2, 2, 3, 2, 3, 3, (4, 9), ((1, 0), (0, 2))),
        stride=(2, 3),
        padding=((1, 0), (0, 2)),
        output_padding=(0, 2),
    ),
    Transpose(
        # More than the stride: only the dilation allows it, and the other way gives more.
        "output padding beyond the stride",
        *(1, 2, 2, 2, 1, 2, 2, (7, 6)),
        dilation=3,
        output_padding=(2, 1),
    ),
    Transpose("dilation", 2, 2, 3, 4, 2, 3, 2, (7, 7), dilation=(2, 3)),
    Transpose(
        "dilation, stride and padding",
        *(1, 2, 3, 2, 3, 2, 3, (5, 6), ((2, 1), (1, 1))),
        stride=(2, 3),
        padding=((2, 1), (1, 1)),
        dilation=(3, 2),
    ),
    Transpose(
        "dilation, same", 1, 1, 3, 4, 2, 3, 2, (6, 8), ((1, 2), (0, 1)), 2, "same", 0, (2, 2)
    ),
    Transpose(
        "dilation, full",
        *(1, 1, 4, 5, 2, 2, 2, (5, 6), ((2, 2), (3, 3))),
        stride=2,
        padding="full",
        dilation=(2, 3),
    ),
    Transpose("groups", 2, 4, 2, 3, 6, 2, 2, (3, 4), groups=2),
    Transpose("every depth a group", 1, 3, 3, 2, 3, 2, 3, (4, 4), groups=3),
    Transpose("two planes of every depth", 2, 2, 2, 3, 4, 3, 1, (4, 3), groups=2),
    Transpose(
        "everything",
        *(2, 4, 3, 2, 2, 3, 2, (9, 6), ((1, 2), (0, 2))),
        stride=(3, 4),
        padding=((1, 2), (0, 2)),
        output_padding=(1, 1),
        dilation=(2, 2),
        groups=2,
    ),
    Transpose("empty batch", 0, 2, 3, 4, 3, 2, 2, (7, 9), stride=2, output_padding=1),
]

NOT_EMPTY = [case for case in TRANSPOSE if case.B]

# Where the image that the other way starts from gives exactly the positions of X.
INVERTIBLE = [case for case in TRANSPOSE if case.name != "output padding beyond the stride"]


def arrays(case, rng, dtype=np.float64):
    """Random small integers for X, w and b."""
    return [integers(rng, shape, dtype) for shape in (case.X_shape, case.w_shape, (case.P,))]


def spread(plane, steps):
    """Put zeros between the entries of a plane."""
    rows, columns = ((size - 1) * step + 1 for size, step in zip(plane.shape, steps, strict=True))
    wide = np.zeros((rows, columns))
    wide[:: steps[0], :: steps[1]] = plane
    return wide


@each(case=TRANSPOSE, dtype=DTYPES)
def test_fast_equals_reference_to_the_bit_on_integers(case, dtype, rng):
    X, w, b = arrays(case, rng, dtype)
    for bias in (b, None):
        expected = reference.conv_transpose2d(X, w, bias, **case.options)
        result = fast.conv_transpose2d(X, w, bias, **case.options)
        np.testing.assert_array_equal(result, expected, strict=True)
        assert result.dtype == dtype
        assert result.flags.c_contiguous
        assert result.flags.writeable


@each(case=TRANSPOSE)
def test_scipy_agrees(case, ops, rng):
    """X spread out, convolved in full with the spread pattern; then cut, or filled up with b."""
    X, w, b = arrays(case, rng)
    (top, _), (left, _) = case.margin
    rows, columns = case.plane
    per_group = case.P // case.groups
    Z = np.zeros(case.Z_shape)
    for s, k in np.ndindex(case.B, case.P):
        group = k // per_group
        for c in range(group * case.D // case.groups, (group + 1) * case.D // case.groups):
            full = signal.convolve2d(
                spread(X[s, c], pair(case.stride)),
                spread(w[c, k % per_group], pair(case.dilation)),
                "full",
            )
            kept = full[top : top + rows, left : left + columns]
            Z[s, k, : kept.shape[0], : kept.shape[1]] += kept
    Z += b[:, np.newaxis, np.newaxis]
    result = ops.conv_transpose2d(X, w, b, **case.options)
    np.testing.assert_array_equal(result, Z, strict=True)


@each(case=INVERTIBLE)
def test_it_is_the_gradient_of_the_convolution_that_goes_the_other_way(case, ops, rng):
    X, w, b = arrays(case, rng)
    Z = ops.conv_transpose2d(X, w, **case.options)
    np.testing.assert_array_equal(Z, ops.conv2d_dX(X, w, case.Z_shape, **case.there), strict=True)
    np.testing.assert_array_equal(
        ops.conv_transpose2d(X, w, b, **case.options), Z + b[:, np.newaxis, np.newaxis]
    )


@each(case=TRANSPOSE)
def test_adjoint_is_exact(case, ops, rng):
    """<conv_transpose(X), G> is <X, conv(G)> and <w, conv_dw>: so layers can train with it."""
    X, w, _ = arrays(case, rng)
    for_X = gradcheck.check_adjoint(
        lambda X: ops.conv_transpose2d(X, w, **case.options),
        lambda G: ops.conv2d(G, w, **case.there)[:, :, : case.M, : case.N],
        case.X_shape,
    )
    assert for_X.passed, for_X
    if case in INVERTIBLE:
        for_w = gradcheck.check_adjoint(
            lambda w: ops.conv_transpose2d(X, w, **case.options),
            lambda G: ops.conv2d_dw(X, G, case.w_shape, **case.there),
            case.w_shape,
        )
        assert for_w.passed, for_w


@each(
    case=[case for case in NOT_EMPTY if case.name in ("stride", "padding", "everything")],
    dtype=DTYPES,
)
def test_error_is_within_the_bound_of_summation(case, dtype, ops, rng):
    """|computed - exact| <= terms * u * exact, on non-negative data like pixels."""
    X, w = (rng.random(shape).astype(dtype) for shape in (case.X_shape, case.w_shape))
    wide = X.astype(np.longdouble), w.astype(np.longdouble)
    (top, _), (left, _) = case.margin
    (down, right), (gap, gap_n) = pair(case.stride), pair(case.dilation)
    room = np.zeros((case.B, case.P, *(2 * size + 20 for size in case.plane)), np.longdouble)
    depths, per_group = case.D // case.groups, case.P // case.groups
    for c, k, u, v in np.ndindex(case.w_shape):
        into = room[:, c // depths * per_group + k, u * gap :: down, v * gap_n :: right]
        into[:, : case.M, : case.N] += wide[0][:, c] * wide[1][c, k, u, v]
    rows, columns = case.plane
    exact = room[:, :, top : top + rows, left : left + columns]
    u = np.finfo(dtype).eps / 2
    error = np.abs(ops.conv_transpose2d(X, w, **case.options) - exact)
    assert (error <= (depths * case.m * case.n + 1) * u * exact).all()


def test_by_hand(ops):
    """The numbers of the docstring, and what each option does to them, worked out on paper."""
    X, w = [[[1, 2]]], [[[[1, 2], [0, 1]]]]

    def assert_gives(rows, b=None, **options):
        result = ops.conv_transpose2d(X, w, b, **options)
        np.testing.assert_array_equal(result, np.array([rows], float), strict=True)

    assert_gives([[1, 4, 4], [0, 1, 2]])
    assert_gives([[11, 14, 14], [10, 11, 12]], b=[10])
    assert_gives([[1, 2, 2, 4], [0, 1, 0, 2]], stride=2)
    assert_gives([[1, 2, 0, 2, 4], [0, 1, 0, 0, 2]], stride=(1, 3))
    assert_gives([[1, 2, 2, 4, 0], [0, 1, 0, 2, 0], [0, 0, 0, 0, 0]], stride=2, output_padding=1)
    assert_gives([[4, 4]], padding=((0, 1), (1, 0)))
    assert_gives([[1, 4]], padding="same")
    assert_gives([[1, 2, 2, 4], [0, 1, 0, 2]], stride=2, padding="same")
    assert_gives([[1, 2, 2, 4], [0, 0, 1, 2]], dilation=(1, 2))
    assert_gives([[1, 4, 4], [0, 0, 0], [0, 1, 2]], dilation=(2, 1))
    assert_gives([[1, 2, 0, 0]], stride=(1, 4), padding=((0, 1), (0, 2)))


def test_output_padding_may_uncover_what_was_cut_off(ops):
    """The rows it adds are not zeros where padding had cut something off there."""
    X, w = [[[1, 2]]], [[[[1, 2, 3]]]]
    cut = ops.conv_transpose2d(X, w, stride=2, padding=(0, 1))
    np.testing.assert_array_equal(cut, [[[2.0, 5.0, 4.0]]])
    longer = ops.conv_transpose2d(X, w, stride=2, padding=(0, 1), output_padding=(0, 1))
    np.testing.assert_array_equal(longer, [[[2.0, 5.0, 4.0, 6.0]]])


def test_groups_work_on_their_own(ops, rng):
    X, w = integers(rng, (2, 4, 3, 2)), integers(rng, (4, 3, 2, 2))
    parts = [ops.conv_transpose2d(X[:, at : at + 2], w[at : at + 2], stride=2) for at in (0, 2)]
    whole = ops.conv_transpose2d(X, w, stride=2, groups=2)
    np.testing.assert_array_equal(whole, np.concatenate(parts, axis=1), strict=True)


@each(case=NOT_EMPTY)
def test_one_image_gives_one_result(case, ops, rng):
    X, w, b = arrays(case, rng)
    batch = ops.conv_transpose2d(X, w, b, **case.options)
    one = ops.conv_transpose2d(X[0], w, b, **case.options)
    np.testing.assert_array_equal(one, batch[0], strict=True)


def test_infinity_and_nan_pass_through(ops):
    Z = ops.conv_transpose2d([[[np.nan, 0, 0, np.inf]]], [[[[1.0, 1.0]]]])
    np.testing.assert_array_equal(Z, [[[np.nan, np.nan, 0, np.inf, np.inf]]])


@each(
    spellings=[
        ({}, {"stride": (1, 1), "padding": "valid", "output_padding": (0, 0), "dilation": [1, 1]}),
        ({"padding": 1}, {"padding": ((1, 1), (1, 1))}),
        ({"padding": (0, 1)}, {"padding": [[0, 0], [1, 1]]}),
        ({"stride": 2, "output_padding": 1}, {"stride": [2, 2], "output_padding": [1, 1]}),
        ({"stride": 2, "groups": 1}, {"stride": np.int64(2), "groups": np.uint8(1)}),
    ],
)
def test_options_have_several_spellings(spellings, ops, rng):
    short, long = spellings
    X, w = integers(rng, (1, 2, 3, 4)), integers(rng, (2, 2, 2, 3))
    np.testing.assert_array_equal(
        ops.conv_transpose2d(X, w, **long), ops.conv_transpose2d(X, w, **short), strict=True
    )
