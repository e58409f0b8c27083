"""What every picture shares: checked arrays, figures of the right width, ways to draw an array."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from cnnlab.plots.style import (
    EDGE,
    FIXED,
    GRAY_MAP,
    INK,
    PADDING,
    PALE,
    PAPER,
    SIGNED_MAP,
    SIGNED_TINT,
    STRENGTH,
    WIDTH,
    Array,
    Limits,
    tint,
)
from cnnlab.shapes import ceil_div

HALO = [patheffects.withStroke(linewidth=3, foreground=PAPER)]  # words stay legible over lines


def checked_array(
    value: npt.ArrayLike, function: str, name: str, ranks: Mapping[int, str]
) -> Array:
    """Take `value` as an array of numbers with one of the given ranks, or say what is wrong."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{function}: {name} has dtype {array.dtype}, needs real numbers; "
            "convert it with np.asarray(..., float) first."
        )
    if array.ndim not in ranks:
        raise ValueError(
            f"{function}: {name} has {array.ndim} axes {array.shape}, needs "
            f"{' or '.join(ranks.values())}; pick one with an index or add an axis."
        )
    if array.size == 0:
        raise ValueError(
            f"{function}: {name} is empty (shape {array.shape}); give at least one number."
        )
    return array


def checked_pixels(image: npt.ArrayLike, function: str) -> tuple[Array, Limits]:
    """Bring an image to what imshow takes: (M, N), or (M, N, 3) for color; and its limits."""
    array = checked_array(image, function, "image", {2: "(M, N)", 3: "(D, M, N)"})
    if array.ndim == 2:
        return array, gray_limits(array)
    if array.shape[0] == 1:
        return array[0], gray_limits(array)
    if array.shape[0] != 3:
        raise ValueError(
            f"{function}: image has depth {array.shape[0]} {array.shape}, needs 1 (gray) or "
            "3 (red, green, blue); show_depths draws the planes of any depth."
        )
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= 1):
        raise ValueError(
            f"{function}: colors of image go from {low:g} to {high:g}, need [0, 1]; "
            "divide by the largest possible value."
        )
    return np.moveaxis(array, 0, -1).astype(float), (0.0, 1.0)


def checked_gray(X: npt.ArrayLike, function: str, *, hint: str) -> Array:
    """Take gray images, with an axis for their depth or without; `hint` is for those in color."""
    images = checked_array(X, function, "X", {3: "(B, M, N)", 4: "(B, 1, M, N)"})
    if images.ndim == 3:
        return images
    if images.shape[1] != 1:
        raise ValueError(
            f"{function}: X has depth {images.shape[1]}, needs 1 (X.shape={images.shape}); {hint}"
        )
    return images[:, 0]


def check_some(count: int, function: str, name: str) -> None:
    """Refuse to draw nothing."""
    if count == 0:
        raise ValueError(f"{function}: {name} is empty; give at least one.")


def check_few(
    count: int, most: int, function: str, things: str, advice: str = "leave some out"
) -> None:
    """Refuse to draw more than can be told apart."""
    if count > most:
        raise ValueError(f"{function}: got {count} {things}, needs {most} at most; {advice}.")


def check_titles(
    titles: Sequence[Any] | None,
    count: int,
    function: str,
    name: str = "titles",
    things: str = "images",
) -> None:
    """Check that there is one text for each thing."""
    if titles is not None and len(titles) != count:
        raise ValueError(
            f"{function}: {len(titles)} {name} for {count} {things}; give one for each."
        )


def gray_limits(array: Array) -> Limits:
    """Black at 0 or below, white at 1 or above."""
    return min(0.0, float(np.nanmin(array))), max(1.0, float(np.nanmax(array)))


def signed_limits(array: Array) -> Limits:
    """Limits that are symmetric about 0, so that white means 0."""
    largest = float(np.nanmax(np.abs(array))) or 1.0
    return -largest, largest


def number_text(value: Any, fmt: str | None) -> str:
    """Write a number with a real minus sign, and never as minus zero."""
    if fmt is None:
        fmt = "g" if float(value).is_integer() else ".2f"
    text = format(value.item() if isinstance(value, np.generic) else value, fmt)
    if text.startswith("-") and not text.strip("-0."):
        text = text[1:]
    return text.replace("-", "\N{MINUS SIGN}")


