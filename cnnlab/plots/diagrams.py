"""Diagrams of layers, a network and a step, drawn from real sizes and real numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Annotation, Text

from cnnlab.plots.canvas import (
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
    outline,
    signed_limits,
    size_text,
)
from cnnlab.plots.style import (
    BLUE,
    FIXED,
    GRAY_MAP,
    GREEN,
    INK,
    PALE,
    PURPLE,
    RULE,
    VERMILION,
    WIDTH,
    Array,
)


def show_layer(
    *,
    B: int = 3,
    D: int = 3,
    M: int = 6,
    N: int = 8,
    P: int = 4,
    m: int = 3,
    n: int = 2,
) -> Axes:
    """Draw one convolutional layer with every symbol of the book's notation.

    From top to bottom: the batch X with the window, the patterns w with their biases, the response
    maps Z and the output Y, all to one scale.

    Parameters
    ----------
    B, D, M, N : int, optional
        Batch, depth, height and width of X.
    P, m, n : int, optional
        Number, height and width of the patterns.

    Returns
    -------
    ax : Axes
        The Axes with the drawing.

    Raises
    ------
    ValueError
        If a size is below 1, or a pattern is larger than the image.

    Examples
    --------
    >>> ax = show_layer(M=5, N=5, m=2, n=2)
    """
    for name, size in {"B": B, "D": D, "M": M, "N": N, "P": P, "m": m, "n": n}.items():
        if size < 1:
            raise ValueError(f"show_layer: {name} is {size}, needs 1 or more; give every size.")
    if m > M or n > N:
        raise ValueError(
            f"show_layer: a pattern of {m} x {n} does not fit an image of {M} x {N}; "
            "make m <= M and n <= N."
        )
    rows, columns = M - m + 1, N - n + 1
    i, j = min(2, rows - 1), min(1, columns - 1)  # so the ribbon misses the words beside it
    u, v = min(2, m - 1), min(1, n - 1)
    shift = 0.13  # inches from one plane to the next
    left = 0.78
    cell = min(0.24, 1.9 / M, 1.95 / N)
    pitch = 4.35 / P  # from one pattern to the next
    cell_w = min(cell, (pitch - shift * (D - 1) - 0.12) / n, 1.0 / m)
    cell_Z = min(0.19, 1.35 / columns, 1.4 / rows)
    deep, deep_Z = shift * (D - 1), shift * (P - 1)

    top_X = 0.62 + deep
    top_w = top_X + M * cell + 1.25 + deep
    top_Z = top_w + m * cell_w + 1.42 + deep_Z
    height = top_Z + rows * cell_Z + 1.35
    _, ax = new_canvas(WIDTH, height)

    # one position: the window on X, through the first pattern, to one entry of Z
    window = (left + j * cell, top_X + i * cell, n * cell, m * cell)
    pattern = (left, top_w, n * cell_w, m * cell_w)
    entry = (left + j * cell_Z, top_Z + i * cell_Z, cell_Z, cell_Z)
    pixel = (left + (j + v + 0.5) * cell, top_X + (i + u + 0.5) * cell)
    weight = (left + (v + 0.5) * cell_w, top_w + (u + 0.5) * cell_w)

    # the batch: one image in full, two more behind it in small
    _caption(ax, 0.1, 0.2, "$X$", "images  (B, D, M, N)", BLUE)
    _stack(ax, left, top_X, M, N, D, cell, shift, BLUE)
    _measure(ax, left, top_X + M * cell + 0.3, N * cell, 0, "$N$")
    _measure(ax, left - 0.34, top_X, 0, M * cell, "$M$")
    _measure(ax, left + N * cell + 0.07, top_X + M * cell + 0.05, deep, -deep, "$D$")
    _letters(ax, left, top_X, cell, M, {"i": i, "p": i + u}, {"j": j, "q": j + v})
    for x, y in ((left, pixel[1]), (pixel[0], top_X + M * cell)):
        ax.plot([pixel[0], x], [pixel[1], y], ":", color=VERMILION, lw=1.2, zorder=5)
    _behind(ax, left, top_X, deep, "$c$")
    aside = left + N * cell + deep + 0.5
    small = 0.27
    x, y = aside, top_X - deep / 2 + 0.1
    _note(ax, left + deep + N * cell / 2, top_X - deep - 0.13, "$s=0$")
    for place in range(1, min(B, 3)):
        last = place == 2 and B > 3
        _stack(ax, x, y, M, N, D, cell * small, shift * 0.4, BLUE, fade=0.5)
        middle = x + 0.2 * deep + N * cell * small / 2
        _note(ax, middle, y - 0.4 * deep - 0.13, "$s=B-1$" if last else f"$s={place}$")
        x += N * cell * small + 0.42
    ax.text(
        aside,
        y + M * cell * small + 0.3,
        "the marked pixel:\n$X[s,\\,c,\\,p,\\,q]$\n$p=i+u,\\; q=j+v$",
        ha="left",
        va="top",
        linespacing=1.5,
        fontsize=11.5,
    )

    # the patterns and their biases
    beside = max(window[0] + window[2], pattern[0] + pattern[2]) + 0.15
    words = "patterns  (P, D, m, n)\nbiases $b$  (P,)"
    _caption(ax, beside, top_w - deep - 0.52, "$w$", words, VERMILION)
    for k in range(P):
        x = left + k * pitch
        beside = x + n * cell_w + 0.05
        top = top_w + m * cell_w + 0.5
        _stack(ax, x, top_w, m, n, D, cell_w, shift, VERMILION, fade=1.0 if k == 0 else 0.6)
        _note(ax, x + n * cell_w + deep + 0.15, top_w - deep - 0.13, f"$k={k}$", ha="right")
        ax.add_patch(Rectangle((beside, top), 0.18, 0.18, fc="#FBE3D0", ec=VERMILION, zorder=4))
        _note(ax, beside + 0.24, top + 0.09, f"$b[{k}]$", ha="left")
    _measure(ax, left - 0.34, top_w, 0, m * cell_w, "$m$")
    second = left + min(1, P - 1) * pitch
    _measure(ax, second, top_w + m * cell_w + 0.2, n * cell_w, 0, "$n$")
    _measure(ax, left + n * cell_w + 0.07, top_w + m * cell_w + 0.05, deep, -deep, "$D$")
    _letters(ax, left, top_w, cell_w, m, {"u": u}, {"v": v})
    _behind(ax, left, top_w, deep, "$c$")

    # the response maps and the output
    beside = max(pattern[0] + pattern[2], entry[0] + entry[2]) + 0.12
    right = left + columns * cell_Z + deep_Z + 0.78
    _caption(ax, beside, top_Z - deep_Z - 0.3, "$Z$", "maps\n(B, P, M', N')", GREEN)
    _caption(
        ax, max(right, beside + 1.6), top_Z - deep_Z - 0.3, "$Y$", "output\n(B, P, M', N')", PURPLE
    )
    for x, color in ((left, GREEN), (right, PURPLE)):
        _stack(ax, x, top_Z, rows, columns, P, cell_Z, shift, color)
        _letters(ax, x, top_Z, cell_Z, rows, {"i": i}, {"j": j})
        _behind(ax, x, top_Z, deep_Z, "$k$")
        _measure(ax, x, top_Z + rows * cell_Z + 0.3, columns * cell_Z, 0, "$N'$")
        _measure(
            ax, x + columns * cell_Z + 0.07, top_Z + rows * cell_Z + 0.05, deep_Z, -deep_Z, "$P$"
        )
    _measure(ax, left - 0.34, top_Z, 0, rows * cell_Z, "$M'$")
    step = left + columns * cell_Z + deep_Z + 0.12
    ax.annotate(
        "",
        (right - 0.26, top_Z + 0.2),
        (step, top_Z + 0.2),
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2},
    )
    ax.text((step + right - 0.26) / 2, top_Z + 0.06, "$f$", ha="center", va="center", fontsize=13)
    outline(ax, right + j * cell_Z, entry[1], cell_Z, cell_Z, VERMILION, width=1.8)

    for start, end in ((window, pattern), (pattern, entry)):
        bottom = start[1] + start[3]
        corners = [
            (start[0], bottom),
            (start[0] + start[2], bottom),
            (end[0] + end[2], end[1]),
            (end[0], end[1]),
        ]
        ax.add_patch(Polygon(corners, facecolor=VERMILION, alpha=0.13, edgecolor="none", zorder=3))
        for a, b in ((0, 3), (1, 2)):
            ax.plot(*zip(corners[a], corners[b], strict=True), color=VERMILION, lw=0.8, alpha=0.7)
    for box in (window, pattern, entry):
        outline(ax, *box, VERMILION, width=2.0)
    for x, y in (pixel, weight):
        ax.plot(x, y, "o", color=VERMILION, markersize=4.5, zorder=6)

    ax.text(
        WIDTH / 2,
        height - 0.62,
        r"$Z[s,k,i,j] = b[k] + \sum_{c,u,v}\; X[s,c,i+u,j+v]\; w[k,c,u,v]$",
        ha="center",
        va="center",
        fontsize=12,
    )
    ax.text(
        WIDTH / 2,
        height - 0.22,
        r"$Y = f(Z), \qquad M' = M-m+1, \qquad N' = N-n+1$",
        ha="center",
        va="center",
        fontsize=12,
    )
    return ax


def show_network(
    X: npt.ArrayLike,
    w: npt.ArrayLike,
    Z: npt.ArrayLike,
    Y: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    label: int | None = None,
) -> Array:
    """Draw the post's network at work on one image, from its real numbers.

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
            write(x0, y, words, fontsize=10.5)
            return
        head = write(x0, y, name, fontsize=11, weight="bold")
        tail = Annotation(
            words,
            (1, 0.5),
            (6, 0),
            xycoords=head,
            textcoords="offset points",
            va="center",
            fontsize=10.5,
        )
        figure.add_artist(tail)

    pixels, limits = checked_pixels(image, "show_network")
    ax = place(x0, 0.1, 1.3 * min(1.0, columns / rows), 1.3 * min(1.0, rows / columns))
    draw_image(ax, pixels, limits)
    axes = [ax]
    write(left, 0.75, "$X$", fontsize=14)
    is_digit = "" if label is None else f": a {label}"
    write(x0 + 1.5, 0.25, f"one image{is_digit}", fontsize=11, weight="bold")
    write(x0 + 1.5, 0.5, size_text(image.shape), fontsize=10.5, color=PALE)
    key = "$w$ and $Z$: red above 0, blue below 0\n$Y$: white near 1, black near 0"
    write(x0 + 1.5, 1.13, key, fontsize=10, color=PALE, linespacing=1.5)

    times = "\N{MULTIPLICATION SIGN}"
    rows_of_planes = (
        ("$w$", patterns[:, 0], signed_limits(patterns), 0.72),
        ("$Z$", maps, signed_limits(maps), 1.0),
        ("$Y$", outputs, None, 1.0),
    )
    headings = (
        ("Conv2D", f"searches it for {count} patterns of {m} {times} {n}"),
        ("", f"and makes {count} maps of {rows} {times} {columns}: how well each fits, where"),
        ("Sigmoid", "turns every response into a number from 0 to 1"),
    )
    y = 1.62
    for (symbol, planes, signed, scale), heading in zip(rows_of_planes, headings, strict=True):
        side = tile * scale
        tall = side * planes.shape[1] / planes.shape[2]
        layer(y, *heading)
        y += 0.17
        write(left, y + tall / 2, symbol, fontsize=14)
        for k in range(count):
            ax = place(x0 + k * pitch + (tile - side) / 2, y, side, tall)
            if signed is None:
                draw_image(ax, planes[k], gray_limits(planes))
            else:
                draw_signed(ax, planes[k], signed)
            axes.append(ax)
        y += tall + 0.2

    vector = outputs.reshape(1, -1)
    layer(y, "Flatten", f"makes them one vector of {vector.size:,} numbers")
    ax = place(x0, y + 0.16, wide - left - x0, 0.2)
    ax.imshow(vector, cmap=GRAY_MAP, aspect="auto", vmin=0, vmax=gray_limits(outputs)[1])
    bare(ax)
    axes.append(ax)
    y += 0.57

    best = int(np.argmax(scores))
    layer(y, "Dense", f"weighs them into {len(scores)} scores; the highest says {best}")
    ax = place(x0, y + 0.2, wide - left - x0, high - y - 0.5)
    bars = ax.bar(range(len(scores)), scores, color="#B4BFC7", width=0.7)
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
    pitch, top = 1.5, 1.1
    height = top + pitch * (max(outputs, inputs) - 1) + 0.62
    _, ax = new_canvas(WIDTH, height)
    x_X, x_Z, x_Y = 0.55, 3.05, 4.6

    def rows(count: int) -> list[float]:
        first = top + pitch * (max(outputs, inputs) - count) / 2
        return [first + pitch * place for place in range(count)]

    def number(name: str, index: Any, x: float, y: float, color: str = INK) -> None:
        ax.text(
            x,
            y,
            _short(values[name][index]),
            ha="center",
            va="center",
            fontsize=12,
            color=color,
            zorder=5,
        )

    def slope(name: str, index: Any, x: float, y: float) -> None:
        if name in slopes:
            halo = [patheffects.withStroke(linewidth=3, foreground="white")]
            words = rf"$\partial$ {_short(slopes[name][index])}"
            ax.text(
                x, y, words, ha="center", va="center", fontsize=10.5, color=VERMILION,
                zorder=5, path_effects=halo,
            )  # fmt: skip

    for x, words in ((x_X, "inputs $x$"), (x_Z, "sums $z$"), (x_Y, "outputs $y$")):
        ax.text(x, 0.2, words, ha="center", va="center", fontsize=12)
    wide, high = 0.72, 0.36
    for o, y_Z in enumerate(rows(outputs)):
        for i, y_X in enumerate(rows(inputs)):
            ax.plot([x_X, x_Z], [y_X, y_Z], color=RULE, linewidth=1.1, zorder=1)
            # Near its input, where the lines are apart; crossing lines meet in the middle.
            share = 0.5 if y_X == y_Z else 0.3
            x, y = x_X + share * (x_Z - x_X), y_X + share * (y_Z - y_X)
            ax.add_patch(Rectangle((x - 0.3, y - 0.13), 0.6, 0.26, fc="white", ec="none", zorder=2))
            number("w", (o, i), x, y, BLUE)
            slope("w", (o, i), x, y + 0.24)
        ax.plot([x_Z, x_Y], [y_Z, y_Z], color=RULE, linewidth=1.1, zorder=1)
        halo = [patheffects.withStroke(linewidth=3, foreground="white")]
        middle = (x_Z + x_Y) / 2
        ax.text(middle, y_Z - 0.14, r"$\sigma$", ha="center", va="center", fontsize=13)
        bias = f"bias {_short(values['b'][o])}"
        ax.text(
            x_Z, y_Z - 0.54, bias, ha="center", va="center", fontsize=11, color=BLUE,
            zorder=5, path_effects=halo,
        )  # fmt: skip
        slope("b", o, x_Z, y_Z - 0.33)
        for name, x in (("Z", x_Z), ("Y", x_Y)):
            _box(ax, x, y_Z, wide, high)
            number(name, o, x, y_Z)
            slope(name, o, x, y_Z + 0.34)
    for i, y_X in enumerate(rows(inputs)):
        _box(ax, x_X, y_X, wide, high)
        number("X", i, x_X, y_X)
        slope("X", i, x_X, y_X + 0.34)
    return ax


