"""The geometry explorer's still picture and words, as ``geometry.js`` draws and writes them.

A test in a browser compares the two, for many layers. Here every layer has been checked by
cnnlab.shapes, which also says what a padding's name means; the script must know both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnlab.page.explorer.places import CELL, MARGIN
from cnnlab.page.explorer.words import Piece, number

# In units of the picture: the head of a plane (its title and the numbers of its columns), how wide
# a title is, the numbers of the rows, the gap between planes.
HEAD, TITLED, LABEL, GAP = 52, 172, 30, 48
# Width and height of the room that a picture has, on a desk and on a phone.
ROOMS = {"wide": (786, 320), "narrow": (354, 300)}
SHADES = 4  # as many reads and more are equally dark


class State(NamedTuple):
    """What is chosen: an entry of the plane "X" or "Z"."""

    plane: str
    row: int
    column: int


class Axis(NamedTuple):
    """Rows, or columns: their numbers, and what follows from them.

    `readers[p]` lists the pairs (i, u): window i has its entry u on pixel p.
    """

    size: int
    window: int
    stride: int
    dilation: int
    before: int
    after: int
    positions: int
    rest: int
    readers: tuple[tuple[tuple[int, int], ...], ...]

    @classmethod
    def of(cls, numbers: dict[str, Any], axis: int) -> Axis:
        """Count the windows that fit, equation (eq-geometry-size)."""
        size, window = numbers["image"][axis], numbers["pattern"][axis]
        stride, dilation = numbers["stride"][axis], numbers["dilation"][axis]
        span = (window - 1) * dilation + 1
        before, after = numbers["before"][axis], numbers["after"][axis]
        steps, rest = divmod(size + before + after - span, stride)
        positions = steps + 1
        readers = tuple(
            tuple(
                (i, u)
                for i in range(positions)
                for u in range(window)
                if i * stride + u * dilation - before == p
            )
            for p in range(size)
        )
        return cls(size, window, stride, dilation, before, after, positions, rest, readers)

    @property
    def span(self) -> int:
        """Return how many rows a window spans."""
        return (self.window - 1) * self.dilation + 1

    def below(self, i: int) -> list[tuple[int, int]]:
        """Return the pairs (u, p): window i has its entry u on pixel p of the image."""
        found = [(u, i * self.stride + u * self.dilation - self.before) for u in range(self.window)]
        return [(u, p) for u, p in found if 0 <= p < self.size]

    def line(self, letter: str) -> str:
        """Write out how many windows fit."""
        minus = "\N{MINUS SIGN}"
        room = (
            f"{self.size} + {self.before} + {self.after} {minus} {self.window - 1}·{self.dilation} "
            f"{minus} 1"
        )
        return f"{letter}' = ⌊({room}) / {self.stride}⌋ + 1 = {self.positions}, rest {self.rest}"


class Layer:
    """A layer, and what follows from its numbers.

    Parameters
    ----------
    numbers : dict of str to object
        As `GeometryExplorer` has them; the windows fit, and the groups divide.

    Attributes
    ----------
    numbers : dict of str to object
        As passed.
    axes : pair of Axis
        Rows and columns.
    """

    def __init__(self, numbers: dict[str, Any]) -> None:
        self.numbers = numbers
        self.axes = Axis.of(numbers, 0), Axis.of(numbers, 1)

    def reads(self) -> list[list[int]]:
        """Count for each pixel the windows that read it."""
        rows, columns = (axis.readers for axis in self.axes)
        return [[len(row) * len(column) for column in columns] for row in rows]

    def readers(self, p: int, q: int) -> list[tuple[int, int, int, int]]:
        """Return (i, j, u, v) of all that read a pixel."""
        rows, columns = self.axes
        return [(i, j, u, v) for i, u in rows.readers[p] for j, v in columns.readers[q]]

    def spell(self, state: State) -> list[Piece]:
        """Spell the chosen entry, in pieces between which a line may break."""
        rows, columns = self.axes
        place = f"[{state.row},{state.column}]"
        if state.plane == "Z":
            terms: list[Piece] = [
                [("w", f"w[{u},{v}]"), ("", "·"), ("X", f"X[{p},{q}]")]
                for u, p in rows.below(state.row)
                for v, q in columns.below(state.column)
            ]
            name: Piece = [("Z", f"Z{place}"), ("", " =")]
            pieces = [name, [("b", "b")], *([("", "+ "), *term] for term in terms)]
            return pieces if terms else [*pieces, [("", "(all on padding)")]]
        terms = [
            [("dZ", f"dZ[{i},{j}]"), ("", "·"), ("w", f"w[{u},{v}]")]
            for i, j, u, v in self.readers(state.row, state.column)
        ]
        name = [("dX", f"dX{place}"), ("", " =")]
        if not terms:
            return [name, [("", "0")], [("", "(no window reads it)")]]
        return [name, terms[0], *([("", "+ "), *term] for term in terms[1:])]

    def unread_line(self) -> str:
        """Say how many pixels no window reads."""
        counts = [count for row in self.reads() for count in row]
        return f"Never read: {counts.count(0)} of {len(counts)} pixels."

    def shapes_line(self) -> str:
        """Say the three shapes."""
        D, P, G = (self.numbers[name] for name in ("depth", "patterns", "groups"))
        (M, N), (m, n) = self.numbers["image"], self.numbers["pattern"]
        rows, columns = (axis.positions for axis in self.axes)
        return f"X ({D}, {M}, {N}), w ({P}, {D // G}, {m}, {n}), Z ({P}, {rows}, {columns})"

    def groups_line(self) -> str:
        """Say which patterns see which depths."""
        D, P, G = (self.numbers[name] for name in ("depth", "patterns", "groups"))
        if G == 1:
            return "Every pattern sees all depths."

        def parts(count: int, g: int) -> str:
            first, last = count // G * g, count // G * (g + 1) - 1
            return f"{first}" if first == last else f"{first} to {last}"

        each = [f"k = {parts(P, g)}: c = {parts(D, g)}" for g in range(G)]
        return f"Patterns k see depths c: {'; '.join(each)}."

    def lines(self) -> list[str]:
        """Return what is written below the picture."""
        rows, columns = self.axes
        sizes = [rows.line("M"), columns.line("N")]
        return [*sizes, self.unread_line(), f"{self.shapes_line()}.", self.groups_line()]


# ------------------------------------------------------------------------------- drawing


def draw(layer: Layer, state: State, room: str = "wide") -> str:
    """Return the picture of a state as an inline SVG."""
    rows, columns = layer.axes
    tall, wide = (axis.size + axis.before + axis.after for axis in layer.axes)
    image = LABEL + max(CELL * wide, TITLED), HEAD + CELL * tall
    maps = LABEL + max(CELL * columns.positions, TITLED), HEAD + CELL * rows.positions
    # Beside each other or one below the other: as the room shrinks them less.
    beside = image[0] + GAP + maps[0], max(image[1], maps[1])
    below = max(image[0], maps[0]), image[1] + maps[1] + MARGIN
    shown = [
        min(have / need for have, need in zip(ROOMS[room], size, strict=True))
        for size in (beside, below)
    ]
    if shown[0] >= shown[1]:
        (width, height), place = beside, (MARGIN + image[0] + GAP, MARGIN)
    else:
        (width, height), place = below, (MARGIN, 2 * MARGIN + image[1])
    drawn = _image(layer, state) + _maps(layer, state, place) + _links(layer, state, place)
    width, height = width + 2 * MARGIN, height + 2 * MARGIN
    return (
        f'<svg class="cx-picture" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}">{drawn}</svg>'
    )


def _image(layer: Layer, state: State) -> str:
    """Draw the padded image, and the chosen window or pixel."""
    rows, columns = layer.axes
    reads, lines = layer.reads(), []
    for p in range(-rows.before, rows.size + rows.after):
        cells = []
        for q in range(-columns.before, columns.size + columns.after):
            place = p + rows.before, q + columns.before
            inside = 0 <= p < rows.size and 0 <= q < columns.size
            cells.append(_pixel(reads[p][q], *place) if inside else _absent(*place))
        lines.append(cells)
    frame = _box(rows.before, columns.before, rows.size, columns.size)
    over = f'<rect {frame} class="cx-frame"/>'
    if state.plane == "X":
        chosen = _box(state.row + rows.before, state.column + columns.before)
        over += f'<rect {chosen} class="cx-chosen"/>'
    else:
        corner = state.row * rows.stride, state.column * columns.stride
        dots = [
            f'<circle cx="{CELL * (corner[1] + v * columns.dilation) + 10}" '
            f'cy="{HEAD + CELL * (corner[0] + u * rows.dilation) + 10}" r="6"/>'
            for u in range(rows.window)
            for v in range(columns.window)
        ]
        window = f"<rect {_box(*corner, rows.span, columns.span)}/>"
        over += f'<g class="cx-window cx-of-w">{window}{"".join(dots)}</g>'
    first = -rows.before, -columns.before
    return _plane("X", "windows per pixel", lines, first, (MARGIN, MARGIN), over)


def _maps(layer: Layer, state: State, place: tuple[int, int]) -> str:
    """Draw the positions, and the chosen one, or those that read the chosen pixel."""
    rows, columns = layer.axes
    lines = [
        [
            _number(len(rows.below(i)) * len(columns.below(j)), i, j, "cx-map")
            for j in range(columns.positions)
        ]
        for i in range(rows.positions)
    ]
    over = f'<rect {_box(0, 0, rows.positions, columns.positions)} class="cx-frame"/>'
    if state.plane == "Z":
        over += f'<rect {_box(state.row, state.column)} class="cx-chosen"/>'
    else:
        found = layer.readers(state.row, state.column)
        over += "".join(f'<rect {_box(i, j)} class="cx-reader"/>' for i, j, _, _ in found)
    return _plane("Z", "pixels per window", lines, (0, 0), place, over)


def _links(layer: Layer, state: State, place: tuple[int, int]) -> str:
    """Draw lines between the window and its entry, or the pixel and its readers."""
    rows, columns = layer.axes
    if state.plane == "Z":
        top, left = state.row * rows.stride, state.column * columns.stride
        start = left, top, columns.span, rows.span
        ends = [(state.row, state.column)]
    else:
        start = state.column + columns.before, state.row + rows.before, 1, 1
        ends = [(i, j) for i, j, _, _ in layer.readers(state.row, state.column)]
    left, top, wide, tall = (CELL * length for length in start)
    beside = place[1] == MARGIN
    x = MARGIN + LABEL + left + (wide if beside else wide // 2)
    y = MARGIN + HEAD + top + (tall // 2 if beside else tall)
    drawn = []
    for i, j in ends:
        to = place[0] + LABEL + CELL * j + (0 if beside else CELL // 2)
        down = place[1] + HEAD + CELL * i + (CELL // 2 if beside else 0)
        middle, half = (x + to) // 2, (y + down) // 2
        bend = f"{middle} {y} {middle} {down}" if beside else f"{x} {half} {to} {half}"
        drawn.append(
            f'<path d="M{x} {y}C{bend} {to} {down}"/><circle cx="{to}" cy="{down}" r="4"/>'
        )
    return f'<g class="cx-link">{"".join(drawn)}</g>'


def _plane(
    letter: str,
    title: str,
    lines: list[list[str]],
    first: tuple[int, int],
    place: tuple[int, int],
    over: str,
) -> str:
    """Draw a titled grid with the numbers of its rows and columns."""
    labels = [
        f'<text class="cx-tag" x="-7" y="{HEAD + CELL * r + 27}">{number(first[0] + r)}</text>'
        for r in range(len(lines))
    ]
    labels += [
        f'<text class="cx-lone" x="{CELL * s + 22}" y="{HEAD - 7}">{number(first[1] + s)}</text>'
        for s in range(len(lines[0]))
    ]
    rows = "".join(f'<g class="cx-row">{"".join(cells)}</g>' for cells in lines)
    return (
        f'<g class="cx-plane cx-pick cx-of-{letter}" '
        f'transform="translate({place[0] + LABEL} {place[1]})">'
        f'<text class="cx-title" y="19">{letter}'
        f'<tspan class="cx-more" dx="8">{title}</tspan></text>'
        f"{''.join(labels)}{rows}{over}</g>"
    )


def _box(row: int, column: int, rows: int = 1, columns: int = 1) -> str:
    return (
        f'x="{CELL * column}" y="{HEAD + CELL * row}" '
        f'width="{CELL * columns}" height="{CELL * rows}"'
    )


def _pixel(count: int, row: int, column: int) -> str:
    """Draw a pixel: the number of its windows, or a cross."""
    if count:
        return _number(count, row, column, f"cx-read{min(count, SHADES)}")
    x, y, side = CELL * column + 14, HEAD + CELL * row + 14, CELL - 28
    cross = f"M{x} {y}l{side} {side}m0 {-side}l{-side} {side}"
    return f'<g class="cx-cell"><rect {_box(row, column)}/><path class="cx-never" d="{cross}"/></g>'


def _number(count: int, row: int, column: int, shade: str) -> str:
    x, y = CELL * column + CELL // 2, HEAD + CELL * row + 29
    return (
        f'<g class="cx-cell"><rect {_box(row, column)}/><rect {_box(row, column)} class="{shade}"/>'
        f'<text x="{x}" y="{y}">{count}</text></g>'
    )


def _absent(row: int, column: int) -> str:
    x, y, side = CELL * column + 6, HEAD + CELL * row + 6, CELL - 12
    box = f'x="{x}" y="{y}" width="{side}" height="{side}"'
    return f'<g class="cx-cell"><rect {box} class="cx-absent"/></g>'
