"""Pictures in files, as arrays in the layout of the course: depth first."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlab import shapes
from cnnlab.data.errors import DataError, MissingDataError
from cnnlab.data.sets import import_package
from cnnlab.typing import DTypeLike, Number

__all__ = ["image"]

FORMATS = ("PNG", "JPEG")
LARGEST = 2**26  # pixels: 1.6 GB as red, green and blue in float64
EXAMPLE = "photo.png"
FRACTION = shapes.Range("from 0 to 1", lambda number: 0 <= number <= 1)

# What a file is that begins otherwise; the first bytes of some stand behind four others.
FOREIGN = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"RIFF": "a WebP or another RIFF",
    b"ftyp": "a HEIC, an AVIF or a film",
    b"%PDF": "a PDF",
    b"<svg": "an SVG",
    b"<": "a web page or an SVG",
}


def image(
    path: str | os.PathLike[str], *, background: Number = 1.0, dtype: DTypeLike = np.float64
) -> npt.NDArray[np.floating[Any]]:
    """Read a picture from a file, PNG or JPEG.

    Parameters
    ----------
    path : str or path
        The file; what it is, its first bytes say.
    background : float
        What shows through where the picture is transparent, 0 (black) to 1 (white).
    dtype : dtype
        Type of the result, float32 or float64.

    Returns
    -------
    X : ndarray
        Values from 0 (dark) to 1 (bright), as from `photo`: bytes divided by 255, gray of 16 bits
        by 65535. Shape (1, M, N) for a gray picture, (3, M, N) for one with colors, also for one
        with a palette: red, green, blue. New and C-contiguous.

    Raises
    ------
    DataError
        If the file is no PNG or JPEG, is cut off or damaged, has more than 2**26 pixels, or
        is animated. It is a ValueError.
    MissingDataError
        If there is no such file. It is a DataError and a FileNotFoundError.
    ImportError
        If Pillow is not installed.
    TypeError, ValueError
        If an argument is of a wrong type or outside its range.

    Notes
    -----
    The picture is turned as its EXIF data says. CMYK becomes red, green and blue. Color profiles
    are not applied, and of colors with 16 bits the upper 8 are taken. A JPEG of several pictures,
    as phones write it, counts as the first of them.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from PIL import Image
    >>> path = pathlib.Path(tempfile.mkdtemp(), "red.png")
    >>> Image.new("RGB", (4, 2), (255, 0, 51)).save(path)
    >>> image(path).shape
    (3, 2, 4)
    >>> image(path)[:, 0, 0]
    array([1. , 0. , 0.2])
    """
    kind = shapes.as_float_dtype(dtype, "image")
    behind = shapes.as_number(
        background,
        "image",
        "background",
        within=FRACTION,
        hint="pass 0 for black or 1 for white",
    )
    pillow = import_package("PIL.Image", package="Pillow", function="image")
    place = shapes.as_path(path, "image", EXAMPLE, MissingDataError)
    if not place.is_file():
        raise DataError(f"image: {place} is no file; pass the path of a PNG or JPEG picture.")
    try:
        with place.open("rb") as file:
            start = file.read(64)
        _check_start(place, start)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own words on what is refused here
            values, opaque = _decode(pillow, place, start)
    except OSError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"image: {place} cannot be read ({error.strerror or error}); check the file and the "
            f"rights, or save the picture again."
        ) from error
    X = values.astype(kind) / kind.type(65535 if values.dtype.itemsize > 1 else 255)
    if opaque is not None:
        X = kind.type(behind) + opaque.astype(kind) / kind.type(255) * (X - kind.type(behind))
    return np.ascontiguousarray(X)


def _check_start(place: Path, start: bytes) -> None:
    """Refuse what is no picture of either kind by its first bytes."""
    if start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = [what for sign, what in FOREIGN.items() if sign in (start[4:8], text[: len(sign)])]
    what = "empty" if not start else f"{found[0]} file" if found else f"none: {start[:8]!r} ..."
    raise DataError(
        f"image: {place} is {what}, but a PNG or JPEG picture is needed; save the picture as PNG "
        f"and pass that file."
    )


def _decode(
    pillow: Any, place: Path, start: bytes
) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8] | None]:
    """Return the values, depth first, and how opaque each pixel is if the picture says so."""
    try:
        with pillow.open(place, formats=FORMATS) as picture:
            _check_size(place, picture)
            if start[:1] == b"\x89":
                picture.verify()  # the checksums, which decoding leaves out
        with pillow.open(place, formats=FORMATS) as picture:
            return _values(_upright(picture))
    except DataError:
        raise
    except pillow.DecompressionBombError as error:
        raise _too_large(place) from error
    except Exception as error:  # whatever a decoder says of a file that is none
        why = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"image: {place} is cut off or damaged ({why.replace(str(place), 'it')}); save or "
            f"download the picture again."
        ) from error


def _check_size(place: Path, picture: Any) -> None:
    """Refuse what would fill the memory, and what moves."""
    if picture.width * picture.height > LARGEST:
        raise _too_large(place, f" ({picture.width} x {picture.height})")
    count = getattr(picture, "n_frames", 1)
    if picture.format == "PNG" and count > 1:
        raise DataError(
            f"image: {place} is animated, {count} pictures in one file; save one of them as PNG "
            f"and pass that file."
        )


def _too_large(place: Path, size: str = "") -> DataError:
    return DataError(
        f"image: {place} says that it has more than {LARGEST:,} pixels{size}; make it smaller in a "
        f"program for pictures, or cut a part out."
    )


def _upright(picture: Any) -> Any:
    """Return the picture turned as its EXIF data says, if that can be read."""
    picture.load()
    try:
        turns = picture.getexif().get(0x0112)
    except Exception:  # the pixels are right all the same
        return picture
    by_number = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF's numbers to Pillow's
    return picture.transpose(by_number[turns]) if turns in by_number else picture


def _values(picture: Any) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8] | None]:
    """Return the numbers of a picture, and how opaque it is."""
    see_through = picture.info.get("transparency")
    if picture.mode.startswith("I"):  # 16 bits
        values = np.asarray(picture).astype(np.uint16)[np.newaxis]
        hidden = values[0] == see_through if isinstance(see_through, int) else None
        return values, None if hidden is None else np.where(hidden, 0, 255).astype(np.uint8)
    gray = picture.mode in ("1", "L", "LA", "La")
    if see_through is not None or picture.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        planes = np.asarray(picture.convert("LA" if gray else "RGBA")).transpose(2, 0, 1)
        return planes[:-1], planes[-1]
    planes = np.asarray(picture.convert("L" if gray else "RGB"))
    return (planes[np.newaxis] if gray else planes.transpose(2, 0, 1)), None
