"""Wrong gradients of the convolution."""

# The bodies are loops like those of `cnnlab.reference`, which carry no types either, and their
# docstrings say what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

import numpy as np

from cnnlab.mutants.adapters import meetings, right_dw, right_dX
from cnnlab.mutants.registry import instead_of


@instead_of("conv2d_dX", "eq-dX")
def dX_pattern_not_turned(dZ, w, X_shape, stride, dilation):
    """The pattern is laid on the image turned by half a turn.

    In the recipe "search the padded dZ" the turn was forgotten: a search instead of a convolution.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, -1 - u, -1 - v]
    return dX


@instead_of("conv2d_dX", "eq-dX-conv")
def dX_turned_in_rows_only(dZ, w, X_shape, stride, dilation):
    """The columns of the pattern run the wrong way.

    In the recipe "search the padded dZ" only the rows were reversed, w[::-1] of a 2-D pattern.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, -1 - v]
    return dX


@instead_of("conv2d_dX", "eq-dX", needs="m = n")
def dX_pattern_transposed(dZ, w, X_shape, stride, dilation):
    """Rows and columns of the pattern have changed places.

    "Transposed convolution" was taken for a convolution with the transposed pattern.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, v, u]
    return dX


@instead_of("conv2d_dX", "eq-dX")
def dX_dZ_turned(dZ, w, X_shape, stride, dilation):
    """The map of gradients is turned, and the pattern is not.

    Convolution was taken to mean that either of the two may be turned by half a turn.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, -1 - i, -1 - j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX")
def dX_last_pattern_only(dZ, w, X_shape, stride, dilation):
    """Only the last pattern hands something back.

    The sum over k was overlooked: each pattern overwrites what the one before has given.
    """
    for k in range(len(w)):
        dX = np.zeros(X_shape, dZ.dtype)
        for _, c, i, j, u, v, p, q in meetings(dZ.shape, (1, *w.shape[1:]), stride, dilation):
            dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX")
def dX_first_pattern_only(dZ, w, X_shape, stride, dilation):
    """Only the first pattern hands something back.

    The code was written for one pattern, ``dZ[0]`` and ``w[0]``; later an axis was put in front.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, (1, *w.shape[1:]), stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX-3d")
def dX_first_depth_for_all(dZ, w, X_shape, stride, dilation):
    """Every plane of the image gets the gradient of its first plane.

    The 2-D result was assigned to all depths at once: NumPy repeats it without a word.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, 0, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX")
