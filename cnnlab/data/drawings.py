"""A picture of a handwritten digit, made into what a network knows that learned from MNIST.

The makers of MNIST fitted each digit into 20 x 20 pixels without changing its proportions, grays
along its edges, and laid it into 28 x 28 pixels with its center of mass in the middle. The same is
done here, after the ink is told from the paper.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cnnlab import shapes
from cnnlab.data.errors import DataError
from cnnlab.data.pictures import image
from cnnlab.data.sets import import_package
from cnnlab.shapes import words
from cnnlab.typing import ArrayLike, DTypeLike

__all__ = ["Digit", "digit"]

SIZE, BOX = 28, 20  # pixels: of the image, and of the square that the digit fits into
FAINTEST = 0.04  # of the way from black to white, at least between paper and ink
NOISE = 5.0  # so many standard deviations of the paper are no ink
EDGE = 0.2  # of the darkest ink: where a stroke begins
FINE = 8  # pixels for one of the small image, while lines are made thicker or thinner
LINES = 1.5, 4.0  # pixels of the small image: how wide lines are in MNIST
GRID = 96  # cells along the longer side, by which marks are told apart
SPECK = 0.05  # of the ink of the largest mark: what has less is dirt
CLEAN = 0.6  # of all ink: at least that much is the digit
MOST_MARKS = 6
UNBROKEN = 0.7  # pixels of ink, at least, for one of the longer side of a digit
SMALLEST = 5  # pixels: the longer side of a digit
PLAIN = 0.75  # of the pixels, if they have one value: they are paper, as a paint program has it
TIE = 1e-4  # pixels: what is symmetric lies alike, however its sums were rounded

Floats = npt.NDArray[np.floating[Any]]


class Digit(NamedTuple):
    """A digit as MNIST has them, and how it came about; `str` says it in a sentence.

    Attributes
    ----------
    X : ndarray
        0 for paper, 1 for ink. Shape (1, 28, 28).
    inverted : bool
        Whether the ink was darker than the paper.
    box : tuple of int
        Where the digit was in the picture: top, left, height, width, in pixels.
    scale : float
        How many pixels of X one pixel of the picture became, along its sides.
    shift : tuple of int
        How many pixels the digit was moved from the middle of its box to that of its ink: down,
        right.
    line : float
        By which factor its lines were made thicker (above 1) or thinner; 1 if they were left.
    """

    X: Floats
    inverted: bool
    box: tuple[int, int, int, int]
    scale: float
    shift: tuple[int, int]
    line: float

    def __str__(self) -> str:
        """Say what was done."""
        top, left, height, width = self.box
        down, right = self.shift
        turned = "dark on light, inverted" if self.inverted else "light on dark, not inverted"
        lines = "kept" if self.line == 1 else f"made {self.line:.2g} times as thick"
        return (
            f"{turned}; {height} x {width} pixels from row {top}, column {left}, scaled by "
            f"{self.scale:.3g} into {BOX} x {BOX}; lines {lines}; centered by its ink, moved by "
            f"({down:+d}, {right:+d})"
        )


def digit(picture: str | os.PathLike[str] | ArrayLike, *, dtype: DTypeLike = np.float64) -> Digit:
    """Prepare a picture of one digit for a network that learned from MNIST.

    The paper may be of any color and unevenly lit, the ink of any other color, darker or lighter.
    Specks are left out. Lines thinner or thicker than those of MNIST are made as thick.

    Parameters
    ----------
    picture : str, path or array_like
        A file as for `image`, or an image of shape (M, N), (1, M, N) or (3, M, N): floats from 0
        (dark) to 1 (bright), bytes from 0 to 255, or truth values.
    dtype : dtype
        Type of the result, float32 or float64.

    Returns
    -------
    digit : Digit
        The image ``X`` of shape (1, 28, 28) and what was done.

    Raises
    ------
    DataError
        If no digit can be found in the picture, or a file cannot be read. It is a ValueError.
    MissingDataError
        If there is no such file.
    TypeError, ValueError
        If an argument is of a wrong type or shape, or outside its range.

    Notes
    -----
    Source: Yann LeCun, Corinna Cortes, Christopher Burges, *The MNIST database*, for what is done
    with the ink.

    Examples
    --------
    >>> page = np.ones((60, 90))  # white
    >>> page[10:50, 40:44] = 0.2  # a line, drawn with a dark pen
    >>> one = digit(page)
    >>> one.X.shape, one.inverted, one.box
    ((1, 28, 28), True, (10, 40, 40, 4))
    """
    kind = shapes.as_float_dtype(dtype, "digit")
    name = "the picture"
    if isinstance(picture, str | os.PathLike):
        name = str(picture)
        paper = image(picture, dtype=np.float32)
        if np.ptp(paper) < FAINTEST:  # white ink on nothing
            paper = image(picture, background=0, dtype=np.float32)
    else:
        paper = _as_picture(picture)
    pillow = import_package("PIL.Image", package="Pillow", function="digit")
    ink, inverted = _ink_of(paper, name)
    ink = _without_specks(ink, name)
    top, left, height, width = box = _box(ink)
    if max(height, width) < SMALLEST:
        raise _no_digit(name, f"its only mark has {height} x {width} pixels")
    if ink.sum() < UNBROKEN * max(height, width):
        raise _no_digit(name, "its marks make no line")
    small, line = _in_small(pillow, ink[top : top + height, left : left + width])
    X, shift = _centered(small)
    scale = BOX / max(height, width)
    return Digit(X[np.newaxis].astype(kind), inverted, box, scale, shift, line)


def _as_picture(value: Any) -> Floats:
    """Return an array as a picture from 0 to 1, depth first."""
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        X = value.astype(np.float32) / np.float32(255)
    else:
        X = shapes.as_array(value, "digit", "picture").astype(np.float32)
    if X.ndim == 2:
        X = X[np.newaxis]
    if X.ndim != 3 or X.shape[0] not in (1, 3) or X.size == 0:
        last = X.ndim == 3 and X.shape[2] in (1, 3)
        hint = words.depth_first_hint("picture", 3) if last else "pass one image of them"
        raise ValueError(
            f"digit: picture has shape {np.shape(value)}, but (M, N), (1, M, N) or (3, M, N) is "
            f"needed; {hint}."
        )
    if not (X.min() >= 0 and X.max() <= 1):  # NaN neither
        raise ValueError(
            "digit: picture has values outside 0 to 1; divide it by the largest possible value, "
            "or pass bytes as np.uint8."
        )
    return np.ascontiguousarray(X)


# --- Ink and paper --------------------------------------------------------------------------------


def _ink_of(picture: Floats, name: str) -> tuple[Floats, bool]:
    """Return how much ink is on each pixel, 0 to 1, and whether it is darker than the paper."""
    if np.ptp(picture, axis=(1, 2)).max() < FAINTEST:
        raise _no_digit(name, "all of it has one color")
    found = _ink_on(picture - _paper_of(picture))
    if found is None and (plain := _plain_paper_of(picture)) is not None:
        found = _ink_on(picture - plain.color, plain.places)  # there is more ink than paper
    if found is None:
        raise _no_digit(name, "nothing on it differs from the paper clearly enough")
    return found


def _ink_on(
    rest: Floats, paper: npt.NDArray[np.bool] | slice = slice(None)
) -> tuple[Floats, bool] | None:
    """Return the ink from what differs from the paper, and whether it is darker; None if little."""
    # The direction from the color of the paper to that of the ink: of what differs most.
    size = np.einsum("cij,cij->ij", rest, rest)
    toward = np.einsum("cij,ij->c", rest, size)
    length = float(np.linalg.norm(toward)) or 1.0
    ink = np.einsum("cij,c->ij", rest, toward / np.float32(length * np.sqrt(len(rest))))
    deviation = 1.4826 * float(np.median(np.abs(ink[paper])))
    floor = max(NOISE * deviation, FAINTEST / 2)
    # Half of the mean ink divides ink from paper: found by trying, as Ridler and Calvard do.
    threshold, before = floor, 0.0
    while threshold != before and (above := ink[ink >= threshold]).size:
        threshold, before = max(threshold, float(above.mean()) / 2), threshold
    if above.size == 0 or (full := float(np.percentile(above, 70))) < FAINTEST:
        return None
    ink[ink < max(EDGE / 2 * full, min(floor, threshold))] = 0
    return np.minimum(ink / full, 1), bool(toward.sum() < 0)


class _PlainPaper(NamedTuple):
    """Paper of one color."""

    color: Floats
    places: npt.NDArray[np.bool]


def _plain_paper_of(picture: Floats) -> _PlainPaper | None:
    """Return the paper of a picture of two colors, where it is most of the corners."""
    gray = picture.mean(axis=0)
    between = float(gray.min() + gray.max()) / 2
    for _ in range(30):
        light = gray > between
        if light.all() or not light.any():
            return None
        between = (float(gray[light].mean()) + float(gray[~light].mean())) / 2
    apart = float(gray[light].mean() - gray[~light].mean())
    if apart < NOISE * max(float(gray[light].std()), float(gray[~light].std())):
        return None
    M, N = (max(1, n // 10) for n in gray.shape)
    corners = np.concatenate([light[i, j].ravel() for i in (slice(M), slice(-M, None))
                              for j in (slice(N), slice(-N, None))])  # fmt: skip
    places = light if corners.mean() >= 0.5 else ~light
    return _PlainPaper(picture[:, places].mean(axis=1)[:, np.newaxis, np.newaxis], places)


def _paper_of(picture: Floats) -> Floats:
    """Return what the paper would look like without ink: light that changes slowly over it.

    A surface of second order is laid through the picture, so that the sum of the distances is
    smallest; what differs much, which is the ink, has little say in that.
    """
    D, M, N = picture.shape
    rows, columns = (np.unique(np.linspace(0, n - 1, min(n, 64)).astype(int)) for n in (M, N))
    y, x = (np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in (M, N))

    def terms(y: Floats, x: Floats) -> Floats:
        y, x = np.broadcast_arrays(y[:, np.newaxis], x)
        return np.stack([np.ones_like(x), y, x, y * y, x * y, x * x], axis=-1)

    few = terms(y[rows], x[columns]).reshape(-1, 6)
    paper = np.empty_like(picture)
    for c in range(D):
        values = picture[c][np.ix_(rows, columns)].ravel().astype(np.float64)
        surface = np.zeros(6)
        surface[0] = np.median(values)
        if np.count_nonzero(values == surface[0]) > PLAIN * len(values):
            paper[c] = surface[0]
            continue
        for _ in range(25):
            weight = 1 / np.maximum(np.abs(values - few @ surface), 1e-3)
            weighted = few * weight[:, np.newaxis]
            surface = np.linalg.lstsq(weighted.T @ few, weighted.T @ values, rcond=None)[0]
        a, b, d, e, f, g = surface
        row, column = (a + b * y + e * y * y)[:, np.newaxis], d * x + g * x * x
        paper[c] = row + column + f * y[:, np.newaxis] * x
    return paper


def _no_digit(name: str, why: str) -> DataError:
    return DataError(
        f"digit: there is no digit in {name}, for {why}; draw one digit with one pen on paper of "
        f"another color, and let it fill a good part of the picture."
    )


# --- Marks ----------------------------------------------------------------------------------------


def _without_specks(ink: Floats, name: str) -> Floats:
    """Return the ink without dirt, and without what comes in from the sides."""
    M, N = ink.shape
    cell = max(1, shapes.ceil_div(max(M, N), GRID))
    rows, columns = shapes.ceil_div(M, cell), shapes.ceil_div(N, cell)
    padded = np.zeros((rows * cell, columns * cell), ink.dtype)
    padded[:M, :N] = ink
    cells = padded.reshape(rows, cell, columns, cell)
    marks = _marks(cells.max(axis=(1, 3)) >= EDGE)
    mass = np.bincount(marks.ravel(), cells.sum(axis=(1, 3)).ravel(), marks.max() + 1)
    mass[0] = 0
    kept = np.flatnonzero(mass >= SPECK * mass.max())
    inside = np.array([mark for mark in kept if _sides(marks == mark) < 2], np.intp)
    extents = [np.ptp(np.argwhere(marks == mark), axis=0).max() for mark in inside]
    if extents and max(extents) >= max(marks.shape) // 8:  # the others are a frame, or a table
        mass[np.setdiff1d(kept, inside)] = 0
        kept = inside
    if len(kept) > MOST_MARKS or mass[kept].sum() < CLEAN * mass.sum():
        raise _no_digit(name, f"it holds {np.count_nonzero(mass)} separate marks")
    keep = np.isin(marks, kept).repeat(cell, axis=0).repeat(cell, axis=1)[:M, :N]
    return np.where(keep, ink, 0)


def _sides(mark: npt.NDArray[np.bool]) -> int:
    """Count the sides of the picture that a mark touches."""
    return int(sum(side.any() for side in (mark[0], mark[-1], mark[:, 0], mark[:, -1])))


def _marks(filled: npt.NDArray[np.bool]) -> npt.NDArray[np.int64]:
    """Give cells that touch, at a corner too, one number; cells without ink have 0."""
    numbers = np.where(filled, np.arange(1, filled.size + 1).reshape(filled.shape), 0)
    while True:
        largest = _largest_near(numbers)
        largest[~filled] = 0
        if (largest == numbers).all():
            return np.unique(numbers, return_inverse=True)[1].reshape(numbers.shape) + (
                0 if (numbers == 0).any() else 1
            )
        numbers = largest


def _largest_near(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the largest of each entry and its eight neighbors."""
    padded = np.pad(array, 1, mode="edge")
    rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    return np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])


