"""Geometry of windows on images, the arithmetic that convolution and pooling share.

Stride, padding and dilation are resolved in one place, into a `Geometry` of plain integers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnlab.shapes import words
from cnnlab.shapes.numbers import as_counts, as_pair, ceil_div, is_sequence


class Geometry(NamedTuple):
    """Where windows stand on an image, in plain integers.

    The window at position (i, j) has its entry (u, v) on the pixel (p, q) with
    ``p = i * stride[0] + u * dilation[0] - top`` and ``q = j * stride[1] + v * dilation[1] - left``
    (equation (eq-geometry)); pixels outside the image are padding.

    Attributes
    ----------
    stride : pair of int
        Steps from one window to the next, rows first.
    padding : pair of pair of int
        ((top, bottom), (left, right)).
    dilation : pair of int
        Steps from one entry of a window to the next.
    positions : pair of int
        How many windows there are, in rows and columns.
    groups : int
        Into how many parts depths and patterns are split.
    """

    stride: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]]
    dilation: tuple[int, int]
    positions: tuple[int, int]
    groups: int = 1


def as_geometry(
    function: str,
    image: tuple[int, int],
    window: tuple[int, int],
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int = 1,
    ceil_mode: bool = False,
    kind: str = "pattern",
    came: str,
) -> Geometry:
    """Resolve the options of an operation that moves a window over images.

    Parameters
    ----------
    function : str
        The function that an error message names.
    image, window : pair of int
        Rows and columns of both, at least 1.
    stride, padding, dilation : object
        What the user passed.
    groups : int
        Passed on.
    ceil_mode : bool
        Let a last window hang over the end, as long as it starts before the padding there.
    kind : str
        What an error message calls the window.
    came : str
        The shapes that came, for an error message.

    Returns
    -------
    geometry : Geometry

    Raises
    ------
    ValueError
        If an option has a wrong value, or the window does not fit into the padded image.
    TypeError
        If an option is of a wrong type.
    """
    stride = as_counts(stride, function, "stride")
    dilation = as_counts(dilation, function, "dilation")
    extent = window_extent(window, dilation)
    padding = as_padding(padding, function, image, extent, stride)
    padded = image[0] + sum(padding[0]), image[1] + sum(padding[1])
    if extent[0] > padded[0] or extent[1] > padded[1]:
        spread = f", {words.by(extent)} with its dilation," if extent != window else ""
        added = f", {words.by(padded)} with its padding" if padded != image else ""
        raise ValueError(
            f"{function}: a {kind} of {words.by(window)}{spread} does not fit into an image of "
            f"{words.by(image)}{added} {came}; use a smaller {kind} or a larger image."
        )
    positions = []
    for axis in (0, 1):
        room = padded[axis] - extent[axis]
        count = room // stride[axis] + 1
        one_more = room % stride[axis] > 0 and count * stride[axis] < image[axis] + padding[axis][0]
        positions.append(count + 1 if ceil_mode and one_more else count)
    return Geometry(stride, padding, dilation, (positions[0], positions[1]), groups)


def window_extent(window: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Return how many rows and columns a window spans, the gaps of its dilation included."""
    return (window[0] - 1) * dilation[0] + 1, (window[1] - 1) * dilation[1] + 1


def as_padding(
    value: Any,
    function: str,
    image: tuple[int, int],
    extent: tuple[int, int],
    stride: tuple[int, int],
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((top, bottom), (left, right))."""
    if isinstance(value, str):
        totals = {
            "valid": [0, 0],
            # As many windows as steps of `stride` fit into the image, the last step begun counted.
            "same": [
                max((ceil_div(size, step) - 1) * step + length - size, 0)
                for size, step, length in zip(image, stride, extent, strict=True)
            ],
            "full": [2 * (extent[0] - 1), 2 * (extent[1] - 1)],
        }
        if value not in totals:
            raise ValueError(f"{function}: padding={value!r} came, but {_PADDINGS}.")
        above, beside = (total // 2 for total in totals[value])
        rows, columns = totals[value]
        return (above, rows - above), (beside, columns - beside)
    if not is_sequence(value):
        value = (value, value)
    nested = [is_sequence(entry) for entry in value]
    if len(value) != 2 or nested not in ([False, False], [True, True]):
        raise ValueError(f"{function}: padding={words.brief(value)} came, but {_PADDINGS}.")
    vertical, horizontal = (as_pair(entry, function, "padding", least=0) for entry in value)
    return vertical, horizontal


_PADDINGS = (
    'an integer, a pair (rows, columns), ((top, bottom), (left, right)), "valid", "same" or '
    '"full" is needed; pass one of these'
)


def check_image_shape(function: str, name: str, shape: tuple[int, ...], came: str = "") -> None:
    """Refuse images without a pixel; a batch without an image is none of them."""
    if 0 in shape[-3:]:
        raise ValueError(
            f"{function}: {name} holds images of size zero {came or f'({name}.shape={shape})'}; "
            f"depth, height and width must be at least 1 (only the batch may be empty)."
        )


def check_same_batching(function: str, name: str, axes: int, other: str, other_axes: int) -> None:
    """Refuse one image beside a batch."""
    if axes in (3, 4) and other_axes in (3, 4) and axes != other_axes:
        raise ValueError(
            f"{function}: {name} has {axes} axes but {other} has {other_axes}; "
            f"both must be one image (3 axes) or both a batch (4 axes)."
        )
