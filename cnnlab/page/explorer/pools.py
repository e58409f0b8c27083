"""What a pooling explorer shows, and its sums in words, as ``pooling.js`` does in a browser."""

from __future__ import annotations

from typing import Any

from cnnlab.page.explorer import drawing
from cnnlab.page.explorer.drawing import Meeting, Numbers, Plane, State, Values, factor, number
from cnnlab.shapes import ceil_div

MODES = {
    "forward": {
        "name": "Forward",
        "how": "The window lies on the image, and its largest pixel is copied to Y. A dashed frame "
        "marks a pixel that is as large and that the rule does not pay. The rule mean takes the "
        "mean of the window instead.",
        "hint": "Choose an entry of Y (arrow keys too), or slide the window.",
    },
    "gather": {
        "name": "Backward: gather",
        "how": "One pixel collects. The frame on dY holds the windows that contain it, and the "
        "small numbers are its share of each. The products add up to its entry of dX.",
        "hint": "Choose an entry of dX (arrow keys too), or slide the frame.",
    },
    "scatter": {
        "name": "Backward: scatter",
        "how": "One entry of dY hands out. Each pixel of its window gets a share: the entry times "
        "the small number. What all windows hand out adds up to dX.",
        "hint": "Choose an entry of dY (arrow keys too), or slide the window.",
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
            over = Meeting(dY, *found[:2], of_pixel(values, "shares", state))
        return [
            Plane(f"dX[{c}]", dX, pick=True, chosen=chosen),
            Plane(f"X[{c}]", X, marked=((row, column, True),)),
            Plane(f"dY[{c}], shares on it", dY, over=over),
            Plane("products", collected),
        ]
    corner, (m, n) = corner_of(values, state), values["size"]
    blank = Meeting(X, *corner, [[""] * n for _ in range(m)])
    image = Plane(f"X[{c}]", X, over=blank, marked=winners(values, state))
    if mode == "forward":
        return [image, Plane(f"Y[{c}]", values["Y"][k][c], pick=True, chosen=chosen)]
    handed: Numbers = [[""] * len(X[0]) for _ in X]
    for u, line in enumerate(values["paid"][k][c][row][column]):
        handed[corner[0] + u][corner[1] : corner[1] + n] = line
    laid = Meeting(handed, *corner, values["shares"][k][c][row][column])
    return [
        Plane(f"dY[{c}]", dY, pick=True, chosen=chosen),
        image,
        Plane("handed out", handed, over=laid),
        Plane(f"dX[{c}], all windows", dX),
    ]


def layout(values: Values) -> dict[str, Any]:
    """Place the planes of every mode, as `drawing.layout` does."""
    rows: dict[str, list[list[Any]]] = {
        "forward": [[0, 1]],
        "gather": [[0, 1], [2, 3]],
        "scatter": [[0, 1], [2, 3]],
    }
    found = {mode: planes(values, State(mode, 0, 0, 0, 0)) for mode in MODES}
    return drawing.arrange(rows, found)


def draw(values: Values, state: State) -> str:
    """Return the picture of a state as an inline SVG."""
    return drawing.picture(planes(values, state), layout(values)[state.mode])


def spell(values: Values, state: State) -> list[str]:
    """Spell the sum of a state, in pieces between which a line may break."""
    mode, k, c, row, column = state
    place = f"[{c},{row},{column}]"
    if mode == "gather":
        found = covering(values, state) or (0, 0, 0, 0)
        terms = [
            f"{factor(values['dY'][c][found[0] + r][found[1] + s])}·{number(share)}"
            for r, line in enumerate(of_pixel(values, "shares", state))
            for s, share in enumerate(line)
        ] or ["0"]
        total = _equals(values["dX"][k][c][row][column])
        return [f"dX{place} =", terms[0], *(f"+ {term}" for term in terms[1:]), total]
    if mode == "scatter":
        top, left = corner_of(values, state)
        upstream = factor(values["dY"][c][row][column])
        handed = [
            f"dX[{c},{top + u},{left + v}] += {upstream}·{number(share)}"
            for u, line in enumerate(values["shares"][k][c][row][column])
            for v, share in enumerate(line)
            if share != 0
        ]
        return [*(f"{share}," for share in handed[:-1]), handed[-1]]
    pixels, total = pixels_of(values, state), _equals(values["Y"][k][c][row][column])
    if values["rules"][k] == MEAN:
        terms = [f"{'+ ' if n else '('}{factor(pixel)}" for n, pixel in enumerate(pixels)]
        return [f"Y{place} =", *terms[:-1], f"{terms[-1]})", f"/ {len(pixels)}", total]
    terms = [f"{'' if n else 'max('}{number(pixel)}" for n, pixel in enumerate(pixels)]
    return [f"Y{place} =", *(f"{term}," for term in terms[:-1]), f"{terms[-1]})", total]


def _equals(total: Any) -> str:
    """Write a total behind its sign: one that was rounded is about equal."""
    text = number(total)
    return text.replace("≈", "≈ ") if text.startswith("≈") else f"= {text}"