def _box(ink: Floats) -> tuple[int, int, int, int]:
    """Return top, left, height and width of what is inked."""
    rows, columns = (np.flatnonzero(ink.max(axis=axis) >= EDGE) for axis in (1, 0))
    top, left = int(rows[0]), int(columns[0])
    return top, left, int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left


# --- As in MNIST ----------------------------------------------------------------------------------


def _in_small(pillow: Any, ink: Floats) -> tuple[Floats, float]:
    """Return the ink in its box of 20 x 20, and the factor by which its lines became thicker."""
    width = _line_width(ink) * BOX / max(ink.shape)
    wanted = float(np.clip(width, *LINES))
    if wanted == width:
        return _resized(pillow, ink, BOX), 1.0
    more = round((wanted - width) * FINE / 2)  # on each side of a line
    fine = _resized(pillow, ink, FINE * BOX)
    fine = np.pad(fine, max(more, 0))
    for step in range(abs(more)):
        fine = _grown(fine, step) if more > 0 else 1 - _grown(1 - fine, step)
    top, left, height, across = _box(fine)
    return _resized(pillow, fine[top : top + height, left : left + across], BOX), wanted / width


def _grown(ink: Floats, step: int) -> Floats:
    """Return ink that has run by a pixel; by turns to eight and to four sides, which is round."""
    if step % 2:
        return _largest_near(ink)
    padded = np.pad(ink, 1, mode="edge")
    upright = np.maximum(padded[:-2, 1:-1], padded[2:, 1:-1])
    return np.maximum(ink, np.maximum(upright, np.maximum(padded[1:-1, :-2], padded[1:-1, 2:])))


