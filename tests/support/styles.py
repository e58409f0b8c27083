"""Right answers to questions, written in many styles: none of them may be accused of anything."""

import functools

import numba
import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from scipy import signal, sparse, special

# --- The gradient of the images -------------------------------------------------------------------


def seven_loops(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    B, D, M, N = X_shape
    P, _, m, n = w.shape
    for s, c, p, q, k, u, v in np.ndindex(B, D, M, N, P, m, n):
        if 0 <= p - u < dZ.shape[2] and 0 <= q - v < dZ.shape[3]:
            dX[s, c, p, q] += dZ[s, k, p - u, q - v] * w[k, c, u, v]
    return dX


def bounds_in_the_ranges(dZ, w, X_shape):
    (B, D, M, N), (P, _, m, n), (rows, columns) = X_shape, w.shape, dZ.shape[2:]
    dX = np.zeros(X_shape, dtype=dZ.dtype)
    for s, c, p, q in np.ndindex(B, D, M, N):
        total = 0.0
        for k in range(P):
            for u in range(max(0, p - rows + 1), min(m - 1, p) + 1):
                for v in range(max(0, q - columns + 1), min(n - 1, q) + 1):
                    total += float(dZ[s, k, p - u, q - v]) * float(w[k, c, u, v])
        dX[s, c, p, q] = total
    return dX


def lists(dZ, w, X_shape):
    dX = seven_loops(dZ, w, X_shape)
    return np.array(dX.tolist(), dtype=dZ.dtype).reshape(X_shape)


def windows_hand_back(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    B, P, rows, columns = dZ.shape
    m, n = w.shape[2:]
    for s in range(B):
        for k in range(P):
            for i in range(rows):
                for j in range(columns):
                    dX[s, :, i : i + m, j : j + n] += dZ[s, k, i, j] * w[k]
    return dX


def offsets(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    rows, columns = dZ.shape[2:]
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            dX[:, :, u : u + rows, v : v + columns] += np.einsum("skij,kc->scij", dZ, w[:, :, u, v])
    return dX


def offsets_tensordot(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    rows, columns = dZ.shape[2:]
    for u, v in np.ndindex(w.shape[2:]):
        part = np.tensordot(dZ, w[:, :, u, v], axes=([1], [0])).transpose(0, 3, 1, 2)
        dX[:, :, u : u + rows, v : v + columns] += part
    return dX


def offsets_backwards(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype, order="F")
    rows, columns = dZ.shape[2:]
    for v in reversed(range(w.shape[3])):
        for u in reversed(range(w.shape[2])):
            part = dZ.transpose(0, 2, 3, 1) @ w[:, :, u, v]
            dX[:, :, u : u + rows, v : v + columns] += np.moveaxis(part, -1, 1)
    return dX


def _ring(dZ, w):
    m, n = w.shape[2:]
    return np.pad(dZ, ((0, 0), (0, 0), (m - 1, m - 1), (n - 1, n - 1)))


def windows_einsum(dZ, w, X_shape=None):
    windows = sliding_window_view(_ring(dZ, w), w.shape[2:], axis=(2, 3))
    return np.einsum("skpquv,kcuv->scpq", windows, w[:, :, ::-1, ::-1])


def windows_optimized(dZ, w, X_shape=None):
    windows = sliding_window_view(_ring(dZ, w), w.shape[2:], axis=(2, 3))
    return np.einsum("skpquv,kcuv->scpq", windows, np.flip(w, (2, 3)), optimize=True)


def windows_tensordot(dZ, w, X_shape=None):
    windows = sliding_window_view(_ring(dZ, w), w.shape[2:], axis=(2, 3))
    turned = np.rot90(w, 2, axes=(2, 3))
    return np.tensordot(windows, turned, ((1, 4, 5), (0, 2, 3))).transpose(0, 3, 1, 2)


def strides(dZ, w, X_shape=None):
    padded, (m, n) = _ring(dZ, w), w.shape[2:]
    B, P, rows, columns = padded.shape
    shape = B, P, rows - m + 1, columns - n + 1, m, n
    windows = as_strided(padded, shape, padded.strides + padded.strides[2:])
    return np.einsum("skpquv,kcuv->scpq", windows, w[..., ::-1, ::-1])


def columns_product(dZ, w, X_shape=None):
    windows = sliding_window_view(_ring(dZ, w), w.shape[2:], axis=(2, 3))
    B, P, M, N, m, n = windows.shape
    rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(B * M * N, P * m * n)
    patterns = w[:, :, ::-1, ::-1].transpose(0, 2, 3, 1).reshape(P * m * n, -1)
    return (rows @ patterns).reshape(B, M, N, -1).transpose(0, 3, 1, 2)


def product_then_scatter(dZ, w, X_shape):
    B, P, rows, columns = dZ.shape
    P, D, m, n = w.shape
    parts = (dZ.reshape(B, P, -1).transpose(0, 2, 1) @ w.reshape(P, -1)).reshape(
        B, rows, columns, D, m, n
    )
    dX = np.zeros(X_shape, dZ.dtype)
    for i, j in np.ndindex(rows, columns):
        dX[:, :, i : i + m, j : j + n] += parts[:, i, j]
    return dX


def fft(dZ, w, X_shape):
    size = X_shape[2:]
    product = np.einsum("skpq,kcpq->scpq", np.fft.rfft2(dZ, size), np.fft.rfft2(w, size))
    return np.fft.irfft2(product, size).astype(dZ.dtype)


def complex_fft(dZ, w, X_shape):
    size = [2 * length for length in X_shape[2:]]
    product = np.einsum("skpq,kcpq->scpq", np.fft.fft2(dZ, size), np.fft.fft2(w, size))
    return np.fft.ifft2(product).real[:, :, : X_shape[2], : X_shape[3]].astype(dZ.dtype)


def scipy_convolve(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    for s, k, c in np.ndindex(len(dZ), *w.shape[:2]):
        dX[s, c] += signal.convolve2d(dZ[s, k], w[k, c])
    return dX


def scipy_correlate(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    for s, k, c in np.ndindex(len(dZ), *w.shape[:2]):
        dX[s, c] += signal.correlate(dZ[s, k], w[k, c, ::-1, ::-1], "full")
    return dX


def toeplitz_matrix(dZ, w, X_shape):
    B, D, M, N = X_shape
    P, _, m, n = w.shape
    rows, columns = dZ.shape[2:]
    matrix = np.zeros((P, rows, columns, D, M, N), w.dtype)
    for i, j in np.ndindex(rows, columns):
        matrix[:, i, j, :, i : i + m, j : j + n] = w
    return (dZ.reshape(B, -1) @ matrix.reshape(P * rows * columns, -1)).reshape(X_shape)


def sparse_matrix(dZ, w, X_shape):
    B, D, M, N = X_shape
    P, _, m, n = w.shape
    rows, columns = dZ.shape[2:]
    k, i, j, c, u, v = np.indices((P, rows, columns, D, m, n)).reshape(6, -1)
    places = (k * rows + i) * columns + j, (c * M + i + u) * N + j + v
    matrix = sparse.csr_matrix(
        (w[k, c, u, v], places), shape=(P * rows * columns, D * M * N), dtype=w.dtype
    )
    return np.ascontiguousarray((matrix.T @ dZ.reshape(B, -1).T).T).reshape(X_shape)


def add_at(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    s, k, i, j, c, u, v = np.indices((*dZ.shape, *w.shape[1:])).reshape(7, -1)
    np.add.at(dX, (s, c, i + u, j + v), dZ[s, k, i, j] * w[k, c, u, v])
    return dX


def bincount(dZ, w, X_shape):
    s, k, i, j, c, u, v = np.indices((*dZ.shape, *w.shape[1:])).reshape(7, -1)
    places = np.ravel_multi_index((s, c, i + u, j + v), X_shape) if s.size else s
    terms = dZ[s, k, i, j] * w[k, c, u, v]
    return np.bincount(places, terms, np.prod(X_shape)).astype(dZ.dtype).reshape(X_shape)


def dictionary(dZ, w, X_shape):
    sums = {}
    for s, k, i, j in np.ndindex(dZ.shape):
        for c, u, v in np.ndindex(w.shape[1:]):
            place = s, c, i + u, j + v
            sums[place] = sums.get(place, 0) + dZ[s, k, i, j] * w[k, c, u, v]
    dX = np.zeros(X_shape, dZ.dtype)
    for place, total in sums.items():
        dX[place] = total
    return dX


def one_image_at_a_time(dZ, w, X_shape):
    if len(dZ) == 0:
        return np.zeros(X_shape, dZ.dtype)
    return np.stack([offsets(one[None], w, (1, *X_shape[1:]))[0] for one in dZ])


def reduced(dZ, w, X_shape):
    parts = (offsets(dZ[:, [k]], w[[k]], X_shape) for k in range(len(w)))
    return functools.reduce(np.add, parts)


def single_inside(dZ, w, X_shape):
    return offsets(dZ.astype(np.float32), w.astype(np.float32), X_shape).astype(dZ.dtype)


def double_inside(dZ, w, X_shape):
    return offsets(dZ.astype(float), w.astype(float), X_shape).astype(dZ.dtype)


@functools.lru_cache
def _places(shape, pattern):
    return tuple(np.indices((*shape, *pattern)).reshape(7, -1))


def remembered_places(dZ, w, X_shape):
    dX = np.zeros(X_shape, dZ.dtype)
    s, k, i, j, c, u, v = _places(dZ.shape, w.shape[1:])
    np.add.at(dX, (s, c, i + u, j + v), dZ[s, k, i, j] * w[k, c, u, v])
    return dX


def empty_then_filled(dZ, w, X_shape):
    dX = np.empty(X_shape, dZ.dtype)
    dX[...] = offsets(dZ, w, X_shape)
    return dX


@numba.njit
def _in_loops(dZ, w, dX):
    B, P, rows, columns = dZ.shape
    for s in range(B):
        for k in range(P):
            for i in range(rows):
                for j in range(columns):
                    for c in range(w.shape[1]):
                        for u in range(w.shape[2]):
                            for v in range(w.shape[3]):
                                dX[s, c, i + u, j + v] += dZ[s, k, i, j] * w[k, c, u, v]


def compiled(dZ, w, X_shape):
    # One type of array only: each further one is compiled anew, for a second.
    dX = np.zeros(X_shape)
    _in_loops(dZ.astype(float), w.astype(float), dX)
    return dX.astype(dZ.dtype)


DX = {
    function.__name__: function
    for function in (
        *(seven_loops, bounds_in_the_ranges, lists, windows_hand_back, offsets, offsets_tensordot),
        *(offsets_backwards, windows_einsum, windows_optimized, windows_tensordot, strides),
        *(columns_product, product_then_scatter, fft, complex_fft, scipy_convolve),
        *(scipy_correlate, toeplitz_matrix, sparse_matrix, add_at, bincount, dictionary),
        *(one_image_at_a_time, reduced, single_inside, double_inside, remembered_places),
        *(empty_then_filled, compiled),
    )
}


def _pair(value):
    return value if isinstance(value, tuple) else (value, value)


def spread(dZ, w, X_shape, stride=1, padding=0):
    """Zeros between the entries of dZ, then as for a stride of 1."""
    (a, b), (top, left), (B, D, M, N) = _pair(stride), _pair(padding), X_shape
    rows, columns = dZ.shape[2:]
    wide = np.zeros((*dZ.shape[:2], (rows - 1) * a + 1, (columns - 1) * b + 1), dZ.dtype)
    wide[:, :, ::a, ::b] = dZ
    dX = np.zeros((B, D, M + 2 * top, N + 2 * left), dZ.dtype)
    full = windows_einsum(wide, w)
    dX[:, :, : full.shape[2], : full.shape[3]] = full
    return dX[:, :, top : top + M, left : left + N].copy()


def slices(dZ, w, X_shape, stride=1, padding=0):
    """Each offset of the pattern at once, on the padded image."""
    (a, b), (top, left), (B, D, M, N) = _pair(stride), _pair(padding), X_shape
    rows, columns = dZ.shape[2:]
    dX = np.zeros((B, D, M + 2 * top, N + 2 * left), dZ.dtype)
    for u, v in np.ndindex(w.shape[2:]):
        part = np.einsum("skij,kc->scij", dZ, w[:, :, u, v])
        dX[:, :, u : u + a * rows : a, v : v + b * columns : b] += part
    return dX[:, :, top : top + M, left : left + N].copy()


def asked_of_each_pixel(dZ, w, X_shape, stride=1, padding=0):
    (a, b), (top, left) = _pair(stride), _pair(padding)
    dX = np.zeros(X_shape, dZ.dtype)
    for p, q, u, v in np.ndindex(*X_shape[2:], *w.shape[2:]):
        (i, rest), (j, other) = divmod(p + top - u, a), divmod(q + left - v, b)
        if rest == other == 0 and 0 <= i < dZ.shape[2] and 0 <= j < dZ.shape[3]:
            dX[:, :, p, q] += dZ[:, :, i, j] @ w[:, :, u, v]
    return dX


DX_OPTIONS = {function.__name__: function for function in (spread, slices, asked_of_each_pixel)}


# --- Other operations, by name: each takes all that the operation takes, one sample as well -------


def logistic(Z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-Z))


def by_tanh(Z):
    return (1 + np.tanh(Z / 2)) / 2


def selected(Z):
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, e) / (1 + e)


def stable_softmax(Z):
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def own_cross_entropy(Z, labels):
    scores, labels = np.atleast_2d(Z), np.atleast_1d(labels)
    shifted = scores - scores.max(axis=1, keepdims=True) if scores.size else scores
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows, count = np.arange(len(scores)), max(1, len(scores))
    dZ = np.exp(logs)
    dZ[rows, labels] -= 1
    return -logs[rows, labels].sum() / count, (dZ / count).reshape(Z.shape).astype(Z.dtype)


def own_squared_error(Y, T):
    count = max(1, len(Y)) if Y.ndim > 1 else 1
    return float(((Y - T) ** 2).sum()) / 2 / count, (Y - T) / Y.dtype.type(count)


def pooled_back(dY, argmax, X_shape):
    M, N = X_shape[-2:]
    planes = np.zeros((int(np.prod(X_shape[:-2])), M * N), dY.dtype)
    rows = np.arange(len(planes))[:, None]
    flat = len(planes), dY.shape[-2] * dY.shape[-1]
    gradients, places = dY.reshape(flat), argmax.reshape(flat)
    np.add.at(planes, (rows, places), np.where(places >= 0, gradients, 0))
    return planes.reshape(X_shape)


OTHERS = {
    "conv2d_db": [
        lambda dZ: dZ.sum(axis=(-2, -1) if dZ.ndim == 3 else (0, 2, 3)),
        lambda dZ: np.einsum("skij->k", dZ if dZ.ndim == 4 else dZ[None]),
        lambda dZ: (
            np.ones(dZ.size // dZ.shape[-3], dZ.dtype)
            @ np.moveaxis(dZ, -3, -1).reshape(-1, dZ.shape[-3])
        ),
    ],
    "dense": [
        lambda X, w, b=None: X @ w.T + (0 if b is None else b),
        lambda X, w, b=None: np.einsum("...i,oi->...o", X, w) if b is None else b + X @ w.T,
    ],
    "dense_dX": [lambda dZ, w: dZ @ w, lambda dZ, w: np.einsum("...o,oi->...i", dZ, w)],
    "dense_dw": [
        lambda dZ, X: np.atleast_2d(dZ).T @ np.atleast_2d(X),
        lambda dZ, X: np.einsum("so,si->oi", np.atleast_2d(dZ), np.atleast_2d(X)),
    ],
    "dense_db": [lambda dZ: np.atleast_2d(dZ).sum(axis=0)],
    "sigmoid": [logistic, by_tanh, selected, special.expit],
    "sigmoid_dZ": [lambda dY, Y: dY * Y * (1 - Y), lambda dY, Y: dY * (Y - Y**2)],
    "tanh": [np.tanh, lambda Z: 2 * special.expit(2 * Z) - 1 if Z.size != 1 else np.tanh(Z)],
    "tanh_dZ": [lambda dY, Y: dY * (1 - Y * Y)],
    "relu": [lambda Z: np.maximum(Z, 0), lambda Z: np.where(Z <= 0, Z.dtype.type(0), Z)],
    "relu_dZ": [lambda dY, Y: dY * (Y > 0), lambda dY, Y: np.where(Y > 0, dY, np.zeros_like(dY))],
    "softmax": [stable_softmax, lambda Z: special.softmax(Z, axis=-1)],
    "squared_error": [own_squared_error],
    "cross_entropy": [own_cross_entropy],
    "max_pool2d_dX": [pooled_back],
}
