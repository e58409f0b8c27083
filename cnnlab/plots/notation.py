"""The diagram of one convolutional layer with every symbol of the notation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Polygon, Rectangle

from cnnlab.plots.canvas import HALO, new_canvas, outline
from cnnlab.plots.style import BLUE, GREEN, INK, OCHER, PALE, PAPER, PURPLE, VERMILION

Box: TypeAlias = tuple[float, float, float, float]  # left, top, width, height

WIDE = 5.2  # units of the drawing
LEFT = 0.78  # where X, w and Z begin
SHIFT = 0.13  # from one plane to the next


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
    at = _Plan(B, D, M, N, P, m, n)
    _, ax = new_canvas(WIDE, at.height)
    _draw_images(ax, at)
    _draw_patterns(ax, at)
    _draw_maps(ax, at)
    _draw_position(ax, at)
    _write_equations(ax, at.height)
    return ax


class _Plan(NamedTuple):
    """The sizes of a layer, and where its parts stand, in inches from the upper left corner."""

    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int

    @property
    def rows(self) -> int:
        """M', the height of a map."""
        return self.M - self.m + 1

    @property
    def columns(self) -> int:
        """N', the width of a map."""
        return self.N - self.n + 1

    @property
    def output(self) -> tuple[int, int]:
        """The position (i, j) that is shown; the ribbon from it misses the words beside it."""
        return min(2, self.rows - 1), min(1, self.columns - 1)

    @property
    def offset(self) -> tuple[int, int]:
        """The offset (u, v) inside the pattern that is shown."""
        return min(2, self.m - 1), min(1, self.n - 1)

    @property
    def cell(self) -> float:
        """The side of a pixel of X."""
        return min(0.24, 1.9 / self.M, 1.95 / self.N)

    @property
    def pitch(self) -> float:
        """From one pattern to the next."""
        return 4.35 / self.P

    @property
    def cell_w(self) -> float:
        """The side of a weight."""
        room = self.pitch - SHIFT * (self.D - 1) - 0.12
        return min(self.cell, room / self.n, 1.0 / self.m)

    @property
    def cell_Z(self) -> float:
        """The side of an entry of Z or Y."""
        return min(0.19, 1.35 / self.columns, 1.4 / self.rows)

    @property
    def deep(self) -> float:
        """From the first plane of an image or a pattern to the last."""
        return SHIFT * (self.D - 1)

    @property
    def deep_Z(self) -> float:
        """From the first map to the last."""
        return SHIFT * (self.P - 1)

    @property
    def top_X(self) -> float:
        """The upper edge of the first plane of X."""
        return 0.62 + self.deep

    @property
    def top_w(self) -> float:
        """The upper edge of the patterns."""
        return self.top_X + self.M * self.cell + 1.25 + self.deep

    @property
    def top_Z(self) -> float:
        """The upper edge of the maps."""
        return self.top_w + self.m * self.cell_w + 1.42 + self.deep_Z

    @property
    def height(self) -> float:
        """The height of the figure."""
        return self.top_Z + self.rows * self.cell_Z + 1.35

    @property
    def window(self) -> Box:
        """The window of the position, on X."""
        (i, j), cell = self.output, self.cell
        return LEFT + j * cell, self.top_X + i * cell, self.n * cell, self.m * cell

    @property
    def pattern(self) -> Box:
        """The first pattern."""
        return LEFT, self.top_w, self.n * self.cell_w, self.m * self.cell_w

    @property
    def entry(self) -> Box:
        """The entry of Z at the position."""
        (i, j), cell = self.output, self.cell_Z
        return LEFT + j * cell, self.top_Z + i * cell, cell, cell

    @property
    def pixel(self) -> tuple[float, float]:
        """The middle of the marked pixel."""
        (i, j), (u, v), cell = self.output, self.offset, self.cell
        return LEFT + (j + v + 0.5) * cell, self.top_X + (i + u + 0.5) * cell

    @property
    def weight(self) -> tuple[float, float]:
        """The middle of the marked weight."""
        (u, v), cell = self.offset, self.cell_w
        return LEFT + (v + 0.5) * cell, self.top_w + (u + 0.5) * cell