def _line_width(ink: Floats) -> float:
    """Return how wide lines are, in pixels: twice the area by the length of the outline."""
    padded = np.pad(ink, 1)
    down, right = np.diff(padded, axis=0)[:, 1:], np.diff(padded, axis=1)[1:]
    outline = float(np.hypot(down, right).sum())
    return 2 * float(ink.sum()) / outline


def _resized(pillow: Any, ink: Floats, size: int) -> Floats:
    """Return the ink with its longer side of that size; grays where a pixel is partly inked."""
    M, N = ink.shape
    height, width = (max(1, round(size * n / max(M, N))) for n in (M, N))
    picture = pillow.fromarray(np.ascontiguousarray(ink, np.float32))
    resized = picture.resize((width, height), pillow.Resampling.BICUBIC)
    return np.clip(np.asarray(resized), 0, 1)


def _centered(small: Floats) -> tuple[Floats, tuple[int, int]]:
    """Return an image with the center of mass in the middle, and by how much that moved it."""
    X = np.zeros((SIZE, SIZE), small.dtype)
    places, shift = [], []
    for axis in (0, 1):
        length = small.shape[axis]
        mass = small.sum(axis=1 - axis)
        center = float((mass * (np.arange(length) + 0.5)).sum() / mass.sum())
        start = int(np.clip(np.ceil(SIZE / 2 - center - TIE), 0, SIZE - length))
        places.append(slice(start, start + length))
        shift.append(start - (SIZE - length) // 2)
    X[tuple(places)] = small
    return X, (shift[0], shift[1])
