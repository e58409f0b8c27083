"""What A6 asks for beside the operations, and how people get the forward pooling wrong."""

# The bodies of the mistakes carry no types, as those of `cnnlab.mutants`, and their docstrings say
# what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

from __future__ import annotations

import numpy as np

from cnnlab import reference
from cnnlab.tutor.mistakes import mistake

__all__ = ["FORWARD", "right", "split", "windows"]


def windows(X_shape, size, stride):
    """Yield i, j and the rows and columns of every window."""
    M, N = X_shape[2:]
    for i in range((M - size[0]) // stride[0] + 1):
        for j in range((N - size[1]) // stride[1] + 1):
            p, q = i * stride[0], j * stride[1]
            yield i, j, slice(p, p + size[0]), slice(q, q + size[1])


def split(dY: np.ndarray, X: np.ndarray, size: tuple[int, int], stride: tuple[int, int]):
    """Gradient of max-pooling with respect to the images, shared equally at ties.

    Equation (eq-subgradient) with the weight 1 / R for each of the R largest pixels of a window.

    Parameters
    ----------
    dY : ndarray
        Gradient of the loss with respect to the largest pixels. Shape (B, D, M', N').
    X : ndarray
        The images. Shape (B, D, M, N).
    size, stride : tuple of int
        Height and width of a window; rows and columns from one to the next.

    Returns
    -------
    dX : ndarray
        Shape of `X`, dtype of `dY`.
    """
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        window = X[:, :, rows, columns]
        winners = window == window.max(axis=(2, 3), keepdims=True)
        share = dY[:, :, i, j] / winners.sum(axis=(2, 3))
        dX[:, :, rows, columns] += winners * share[:, :, None, None].astype(dY.dtype)
    return dX


def _pooled(X, size, stride, choose, place):
    """Pool with a wrong choice of the winner, or a wrong number for its place.

    ``choose(window)`` returns u and v, ``place(p, q, u, v)`` the number.
    """
    M, N = X.shape[2:]
    shape = (*X.shape[:2], (M - size[0]) // stride[0] + 1, (N - size[1]) // stride[1] + 1)
    Y, argmax = np.zeros(shape, X.dtype), np.zeros(shape, np.int64)
    for i, j, rows, columns in windows(X.shape, size, stride):
        for s, c in np.ndindex(X.shape[:2]):
            u, v = choose(X[s, c, rows, columns])
            Y[s, c, i, j] = X[s, c, rows.start + u, columns.start + v]
            argmax[s, c, i, j] = place(s, c, rows.start + u, columns.start + v, u, v)
    return Y, argmax


def _first(window):
    return divmod(int(window.argmax()), window.shape[1])


def right(X, size, stride):
    """Pool with the windows that the question gives."""
    return reference.max_pool2d(X, size, stride=stride)


@mistake("eq-max-pool-argmax")
def place_within_window(X, size, stride):
    """The places are counted within the window, not within the plane.

    ``window.argmax()`` was kept as it is.
    """
    return _pooled(X, size, stride, _first, lambda s, c, p, q, u, v: u * size[1] + v)


@mistake("eq-max-pool-argmax")
def place_by_columns(X, size, stride):
    """The places are counted down the columns, q M + p.

    Row and column of the pixel have changed places.
    """
    return _pooled(X, size, stride, _first, lambda s, c, p, q, u, v: q * X.shape[2] + p)


@mistake("eq-max-pool-argmax")
def place_within_batch(X, size, stride):
    """The places are counted through the whole batch, not within each plane.

    An index into ``X.ravel()`` was kept.
    """
    shape = X.shape
    return _pooled(
        X,
        size,
        stride,
        _first,
        lambda s, c, p, q, u, v: ((s * shape[1] + c) * shape[2] + p) * shape[3] + q,
    )


@mistake("eq-max-pool-argmax")
def place_by_width_of_Y(X, size, stride):
    """The row of a place is counted in widths of Y, not of the image.

    N was read off the array at hand, which was the result.
    """
    columns = (X.shape[3] - size[1]) // stride[1] + 1
    return _pooled(X, size, stride, _first, lambda s, c, p, q, u, v: p * columns + q)


@mistake("eq-max-pool")
def last_wins(X, size, stride):
    """Of equal pixels the last one wins, not the first.

    ``>=`` was written for ``>``.
    """

    def last(window):
        backward = window.ravel()[::-1]
        return divmod(window.size - 1 - int(backward.argmax()), window.shape[1])

    return _pooled(X, size, stride, last, lambda s, c, p, q, u, v: p * X.shape[3] + q)


@mistake("eq-max-pool")
def nan_skipped(X, size, stride):
    """NaN is stepped over, and so is minus infinity.

    Every comparison with NaN is false, and nothing is larger than what the loop begins with.
    """
    Y, argmax = (array.copy() for array in right(np.where(np.isnan(X), -np.inf, X), size, stride))
    argmax[Y == -np.inf] = -1
    return Y, argmax


@mistake("eq-max-pool")
def starts_at_zero(X, size, stride):
    """A window without a pixel above 0 gives 0.

    The search for the largest began with 0, or with an array of zeros.
    """
    Y, argmax = (array.copy() for array in right(X, size, stride))
    none = ~((Y > 0) | np.isnan(Y))
    Y[none], argmax[none] = 0, 0
    return Y, argmax


@mistake("eq-max-pool")
def stride_forgotten(X, size, stride):
    """The windows stand side by side, whatever the stride.

    The image was cut into blocks with a reshape.
    """
    return tuple(right(X, size, size))


@mistake("eq-pool-size")
def last_window_missed(X, size, stride):
    """The last row and the last column of windows are missing.

    The number of windows is (M - m) // stride + 1; the 1 was left out.
    """
    return tuple(array[:, :, :-1, :-1].copy() for array in right(X, size, stride))


@mistake("eq-max-pool")
def size_transposed(X, size, stride):
    """Height and width of the window have changed places.

    The size was read as (width, height).
    """
    return tuple(right(X, size[::-1], stride))


@mistake("eq-max-pool")
def largest_in_size(X, size, stride):
    """The pixel furthest from 0 wins, not the largest.

    The pixels were compared without their signs.
    """

    def furthest(window):
        return _first(np.abs(window))

    return _pooled(X, size, stride, furthest, lambda s, c, p, q, u, v: p * X.shape[3] + q)


def _places(X, size, stride, place):
    """Return the right largest pixels, with another number for their place."""
    return _pooled(X, size, stride, _first, place)


@mistake("eq-max-pool-argmax")
def place_with_rows_for_columns(X, size, stride):
    """The row of a place is counted in heights of the plane, p M + q, and not in widths, p N + q.

    M and N have changed places.
    """
    return _places(X, size, stride, lambda s, c, p, q, u, v: p * X.shape[2] + q)


@mistake("eq-max-pool-argmax")
def place_without_begin(X, size, stride):
    """The places are counted from the corner of the window: u N + v.

    The first row and column of the window were not added.
    """
    return _places(X, size, stride, lambda s, c, p, q, u, v: u * X.shape[3] + v)


@mistake("eq-max-pool-argmax")
def place_split_by_height(X, size, stride):
    """The place within the window is taken apart with its height, and not with its width.

    ``divmod(place, m)`` was written for ``divmod(place, n)``.
    """

    def place(s, c, p, q, u, v):
        local = u * size[1] + v
        return (p - u + local // size[0]) * X.shape[3] + q - v + local % size[0]

    return _places(X, size, stride, place)


@mistake("eq-max-pool-argmax")
def place_without_stride(X, size, stride):
    """The window is taken to begin at (i, j) when its place is counted: the stride is missing.

    The number of the window was added, not its first pixel.
    """

    def place(s, c, p, q, u, v):
        return ((p - u) // stride[0] + u) * X.shape[3] + (q - v) // stride[1] + v

    return _places(X, size, stride, place)


@mistake("eq-max-pool-argmax")
def places_of_first_depth(X, size, stride):
    """Every depth has the places of the first one.

    ``argmax`` was computed for one plane only.
    """
    Y, argmax = (array.copy() for array in right(X, size, stride))
    return Y, np.repeat(argmax[:, :1], argmax.shape[1], axis=1)


def _largest(window):
    """Return a window in which NaN is the largest number, as in the order of the maximum."""
    return np.where(np.isnan(window), np.inf, window)


def _skipped(window):
    return np.where(np.isnan(window), -np.inf, window)


@mistake("eq-max-pool")
def last_number_wins(X, size, stride):
    """Of equal pixels the last one wins, not the first; of several NaN the first does.

    ``>=`` was written for ``>``.
    """

    def last(window):
        if np.isnan(window).any():
            return _first(window)
        backward = _largest(window).ravel()[::-1]
        return divmod(window.size - 1 - int(backward.argmax()), window.shape[1])

    return _pooled(X, size, stride, last, lambda s, c, p, q, u, v: p * X.shape[3] + q)


@mistake("eq-max-pool")
def last_nan_wins(X, size, stride):
    """Of several NaN the last one wins, not the first.

    Each NaN takes the place of the one before it.
    """

    def last(window):
        nan = np.flatnonzero(np.isnan(window))
        return divmod(int(nan[-1]), window.shape[1]) if nan.size else _first(window)

    return _pooled(X, size, stride, last, lambda s, c, p, q, u, v: p * X.shape[3] + q)


@mistake("eq-max-pool")
def leftmost_wins(X, size, stride):
    """Of equal pixels the leftmost one wins, not the topmost.

    The window was searched column by column.
    """

    def leftmost(window):
        v, u = divmod(int(window.T.argmax()), window.shape[0])
        return u, v

    return _pooled(X, size, stride, leftmost, lambda s, c, p, q, u, v: p * X.shape[3] + q)


@mistake("eq-max-pool")
def nan_in_value_only(X, size, stride):
    """The largest pixel may be NaN, but the place is that of the largest number beside it.

    The value was found with ``max``, and the place with ``nanargmax`` or with ``>``.
    """
    places = _pooled(
        X,
        size,
        stride,
        lambda window: _first(_skipped(window)),
        lambda s, c, p, q, u, v: p * X.shape[3] + q,
    )
    return right(X, size, stride).Y.copy(), places[1]


@mistake("eq-max-pool")
def nan_skipped_from_first(X, size, stride):
    """NaN is stepped over; where no pixel is larger than minus infinity the place is 0.

    Every comparison with NaN is false, and nothing is larger than what the loop begins with.
    """
    Y, argmax = (array.copy() for array in right(_skipped(X), size, stride))
    return Y, np.where(Y == -np.inf, 0, argmax)


def _from(X, size, stride, lowest, place):
    """Pool with a search that begins with a number; `place` stands where nothing is larger."""
    Y, argmax = (array.copy() for array in right(X, size, stride))
    none = ~((lowest < Y) | np.isnan(Y))
    Y[none] = lowest
    argmax[none] = np.broadcast_to(place, argmax.shape)[none]
    return Y, argmax


@mistake("eq-max-pool")
def starts_at_zero_in_window(X, size, stride):
    """A window without a pixel above 0 gives 0, and the place of its first pixel.

    The search for the largest began with 0, or with an array of zeros.
    """
    begins = _pooled(
        X, size, stride, lambda window: (0, 0), lambda s, c, p, q, u, v: p * X.shape[3] + q
    )
    return _from(X, size, stride, 0, begins[1])


@mistake("eq-max-pool")
def starts_at_lowest(X, size, stride):
    """A window of minus infinity gives the lowest finite number, and the place -1.

    The search began with ``np.finfo(...).min``, which is larger than minus infinity.
    """
    return _from(X, size, stride, np.finfo(X.dtype).min, -1)


@mistake("eq-max-pool")
def one_stride_for_both(X, size, stride):
    """The stride of the rows is used for the columns as well.

    ``stride[0]`` was read for both.
    """
    return tuple(right(X, size, (stride[0], stride[0])))


@mistake("eq-pool-size")
def last_column_of_windows_missed(X, size, stride):
    """The last column of windows is missing.

    The number of windows is (N - n) // stride + 1; the 1 was left out.
    """
    return tuple(array[..., :-1].copy() for array in right(X, size, stride))


FORWARD = (
    place_within_window,
    place_by_columns,
    place_within_batch,
    place_by_width_of_Y,
    last_wins,
    nan_skipped,
    starts_at_zero,
    stride_forgotten,
    last_window_missed,
    size_transposed,
    largest_in_size,
    place_with_rows_for_columns,
    place_without_begin,
    place_split_by_height,
    place_without_stride,
    places_of_first_depth,
    last_number_wins,
    last_nan_wins,
    leftmost_wins,
    nan_in_value_only,
    nan_skipped_from_first,
    starts_at_zero_in_window,
    starts_at_lowest,
    one_stride_for_both,
    last_column_of_windows_missed,
)
