"""The still picture: what the scripts draw, drawn where scripts do not run; a convolution's planes.

Where each plane of numbers stands is decided in Python alone (`arrange`) and handed to the script.
How a plane is drawn is said twice, here and in ``draw.js``; what the planes of a convolution
hold, here and in ``convolution.js``, in the same order and under the same names. A test in a
browser compares the two pictures letter by letter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from cnnlab.page.explorer.places import CELL, GAP, SPACE, TITLE, Link, Node, arrange
from cnnlab.page.explorer.words import (
    Piece,
    listed,
    number,
    summed,
    times,
    worth,
)

Numbers: TypeAlias = list[list[Any]]
Values: TypeAlias = dict[str, Any]

# Name, and what is seen.
MODES = {
    "forward": {
        "name": "Forward",
        "how": "Each pixel in the frame is multiplied by the weight on it. The products and the "
        "bias add up to one entry of Z.",
    },
    "weight": {
        "name": "Weight gradient",
        "how": "Each pixel in the frame met the same weight w[k,c,u,v], and is multiplied by the "
        "entry of dZ[k] on it. The products add up to one entry of dw.",
    },
    "gather": {
        "name": "Input gradient: gather",
        "how": "One pixel collects. The turned pattern lies on dZ, which has no entries outside "
        "its border (dashed). The products add up to one entry of dX.",
    },
    "scatter": {
        "name": "Input gradient: scatter",
        "how": "One entry of dZ hands out. Each pixel under the pattern, as it is, gets the entry "
        "times the weight on it. All shares add up to dX.",
    },
}

LETTER = 10  # of a title, rather too wide: fonts differ
TIMES = "\N{MULTIPLICATION SIGN}"
STRONGEST = 50  # percent of color in the entry that is farthest from zero


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

    `on` holds None where an array has no entry. `letter` is the array that is laid on it.
    """

    on: Numbers
    row: int
    column: int
    by: Numbers
    letter: str

    def tagged(self, row: int, column: int) -> bool:
        """Return whether a number lies on an entry."""
        r, s = row - self.row, column - self.column
        return 0 <= r < len(self.by) and 0 <= s < len(self.by[0]) and self.by[r][s] != ""

    def pairs(self) -> list[list[tuple[int | None, int]]]:
        """Return which two numbers meet, in the shape of the window."""
        return [
            [(self.on[self.row + r][self.column + s], factor) for s, factor in enumerate(line)]
            for r, line in enumerate(self.by)
        ]


