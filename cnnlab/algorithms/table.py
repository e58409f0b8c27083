"""The table of all algorithms."""

from __future__ import annotations

from cnnlab.algorithms import direct, fft, im2col, loops, offsets, toeplitz, winograd
from cnnlab.algorithms.record import Algorithm

ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm("loops", "Loops", loops.conv2d, loops.cost),
        Algorithm(
            "toeplitz",
            "Toeplitz matrix",
            toeplitz.conv2d,
            toeplitz.cost,
            spread="image",
            limits=f"matrices of up to {toeplitz.LARGEST_MATRIX / 2**30:.3g} GiB",
            largest=toeplitz.LARGEST_MATRIX,
        ),
        Algorithm("im2col", "im2col", im2col.conv2d, im2col.cost),
        Algorithm("offsets", "One product per offset", offsets.conv2d, offsets.cost),
        Algorithm(
            "fft",
            "FFT",
            fft.conv2d,
            fft.cost,
            exact_on_integers=False,
            spread="image",
            keeps_infinity=False,
        ),
        Algorithm(
            "winograd",
            "Winograd F(2x2, 3x3)",
            winograd.conv2d,
            winograd.cost,
            keeps_infinity=False,
            limits="patterns of 3 x 3",
            pattern=(3, 3),
        ),
        Algorithm("direct", "Direct, compiled", direct.conv2d, direct.cost),
    )
}


def find(name: str) -> Algorithm:
    """Return one algorithm by its name.

    Parameters
    ----------
    name : str
        As "im2col".

    Returns
    -------
    algorithm : Algorithm

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> find("fft").exact_on_integers
    False
    """
    if name not in ALGORITHMS:
        raise ValueError(f"find: no algorithm {name!r}; choose one of {', '.join(ALGORITHMS)}.")
    return ALGORITHMS[name]
