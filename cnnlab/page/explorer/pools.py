"""What a pooling explorer shows, and its sums in words, as ``pooling.js`` does in a browser."""

from __future__ import annotations

from typing import Any

from cnnlab.page.explorer import drawing, places
from cnnlab.page.explorer.drawing import Meeting, Numbers, Plane, State, Values
from cnnlab.page.explorer.words import Piece, factor, listed, number, summed, times
from cnnlab.shapes import ceil_div

MODES = {
    "forward": {
        "name": "Forward",
        "how": "The largest pixel of the window is copied to Y. Dashed: as large, and not paid by "
        "the rule. The rule mean takes the mean.",
    },
    "gather": {
        "name": "Backward: gather",
        "how": "One pixel collects. The frame on dY holds the windows that contain it, and its "
        "share of each. The products add up to its entry of dX.",
    },
    "scatter": {
        "name": "Backward: scatter",
        "how": "One entry of dY hands out to the pixels of its window: the entry times the share. "
        "What all windows hand out adds up to dX.",
    },
}
# Who is paid for a window. Under "mean", Y holds means, too.
RULES = ("first", "split", "all", "mean")
MEAN = "mean"


def corner_of(values: Values, state: State) -> tuple[int, int]:
    """Return the first pixel of the window of an entry."""
    down, right = values["stride"]
    return state.row * down, state.column * right


def pixels_of(values: Values, state: State) -> list[int]:
    """Return the pixels of the window of an entry, row by row."""
    (top, left), (m, n) = corner_of(values, state), values["size"]
    rows = values["X"][state.c][top : top + m]
    return [pixel for line in rows for pixel in line[left : left + n]]


