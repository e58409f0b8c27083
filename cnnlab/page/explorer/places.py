"""Where the planes of a picture stand, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

# In units of the picture: an entry, a title, the gaps beside and below a plane, the margin.
CELL, TITLE, GAP, SPACE, MARGIN = 44, 28, 40, 16, 4
# Width and height of the room that a picture has on a desk and on a phone. A unit is a pixel where
# it fits; where not, the picture is shrunk, but for its height no further than a finger can bear.
ROOMS = {"wide": (786, 450), "narrow": (354, 400)}
LEAST = 25 / CELL
ENOUGH = 0.8  # shrunk so little more than the best way, a way that comes first is taken

Node: TypeAlias = "int | Sequence[Node]"  # a plane, a row (list), a column (tuple)
Link: TypeAlias = "tuple[int, int, str]"


def arrange(
    nodes: Sequence[Node], links: list[Link], boxes: list[tuple[int, int]]
) -> dict[str, Any]:
    """Place planes in a way that shrinks them little, for a desk and for a phone.

    Parameters
    ----------
    nodes : list
        Ways to place them, the clearest first: a number is a plane, a list a row, a tuple a column.
    links : list
        Lines between planes, and the signs on them.
    boxes : list of (int, int)
        Width and height of the planes.

    Returns
    -------
    layout : dict
        As `layout` has it for a mode.
    """
    ways = [_place(node, boxes) for node in nodes]

    def zoom(way: dict[str, Any], room: tuple[int, int]) -> float:
        (width, height), (wide, tall) = way["size"], room
        return min(1.0, wide / width, max(tall / height, LEAST))

    layout = {}
    for name, room in ROOMS.items():
        best = max(zoom(way, room) for way in ways)
        bearable = max(ENOUGH * best, min(best, LEAST))
        way = next(way for way in ways if zoom(way, room) >= bearable)
        shown = [round(zoom(way, room) * length) for length in way["size"]]
        layout[name] = way | {"shown": shown, "links": links}
    return layout


def _place(node: Node, boxes: list[tuple[int, int]]) -> dict[str, Any]:
    """Place boxes side by side and one below the other, each in the middle of what is left."""
    places = [[0, 0] for _ in boxes]

    def measure(node: Node) -> tuple[int, int]:
        if isinstance(node, int):
            return boxes[node]
        wide, tall = zip(*map(measure, node), strict=True)
        if isinstance(node, list):
            return sum(wide) + GAP * (len(wide) - 1), max(tall)
        return max(wide), sum(tall) + SPACE * (len(tall) - 1)

    def put(node: Node, left: int, top: int) -> None:
        if isinstance(node, int):
            places[node] = [left, top]
            return
        width, height = measure(node)
        for child in node:
            wide, tall = measure(child)
            if isinstance(node, list):
                put(child, left, top + (height - tall) // 2)
                left += wide + GAP
            else:
                put(child, left + (width - wide) // 2, top)
                top += tall + SPACE

    put(node, MARGIN, MARGIN)
    return {"size": [side + 2 * MARGIN for side in measure(node)], "places": places}