def _draw_images(ax: Axes, at: _Plan) -> None:
    """Draw the batch: one image in full, two more behind it in small."""
    M, N, (i, j), (u, v) = at.M, at.N, at.output, at.offset
    cell, deep, top = at.cell, at.deep, at.top_X
    _caption(ax, 0.1, 0.2, "$X$", "images  (B, D, M, N)", BLUE)
    _stack(ax, LEFT, top, M, N, at.D, cell, BLUE)
    _measure(ax, LEFT, top + M * cell + 0.3, N * cell, 0, "$N$")
    _measure(ax, LEFT - 0.34, top, 0, M * cell, "$M$")
    _measure(ax, LEFT + N * cell + 0.07, top + M * cell + 0.05, deep, -deep, "$D$")
    _letters(ax, LEFT, top, cell, M, {"i": i, "p": i + u}, {"j": j, "q": j + v})
    for x, y in ((LEFT, at.pixel[1]), (at.pixel[0], top + M * cell)):
        ax.plot([at.pixel[0], x], [at.pixel[1], y], ":", color=VERMILION, lw=1.2, zorder=5)
    _behind(ax, LEFT, top, deep, "$c$")
    aside = LEFT + N * cell + deep + 0.42
    small = 0.27
    x, y = aside, top - deep / 2 + 0.1
    _note(ax, LEFT + deep + N * cell / 2, top - deep - 0.13, "$s=0$")
    for place in range(1, min(at.B, 3)):
        last = place == 2 and at.B > 3
        _stack(ax, x, y, M, N, at.D, cell * small, BLUE, shift=SHIFT * 0.4, fade=0.5)
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
    )


def _draw_patterns(ax: Axes, at: _Plan) -> None:
    """Draw the patterns and their biases."""
    m, n, (u, v) = at.m, at.n, at.offset
    cell, deep, top = at.cell_w, at.deep, at.top_w
    beside = max(at.window[0] + at.window[2], at.pattern[0] + at.pattern[2]) + 0.15
    words = "patterns  (P, D, m, n)\nbiases $b$  (P,)"
    _caption(ax, beside, top - deep - 0.52, "$w$", words, VERMILION)
    for k in range(at.P):
        x = LEFT + k * at.pitch
        beside, below = x + n * cell + 0.05, top + m * cell + 0.5
        _stack(ax, x, top, m, n, at.D, cell, VERMILION, fade=1.0 if k == 0 else 0.6)
        _note(ax, x + n * cell + deep + 0.15, top - deep - 0.13, f"$k={k}$", ha="right")
        ax.add_patch(
            Rectangle((beside, below), 0.18, 0.18, fc=to_rgba(OCHER, 0.15), ec=OCHER, zorder=4)
        )
        _note(ax, beside + 0.24, below + 0.09, f"$b[{k}]$", ha="left")
    _measure(ax, LEFT - 0.34, top, 0, m * cell, "$m$")
    second = LEFT + min(1, at.P - 1) * at.pitch
    _measure(ax, second, top + m * cell + 0.2, n * cell, 0, "$n$")
    _measure(ax, LEFT + n * cell + 0.07, top + m * cell + 0.05, deep, -deep, "$D$")
    _letters(ax, LEFT, top, cell, m, {"u": u}, {"v": v})
    _behind(ax, LEFT, top, deep, "$c$")


def _draw_maps(ax: Axes, at: _Plan) -> None:
    """Draw the response maps and, right of them, the output."""
    P, rows, columns, (i, j) = at.P, at.rows, at.columns, at.output
    cell, deep, top, entry = at.cell_Z, at.deep_Z, at.top_Z, at.entry
    beside = max(at.pattern[0] + at.pattern[2], entry[0] + entry[2]) + 0.12
    right = LEFT + columns * cell + deep + 0.78
    above = top - deep - 0.3
    _caption(ax, beside, above, "$Z$", "maps\n(B, P, M', N')", GREEN)
    _caption(ax, max(right, beside + 1.6), above, "$Y$", "output\n(B, P, M', N')", PURPLE)
    for x, color in ((LEFT, GREEN), (right, PURPLE)):
        _stack(ax, x, top, rows, columns, P, cell, color)
        _letters(ax, x, top, cell, rows, {"i": i}, {"j": j})
        _behind(ax, x, top, deep, "$k$")
        _measure(ax, x, top + rows * cell + 0.3, columns * cell, 0, "$N'$")
        _measure(ax, x + columns * cell + 0.07, top + rows * cell + 0.05, deep, -deep, "$P$")
    _measure(ax, LEFT - 0.34, top, 0, rows * cell, "$M'$")
    step = LEFT + columns * cell + deep + 0.12
    ax.annotate(
        "",
        (right - 0.26, top + 0.2),
        (step, top + 0.2),
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2},
    )
    ax.text((step + right - 0.26) / 2, top + 0.06, "$f$", ha="center", va="center")
    outline(ax, right + j * cell, entry[1], cell, cell, VERMILION, width=1.8)


