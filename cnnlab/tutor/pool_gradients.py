"""How people get the gradients of the poolings of A6 wrong."""

# The bodies of the mistakes carry no types, as those of `cnnlab.mutants`, and their docstrings say
# what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

from __future__ import annotations

import numpy as np

from cnnlab import reference
from cnnlab.tutor.mistakes import mistake
from cnnlab.tutor.pools import right, windows

__all__ = ["AVERAGE", "BACK", "SPLIT", "TESTED"]


@mistake("eq-max-pool-dX")
def width_of_Y(dY, argmax, X_shape):
    """The place was taken apart with the width of Y, not with that of the image.

    ``divmod(place, dY.shape[3])`` was written where the width of X belongs.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        if argmax[s, c, i, j] != -1:
            p, q = divmod(argmax[s, c, i, j], dY.shape[3])
            dX[s, c, p % X_shape[2], q] += dY[s, c, i, j]
    return dX


@mistake("eq-max-pool-dX")
def first_plane_decides(dY, argmax, X_shape):
    """The winners of the first plane of the first image are taken for all.

    ``argmax[0, 0]`` was used in the loop over samples and planes.
    """
    return reference.max_pool2d_dX(dY, np.broadcast_to(argmax[:1, :1], argmax.shape), X_shape)


@mistake("eq-max-pool-dX")
def height_for_width(dY, argmax, X_shape):
    """The place was taken apart with the height of the image, and not with its width.

    ``divmod(place, M)`` was written for ``divmod(place, N)``.
    """
    M, N = X_shape[2:]
    p, q = np.minimum(argmax // M, M - 1), np.minimum(argmax % M, N - 1)
    return reference.max_pool2d_dX(dY, np.where(argmax < 0, -1, p * N + q), X_shape)


@mistake("eq-max-pool-dX")
def first_window_counts(dY, argmax, X_shape):
    """A pixel that wins several windows gets the gradient of the first one only.

    A pixel that has something is stepped over.
    """
    dX = np.zeros(X_shape, dY.dtype)
    flat = dX.reshape(*X_shape[:2], -1)
    for s, c, i, j in np.ndindex(dY.shape):
        place = argmax[s, c, i, j]
        if place >= 0 and flat[s, c, place] == 0:
            flat[s, c, place] = dY[s, c, i, j]
    return dX


@mistake("eq-max-pool-dX")
def largest_window_counts(dY, argmax, X_shape):
    """A pixel that wins several windows gets the largest of their gradients, not the sum.

    The maximum was taken on the way back, too.
    """
    dX = np.full(X_shape, -np.inf, dY.dtype)
    flat = dX.reshape(*X_shape[:2], -1)
    for s, c, i, j in np.ndindex(dY.shape):
        place = argmax[s, c, i, j]
        if place >= 0:
            flat[s, c, place] = max(flat[s, c, place], dY[s, c, i, j])
    return np.where(dX == -np.inf, 0, dX)


@mistake("eq-max-pool-dX")
def no_winner_to_first_pixel(dY, argmax, X_shape):
    """A window without a winner hands its gradient to the first pixel.

    The place -1 was cut to 0.
    """
    return reference.max_pool2d_dX(dY, np.maximum(argmax, 0), X_shape)


@mistake("eq-max-pool-dX")
def first_pixel_left_out(dY, argmax, X_shape):
    """The first pixel of a plane gets nothing.

    ``place > 0`` was asked, where 0 is a place as well.
    """
    return reference.max_pool2d_dX(dY, np.where(argmax > 0, argmax, -1), X_shape)


@mistake("eq-max-pool-dX")
def summed_as_whole_numbers(dY, argmax, X_shape):
    """The gradients lose what stands behind their point before they are added.

    They were added into an array of whole numbers, that of `argmax`.
    """
    return reference.max_pool2d_dX(np.trunc(dY), argmax, X_shape)


TESTED = (width_of_Y, first_plane_decides)  # those that a test of A8 must find
BACK = (
    *TESTED,
    height_for_width,
    first_window_counts,
    largest_window_counts,
    no_winner_to_first_pixel,
    first_pixel_left_out,
    summed_as_whole_numbers,
)


def _split(dY, X, size, stride, share):
    """Hand back ``share(winners, dY)`` in each window; `dY` has its two axes of length 1."""
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        window = X[:, :, rows, columns]
        winners = window == window.max(axis=(2, 3), keepdims=True)
        dX[:, :, rows, columns] += share(winners, dY[:, :, i, j, None, None])
    return dX


@mistake("eq-subgradient")
def half_for_each_winner(dY, X, size, stride):
    """At a tie every winner gets a half, also if there are three or more.

    A tie was thought to be one of two.
    """
    return _split(
        dY,
        X,
        size,
        stride,
        lambda wins, g: wins * g / np.minimum(wins.sum(axis=(2, 3), keepdims=True), 2),
    )


@mistake("eq-subgradient")
def winners_counted_by_rows(dY, X, size, stride):
    """Winners are counted in each row of the window, and not in all of it.

    ``sum`` ran over the last axis alone.
    """
    return _split(
        dY, X, size, stride, lambda wins, g: wins * g / np.maximum(wins.sum(3, keepdims=True), 1)
    )


@mistake("eq-subgradient")
def rows_share_first(dY, X, size, stride):
    """The rows with a winner share first, then the winners within each row: unequal shares.

    The maximum was taken row by row and then over the rows.
    """

    def share(wins, g):
        rows = wins.any(axis=3, keepdims=True).sum(axis=2, keepdims=True)
        return wins * g / rows / np.maximum(wins.sum(axis=3, keepdims=True), 1)

    return _split(dY, X, size, stride, share)


@mistake("eq-subgradient")
def winners_counted_over_depths(dY, X, size, stride):
    """Winners are counted over all depths of an image, and not in each plane.

    ``sum`` ran over one axis too many.
    """

    def share(wins, g):
        return wins * g * wins.shape[1] / wins.sum(axis=(1, 2, 3), keepdims=True)

    return _split(dY, X, size, stride, share)


@mistake("eq-subgradient")
def shares_rounded_down(dY, X, size, stride):
    """The shares are rounded down to whole numbers.

    ``//`` was written for ``/``.
    """
    return _split(
        dY, X, size, stride, lambda wins, g: wins * (g // wins.sum(axis=(2, 3), keepdims=True))
    )


@mistake("eq-subgradient")
def largest_of_all_depths(dY, X, size, stride):
    """The largest pixel of all depths is looked for: planes without it get nothing.

    ``max`` ran over one axis too many.
    """
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        window = X[:, :, rows, columns]
        winners = window == window.max(axis=(1, 2, 3), keepdims=True)
        count = np.maximum(winners.sum(axis=(2, 3), keepdims=True), 1)
        dX[:, :, rows, columns] += winners * dY[:, :, i, j, None, None] / count
    return dX


def _in_plane(dY, X, size, stride, outside):
    """Count all pixels of the plane that are as large as the winner; hand them a share, too."""
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        equal = X == X[:, :, rows, columns].max(axis=(2, 3), keepdims=True)
        share = equal * dY[:, :, i, j, None, None] / equal.sum(axis=(2, 3), keepdims=True)
        here = np.s_[:] if outside else np.s_[:, :, rows, columns]
        dX[here] += share[here]
    return dX


@mistake("eq-subgradient")
def winners_counted_in_plane(dY, X, size, stride):
    """The equal pixels are counted in the whole plane, and not in the window.

    ``X == window.max()`` was summed for ``window == window.max()``.
    """
    return _in_plane(dY, X, size, stride, outside=False)


@mistake("eq-subgradient")
def pixels_outside_share(dY, X, size, stride):
    """Pixels outside the window that are as large as its winner get a share, too.

    The mask ``X == window.max()`` was used for the whole plane.
    """
    return _in_plane(dY, X, size, stride, outside=True)


@mistake("eq-subgradient")
def winners_overwrite(dY, X, size, stride):
    """A pixel that wins several windows gets the share of the last one only.

    ``dX[mask] = share`` assigns, and does not add.
    """
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        window, there = X[:, :, rows, columns], dX[:, :, rows, columns]
        winners = window == window.max(axis=(2, 3), keepdims=True)
        share = dY[:, :, i, j, None, None] / winners.sum(axis=(2, 3), keepdims=True)
        there[...] = np.where(winners, share, there)
    return dX


@mistake("eq-subgradient")
def all_winners_get_all(dY, X, size, stride):
    """Every winner gets the whole gradient: where pixels tie, gradient is invented.

    ``dY * (window == window.max())`` was not divided by the number of winners.
    """
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        window = X[:, :, rows, columns]
        winners = window == window.max(axis=(2, 3), keepdims=True)
        dX[:, :, rows, columns] += winners * dY[:, :, i, j, None, None]
    return dX


@mistake("eq-subgradient")
def first_winner_gets_all(dY, X, size, stride):
    """The first winner gets all, the others nothing.

    It is the rule of `max_pool2d_dX`; here the winners share.
    """
    return reference.max_pool2d_dX(dY, right(X, size, stride).argmax, X.shape)


@mistake("eq-subgradient")
def shares_overwrite(dY, X, size, stride):
    """Where windows overlap, only the last one counts.

    ``=`` was written for ``+=``.
    """
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        window = X[:, :, rows, columns]
        winners = window == window.max(axis=(2, 3), keepdims=True)
        share = dY[:, :, i, j] / winners.sum(axis=(2, 3))
        dX[:, :, rows, columns] = winners * share[:, :, None, None]
    return dX


@mistake("eq-subgradient")
def divided_by_size(dY, X, size, stride):
    """The share of a winner is divided by the number of pixels, not of winners.

    The gradient of the mean was mixed up with that of the maximum.
    """
    return all_winners_get_all.function(dY, X, size, stride) / (size[0] * size[1])


@mistake("eq-subgradient")
def divided_by_wins(dY, X, size, stride):
    """A pixel's gradient is divided by the number of windows that it wins.

    Shares belong to the winners of one window; they were counted for each pixel.
    """
    wins = all_winners_get_all.function(np.ones_like(dY), X, size, stride)
    return all_winners_get_all.function(dY, X, size, stride) / np.maximum(wins, 1)


@mistake("eq-subgradient")
def nearly_equal_share(dY, X, size, stride):
    """Pixels that are nearly as large as the largest of their window get a share, too.

    They were compared with ``np.isclose``; only equal ones tie.
    """
    dX = np.zeros(X.shape, dY.dtype)
    for i, j, rows, columns in windows(X.shape, size, stride):
        window = X[:, :, rows, columns]
        winners = np.isclose(window, window.max(axis=(2, 3), keepdims=True))
        count = winners.sum(axis=(2, 3), keepdims=True)
        dX[:, :, rows, columns] += winners * dY[:, :, i, j, None, None] / count
    return dX


SPLIT = (
    all_winners_get_all,
    first_winner_gets_all,
    shares_overwrite,
    divided_by_size,
    divided_by_wins,
    half_for_each_winner,
    winners_counted_by_rows,
    rows_share_first,
    winners_counted_over_depths,
    shares_rounded_down,
    largest_of_all_depths,
    winners_counted_in_plane,
    pixels_outside_share,
    winners_overwrite,
    nearly_equal_share,
)


@mistake("eq-avg-pool-dX")
def blocks_repeated(dY, X_shape, size, stride):
    """Every entry is spread over a block, and the blocks are laid side by side.

    ``np.repeat`` along both axes knows neither the stride nor the shape of the image.
    """
    return dY.repeat(size[0], axis=2).repeat(size[1], axis=3) / (size[0] * size[1])


@mistake("eq-avg-pool-dX")
def divided_by_windows(dY, X_shape, size, stride):
    """A pixel's gradient is a mean over the windows that hold it, not a sum.

    It was divided by how many windows hold the pixel, as if the mean were taken on the way back.
    """
    dX = reference.avg_pool2d_dX(dY, X_shape, size, stride=stride)
    holds = reference.avg_pool2d_dX(np.ones_like(dY), X_shape, size, stride=stride)
    return dX / np.maximum(holds * size[0] * size[1], 1)


@mistake("eq-avg-pool-dX")
def divided_by_height(dY, X_shape, size, stride):
    """The gradient is divided by the height of the window alone.

    The mean over a window of m x n pixels divides by m n.
    """
    return reference.avg_pool2d_dX(dY, X_shape, size, stride=stride) * size[1]


def _divided(dY, X_shape, size, stride, number):
    """Divide the gradient of the sums by another number than that of the pixels of a window."""
    dX = reference.avg_pool2d_dX(dY, X_shape, size, stride=stride)
    return dX * (size[0] * size[1] / max(number, 1))


@mistake("eq-avg-pool-dX")
def divided_by_stride(dY, X_shape, size, stride):
    """The gradient is divided by the product of the two strides.

    They were taken for the size of the window.
    """
    return _divided(dY, X_shape, size, stride, stride[0] * stride[1])


@mistake("eq-avg-pool-dX")
def divided_by_height_squared(dY, X_shape, size, stride):
    """The gradient is divided by the square of the height of the window, m m for m n.

    Windows were taken to be squares.
    """
    return _divided(dY, X_shape, size, stride, size[0] ** 2)


@mistake("eq-avg-pool-dX")
def divided_by_image(dY, X_shape, size, stride):
    """The gradient is divided by the number of pixels of the image.

    The mean of a plane was thought of, not that of a window.
    """
    return _divided(dY, X_shape, size, stride, X_shape[2] * X_shape[3])


@mistake("eq-avg-pool-dX")
def divided_by_number_of_windows(dY, X_shape, size, stride):
    """The gradient is divided by the number of windows.

    M' N' was written for m n.
    """
    return _divided(dY, X_shape, size, stride, dY.shape[2] * dY.shape[3])


@mistake("eq-avg-pool-dX")
def divided_and_rounded_down(dY, X_shape, size, stride):
    """The shares are rounded down to whole numbers.

    ``//`` was written for ``/``.
    """
    whole = dY // (size[0] * size[1])
    return _divided(whole, X_shape, size, stride, 1)


def _cut(dY, X_shape, size, stride, mine):
    """Spread every entry over windows of another size, cut where the image ends."""
    dX = np.zeros(X_shape, dY.dtype)
    for i, j in np.ndindex(dY.shape[2:]):
        p, q = i * stride[0], j * stride[1]
        dX[:, :, p : p + mine[0], q : q + mine[1]] += dY[:, :, i, j, None, None]
    return dX / (size[0] * size[1])


@mistake("eq-avg-pool-dX")
def window_transposed(dY, X_shape, size, stride):
    """Height and width of the window have changed places.

    The size was read as (width, height).
    """
    return _cut(dY, X_shape, size, stride, size[::-1])


@mistake("eq-avg-pool-dX")
def first_pixel_only(dY, X_shape, size, stride):
    """The first pixel of each window gets its share, and the others nothing.

    ``dX[p, q] += share`` was written, where all pixels of the window belong.
    """
    return _cut(dY, X_shape, size, stride, (1, 1))


@mistake("eq-avg-pool-dX")
def blocks_repeated_to_the_border(dY, X_shape, size, stride):
    """Every entry is spread over a block, and the last blocks go on to the border.

    ``np.repeat`` along both axes knows neither the stride nor which pixels no window holds.
    """
    M, N = X_shape[2:]
    blocks = dY.repeat(size[0], axis=2).repeat(size[1], axis=3)[:, :, :M, :N]
    rest = (0, M - blocks.shape[2]), (0, N - blocks.shape[3])
    return np.pad(blocks, ((0, 0), (0, 0), *rest), mode="edge") / (size[0] * size[1])


AVERAGE = (
    blocks_repeated,
    divided_by_windows,
    divided_by_height,
    divided_by_stride,
    divided_by_height_squared,
    divided_by_image,
    divided_by_number_of_windows,
    divided_and_rounded_down,
    window_transposed,
    first_pixel_only,
    blocks_repeated_to_the_border,
)
