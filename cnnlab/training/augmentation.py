"""Augmentation: every epoch sees each image a little moved and turned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.shapes import words
from cnnlab.typing import Number, Pair

STILL = 1e-9  # radians; below it nothing is turned
HALF_TURN = shapes.Range("of 0 to 180", lambda number: 0 <= number <= 180)


@dataclass(frozen=True)
class Augmentation:
    """Move each image by whole pixels and turn it about its middle, by chance; pass it to `fit`.

    Rows and columns are moved by an integer from -shift to shift each, the angle is between
    -rotation and rotation; all are equally likely, and drawn for each image on its own. What comes
    in from outside is 0. A turned pixel lies between four of the image and is their bilinear mean.

    Parameters
    ----------
    shift : int or pair of int
        By how many pixels at most, rows and columns; at least 0.
    rotation : float
        By how many degrees at most, 0 to 180.

    Raises
    ------
    ValueError
        If an option is outside its range.
    TypeError
        If `shift` is no integer.

    Examples
    --------
    >>> X = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> Augmentation(shift=1)(X, np.random.default_rng(0))[0, 0]
    array([[0., 0., 0.],
           [0., 1., 2.],
           [3., 4., 5.]])
    """

    shift: Pair = 0
    rotation: Number = 0.0

    def __post_init__(self) -> None:
        """Check the options."""
        shift = shapes.as_pair(self.shift, "Augmentation", "shift", least=0)
        rotation = shapes.as_number(
            self.rotation, "Augmentation", "rotation", within=HALF_TURN, hint="try 10"
        )
        object.__setattr__(self, "shift", shift)
        object.__setattr__(self, "rotation", rotation)

    def __call__(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return images that were moved and turned; X stays as it is.

        Parameters
        ----------
        X : ndarray
            A batch of images. Shape (B, D, M, N).
        rng : numpy.random.Generator
            What draws: the same one gives the same images, to the bit.

        Returns
        -------
        X : ndarray
            Shape of `X`. Its dtype, unless images of integers are turned: those become float64.

        Raises
        ------
        ValueError
            If `X` is no batch of images.
        """
        X = shapes.as_samples(X, "Augmentation", "X")
        if X.ndim != 4:
            raise ValueError(
                f"Augmentation: X.shape={X.shape}, but a batch of images (B, D, M, N) is needed; "
                f"augment images alone, and pass one as X[np.newaxis]."
            )
        rows, columns = shapes.as_pair(self.shift, "Augmentation", "shift", least=0)
        moves = np.stack(
            [rng.integers(-most, most, len(X), endpoint=True) for most in (rows, columns)], axis=1
        )
        angles = np.radians(rng.uniform(-self.rotation, self.rotation, len(X)))
        if np.abs(angles).max(initial=0.0) < STILL:
            return _moved(X, moves)
        return _turned(shapes.as_array(X, "Augmentation", "X"), moves, angles)


def _moved(X: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return every image moved by its own number of rows and columns."""
    M, N = X.shape[2:]
    p = np.arange(M) - moves[:, :1]  # the row of X that comes to row i: shape (B, M)
    q = np.arange(N) - moves[:, 1:]
    samples = np.arange(len(X))[:, np.newaxis, np.newaxis]
    inside = _inside(p, M)[:, :, np.newaxis] & _inside(q, N)[:, np.newaxis]
    p, q = p.clip(0, M - 1)[:, :, np.newaxis], q.clip(0, N - 1)[:, np.newaxis]
    picked = X[samples, :, p, q]  # (B, M, N, D)
    picked[~inside] = 0
    return np.ascontiguousarray(picked.transpose(0, 3, 1, 2))


def _inside(places: np.ndarray, size: int) -> np.ndarray:
    return (places >= 0) & (places < size)


def _turned(X: np.ndarray, moves: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Return every image turned about its middle by its own angle, then moved.

    Pixel (i, j) of the result is taken from (p, q) of the image: back by the move, then turned back
    about the middle::

        p = middle + cos(angle) * (i - row - middle) + sin(angle) * (j - column - middle')
        q = middle' - sin(angle) * (i - row - middle) + cos(angle) * (j - column - middle')

    A positive angle turns anticlockwise, for rows are counted downwards.
    """
    B, D, M, N = X.shape
    middle = (M - 1) / 2, (N - 1) / 2
    i = (np.arange(M) - moves[:, :1] - middle[0])[:, :, np.newaxis]
    j = (np.arange(N) - moves[:, 1:] - middle[1])[:, np.newaxis]
    cos = np.array([math.cos(angle) for angle in angles])[:, np.newaxis, np.newaxis]
    sin = np.array([math.sin(angle) for angle in angles])[:, np.newaxis, np.newaxis]
    p, q = middle[0] + cos * i + sin * j, middle[1] - sin * i + cos * j
    # A frame of zeros: what lies outside is taken from it.
    p, q = p.clip(-1, M) + 1, q.clip(-1, N) + 1
    framed = np.pad(X, ((0, 0), (0, 0), (1, 2), (1, 2))).reshape(-1)
    above, left = p.astype(np.int64), q.astype(np.int64)
    down, right = ((p - above)[:, np.newaxis], (q - left)[:, np.newaxis])
    down, right = down.astype(X.dtype), right.astype(X.dtype)  # shape (B, 1, M, N)
    width, plane = N + 3, (M + 3) * (N + 3)
    planes = plane * np.arange(B * D).reshape(B, D, 1, 1)
    first = (above * width + left)[:, np.newaxis] + planes  # of the four pixels around it
    upper = (1 - right) * framed[first] + right * framed[first + 1]
    lower = (1 - right) * framed[first + width] + right * framed[first + width + 1]
    return (1 - down) * upper + down * lower


def as_augment(augment: Any, input_shape: tuple[int, ...]) -> Any:
    """Return what augments: a function (X, rng) -> X."""
    if augment is None:
        return None
    if isinstance(augment, type):
        raise TypeError(
            f"fit: augment={augment.__name__} is a class; pass an object, "
            f"{augment.__name__}(shift=2)."
        )
    if isinstance(augment, Augmentation) and len(input_shape) != 3:
        raise ValueError(
            f"fit: augment={augment!r} came, but the samples have shape {input_shape}, and only "
            f"images (D, M, N) are moved and turned; leave augment out, or give the model images "
            f"and begin it with Flatten()."
        )
    return shapes.as_function(
        augment, "fit", "augment", "augment(X, rng) -> X", "pass Augmentation(shift=2, rotation=10)"
    )


def augmented(augment: Any, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a batch that was augmented; a function of one's own may return something else."""
    shape = X.shape
    result = augment(X, rng)
    if not isinstance(result, np.ndarray) or result.shape != shape:
        raise ValueError(
            f"fit: augment returned {words.brief(result)} for a batch of shape {shape}; let it "
            f"return an array of that shape."
        )
    return shapes.as_samples(result, "fit", "augment(X, rng)")