def dX_mean_over_patterns(dZ, w, X_shape, stride, dilation):
    """The sum over the patterns is divided by their number.

    A mean was taken for the safer choice, "so that the gradient does not grow with P".
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v] / len(w)
    return dX


@instead_of("conv2d_dX", "eq-dX")
def dX_windows_overwrite(dZ, w, X_shape, stride, dilation):
    """Where windows overlap, only the last one counts.

    ``=`` was written for ``+=`` when every window spreads its gradient over its pixels.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for i, j in np.ndindex(dZ.shape[2:]):
        for c, u, v in np.ndindex(w.shape[1:]):
            p, q = i * stride[0] + u * dilation[0], j * stride[1] + v * dilation[1]
            dX[:, c, p, q] = dZ[:, :, i, j] @ w[:, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX-3d")
def dX_patterns_reshaped(dZ, w, X_shape, stride, dilation):
    """The patterns are regrouped by depth with a reshape, which mixes them up.

    ``w.reshape(D, P, m, n)`` has the shape of ``w.swapaxes(0, 1)``, but not its order.
    """
    by_depth = w.reshape(w.shape[1], len(w), *w.shape[2:])
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * by_depth[c, k, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX", needs="P = D")
def dX_patterns_for_depths(dZ, w, X_shape, stride, dilation):
    """Pattern and depth have changed places, w[c, k] for w[k, c].

    The two axes were not regrouped at all before the search.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[c, k, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX-3d")
def dX_pattern_order_reversed(dZ, w, X_shape, stride, dilation):
    """Pattern k meets the map of pattern P - 1 - k.

    A true 3-D convolution turns the axis of the patterns as well, and that was not undone.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:, -1 - k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX")
def dX_first_sample_for_all(dZ, w, X_shape, stride, dilation):
    """Every image gets the gradient of the first one.

    The code was written for one image; later an axis was put in front of it.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        dX[:, c, p, q] += dZ[:1, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-dX")
def dX_off_by_one(dZ, w, X_shape, stride, dilation):
    """The whole gradient lies one row and one column too far.

    dZ was padded with m zeros at the top where m - 1 are needed.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        if p + 1 < X_shape[2] and q + 1 < X_shape[3]:
            dX[:, c, p + 1, q + 1] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-border")
def dX_interior_only(dZ, w, X_shape, stride, dilation):
    """Pixels near the border get nothing.

    dZ was searched without zeros around it, and the zeros were put around the result.
    """
    (rows, columns), (m, n) = dZ.shape[2:], w.shape[2:]
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
        inside = (m - 1) * dilation[0] <= p <= (rows - 1) * stride[0]
        if inside and (n - 1) * dilation[1] <= q <= (columns - 1) * stride[1]:
            dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-border")
def dX_border_wraps_around(dZ, w, X_shape, stride, dilation):
    """Pixels at the top and left also get gradient from the far end of the map.

    ``dZ[p - u]`` was not guarded against p - u < 0, and there Python counts from the end.
    """
    (P, _, m, n), (rows, columns) = w.shape, dZ.shape[2:]
    dX = np.zeros(X_shape, dZ.dtype)
    for c, p, q, k, u, v in np.ndindex(*X_shape[1:], P, m, n):
        i, rest_i = divmod(p - u * dilation[0], stride[0])
        j, rest_j = divmod(q - v * dilation[1], stride[1])
        if rest_i == rest_j == 0 and -rows <= i < rows and -columns <= j < columns:
            dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-border")
def dX_border_repeated(dZ, w, X_shape, stride, dilation):
    """Beyond its border the map of gradients goes on with its last entry.

    dZ was padded with mode="edge", as images often are, where it has nothing.
    """
    (P, _, m, n), (rows, columns) = w.shape, dZ.shape[2:]
    dX = np.zeros(X_shape, dZ.dtype)
    for c, p, q, k, u, v in np.ndindex(*X_shape[1:], P, m, n):
        i, rest_i = divmod(p - u * dilation[0], stride[0])
        j, rest_j = divmod(q - v * dilation[1], stride[1])
        if rest_i == rest_j == 0:
            i, j = min(max(i, 0), rows - 1), min(max(j, 0), columns - 1)
            dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-geometry-dX")
def dX_stride_ignored(dZ, w, X_shape, stride, dilation):
    """The windows stand side by side, whatever the stride.

    The recipe for stride 1 was used, without spreading dZ out first.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, (1, 1), dilation):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-geometry-dX")
def dX_spread_too_far(dZ, w, X_shape, stride, dilation):
    """With a stride, the windows stand one pixel too far apart.

    dZ was spread out with as many zeros as the stride between its entries, not one fewer.
    """
    further = tuple(step + 1 if step > 1 else 1 for step in stride)
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, further, dilation):
        if p < X_shape[2] and q < X_shape[3]:
            dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-geometry-dX")
def dX_dilation_ignored(dZ, w, X_shape, stride, dilation):
    """The entries of a pattern lie side by side, whatever the dilation.

    The option was passed on to the forward operation alone.
    """
    dX = np.zeros(X_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride):
        dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
    return dX


@instead_of("conv2d_dX", "eq-geometry-dX")
def dX_padding_left_on(dZ, w, X_shape, stride, padding, dilation, groups):
    """The gradient of the padding is handed back in the place of the first pixels.

    The padded gradient was cut to M rows and N columns, but from its corner: dX[:M, :N].
    """
    (top, bottom), (left, right) = padding
    moved = (0, top + bottom), (0, left + right)
    return right_dX(dZ, w, X_shape, stride, moved, dilation, groups)


@instead_of("conv2d_dX", "eq-geometry-dX")
def dX_padding_sides_swapped(dZ, w, X_shape, stride, padding, dilation, groups):
    """Top and bottom, and left and right, have changed places.

    Only symmetric padding was in mind; "same" gives its odd row to the bottom.
    """
    (top, bottom), (left, right) = padding
    swapped = (bottom, top), (right, left)
    return right_dX(dZ, w, X_shape, stride, swapped, dilation, groups)


@instead_of("conv2d_dX", "eq-geometry-dX")
def dX_groups_ignored(dZ, w, X_shape, stride, padding, dilation, groups):
    """Every depth hears from the patterns of all groups.

    The sum over k runs over all patterns, where only those of one group have seen this depth.
    """
    w = np.tile(w, (1, groups, 1, 1))
    return right_dX(dZ, w, X_shape, stride, padding, dilation)


@instead_of("conv2d_dw", "eq-dw-slice")
def dw_dZ_turned(dZ, X, w_shape, stride, dilation):
    """The map of gradients slides over the image turned by half a turn.

    The star was taken for a convolution: dX is one, so dw was thought to be one, too.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, -1 - i, -1 - j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dw-slice")
def dw_turned(dZ, X, w_shape, stride, dilation):
    """The gradient of every pattern is turned by half a turn.

    The two operands of the star were swapped, and that mirrors the result.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, -1 - u, -1 - v] += dZ[:, k, i, j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dw", needs="m = n")
def dw_transposed(dZ, X, w_shape, stride, dilation):
    """Rows and columns of the gradient have changed places.

    u was taken for the column and v for the row, as x and y are.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, v, u] += dZ[:, k, i, j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dw")
def dw_last_sample_only(dZ, X, w_shape, stride, dilation):
    """Only the last image of the batch counts.

    The gradient is set to zero inside the loop over the samples, not before it.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for s in range(len(X)):
        dw = np.zeros(w_shape, dZ.dtype)
        for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
            dw[k, c, u, v] += dZ[s, k, i, j] * X[s, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dw")
def dw_mean_over_batch(dZ, X, w_shape, stride, dilation):
    """The sum over the batch is divided by B.

    The loss is a mean over the batch, but its gradient dZ has been divided by B already.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q] / max(len(X), 1)
    return dw


@instead_of("conv2d_dw", "eq-dw")
def dw_mean_over_positions(dZ, X, w_shape, stride, dilation):
    """The sum over the positions is divided by their number.

    A weight shared by many positions was thought to get their mean.
    """
    positions = dZ.shape[2] * dZ.shape[3]
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q] / positions
    return dw