def ink_on(color: Any) -> str:
    """Black or white, whichever is easier to read on `color`."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in mpl.colors.to_rgb(color)
    )
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "white"


def size_text(shape: Sequence[int]) -> str:
    """Write a shape as a tuple."""
    return "(" + ", ".join(f"{size}" for size in shape) + ")"


def axes_array(axes: Sequence[Axes]) -> Array:
    """Hold Axes in an array of one axis."""
    array = np.empty(len(axes), dtype=object)
    array[:] = axes
    return array


def column_count(count: int) -> int:
    """How many panels stand in a row and can still be read on a phone."""
    if count <= 4:
        return count if count != 4 else 2
    return 3 if count in (5, 6, 9) else 4


def keep_width(figure: Figure) -> None:
    """Keep the full width when a notebook crops the margins: letters have one size everywhere."""
    figure.add_artist(
        Rectangle((0, 0.5), 1, 0, transform=figure.transFigure, fill=False, linewidth=0)
    )


def new_panels(
    count: int, columns: int, ratio: float, *, title: float = 0.28, bar: bool = False
) -> Array:
    """Make `count` Axes of that height-to-width ratio in rows of `columns`."""
    columns = min(columns, count)
    rows = ceil_div(count, columns)
    # few panels do not need the whole width
    side = min(WIDTH / columns - 0.08, 2.4)
    figure = plt.figure(
        figsize=(WIDTH, rows * (side * ratio + title) + (0.6 if bar else 0.04)), layout="compressed"
    )
    keep_width(figure)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in grid[count:]:
        ax.remove()
    return axes_array(list(grid[:count]))


def new_canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Make an Axes that fills its figure, from the upper left corner.

    One unit is one inch, or less where `width` is more than that of the figure.
    """
    figure = plt.figure(figsize=(WIDTH, height * WIDTH / width), layout=FIXED)
    keep_width(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    return figure, ax


def fit_words(words: Sequence[str], inches: float) -> list[str]:
    """Break texts into lines that are no longer than that."""
    return [
        "\n".join(textwrap.fill(line, max(int(inches / 0.098), 6)) for line in text.split("\n"))
        for text in words
    ]


def legend_below(ax: Axes, columns: int = 1) -> None:
    """Put the legend below the label of the axis, where it hides nothing."""
    handles, labels = ax.get_legend_handles_labels()
    ax.figure.legend(handles, labels, loc="outside lower center", ncols=columns)


def bare(ax: Axes) -> None:
    """Take the ticks away and leave a thin frame."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(True)
    ax.spines[:].set(color=EDGE, linewidth=0.6)


def frame(ax: Axes, color: str) -> None:
    """Frame a whole panel."""
    ax.spines[:].set(color=color, linewidth=2.2)


def draw_image(ax: Axes, pixels: Array, limits: Limits) -> None:
    """Draw pixels in gray (or color) between fixed limits."""
    ax.imshow(pixels, cmap=GRAY_MAP, vmin=limits[0], vmax=limits[1], interpolation="none")
    bare(ax)


def draw_signed(ax: Axes, values: Array, limits: Limits) -> None:
    """Draw signed values on the diverging map."""
    ax.imshow(values, cmap=SIGNED_MAP, vmin=limits[0], vmax=limits[1], interpolation="none")
    bare(ax)


def add_color_bar(
    figure: Any, axes: Array, limits: Limits, label: str, cmap: str = SIGNED_MAP
) -> None:
    """Put one horizontal color bar below all panels."""
    scale = ScalarMappable(Normalize(*limits), cmap)
    bar = figure.colorbar(
        scale, ax=list(axes.flat), location="bottom", fraction=0.05, aspect=30, shrink=0.7
    )
    bar.set_label(label)
    bar.outline.set_linewidth(0.5)
    bar.locator = MaxNLocator(nbins=4, symmetric=limits[0] == -limits[1])
    bar.update_ticks()


def outline(
    ax: Axes,
    x: float,
    y: float,
    wide: float,
    high: float,
    color: str,
    *,
    width: float = 2.2,
    casing: bool = True,
) -> None:
    """Outline a rectangle; a white casing keeps it visible on every gray and every color."""
    rectangle = Rectangle(
        (x, y), wide, high, fill=False, edgecolor=color, linewidth=width, zorder=4
    )
    if casing:
        rectangle.set_path_effects(
            [patheffects.withStroke(linewidth=width + 1.6, foreground=PAPER)]
        )
    ax.add_patch(rectangle)


def cell_words(cells: Array, fmt: str | None) -> list[list[str]]:
    """Write all numbers of a matrix in one way; NaN stays empty."""
    known = cells[np.isfinite(cells)]
    if fmt is None:
        fmt = "g" if np.all(known == np.round(known)) else ".2f"
    return [["" if np.isnan(value) else number_text(value, fmt) for value in row] for row in cells]


def cell_side(words: list[list[str]]) -> float:
    """Side of a cell, in inches, that the longest number fits."""
    longest = max(len(word) for row in words for word in row)
    return max(0.2, 0.1 * longest + 0.04)


def draw_cells(
    ax: Axes,
    matrix: Array,
    x: float,
    y: float,
    cell: float,
    *,
    words: list[list[str]] | None,
    signed: bool,
    limits: Limits | None = None,
    color: str = PALE,
) -> None:
    """Draw a matrix with its upper left corner at (x, y), `cell` units to a cell, rows down.

    Cells with words are tinted, so that ink stays legible on them: by their sign, or with `color`.
    A cell that is NaN stays empty.
    """
    rows, columns = matrix.shape
    if limits is None and not np.isnan(matrix).all():
        limits = signed_limits(matrix) if signed else gray_limits(matrix)
    low, high = limits or (0.0, 1.0)
    if words is None:
        colors = mpl.colormaps[SIGNED_MAP if signed else GRAY_MAP]
    else:
        colors = SIGNED_TINT if signed else tint(color, 0.2 if color in (INK, PALE) else STRENGTH)
    faces = colors(Normalize(low, high)(np.asarray(matrix, dtype=float)))
    faces[np.isnan(matrix)] = 0
    ax.imshow(
        faces,
        extent=(x, x + columns * cell, y + rows * cell, y),
        interpolation="none",
        aspect=ax.get_aspect(),
        zorder=1,
    )
    if words is not None:
        paper = Rectangle((x, y), columns * cell, rows * cell, facecolor=PAPER, lw=0, zorder=0.5)
        ax.add_patch(paper)
        draw_lines(ax, rows, columns, x, y, cell)
        for row in range(rows):
            for column in range(columns):
                if words[row][column]:
                    ax.text(
                        x + (column + 0.5) * cell,
                        y + (row + 0.5) * cell,
                        words[row][column],
                        ha="center",
                        va="center_baseline",
                        color=INK,
                        zorder=3,
                    )
    ax.add_patch(
        Rectangle(
            (x, y),
            columns * cell,
            rows * cell,
            fill=False,
            edgecolor=color,
            linewidth=1.2,
            zorder=2,
        )
    )


def draw_lines(ax: Axes, rows: int, columns: int, x: float, y: float, cell: float) -> None:
    """Draw the lines between the cells of a matrix."""
    across = [(x, x + columns * cell)] * (rows - 1)
    down = [(y, y + rows * cell)] * (columns - 1)
    looks: dict[str, Any] = {"color": EDGE, "linewidth": 0.6, "linestyle": "-", "zorder": 2}
    for row, ends in enumerate(across, 1):
        ax.plot(ends, [y + row * cell] * 2, **looks)
    for column, ends in enumerate(down, 1):
        ax.plot([x + column * cell] * 2, ends, **looks)


def draw_padding(ax: Axes, rows: int, columns: int, x: float, y: float, cell: float) -> None:
    """Draw pale blue empty cells: places that hold no number."""
    ax.add_patch(
        Rectangle(
            (x, y), columns * cell, rows * cell, facecolor=PADDING, edgecolor=EDGE, zorder=0.5
        )
    )
    draw_lines(ax, rows, columns, x, y, cell)


def draw_indices(
    ax: Axes,
    rows: int,
    columns: int,
    x: float,
    y: float,
    cell: float,
    *,
    letters: tuple[str, str] | None = None,
    first: tuple[int, int] = (0, 0),
) -> None:
    """Write the index numbers of rows and columns outside a matrix."""
    # with an Axes of the caller a cell is one unit, otherwise a fraction of an inch
    away = 0.35 if cell == 1.0 else 0.14
    for row in range(rows):
        ax.text(
            x - away,
            y + (row + 0.5) * cell,
            number_text(first[0] + row, "g"),
            ha="center",
            va="center",
            color=PALE,
        )
    for column in range(columns):
        ax.text(
            x + (column + 0.5) * cell,
            y - away,
            number_text(first[1] + column, "g"),
            ha="center",
            va="center",
            color=PALE,
        )
    if letters is not None:
        ax.text(x - 2.9 * away, y + rows * cell / 2, f"${letters[0]}$", ha="center", va="center")
        ax.text(x + columns * cell / 2, y - 2.9 * away, f"${letters[1]}$", ha="center", va="center")
