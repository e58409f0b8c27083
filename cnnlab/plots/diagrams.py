"""Diagrams of a network and of a dense layer at work, with their real numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from cnnlab.plots.canvas import (
    HALO,
    axes_array,
    bare,
    checked_array,
    checked_pixels,
    draw_image,
    draw_signed,
    gray_limits,
    keep_width,
    new_canvas,
    number_text,
    signed_limits,
    size_text,
)
from cnnlab.plots.style import (
    COLORS,
    EDGE,
    FIXED,
    GRAY_MAP,
    INK,
    PALE,
    PAPER,
    RULE,
    VERMILION,
    WIDTH,
    Array,
)


def show_network(
    X: npt.ArrayLike,
    w: npt.ArrayLike,
    Z: npt.ArrayLike,
    Y: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    label: int | None = None,
) -> Array:
    """Draw a small network at work on one image: convolution, sigmoid, flatten, dense.

    From top to bottom: the image; each pattern with its response map Z and its output Y below it;
    the outputs flattened to one vector; the score of each class, the highest one marked.

    Parameters
    ----------
    X : array_like
        One image. Shape (D, M, N), D = 1 or 3.
    w : array_like
        Patterns of the convolutional layer. Shape (P, D, m, n); the plane c = 0 is shown.
    Z : array_like
        Response maps of the image. Shape (P, M', N').
    Y : array_like
        Output of the activation. Shape (P, M', N').
    scores : array_like
        Output of the dense layer. Shape (C,).
    label : int, optional
        What the image is; written beside it.

    Returns
    -------
    axes : ndarray of Axes
        Shape (3 P + 3,): the image, P patterns, P maps, P outputs, the vector, the scores.

    Raises
    ------
    ValueError
        If a rank is wrong, or the arrays do not belong to one layer and one image.

    Examples
    --------
    >>> axes = show_network(
    ...     np.zeros((1, 8, 8)), np.zeros((2, 1, 3, 3)), np.zeros((2, 6, 6)),
    ...     np.ones((2, 6, 6)) / 2, np.arange(10.0),
    ... )
    >>> len(axes)
    9
    """
    image = checked_array(X, "show_network", "X", {3: "(D, M, N)"})
    patterns = checked_array(w, "show_network", "w", {4: "(P, D, m, n)"})
    maps = checked_array(Z, "show_network", "Z", {3: "(P, M', N')"})
    outputs = checked_array(Y, "show_network", "Y", {3: "(P, M', N')"})
    points = checked_array(scores, "show_network", "scores", {1: "(C,)"})
    count, depth, m, n = patterns.shape
    expected = (count, image.shape[1] - m + 1, image.shape[2] - n + 1)
    if depth != image.shape[0] or maps.shape != expected or outputs.shape != expected:
        raise ValueError(
            f"show_network: X {image.shape}, w {patterns.shape}, Z {maps.shape} and Y "
            f"{outputs.shape} do not fit together; Z and Y need shape {expected} and axis 1 of w "
            "the depth of X."
        )
    return _draw_network(image, patterns, maps, outputs, points, label)


def _draw_network(
    image: Array,
    patterns: Array,
    maps: Array,
    outputs: Array,
    scores: Array,
    label: int | None,
) -> Array:
    """Place the stages of `show_network`; positions in inches from the upper left corner."""
    count, _, m, n = patterns.shape
    _, rows, columns = maps.shape
    left, x0, gap = 0.1, 0.48, 0.07
    pitch = (WIDTH - left - x0 + gap) / count
    tile = min(pitch - gap, 1.0)
    wide = WIDTH
    high = 4.6 + tile * (0.72 * m / n + 2 * rows / columns)
    figure = plt.figure(figsize=(wide, high), layout=FIXED)
    keep_width(figure)

    def place(x: float, y: float, w: float, h: float) -> Axes:
        return figure.add_axes((x / wide, 1 - (y + h) / high, w / wide, h / high))

    def write(x: float, y: float, text: str, **options: Any) -> Text:
        return figure.text(x / wide, 1 - y / high, text, va="center", **options)

    def layer(y: float, name: str, words: str) -> None:
        if not name:
            write(x0, y, words)
            return
        head = write(x0, y, name, weight="bold")
        tail = Annotation(
            words,
            (1, 0.5),
            (6, 0),
            xycoords=head,
            textcoords="offset points",
            va="center",
        )
        figure.add_artist(tail)

    pixels, limits = checked_pixels(image, "show_network")
    ax = place(x0, 0.1, 1.3 * min(1.0, columns / rows), 1.3 * min(1.0, rows / columns))
    draw_image(ax, pixels, limits)
    axes = [ax]
    write(left, 0.75, "$X$", color=COLORS["X"])
    is_digit = "" if label is None else f": a {label}"
    write(x0 + 1.5, 0.25, f"one image{is_digit}", weight="bold")
    write(x0 + 1.5, 0.5, size_text(image.shape), color=PALE)
    key = "w, Z: red above 0,\nblue below 0\nY: white 1, black 0"
    write(x0 + 1.5, 1.13, key, color=PALE, linespacing=1.5)

    times = "\N{MULTIPLICATION SIGN}"
    rows_of_planes = (
        ("w", patterns[:, 0], signed_limits(patterns), 0.72),
        ("Z", maps, signed_limits(maps), 1.0),
        ("Y", outputs, None, 1.0),
    )
    headings = (
        ("Conv2D", f"looks for {count} patterns of {m} {times} {n}"),
        ("", f"{count} maps of {rows} {times} {columns} say how well each fits"),
        ("Sigmoid", "brings them between 0 and 1"),
    )
    y = 1.62
    for (symbol, planes, signed, scale), heading in zip(rows_of_planes, headings, strict=True):
        side = tile * scale
        tall = side * planes.shape[1] / planes.shape[2]
        layer(y, *heading)
        y += 0.17
        write(left, y + tall / 2, f"${symbol}$", color=COLORS[symbol])
        for k in range(count):
            ax = place(x0 + k * pitch + (tile - side) / 2, y, side, tall)
            if signed is None:
                draw_image(ax, planes[k], gray_limits(planes))
            else:
                draw_signed(ax, planes[k], signed)
            axes.append(ax)
        y += tall + 0.2

    vector = outputs.reshape(1, -1)
    layer(y, "Flatten", f"one vector of {vector.size:,} numbers")
    ax = place(x0, y + 0.16, wide - left - x0, 0.2)
    ax.imshow(vector, cmap=GRAY_MAP, aspect="auto", vmin=0, vmax=gray_limits(outputs)[1])
    bare(ax)
    axes.append(ax)
    y += 0.57

    best = int(np.argmax(scores))
    layer(y, "Dense", f"{len(scores)} scores; the highest says {best}")
    ax = place(x0, y + 0.2, wide - left - x0, high - y - 0.5)
    bars = ax.bar(range(len(scores)), scores, color=RULE, width=0.7)
    bars[best].set_color(VERMILION)
    ax.axhline(0, color=PALE, linewidth=0.8)
    ax.set_xticks(range(len(scores)))
    for digit, tick in enumerate(ax.get_xticklabels()):
        tick.set_fontweight("bold" if digit == best else "normal")
    ax.set_xlim(-0.6, len(scores) - 0.4)
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    axes.append(ax)
    return axes_array(axes)


def show_dense(
    X: npt.ArrayLike,
    w: npt.ArrayLike,
    b: npt.ArrayLike,
    Z: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    gradients: Mapping[str, npt.ArrayLike] | None = None,
) -> Axes:
    """Draw a small dense layer and its activation with all their numbers.

    Inputs at the left, weighted sums in the middle, outputs at the right; each weight stands on
    its line and each bias above its sum. A gradient stands below its number, behind a curly d.

    Parameters
    ----------
    X : array_like
        Inputs. Shape (I,), I = 1 to 4.
    w : array_like
        Weights. Shape (O, I), O = 1 to 4.
    b : array_like
        Biases. Shape (O,).
    Z : array_like
        Weighted sums. Shape (O,).
    Y : array_like
        Outputs of the activation. Shape (O,).
    gradients : mapping of str to array_like, optional
        Gradients of the loss, any of ``dX``, ``dw``, ``db``, ``dZ``, ``dY``, each of the shape of
        the array that it belongs to.

    Returns
    -------
    ax : Axes
        The Axes with the drawing.

    Raises
    ------
    ValueError
        If a shape does not fit the others, a name is none of the five, or the layer is too large
        to be drawn.

    Examples
    --------
    >>> ax = show_dense([2, 1], [[1, -1], [-2, 3]], [-1, 2], [0, 1], [0.5, 0.73])
    """
    weights = checked_array(w, "show_dense", "w", {2: "(O, I)"})
    outputs, inputs = weights.shape
    if max(outputs, inputs) > 4:
        raise ValueError(
            f"show_dense: w has shape {weights.shape}, needs at most 4 outputs and 4 inputs to be "
            "legible; draw a smaller layer."
        )
    shapes = {"X": (inputs,), "w": weights.shape, "b": (outputs,), "Z": (outputs,), "Y": (outputs,)}
    given = dict(zip("XwbZY", (X, w, b, Z, Y), strict=True))
    below = dict(gradients or {})
    unknown = sorted(set(below) - {"d" + name for name in shapes})
    if unknown:
        raise ValueError(
            f"show_dense: gradients has {', '.join(map(repr, unknown))}, needs names among 'dX', "
            "'dw', 'db', 'dZ', 'dY'."
        )
    values: dict[str, Array] = {}
    slopes: dict[str, Array] = {}
    for name, shape in shapes.items():
        rank = {len(shape): "(O, I)" if name == "w" else "(I,)" if name == "X" else "(O,)"}
        for kept, source, key in ((values, given, name), (slopes, below, "d" + name)):
            if key in source:
                kept[name] = checked_array(source[key], "show_dense", key, rank)
                if kept[name].shape != shape:
                    raise ValueError(
                        f"show_dense: {key} has shape {kept[name].shape} but w {weights.shape}; "
                        f"{key} needs shape {shape}."
                    )
    return _draw_dense(values, slopes)


def _draw_dense(values: Mapping[str, Array], slopes: Mapping[str, Array]) -> Axes:
    """Place the numbers of `show_dense`; positions in inches from the upper left corner."""
    outputs, inputs = values["w"].shape
    pitch, top = 1.9, 1.1
    height = top + pitch * (max(outputs, inputs) - 1) + 0.62
    _, ax = new_canvas(5.2, height)
    x_X, x_Z, x_Y = 0.55, 3.05, 4.6

    def rows(count: int) -> list[float]:
        first = top + pitch * (max(outputs, inputs) - count) / 2
        return [first + pitch * place for place in range(count)]

    def number(name: str, index: Any, x: float, y: float, below: float) -> None:
        text = _short(values[name][index])
        ax.text(x, y, text, ha="center", va="center", color=COLORS[name], zorder=5)
        slope(name, index, x, y + below)

    def slope(name: str, index: Any, x: float, y: float) -> None:
        if name in slopes:
            words = rf"$\partial$ {_short(slopes[name][index])}"
            _over(ax, x, y, words, COLORS["d" + name])

    for x, words in ((x_X, "inputs $x$"), (x_Z, "sums $z$"), (x_Y, "outputs $y$")):
        ax.text(x, 0.2, words, ha="center", va="center")
    for o, y_Z in enumerate(rows(outputs)):
        for i, y_X in enumerate(rows(inputs)):
            ax.plot([x_X, x_Z], [y_X, y_Z], "-", color=EDGE, linewidth=1.1, zorder=1)
            # Near its input, where the lines are apart; crossing lines meet in the middle.
            share = 0.5 if y_X == y_Z else 0.3
            x, y = x_X + share * (x_Z - x_X), y_X + share * (y_Z - y_X)
            ax.add_patch(Rectangle((x - 0.3, y - 0.13), 0.6, 0.26, fc=PAPER, ec="none", zorder=2))
            number("w", (o, i), x, y, 0.24)
        ax.plot([x_Z, x_Y], [y_Z, y_Z], "-", color=EDGE, linewidth=1.1, zorder=1)
        middle = (x_Z + x_Y) / 2
        ax.text(middle, y_Z - 0.14, r"$\sigma$", ha="center", va="center")
        _over(ax, x_Z, y_Z - 0.54, f"bias {_short(values['b'][o])}", COLORS["b"])
        slope("b", o, x_Z, y_Z - 0.33)
        for name, x in (("Z", x_Z), ("Y", x_Y)):
            _box(ax, x, y_Z)
            number(name, o, x, y_Z, 0.34)
    for i, y_X in enumerate(rows(inputs)):
        _box(ax, x_X, y_X)
        number("X", i, x_X, y_X, 0.34)
    return ax


def _short(value: Any) -> str:
    """Write a number with at most four decimals."""
    text = number_text(value, ".4f")
    return text.rstrip("0").rstrip(".")


def _over(ax: Axes, x: float, y: float, words: str, color: str) -> None:
    """Write words at a point, legible over lines."""
    ax.text(
        x, y, words, ha="center", va="center", color=color, zorder=5,
        path_effects=HALO,
    )  # fmt: skip


def _box(ax: Axes, x: float, y: float) -> None:
    """Draw an empty white box around a point."""
    wide, high = 0.72, 0.36
    ax.add_patch(
        Rectangle((x - wide / 2, y - high / 2), wide, high, fc=PAPER, ec=INK, lw=1.2, zorder=3)
    )