@instead_of("conv2d_dw", "eq-dw")
def dw_positions_overwrite(dZ, X, w_shape, stride, dilation):
    """Only the last position counts.

    ``=`` was written for ``+=`` in the loop over the positions.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] = dZ[:, k, i, j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dw-chain")
def dw_last_position_missed(dZ, X, w_shape, stride, dilation):
    """The last row and the last column of positions are left out.

    ``range(M - m)`` was written for the sum whose upper limit is M - m: Python stops before it.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        if i < dZ.shape[2] - 1 and j < dZ.shape[3] - 1:
            dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dw-3d")
def dw_first_depth_for_all(dZ, X, w_shape, stride, dilation):
    """Every plane of a pattern gets the gradient of its first plane.

    The 2-D template was not moved on to the next depth of the image.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, 0, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dZ-dw")
def dw_depth_moves_with_pattern(dZ, X, w_shape, stride, dilation):
    """Pattern k reads the depths from k on.

    The index of the pattern was added to the depth, X[k+c] for X[c], as if k were an offset.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, (k + c) % X.shape[1], p, q]
    return dw


@instead_of("conv2d_dw", "eq-flatten")
def dw_flattened_otherwise(dZ, X, w_shape, stride, dilation):
    """The entries of dZ stand at other positions than those they belong to.

    What came back from the dense layer was read with the depth last, but flattened with it first.
    """
    B, P, rows, columns = dZ.shape
    dZ = np.moveaxis(dZ.reshape(B, rows, columns, P), 3, 1)
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-dw")
def dw_clipped(dZ, X, w_shape, stride, dilation):
    """What is larger than 10 becomes 10.

    Against gradients that explode; but then the step is to be clipped, not the derivative.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q]
    return np.clip(dw, -10, 10)


@instead_of("conv2d_dw", "eq-dw")
def dw_half_precision(dZ, X, w_shape, stride, dilation):
    """The sum is kept with three digits.

    The products were to be of half precision, and their sum became so, too.
    """
    dw = np.zeros(w_shape, np.float16)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q]
    return dw.astype(dZ.dtype)


@instead_of("conv2d_dw", "eq-geometry-dw")
def dw_stride_ignored(dZ, X, w_shape, stride, dilation):
    """Position i is taken for pixel row i, whatever the stride.

    The equation without options was used: X[c, i+u, j+v].
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, (1, 1), dilation):
        dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-geometry-dw")
