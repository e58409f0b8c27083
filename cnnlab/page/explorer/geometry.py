"""A layer whose every number can be changed: where its windows stand, and what they never read."""

from __future__ import annotations

from typing import Any

from cnnlab import shapes
from cnnlab.page.explorer import windows
from cnnlab.page.explorer.element import element
from cnnlab.page.explorer.windows import State
from cnnlab.page.explorer.words import plain
from cnnlab.page.part import file_text
from cnnlab.page.shared import NAMES, script
from cnnlab.typing import Integer, Padding, Pair

# What fits a phone, and is not too small for a finger: the least and the largest of each number.
LIMITS = {
    "image": (1, 8),
    "pattern": (1, 4),
    "stride": (1, 4),
    "dilation": (1, 3),
    "padding": (0, 3),
    "depth": (1, 8),
    "patterns": (1, 8),
    "groups": (1, 8),
}

HOW = "A number in X says how many windows read the pixel; a cross: none does. Dashed: padding."
HINT = "Choose an entry of Z, or a pixel of X (arrow keys too)."


FILES = ("explorer/words.js", "explorer/board.js", "explorer/geometry.js")


class GeometryExplorer:
    """Windows on an image, and what they never read. Made by `explore_geometry`.

    As the value of a cell it shows itself.

    Parameters
    ----------
    numbers : dict of str to object
        The layer that is shown first: pairs (rows, columns) of "image", "pattern", "stride",
        "dilation", of the padding "before" (top, left) and "after" (bottom, right), the "name" of
        the padding or "numbers", and the integers "depth", "patterns" and "groups".

    Attributes
    ----------
    numbers : dict of str to object
        As passed.
    """

    def __init__(self, numbers: dict[str, Any]) -> None:
        self.numbers = numbers

    def __repr__(self) -> str:
        """Say the shapes, and how much is never read, for a terminal.

        Returns
        -------
        text : str
            One line.
        """
        layer = windows.Layer(self.numbers)
        return f"<GeometryExplorer of {layer.shapes_line()}. {layer.unread_line()}>"

    def _repr_html_(self) -> str:
        """Give the figure as HTML, for Jupyter and the website.

        Returns
        -------
        html : str
            The element, its still picture, its style sheet and its script. The same text for the
            same numbers, always.
        """
        layer = windows.Layer(self.numbers)
        state = State("Z", layer.axes[0].positions // 2, layer.axes[1].positions // 2)
        lines = "".join(f"<p>{line}</p>" for line in layer.lines())
        pieces = layer.spell(state)
        data = {
            "numbers": self.numbers,
            "limits": LIMITS,
            "state": state,
            "how": HOW,
            "hint": HINT,
        }
        return element(
            "cnnlab-geometry",
            data,
            how=HOW,
            picture=windows.draw(layer, state),
            alt=" ".join([*plain(pieces), layer.unread_line()]),
            pieces=pieces,
            script=script(*NAMES, *FILES),
            style=file_text("explorer/geometry.css"),
            below=f'<div class="cx-lines">{lines}</div>\n',
        )


def explore_geometry(
    image: Pair = (4, 6),
    pattern: Pair = (2, 2),
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    depth: Integer = 1,
    patterns: Integer = 1,
    groups: Integer = 1,
) -> GeometryExplorer:
    """Show where the windows of a layer stand, and let the reader change every number of it.

    The figure shows which window reads which pixel, equation (eq-geometry), how many windows there
    are, equation (eq-geometry-size), and what is never read. A chosen entry of Z or pixel of X is
    spelled out, as in equations (eq-geometry) and (eq-geometry-dX).

    Parameters
    ----------
    image, pattern : int or pair of int
        Rows and columns. At most 8 and at most 4.
    stride, padding, dilation, groups : optional
        As for `cnnlab.reference.conv2d`: strides to 4, dilations to 3, padding to 3 on each side,
        or a name.
    depth, patterns : int
        Depth D of the image and number P of patterns, at most 8.

    Returns
    -------
    figure : GeometryExplorer
        Shows itself as the value of a cell.

    Raises
    ------
    ValueError
        If a number is larger than the figure can show, if the pattern does not fit into the padded
        image, or if the groups do not divide depth and patterns.
    TypeError
        If an argument is of a wrong type.

    Examples
    --------
    >>> explore_geometry((4, 6), 2, stride=2, padding=1, dilation=2)
    <GeometryExplorer of X (1, 4, 6), w (1, 1, 2, 2), Z (1, 2, 3). Never read: 18 of 24 pixels.>
    """
    function = "explore_geometry"
    pairs = {"image": image, "pattern": pattern, "stride": stride, "dilation": dilation}
    numbers: dict[str, Any] = {
        name: list(shapes.as_counts(value, function, name)) for name, value in pairs.items()
    }
    single = {"depth": depth, "patterns": patterns, "groups": groups}
    numbers |= {name: shapes.as_count(value, function, name) for name, value in single.items()}
    for name in (*pairs, *single):
        _check_limit(name, numbers[name])
    geometry = shapes.conv2d_geometry(
        function,
        (numbers["depth"], *numbers["image"]),
        (
            numbers["patterns"],
            numbers["depth"] // min(numbers["groups"], numbers["depth"]),
            *numbers["pattern"],
        ),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )
    (top, bottom), (left, right) = geometry.padding
    named = isinstance(padding, str)
    if not named:
        _check_limit("padding", [top, bottom, left, right])
    numbers |= {
        "before": [top, left],
        "after": [bottom, right],
        "name": padding if named else "numbers",
    }
    return GeometryExplorer(numbers)


def _check_limit(name: str, value: Any) -> None:
    """Refuse a number for which the figure has no room."""
    largest = LIMITS[name][1]
    if max(value if isinstance(value, list) else [value]) > largest:
        raise ValueError(
            f"explore_geometry: {name}={value} came, but at most {largest} fits into the figure; "
            f"pass {largest} or less."
        )