class Plane(NamedTuple):
    """A titled grid of numbers; None is absent, "" is blank.

    `pick`: an entry can be chosen here. `chosen`: it is this one. `over`: numbers laid on it, small
    after a times sign, or `alone` as the content of the plane; `turned` by 180 degrees. `idle`: not
    part of what is shown now. `marked`: entries with a frame of their own, (row, column, True),
    dashed with False. `scale`: arrays the product of whose largest entries has the strongest color;
    the one that the title names when empty.
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
    scale: tuple[str, ...] = ()


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
        return [Meeting(X[c], row, column, w[k][c], "w") for c in range(sizes.D)]
    if mode == "weight":
        return [Meeting(X[c], row, column, dZ[k], "dZ")]
    if mode == "gather":
        # Entry (p, q) of dX reads dZ from p - m + 1 to p: with m - 1 absent rows in front, the
        # window begins at row p. The same for columns.
        return [
            Meeting(surround(dZ[k], sizes.m - 1, sizes.n - 1), row, column, turn(w[k][c]), "w")
            for k in range(sizes.P)
        ]
    share = dZ[k][row][column]
    return [Meeting([[share] * sizes.N] * sizes.M, row, column, w[k][c], "w")]


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
        found = []
        for depth, meeting in enumerate(met):
            found += [
                Plane(f"X[{depth}]", X[depth], over=meeting),
                _pattern(w[k][depth], f"w[{k},{depth}]"),
                Plane("products", products(meeting), scale=("X", "w")),
            ]
        return [
            *found,
            Plane(f"b[{k}]", [[b[k]]]),
            Plane(f"Z[{k}]", values["Z"][k], pick=True, chosen=chosen),
        ]
    if mode == "weight":
        return [
            Plane(f"X[{c}]", X[c], over=met[0]),
            _pattern(dZ[k], f"dZ[{k}]"),
            Plane("products", products(met[0]), scale=("X", "dZ")),
            Plane(f"dw[{k},{c}]", values["dw"][k][c], pick=True, chosen=chosen),
        ]
    if mode == "gather":
        found = []
        for pattern, meeting in enumerate(met):
            found += [
                Plane(f"dZ[{pattern}]", meeting.on, over=meeting, turned=True),
                _pattern(w[pattern][c], f"w[{pattern},{c}] turned", turned=True),
                Plane("products", products(meeting), scale=("dZ", "w")),
            ]
        return [*found, Plane(f"dX[{c}]", values["dX"][c], pick=True, chosen=chosen)]
    shares = [[""] * len(X[0][0]) for _ in X[0]]
    for r, line in enumerate(products(met[0])):
        shares[row + r][column : column + len(line)] = line
    return [
        *(
            Plane(
                f"dZ[{other}]",
                dZ[other],
                pick=True,
                chosen=chosen if other == k else None,
                idle=other != k,
            )
            for other in range(len(dZ))
        ),
        _pattern(w[k][c], f"w[{k},{c}]"),
        Plane("shares", shares, over=met[0], scale=("dZ", "w")),
        Plane(f"dX[{c}]", values["dX"][c]),
    ]


def _pattern(numbers: Numbers, title: str, *, turned: bool = False) -> Plane:
    blank = [[""] * len(line) for line in numbers]
    laid = Meeting(blank, 0, 0, turn(numbers) if turned else numbers, letters(title)[0])
    return Plane(title, blank, over=laid, alone=True, turned=turned)


# ------------------------------------------------------------------------------- places


def layout(values: Values) -> dict[str, Any]:
    """Place the planes of every mode, in a wide and in a narrow picture.

    Parameters
    ----------
    values : dict
        The arrays.

    Returns
    -------
    layout : dict
        For each mode, and for each of "wide" and "narrow", its ``size`` in units, the same in
        pixels, as it is ``shown``, the ``places``
        (left and top of each plane) and the ``links`` (from which plane to which, and the sign on
        the line between).
    """
    sizes = Sizes.of(values)
    D, P = sizes.D, sizes.P
    patterns = list(range(P))
    pattern, shares, dX = range(P, P + 3)
    nodes: dict[str, Sequence[Node]] = {
        "forward": _summing(D, (3 * D, 3 * D + 1)),
        "weight": _summing(1, (3,)),
        "gather": _summing(P, (3 * P,)),
        "scatter": [
            [tuple(patterns), pattern, shares, dX],
            ([*patterns, pattern], [shares, dX]),
            (*patterns, pattern, shares, dX),
        ],
    }
    links = {
        "forward": [*_products(D, 3 * D + 1), (3 * D, 3 * D + 1, "+")],
        "weight": _products(1, 3),
        "gather": _products(P, 3 * P),
        "scatter": [
            *((k, pattern, TIMES) for k in patterns),
            (pattern, shares, "="),
            (shares, dX, "+"),
        ],
    }
    return {
        mode: arrange(nodes[mode], links[mode], boxes(planes(values, State(mode, 0, 0, 0, 0))))
        for mode in MODES
    }


def _summing(count: int, results: tuple[int, ...]) -> Sequence[Node]:
    """Return ways to place what meets (`count` times a plane, a pattern, products) and the sum."""
    met = [range(3 * n, 3 * n + 3) for n in range(count)]
    lines = tuple([on, by, product] for on, by, product in met)
    blocks: tuple[Node, ...] = tuple([on, (by, product)] for on, by, product in met)
    columns = [(on, [by, product]) for on, by, product in met]
    # Lines above the sum would have their own lines cross each other's numbers.
    above: list[Node] = [(lines, list(results))] if count == 1 else []
    return [
        [lines, list(results)],
        [*columns, results],
        *above,
        (columns, list(results)),
        (blocks, list(results)),
    ]


def _products(count: int, result: int) -> list[Link]:
    """Return the lines from windows over patterns and products to the sum."""
    return [
        link
        for n in range(0, 3 * count, 3)
        for link in ((n, n + 1, TIMES), (n + 1, n + 2, "="), (n + 2, result, "+"))
    ]


def boxes(found: list[Plane]) -> list[tuple[int, int]]:
    """Return how wide and tall planes are, whatever is chosen; "turned" may reach over a gap."""
    titles = [len(plane.title.removesuffix(" turned")) for plane in found]
    return [
        (max(CELL * len(plane.cells[0]), LETTER * title), TITLE + CELL * len(plane.cells))
        for plane, title in zip(found, titles, strict=True)
    ]


# ------------------------------------------------------------------------------- drawing


def draw(values: Values, state: State, room: str = "wide") -> str:
    """Return the picture of a state as an inline SVG."""
    return picture(planes(values, state), layout(values)[state.mode][room], values["scales"])


def picture(found: list[Plane], placed: dict[str, Any], most: dict[str, int]) -> str:
    """Return planes in their places as an inline SVG."""
    width, height = placed["size"]
    wide, tall = placed["shown"]
    parts = [
        _plane(plane, place, most) for plane, place in zip(found, placed["places"], strict=True)
    ]
    parts += [_link(link, found, placed["places"]) for link in placed["links"]]
    return (
        f'<svg class="cx-picture" viewBox="0 0 {width} {height}" width="{wide}" '
        f'height="{tall}">{"".join(parts)}</svg>'
    )


def _plane(plane: Plane, place: list[int], most: dict[str, int]) -> str:
    left, top = place
    largest = math.prod(most[name] for name in plane.scale or letters(plane.title)[:1])
    rows = []
    under = plane.over if plane.over and not plane.alone else None
    for r, line in enumerate(plane.over.by if plane.over and plane.alone else plane.cells):
        cells = "".join(
            _cell(value, r, s, largest, low=under is not None and under.tagged(r, s))
            for s, value in enumerate(line)
        )
        rows.append(f'<g class="cx-row">{cells}</g>')
    classes = f"cx-plane{of(plane.title)}" + " cx-pick" * plane.pick + " cx-idle" * plane.idle
    title = plane.title.replace("turned", '<tspan class="cx-more">turned</tspan>')
    absent = any(value is None for line in plane.cells for value in line)
    size = len(plane.cells), len(plane.cells[0])
    frame = "" if absent else f'<rect {_box(0, 0, *size)} class="cx-frame"/>'
    over = _window(plane, plane.over) if plane.over else ""
    marks = "".join(_mark(*mark) for mark in plane.marked)
    chosen = f'<rect {_box(*plane.chosen)} class="cx-chosen"/>' if plane.chosen else ""
    return (
        f'<g class="{classes}" transform="translate({left} {top})">'
        f'<text class="cx-title" y="19">{title}</text>{"".join(rows)}{frame}{over}{marks}'
        f"{chosen}</g>"
    )


def letters(title: str) -> list[str]:
    """Return the letters of arrays in a title."""
    return re.findall(r"d?[XwbZY](?=\[)", title)


def of(title: str) -> str:
    """Return the class that gives a plane the color of its letter, which its title names."""
    return "".join(f" cx-of-{letter}" for letter in letters(title)[:1])


def _box(row: int, column: int, rows: int = 1, columns: int = 1) -> str:
    return (
        f'x="{CELL * column}" y="{TITLE + CELL * row}" '
        f'width="{CELL * columns}" height="{CELL * rows}"'
    )


def _cell(value: Any, row: int, column: int, largest: float, *, low: bool) -> str:
    """Draw an entry; its number a little `low` where another one lies on it."""
    if value is None:
        x, y, side = CELL * column + 6, TITLE + CELL * row + 6, CELL - 12
        box = f'x="{x}" y="{y}" width="{side}" height="{side}"'
        return f'<g class="cx-cell"><rect {box} class="cx-absent"/></g>'
    if value == "":
        return f'<g class="cx-cell"><rect {_box(row, column)}/></g>'
    text = number(value)
    small = f' class="cx-digits{len(text)}"' if len(text) > 2 else ""
    x, y = CELL * column + (18 if low else CELL // 2), TITLE + CELL * row + (37 if low else 29)
    return (
        f'<g class="cx-cell"><rect {_box(row, column)}{tint(value, largest)}/>'
        f'<text{small} x="{x}" y="{y}">{text}</text></g>'
    )


def tint(value: int | str, largest: float) -> str:
    """Return the attributes that color an entry by its sign and size."""
    amount = worth(value)
    percent = math.floor(min(1.0, abs(amount) / largest) * STRONGEST + 0.5)
    if not percent:
        return ""
    return f' class="cx-{"minus" if amount < 0 else "plus"}" fill-opacity="{percent / 100}"'


def _mark(row: int, column: int, paid: bool) -> str:
    """Frame a pixel that is paid, or (dashed) one that is as large and is not."""
    x, y, side = CELL * column + 5, TITLE + CELL * row + 5, CELL - 10
    name = "cx-mark" if paid else "cx-mark cx-tied"
    return f'<rect x="{x}" y="{y}" width="{side}" height="{side}" class="{name}"/>'


def _window(plane: Plane, laid: Meeting) -> str:
    """Draw the numbers that lie on a plane, framed, with the corner of their entry [0,0] marked."""
    tags = []
    for r, line in enumerate(laid.by):
        for s, value in enumerate(line):
            if value == "" or plane.alone:
                continue
            text = f"{TIMES}{number(value)}"
            # In the upper right corner of its entry, on a ground that keeps it legible.
            x, y = CELL * (laid.column + s) + CELL - 2, TITLE + CELL * (laid.row + r) + 2
            wide = 7 * len(text) + 4
            tags.append(
                f'<rect class="cx-ground" x="{x - wide}" y="{y}" width="{wide}" height="15"/>'
                f'<text class="cx-tag" x="{x - 2}" y="{y + 12}">{text}</text>'
            )
    rows, columns = len(laid.by), len(laid.by[0])
    x, y, side = CELL * laid.column, TITLE + CELL * laid.row, 11
    if plane.turned:
        x, y, side = x + CELL * columns, y + CELL * rows, -11
    name = "cx-window cx-alone" if plane.alone else "cx-window"
    return (
        f'<g class="{name} cx-of-{laid.letter}">'
        f"<rect {_box(laid.row, laid.column, rows, columns)}/>"
        f'<path d="M{x} {y}h{side}l{-side} {side}z"/>{"".join(tags)}</g>'
    )


class Box(NamedTuple):
    """A part of a plane, or the `whole` of it, in the picture."""

    left: int
    top: int
    width: int
    height: int
    whole: bool

    def middle(self, length: int) -> int:
        """Return where a line meets a side: in its middle, but beside the digits of an entry."""
        odd = not self.whole and length // CELL % 2
        return length // 2 - 15 * odd


def _link(link: Link, found: list[Plane], places: list[list[int]]) -> str:
    """Draw lines from what is chosen on one plane to what is chosen on another, with a sign."""
    first, last, sign = link
    starts, ends = (_anchors(found[n], places[n]) for n in (first, last))
    if not starts or not ends:
        return ""
    beside = places[last][0] >= places[first][0] + CELL * len(found[first].cells[0])
    whole = ends[0].whole
    paths, points = [], []
    for start in starts:
        for end in ends:
            if beside:
                left, top = start.left + start.width, start.top + start.middle(start.height)
                right, bottom = end.left, end.top + end.middle(end.height)
            else:
                left, top = start.left + start.middle(start.width), start.top + start.height
                right, bottom = end.left + end.middle(end.width), end.top
                # A title is not crossed.
                bottom -= TITLE + SPACE // 2 if whole and sign else 0
            # To an entry it turns late, past what stands between.
            x, y = (left + right) // 2, (top + bottom) // 2
            x = x if whole else max(x, right - GAP)
            bend = f"{x} {top} {x} {bottom}" if beside else f"{left} {y} {right} {y}"
            points.append((left, top, right, bottom))
            paths.append(
                f'<path d="M{left} {top}C{bend} {right} {bottom}"/>'
                f'<circle cx="{right}" cy="{bottom}" r="4"/>'
            )
    left, top, right, bottom = points[0]
    # In the gap before a whole plane, or behind it.
    if beside:
        x, y = (right - GAP // 2, bottom) if whole else (left + GAP // 2, top)
    else:
        x, y = (right, bottom) if whole else (left, top + SPACE // 2)
    drawn = (
        f'<circle class="cx-ground" cx="{x}" cy="{y}" r="11"/>'
        f'<text class="cx-sign" x="{x}" y="{y + 7}">{sign}</text>'
    )
    return f'<g class="cx-link">{"".join(paths)}{drawn if sign else ""}</g>'


def _anchors(plane: Plane, place: list[int]) -> list[Box]:
    """Return what is chosen on a plane: winners, an entry, a window, or all of it."""
    if plane.idle:
        return []
    size = len(plane.cells), len(plane.cells[0])
    over = plane.over
    parts = [(row, column, 1, 1) for row, column, is_paid in plane.marked if is_paid]
    if not parts and plane.chosen:
        parts = [(*plane.chosen, 1, 1)]
    if not parts and over and not plane.alone:
        parts = [(over.row, over.column, len(over.by), len(over.by[0]))]
    left, top = place
    return [
        Box(
            left + CELL * column,
            top + TITLE + CELL * row,
            CELL * columns,
            CELL * rows,
            (rows, columns) == size,
        )
        for row, column, rows, columns in parts or [(0, 0, *size)]
    ]


# ------------------------------------------------------------------------------- words


def spell(values: Values, state: State) -> list[Piece]:
    """Spell the sum of a state, in pieces between which a line may break."""
    mode, k, c, row, column = state
    first, second = {"forward": ("X", "w"), "weight": ("X", "dZ")}.get(mode, ("dZ", "w"))
    pairs = [
        (times(a, first, b, second), r, s)
        for meeting in meetings(values, state)
        for r, line in enumerate(meeting.pairs())
        for s, (a, b) in enumerate(line)
        if a is not None
    ]
    if mode == "scatter":
        return listed([(f"dX[{c},{row + r},{column + s}]", term) for term, r, s in pairs])
    terms = [term for term, _, _ in pairs]
    if mode == "forward":
        name, letter, total = f"Z[{k},{row},{column}]", "Z", values["Z"][k][row][column]
        terms.insert(0, [("b", number(values["b"][k]))])
    elif mode == "weight":
        name, letter = f"dw[{k},{c},{row},{column}]", "dw"
        total = values["dw"][k][c][row][column]
    else:
        name, letter, total = f"dX[{c},{row},{column}]", "dX", values["dX"][c][row][column]
    return summed(name, letter, terms, f"= {number(total)}")
