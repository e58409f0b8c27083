"""The still picture: what the scripts draw, drawn where scripts do not run; a convolution's planes.

Where each plane of numbers stands is decided in Python alone (`arrange`) and handed to the script.
How a plane is drawn is said twice, here and in ``explorer.js``; what the planes of a convolution
hold, here and in ``convolution.js``, in the same order and under the same names. A test in a
browser compares the two pictures letter by letter.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple, TypeAlias

Numbers: TypeAlias = list[list[Any]]
Values: TypeAlias = dict[str, Any]

# Name, what is seen, and what can be done (only where the script runs).
MODES = {
    "forward": {
        "name": "Forward",
        "how": "The pattern lies on the image. Each pixel is multiplied by the small number on it, "
        "a weight. The products and the bias add up to one entry of Z.",
        "hint": "Choose an entry of Z (arrow keys too), or slide the frame.",
    },
    "weight": {
        "name": "Weight gradient",
        "how": "Each pixel in the frame met the same weight w[k,c,u,v], one per position. It is "
        "multiplied by the entry of dZ[k] on it. The products add up to one entry of dw.",
        "hint": "Choose an entry of dw (arrow keys too), or slide the frame.",
    },
    "gather": {
        "name": "Input gradient: gather",
        "how": "One pixel collects. The pattern, turned by 180°, lies on dZ. Outside the border of "
        "dZ there are no entries (dashed). The products of all patterns add up to one entry of dX.",
        "hint": "Choose an entry of dX (arrow keys too), or slide a frame.",
    },
    "scatter": {
        "name": "Input gradient: scatter",
        "how": "One entry of dZ hands out. The pattern, as it is, lies on dX. Each pixel under it "
        "gets a share: the entry times the weight on it. The shares of all entries add up to dX.",
        "hint": "Choose an entry of dZ (arrow keys too), or slide the frame.",
    },
}

# In units of the picture: an entry, the gap between planes, a title, the widest line, the margin.
CELL, GAP, TITLE, WIDEST, MARGIN = 30, 14, 20, 344, 3
LETTER = 6.5  # of a title, rather too wide: fonts differ
TIMES, MINUS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"
# How many pixels a unit may become. A phone has about one for each.
ZOOM = 1.4


class Sizes(NamedTuple):
    """The sizes of the arrays, by their letters; M' and N' are `rows` and `columns`."""

    D: int
    M: int
    N: int
    P: int
    m: int
    n: int
    rows: int
    columns: int

    @classmethod
    def of(cls, values: Values) -> Sizes:
        """Read them off the arrays."""
        X, w, Z = values["X"], values["w"], values["Z"]
        return cls(
            *(len(X), len(X[0]), len(X[0][0])),
            *(len(w), len(w[0][0]), len(w[0][0][0])),
            *(len(Z[0]), len(Z[0][0])),
        )

    def selectable(self, mode: str) -> tuple[int, int]:
        """Return rows and columns of the plane in which an entry is chosen."""
        return {"weight": (self.m, self.n), "gather": (self.M, self.N)}.get(
            mode, (self.rows, self.columns)
        )


class State(NamedTuple):
    """What is shown: the mode, pattern k, depth c, and the chosen entry of a plane."""

    mode: str
    k: int
    c: int
    row: int
    column: int


class Meeting(NamedTuple):
    """A window of the plane `on`, its first entry at (row, column), and the numbers laid on it.

    `on` holds None where an array has no entry.
    """

    on: Numbers
    row: int
    column: int
    by: Numbers

    def pairs(self) -> list[list[tuple[int | None, int]]]:
        """Return which two numbers meet, in the shape of the window."""
        return [
            [(self.on[self.row + r][self.column + s], factor) for s, factor in enumerate(line)]
            for r, line in enumerate(self.by)
        ]


class Plane(NamedTuple):
    """A titled grid of numbers; None is absent, "" is blank.

    `pick`: an entry can be chosen here. `chosen`: it is this one. `over`: numbers laid on it, small
    after a times sign, or `alone` as the content of the plane; `turned` by 180 degrees. `marked`:
    entries with a frame of their own, (row, column, True), dashed with False.
    """

    title: str
    cells: Numbers
    pick: bool = False
    chosen: tuple[int, int] | None = None
    over: Meeting | None = None
    alone: bool = False
    turned: bool = False
    idle: bool = False
    marked: tuple[tuple[int, int, bool], ...] = ()


# ------------------------------------------------------------------------------- what meets what


def turn(numbers: Numbers) -> Numbers:
    """Turn by 180 degrees."""
    return [line[::-1] for line in reversed(numbers)]


def meetings(values: Values, state: State) -> list[Meeting]:
    """Return which numbers meet for the chosen entry."""
    X, w, dZ = values["X"], values["w"], values["dZ"]
    sizes = Sizes.of(values)
    mode, k, c, row, column = state
    if mode == "forward":
        return [Meeting(X[c], row, column, w[k][c]) for c in range(sizes.D)]
    if mode == "weight":
        return [Meeting(X[c], row, column, dZ[k])]
    if mode == "gather":
        # Entry (p, q) of dX reads dZ from p - m + 1 to p: with m - 1 absent rows in front, the
        # window begins at row p. The same for columns.
        return [
            Meeting(surround(dZ[k], sizes.m - 1, sizes.n - 1), row, column, turn(w[k][c]))
            for k in range(sizes.P)
        ]
    share = dZ[k][row][column]
    return [Meeting([[share] * sizes.N] * sizes.M, row, column, w[k][c])]


def surround(numbers: Numbers, rows: int, columns: int) -> Numbers:
    """Put absent entries around a plane."""
    empty = [None] * (len(numbers[0]) + 2 * columns)
    beside = [None] * columns
    return [empty] * rows + [[*beside, *line, *beside] for line in numbers] + [empty] * rows


def products(meeting: Meeting) -> Numbers:
    """Multiply what meets."""
    return [[None if a is None else a * b for a, b in line] for line in meeting.pairs()]


# ------------------------------------------------------------------------------- planes


def planes(values: Values, state: State) -> list[Plane]:
    """Return the planes of a mode, in the order of `layout`."""
    X, w, b, dZ = values["X"], values["w"], values["b"], values["dZ"]
    mode, k, c, row, column = state
    met = meetings(values, state)
    chosen = row, column
    if mode == "forward":
        return [
            *(Plane(f"X[{c}], w[{k},{c}] on it", X[c], over=met[c]) for c in range(len(X))),
            *(Plane("products", products(meeting)) for meeting in met),
            Plane(f"b[{k}]", [[b[k]]]),
            Plane(f"Z[{k}]", values["Z"][k], pick=True, chosen=chosen),
        ]
    if mode == "weight":
        return [
            Plane(f"X[{c}], dZ[{k}] on it", X[c], over=met[0]),
            Plane(f"dZ[{k}]", dZ[k]),
            Plane("products", products(met[0])),
            Plane(f"dw[{k},{c}]", values["dw"][k][c], pick=True, chosen=chosen),
        ]
    if mode == "gather":
        found = [Plane(f"dX[{c}]", values["dX"][c], pick=True, chosen=chosen)]
        found += [_pattern(w[k][c], f"w[{k},{c}] turned", turned=True) for k in range(len(w))]
        for k, meeting in enumerate(met):
            title = f"dZ[{k}], w[{k},{c}] turned on it"
            found.append(Plane(title, meeting.on, over=meeting, turned=True))
            found.append(Plane("products", products(meeting)))
        return found
    shares = [[""] * len(X[0][0]) for _ in X[0]]
    for r, line in enumerate(products(met[0])):
        shares[row + r][column : column + len(line)] = line
    return [
        *(
            Plane(f"dZ[{other}]", dZ[other], pick=True, chosen=chosen if other == k else None)
            for other in range(len(dZ))
        ),
        *(
            _pattern(w[other][c], f"w[{other},{c}] as it is", idle=other != k)
            for other in range(len(w))
        ),
        Plane(f"shares, w[{k},{c}] on it", shares, over=met[0]),
        Plane(f"dX[{c}], all shares", values["dX"][c]),
    ]


def _pattern(numbers: Numbers, title: str, *, turned: bool = False, idle: bool = False) -> Plane:
    blank = [[""] * len(line) for line in numbers]
    laid = Meeting(blank, 0, 0, turn(numbers) if turned else numbers)
    return Plane(title, blank, over=laid, alone=True, turned=turned, idle=idle)


def layout(values: Values) -> dict[str, Any]:
    """Place the planes of every mode: a picture's width and height, the planes, the signs between.

    Parameters
    ----------
    values : dict
        The arrays.

    Returns
    -------
    layout : dict
        For each mode ``size`` in units, ``zoom`` (the same in pixels), ``places`` (left and top of
        each plane) and ``signs`` (text, left, bottom).
    """
    sizes = Sizes.of(values)
    D, P = sizes.D, sizes.P
    summands = [sign for c in range(D) for sign in (D + c, "+")]
    gathered = [[P + 1 + 2 * k, P + 2 + 2 * k] for k in range(P)]
    # Numbers are planes; a tuple of them is a stack, which stands at the right.
    rows: dict[str, list[list[Any]]] = {
        "forward": [list(range(D)), [*summands, 2 * D, "=", 2 * D + 1]],
        "weight": [[0, 1], [2, "=", 3]],
        "gather": [[0, tuple(range(1, P + 1))], *gathered],
        "scatter": [[*range(P), tuple(range(P, 2 * P))], [2 * P, 2 * P + 1]],
    }
    return arrange(rows, {mode: planes(values, State(mode, 0, 0, 0, 0)) for mode in MODES})


def arrange(rows: dict[str, list[list[Any]]], found: dict[str, list[Plane]]) -> dict[str, Any]:
    """Place the planes of every mode line by line, all modes equally wide.

    Parameters
    ----------
    rows : dict of str to list
        For each mode its lines. In a line, a number is a plane, a tuple of numbers a stack, which
        stands at the right, a text a sign in the gap after the plane before it.
    found : dict of str to list of Plane
        The planes of each mode, which keep their sizes whatever is chosen.

    Returns
    -------
    layout : dict
        As `layout`.
    """
    boxes = {
        mode: [
            (
                max(CELL * len(plane.cells[0]), math.ceil(LETTER * _letters(plane))),
                TITLE + CELL * len(plane.cells),
            )
            for plane in planes
        ]
        for mode, planes in found.items()
    }
    width = max(_place(rows[mode], boxes[mode], 0)["size"][0] for mode in rows)
    return {mode: _place(rows[mode], boxes[mode], width) for mode in rows}


def _letters(plane: Plane) -> int:
    # A pattern stays where it is while it turns, and its title changes.
    return len("w[0,0] as it is" if plane.alone else plane.title)


def _place(rows: list[list[Any]], boxes: list[tuple[int, int]], width: int) -> dict[str, Any]:
    """Place boxes line by line; begin a new line where one is full."""
    places = [[0, 0] for _ in boxes]
    signs: list[list[Any]] = []
    right, top = 0, MARGIN
    for row in rows:
        left, height = MARGIN, 0
        for item in row:
            if isinstance(item, str):
                # In the gap after the plane before it.
                signs.append([item, left - GAP // 2, top + TITLE + 20])
                continue
            stack = item if isinstance(item, tuple) else (item,)
            wide = max(boxes[plane][0] for plane in stack)
            tall = sum(boxes[plane][1] for plane in stack)
            if left > MARGIN and left + wide > MARGIN + WIDEST:
                left, top, height = MARGIN, top + height + GAP // 2, 0
            if isinstance(item, tuple):
                left = max(left, width - MARGIN - wide)
            below = top
            for plane in stack:
                places[plane] = [left, below]
                below += boxes[plane][1]
            left, height = left + wide + GAP, max(height, tall)
            right = max(right, left - GAP)
        top += height + GAP // 2
    size = [max(width, right + MARGIN), top]
    zoom = [round(ZOOM * length) for length in size]
    return {"size": size, "zoom": zoom, "places": places, "signs": signs}


# ------------------------------------------------------------------------------- drawing


def draw(values: Values, state: State) -> str:
    """Return the picture of a state as an inline SVG."""
    return picture(planes(values, state), layout(values)[state.mode])


def picture(found: list[Plane], placed: dict[str, Any]) -> str:
    """Return planes in their places as an inline SVG."""
    width, height = placed["size"]
    zoom = placed["zoom"]
    parts = [_plane(plane, *place) for plane, place in zip(found, placed["places"], strict=True)]
    parts += [
        f'<text class="cx-sign" x="{x}" y="{y}">{sign}</text>' for sign, x, y in placed["signs"]
    ]
    return (
        f'<svg class="cx-picture" viewBox="0 0 {width} {height}" width="{zoom[0]}" '
        f'height="{zoom[1]}">{"".join(parts)}</svg>'
    )


def _plane(plane: Plane, left: int, top: int) -> str:
    low = plane.over is not None and not plane.alone
    rows = []
    for r, line in enumerate(plane.cells):
        cells = "".join(_cell(value, r, s, low) for s, value in enumerate(line))
        rows.append(f'<g class="cx-row">{cells}</g>')
    classes = f"cx-plane{of(plane.title)}" + " cx-pick" * plane.pick + " cx-idle" * plane.idle
    over = _window(plane, plane.over) if plane.over else ""
    marks = "".join(_mark(*mark) for mark in plane.marked)
    frame = f'<rect {_box(*plane.chosen)} class="cx-chosen"/>' if plane.chosen else ""
    return (
        f'<g class="{classes}" transform="translate({left} {top})">'
        f'<text class="cx-title" y="14">{plane.title}</text>{"".join(rows)}{over}{marks}{frame}</g>'
    )


def of(title: str, place: int = 0) -> str:
    """Return the class that gives a plane the color of its letter, which its title names."""
    letters = re.findall(r"d?[XwbZY](?=\[)", title)
    return f" cx-of-{letters[place]}" if letters else ""


def _box(row: int, column: int, rows: int = 1, columns: int = 1) -> str:
    return (
        f'x="{CELL * column}" y="{TITLE + CELL * row}" '
        f'width="{CELL * columns}" height="{CELL * rows}"'
    )


def _cell(value: Any, row: int, column: int, low: bool) -> str:
    if value is None:
        x, y, side = CELL * column + 4, TITLE + CELL * row + 4, CELL - 8
        box = f'x="{x}" y="{y}" width="{side}" height="{side}"'
        return f'<g class="cx-cell"><rect {box} class="cx-absent"/></g>'
    text = "" if value == "" else _number(value, row, column, low)
    return f'<g class="cx-cell"><rect {_box(row, column)}/>{text}</g>'


def _mark(row: int, column: int, paid: bool) -> str:
    """Frame a pixel that is paid, or (dashed) one that is as large and is not."""
    x, y, side = CELL * column + 3, TITLE + CELL * row + 3, CELL - 6
    name = "cx-mark" if paid else "cx-mark cx-tied"
    return f'<rect x="{x}" y="{y}" width="{side}" height="{side}" class="{name}"/>'


def _number(value: Any, row: int, column: int, low: bool = False) -> str:
    """Draw a number; a little `low` where another one lies on it."""
    text = number(value)
    small = f' class="cx-digits{len(text)}"' if len(text) > 2 else ""
    x, y = CELL * column + CELL // 2, TITLE + CELL * row + (25 if low else 20)
    return f'<text{small} x="{x}" y="{y}">{text}</text>'


def _window(plane: Plane, laid: Meeting) -> str:
    """Draw the numbers that lie on a plane, framed, with the corner of their entry [0,0] marked."""
    texts = []
    for r, line in enumerate(laid.by):
        for s, value in enumerate(line):
            row, column = laid.row + r, laid.column + s
            if value == "":
                continue
            if plane.alone:
                texts.append(_number(value, row, column))
            else:
                lone = plane.cells[row][column] is None
                name, right, down = ("cx-lone", 15, 19) if lone else ("cx-tag", 27, 11)
                x, y = CELL * column + right, TITLE + CELL * row + down
                texts.append(f'<text class="{name}" x="{x}" y="{y}">{TIMES}{number(value)}</text>')
    rows, columns = len(laid.by), len(laid.by[0])
    x, y, side = CELL * laid.column, TITLE + CELL * laid.row, 8
    if plane.turned:
        x, y, side = x + CELL * columns, y + CELL * rows, -8
    frame = _box(laid.row, laid.column, rows, columns)
    return (
        f'<g class="cx-window{of(plane.title, -1)}"><rect {frame}/>'
        f'<path d="M{x} {y}h{side}l{-side} {side}z"/>{"".join(texts)}</g>'
    )


# ------------------------------------------------------------------------------- words


def number(value: Any) -> str:
    """Write a number with a proper minus sign."""
    return str(value).replace("-", MINUS)


def factor(value: int) -> str:
    """Write a number so that it can stand in a product."""
    return f"({number(value)})" if value < 0 else number(value)


def spell(values: Values, state: State) -> list[str]:
    """Spell the sum of a state, in pieces between which a line may break."""
    mode, k, c, row, column = state
    pairs = [
        (a, b, r, s)
        for meeting in meetings(values, state)
        for r, line in enumerate(meeting.pairs())
        for s, (a, b) in enumerate(line)
        if a is not None
    ]
    written = [f"{factor(a)}·{factor(b)}" for a, b, _, _ in pairs]
    if mode == "scatter":
        shares = [
            f"dX[{c},{row + r},{column + s}] += {product}"
            for product, (_, _, r, s) in zip(written, pairs, strict=True)
        ]
        return [*(f"{share}," for share in shares[:-1]), shares[-1]]
    if mode == "forward":
        name, total = f"Z[{k},{row},{column}]", values["Z"][k][row][column]
        written.insert(0, number(values["b"][k]))
    elif mode == "weight":
        name, total = f"dw[{k},{c},{row},{column}]", values["dw"][k][c][row][column]
    else:
        name, total = f"dX[{c},{row},{column}]", values["dX"][c][row][column]
    return [f"{name} =", written[0], *(f"+ {term}" for term in written[1:]), f"= {number(total)}"]