def _draw_position(ax: Axes, at: _Plan) -> None:
    """Draw one position: the window on X, through the first pattern, to one entry of Z."""
    for start, end in ((at.window, at.pattern), (at.pattern, at.entry)):
        bottom = start[1] + start[3]
        corners = [
            (start[0], bottom),
            (start[0] + start[2], bottom),
            (end[0] + end[2], end[1]),
            (end[0], end[1]),
        ]
        ax.add_patch(Polygon(corners, facecolor=VERMILION, alpha=0.13, edgecolor="none", zorder=3))
        for a, b in ((0, 3), (1, 2)):
            ax.plot(
                *zip(corners[a], corners[b], strict=True), "-", color=VERMILION, lw=0.8, alpha=0.7
            )
    for box in (at.window, at.pattern, at.entry):
        outline(ax, *box, VERMILION, width=2.0)
    for x, y in (at.pixel, at.weight):
        ax.plot(x, y, "o", color=VERMILION, markersize=4.5, zorder=6)


def _write_equations(ax: Axes, height: float) -> None:
    """Write what the layer computes, and the sizes of its output."""
    search = r"$Z[s,k,i,j] = b[k] + \sum_{c,u,v}\; X[s,c,i+u,j+v]\; w[k,c,u,v]$"
    sizes = r"$Y = f(Z), \qquad M' = M-m+1, \qquad N' = N-n+1$"
    for words, up in ((search, 0.62), (sizes, 0.22)):
        ax.text(WIDE / 2, height - up, words, ha="center", va="center")


def _caption(ax: Axes, x: float, y: float, symbol: str, words: str, color: str) -> None:
    """Write a symbol and what it is."""
    ax.text(x, y, symbol, ha="left", va="center", color=color)
    ax.text(x + 0.26, y, words, ha="left", va="center")


def _note(ax: Axes, x: float, y: float, text: str, *, ha: str = "center") -> None:
    """Write a word at a point, legible over lines."""
    ax.text(x, y, text, ha=ha, va="center", zorder=4, path_effects=HALO)


def _stack(
    ax: Axes,
    x: float,
    y: float,
    rows: int,
    columns: int,
    depth: int,
    cell: float,
    color: str,
    *,
    shift: float = SHIFT,
    fade: float = 1.0,
) -> None:
    """Draw planes one behind the other, the first in front, its upper left corner at (x, y)."""
    for plane in range(depth - 1, -1, -1):
        left, top = x + plane * shift, y - plane * shift
        strength = fade * (0.16 if plane else 0.10)
        ax.add_patch(
            Rectangle(
                (left, top),
                columns * cell,
                rows * cell,
                facecolor=PAPER,  # hides the planes behind it
                edgecolor="none",
                zorder=2,
            )
        )
        ax.add_patch(
            Rectangle(
                (left, top),
                columns * cell,
                rows * cell,
                facecolor=to_rgba(color, strength),
                edgecolor=to_rgba(color, fade),
                linewidth=1.0,
                zorder=2,
            )
        )
    line = to_rgba(color, 0.4 * fade)
    for row in range(1, rows):
        ax.plot([x, x + columns * cell], [y + row * cell] * 2, "-", color=line, lw=0.5, zorder=2)
    for column in range(1, columns):
        ax.plot([x + column * cell] * 2, [y, y + rows * cell], "-", color=line, lw=0.5, zorder=2)


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
        bbox=None if slanted else {"boxstyle": "square,pad=0.12", "fc": PAPER, "ec": "none"},
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
        ax.text(x - 0.1, y + (row + 0.5) * cell, f"${letter}$", ha="center", va="center")
    for letter, column in across.items():
        ax.text(
            x + (column + 0.5) * cell,
            y + rows * cell + 0.11,
            f"${letter}$",
            ha="center",
            va="center",
        )