def covering(values: Values, state: State) -> tuple[int, int, int, int] | None:
    """Return the windows that contain a pixel: first row and column, how many rows and columns."""
    entries = values["dY"][0]
    found = []
    for place, count, size, stride in zip(
        (state.row, state.column),
        (len(entries), len(entries[0])),
        values["size"],
        values["stride"],
        strict=True,
    ):
        first = max(0, ceil_div(place - size + 1, stride))
        found.append((first, min(place // stride, count - 1) - first + 1))
    (row, rows), (column, columns) = found
    return (row, column, rows, columns) if rows > 0 and columns > 0 else None


def of_pixel(values: Values, name: str, state: State) -> Numbers:
    """Return what a pixel has of each window that contains it: its "shares", or what is "paid"."""
    found = covering(values, state)
    if found is None:
        return []
    row, column, rows, columns = found
    down, right = values["stride"]
    array = values[name][state.k][state.c]
    return [
        [
            array[i][j][state.row - i * down][state.column - j * right]
            for j in range(column, column + columns)
        ]
        for i in range(row, row + rows)
    ]


def winners(values: Values, state: State) -> tuple[tuple[int, int, bool], ...]:
    """Return the pixels of a window that equal its maximum, and whether the rule pays them."""
    if values["rules"][state.k] == MEAN:
        return ()
    top, left = corner_of(values, state)
    equal = values["shares"][RULES.index("all")][state.c][state.row][state.column]
    paid = values["shares"][state.k][state.c][state.row][state.column]
    return tuple(
        (top + u, left + v, paid[u][v] != 0)
        for u, line in enumerate(equal)
        for v, share in enumerate(line)
        if share != 0
    )


def planes(values: Values, state: State) -> list[Plane]:
    """Return the planes of a mode, in the order of `layout`."""
    mode, k, c, row, column = state
    X, dY, dX = values["X"][c], values["dY"][c], values["dX"][k][c]
    chosen = row, column
    if mode == "gather":
        collected: Numbers = [[""] * len(dY[0]) for _ in dY]
        found, over = covering(values, state), None
        if found:
            for r, line in enumerate(of_pixel(values, "paid", state)):
                collected[found[0] + r][found[1] : found[1] + len(line)] = line
            over = Meeting(dY, *found[:2], of_pixel(values, "shares", state), "X")
        return [
            Plane(f"X[{c}]", X, marked=((row, column, True),)),
            Plane(f"dY[{c}]", dY, over=over, idle=found is None),
            Plane("products", collected, scale=("dY",), idle=found is None),
            Plane(f"dX[{c}]", dX, pick=True, chosen=chosen),
        ]
    corner, (m, n) = corner_of(values, state), values["size"]
    blank = Meeting(X, *corner, [[""] * n for _ in range(m)], "Y")
    image = Plane(f"X[{c}]", X, over=blank, marked=winners(values, state))
    if mode == "forward":
        return [image, Plane(f"Y[{c}]", values["Y"][k][c], pick=True, chosen=chosen)]
    handed: Numbers = [[""] * len(X[0]) for _ in X]
    for u, line in enumerate(values["paid"][k][c][row][column]):
        handed[corner[0] + u][corner[1] : corner[1] + n] = line
    laid = Meeting(handed, *corner, values["shares"][k][c][row][column], "X")
    return [
        Plane(f"dY[{c}]", dY, pick=True, chosen=chosen),
        image,
        Plane("handed out", handed, over=laid, scale=("dY",)),
        Plane(f"dX[{c}]", dX),
    ]


# Ways to place the planes of a mode, and the lines between them.
NODES: dict[str, list[places.Node]] = {
    "forward": [[0, 1], (0, 1)],
    "gather": [[0, 1, 2, 3], ([0, 1], [2, 3]), (0, 1, 2, 3)],
    "scatter": [[0, 1, 2, 3], ([0, 1], [2, 3]), (0, 1, 2, 3)],
}
LINKS: dict[str, list[places.Link]] = {
    "forward": [(0, 1, "")],
    "gather": [(0, 1, ""), (1, 2, "="), (2, 3, "+")],
    "scatter": [(0, 1, ""), (1, 2, ""), (2, 3, "+")],
}


def layout(values: Values) -> dict[str, Any]:
    """Place the planes of every mode, as `drawing.layout` does."""
    return {
        mode: places.arrange(
            NODES[mode], LINKS[mode], drawing.boxes(planes(values, State(mode, 0, 0, 0, 0)))
        )
        for mode in MODES
    }


def draw(values: Values, state: State, room: str = "wide") -> str:
    """Return the picture of a state as an inline SVG."""
    placed = layout(values)[state.mode][room]
    return drawing.picture(planes(values, state), placed, values["scales"])


def spell(values: Values, state: State) -> list[Piece]:
    """Spell the sum of a state, in pieces between which a line may break."""
    mode, k, c, row, column = state
    place = f"[{c},{row},{column}]"
    if mode == "gather":
        found = covering(values, state) or (0, 0, 0, 0)
        terms = [
            times(values["dY"][c][found[0] + r][found[1] + s], "dY", share, "X")
            for r, line in enumerate(of_pixel(values, "shares", state))
            for s, share in enumerate(line)
        ] or [[("", "0")]]
        return summed(f"dX{place}", "dX", terms, _equals(values["dX"][k][c][row][column]))
    if mode == "scatter":
        top, left = corner_of(values, state)
        upstream = values["dY"][c][row][column]
        return listed(
            [
                (f"dX[{c},{top + u},{left + v}]", times(upstream, "dY", share, "X"))
                for u, line in enumerate(values["shares"][k][c][row][column])
                for v, share in enumerate(line)
                if share != 0
            ]
        )
    pixels, total = pixels_of(values, state), _equals(values["Y"][k][c][row][column])
    result: Piece = [("", total[:2]), ("Y", total[2:])]
    name: Piece = [("Y", f"Y{place}"), ("", " =")]
    last = len(pixels) - 1
    if values["rules"][k] == MEAN:
        terms = [
            [("", "+ " if n else "("), ("X", factor(pixel)), ("", "" if n < last else ")")]
            for n, pixel in enumerate(pixels)
        ]
        return [name, *terms, [("", f"/ {len(pixels)}")], result]
    terms = [
        [("", "" if n else "max("), ("X", number(pixel)), ("", "," if n < last else ")")]
        for n, pixel in enumerate(pixels)
    ]
    return [name, *terms, result]


def _equals(total: Any) -> str:
    """Write a total behind its sign: one that was rounded is about equal."""
    text = number(total)
    return text.replace("≈", "≈ ") if text.startswith("≈") else f"= {text}"