def _short(value: Any) -> str:
    """Write a number with at most four decimals."""
    text = number_text(value, ".4f")
    return text.rstrip("0").rstrip(".")


def _box(ax: Axes, x: float, y: float, wide: float, high: float) -> None:
    """Draw an empty white box around a point."""
    ax.add_patch(
        Rectangle((x - wide / 2, y - high / 2), wide, high, fc="white", ec=INK, lw=1.2, zorder=3)
    )


def _caption(ax: Axes, x: float, y: float, symbol: str, words: str, color: str) -> None:
    """Write a symbol and what it is."""
    ax.text(x, y, symbol, ha="left", va="center", fontsize=16, color=color)
    ax.text(x + 0.26, y, words, ha="left", va="center", fontsize=11)


def _note(ax: Axes, x: float, y: float, text: str, *, ha: str = "center") -> None:
    """Write a word at a point, legible over lines."""
    halo = [patheffects.withStroke(linewidth=3, foreground="white")]
    ax.text(x, y, text, ha=ha, va="center", fontsize=12, zorder=4, path_effects=halo)


def _stack(
    ax: Axes,
    x: float,
    y: float,
    rows: int,
    columns: int,
    depth: int,
    cell: float,
    shift: float,
    color: str,
    *,
    fade: float = 1.0,
) -> None:
    """Draw planes one behind the other, the first in front, its upper left corner at (x, y)."""
    tint = np.array(mpl.colors.to_rgb(color))
    for plane in range(depth - 1, -1, -1):
        left, top = x + plane * shift, y - plane * shift
        strength = fade * (0.16 if plane else 0.10)
        ax.add_patch(
            Rectangle(
                (left, top),
                columns * cell,
                rows * cell,
                facecolor=tuple(1 - strength * (1 - tint)),
                edgecolor=tuple(1 - fade * (1 - tint)),
                linewidth=1.0,
                zorder=2,
            )
        )
    line = tuple(1 - 0.4 * fade * (1 - tint))
    for row in range(1, rows):
        ax.plot([x, x + columns * cell], [y + row * cell] * 2, color=line, lw=0.5, zorder=2)
    for column in range(1, columns):
        ax.plot([x + column * cell] * 2, [y, y + rows * cell], color=line, lw=0.5, zorder=2)


