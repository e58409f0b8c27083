"""The layer by way of frequencies, where a search is one product per frequency."""

# mypy: allow-untyped-defs

import math

import numpy as np

from cnnlab.algorithms.checks import checked
from cnnlab.algorithms.costs import Cost, sizes

__all__ = ["conv2d", "cost"]


@checked
def conv2d(X, w, b=None):
    """Compute the layer with fast Fourier transforms.

    Equations (eq-fourier) and (eq-fft).

    As `cnnlab.reference.conv2d` without options. Not exact on integers: the transforms multiply
    by sines and cosines, which are rounded.
    """
    (M, N), (m, n) = X.shape[2:], w.shape[2:]
    # Patterns are filled up with zeros to the size of the images. X and w are real, so half of
    # the frequencies say it all: the others are their conjugates. "ortho" divides each transform
    # by sqrt(M N), one of the three once too often; without, NumPy would compute in float64
    # whatever came.
    X_hat = np.fft.rfft2(X, norm="ortho")
    w_hat = np.fft.rfft2(w * math.sqrt(M * N), (M, N), norm="ortho")
    # The spectrum of sum_{u,v} X[i+u, j+v] w[u, v] is the spectrum of X times the conjugate of
    # that of w.
    np.conj(w_hat, out=w_hat)
    Z_hat = np.einsum("scpq,kcpq->skpq", X_hat, w_hat)
    # In this sum i + u begins at 0 again when it reaches M. Where a pattern lies wholly on the
    # image that never happens, and the other positions are dropped.
    Z = np.fft.irfft2(Z_hat, (M, N), norm="ortho")
    return Z[:, :, : M - m + 1, : N - n + 1] + b[:, np.newaxis, np.newaxis]


def cost(X_shape, w_shape, itemsize) -> Cost:
    """Count what `conv2d` does, its transforms by a model.

    The model: a complex transform of S numbers, S a power of 2, is log2(S) stages of S / 2
    butterflies, each a complex product and two complex sums, that is 4 multiplications and
    6 additions: 5 S log2(S) operations. A transform of S real numbers, or back to them, is half
    of that, and so many are taken for the S = M N pixels of a plane, be that a power of 2 or
    not. Good libraries need somewhat less at powers of 2, and more at sizes with large prime
    factors. The divisions by sqrt(M N) inside the transforms are left out. All else is counted
    exactly.

    Parameters
    ----------
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    w_shape : tuple of int
        (P, D, m, n).
    itemsize : int
        Bytes of one number: 4 for float32, 8 for float64.

    Returns
    -------
    cost : Cost
    """
    layer = sizes(X_shape, w_shape)
    B, D, M, N, P, m, n, _, _ = layer
    butterflies = (B * D + P * D + B * P) * M * N * math.log2(M * N) / 4
    half = N // 2 + 1  # frequencies along a row
    X_hat, w_hat, Z_hat = (planes * M * half for planes in (B * D, P * D, B * P))
    products, scaled = B * w_hat, P * D * m * n
    # Transforms along the rows come first, or last on the way back: arrays between two passes
    # are as large as the spectra, but for the patterns, which have m rows until then.
    between, back = P * D * m * half, B * P * M * N
    return Cost(
        multiplications=math.ceil(4 * butterflies) + 4 * products + scaled,
        additions=math.ceil(6 * butterflies) + 4 * products + layer.outputs,
        necessary_bytes=layer.necessary * itemsize,
        temporary_bytes=(2 * (2 * X_hat + between + w_hat + 2 * Z_hat) + scaled + back) * itemsize,
        peak_bytes=itemsize
        * max(
            4 * X_hat,
            2 * (X_hat + between + w_hat) + scaled,
            2 * (X_hat + w_hat + 2 * Z_hat) + back,
        ),
    )