def dw_stride_for_dilation(dZ, X, w_shape, stride, dilation):
    """The position is multiplied by the dilation and the offset by the stride.

    In dw the roles of stride and dilation do change places, but only when one calls `conv2d`.
    """
    dw = np.zeros(w_shape, dZ.dtype)
    for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, dilation, stride):
        if p < X.shape[2] and q < X.shape[3]:
            dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q]
    return dw


@instead_of("conv2d_dw", "eq-geometry-dw")
def dw_padding_not_subtracted(dZ, X, w_shape, stride, padding, dilation, groups):
    """The windows start at the first pixel, not on the padding before it.

    "- top" and "- left" are missing: zeros were put after the image only.
    """
    (top, bottom), (left, right) = padding
    moved = (0, top + bottom), (0, left + right)
    return right_dw(dZ, X, w_shape, stride, moved, dilation, groups)


@instead_of("conv2d_dw", "eq-geometry-dw")
def dw_border_repeated(dZ, X, w_shape, stride, padding, dilation, groups):
    """Beyond its border the image goes on with its last pixel, where forward it had zeros.

    The two directions pad by themselves, and not in the same way.
    """
    X = np.pad(X, [(0, 0), (0, 0), *padding], mode="edge")
    return right_dw(dZ, X, w_shape, stride, ((0, 0), (0, 0)), dilation, groups)


@instead_of("conv2d_dw", "eq-geometry-dw")
def dw_groups_ignored(dZ, X, w_shape, stride, padding, dilation, groups):
    """Every group of patterns reads the depths of the first group.

    The first depth of a group was forgotten: X[c] for X[first + c].
    """
    return right_dw(dZ, X[:, : w_shape[1]], w_shape, stride, padding, dilation)


@instead_of("conv2d_db", "eq-db")
def db_mean_over_positions(dZ):
    """The sum over the positions is divided by their number.

    A bias shared by a whole map was thought to get the mean of the map.
    """
    return dZ.mean(axis=(2, 3)).sum(axis=0)


@instead_of("conv2d_db", "eq-db")
def db_mean_over_batch(dZ):
    """The sum over the batch is divided by B.

    The loss is a mean over the batch, but its gradient dZ has been divided by B already.
    """
    return dZ.sum(axis=(0, 2, 3)) / max(len(dZ), 1)


@instead_of("conv2d_db", "eq-db-chain")
def db_first_position_only(dZ):
    """Only the first position of every map counts.

    b[k] stands once in the equation, and was taken to touch one entry of Z.
    """
    return dZ[:, :, 0, 0].sum(axis=0)


@instead_of("conv2d_db", "eq-db-chain")
def db_upstream_forgotten(dZ):
    """The positions are counted, whatever the gradient there.

    The derivative of Z with respect to the bias is 1, and the 1 was summed without dZ.
    """
    return np.ones_like(dZ).sum(axis=(0, 2, 3))


@instead_of("conv2d_db", "eq-db")
def db_batch_reshaped(dZ):
    """The maps of different patterns and samples are mixed up.

    ``reshape(P, -1)`` was to bring the patterns to the front, but moves no axis.
    """
    return dZ.reshape(dZ.shape[1], -1).sum(axis=1)


@instead_of("conv2d_db", "eq-db")
def db_mean_over_everything(dZ):
    """The sum over samples and positions is divided by the number of both.

    ``dZ.mean(axis=(0, 2, 3))``: the bias is the same everywhere, so a mean was thought to do.
    """
    return dZ.sum(axis=(0, 2, 3)) / max(dZ[:, 0].size, 1)


@instead_of("conv2d_db", "eq-db")
def db_first_sample_only(dZ):
    """Only the first image of the batch counts.

    The code was written for one image, ``dZ[0]``, and nobody came back to it.
    """
    return dZ[:1].sum(axis=(0, 2, 3))


@instead_of("conv2d_db", "eq-db")
def db_zero(dZ):
    """The gradient of the biases is zero.

    The array was made with ``np.zeros`` and never filled.
    """
    return np.zeros(dZ.shape[1], dZ.dtype)