def _measure(ax: Axes, x: float, y: float, dx: float, dy: float, text: str) -> None:
    """Draw a dimension line from (x, y) to (x + dx, y + dy) with its size written on it."""
    if dx == dy == 0:
        return
    ax.annotate(
        "",
        (x + dx, y + dy),
        (x, y),
        arrowprops={
            "arrowstyle": "|-|, widthA=0.25, widthB=0.25",
            "color": PALE,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    slanted = dx and dy
    ax.text(
        x + dx / 2 + (0.13 if slanted else 0),
        y + dy / 2 + (0.09 if slanted else 0),
        text,
        ha="center",
        va="center",
        fontsize=12,
        bbox=None if slanted else {"boxstyle": "square,pad=0.12", "fc": "white", "ec": "none"},
    )


def _behind(ax: Axes, x: float, y: float, deep: float, text: str) -> None:
    """Write the index letter that counts planes, with an arrow from the first to the last."""
    if deep == 0:
        return
    ax.annotate(
        "",
        (x + deep - 0.05, y - deep - 0.05),
        (x - 0.05, y - 0.05),
        arrowprops={
            "arrowstyle": "->",
            "color": PALE,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    ax.text(
        x + deep / 2 - 0.15,
        y - deep / 2 - 0.13,
        text,
        ha="center",
        va="center",
        fontsize=12,
        zorder=4,
    )


def _letters(
    ax: Axes,
    x: float,
    y: float,
    cell: float,
    rows: int,
    down: Mapping[str, int],
    across: Mapping[str, int],
) -> None:
    """Write index letters at their row (left of a plane) and their column (below it)."""
    for letter, row in down.items():
        ax.text(
            x - 0.1, y + (row + 0.5) * cell, f"${letter}$", ha="center", va="center", fontsize=12
        )
    for letter, column in across.items():
        ax.text(
            x + (column + 0.5) * cell,
            y + rows * cell + 0.11,
            f"${letter}$",
            ha="center",
            va="center",
            fontsize=12,
        )
