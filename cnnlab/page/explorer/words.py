"""Numbers and sums in words and colors, as ``words.js`` and the shared scripts write them."""

from __future__ import annotations

from typing import Any, TypeAlias

MINUS = "\N{MINUS SIGN}"

# A piece of a sum: texts, and of which array each is ("" for signs).
Piece: TypeAlias = "list[tuple[str, str]]"


def number(value: Any) -> str:
    """Write a number with a proper minus sign."""
    return str(value).replace("-", MINUS)


def factor(value: int | str) -> str:
    """Write a number so that it can stand in a product."""
    text = number(value)
    return f"({text})" if text.startswith(MINUS) else text


def plain(pieces: list[Piece]) -> list[str]:
    """Return pieces of a sum without their letters."""
    return ["".join(text for _, text in piece) for piece in pieces]


def times(a: int, first: str, b: int | str, second: str) -> Piece:
    """Write a product, each factor with its letter."""
    return [(first, factor(a)), ("", "·"), (second, factor(b))]


def summed(name: str, letter: str, terms: list[Piece], total: str) -> list[Piece]:
    """Write a sum in pieces between which a line may break."""
    first, *rest = terms
    return [
        [(letter, name), ("", " =")],
        first,
        *([("", "+ "), *term] for term in rest),
        [("", total[:2]), (letter, total[2:])],
    ]


def listed(shares: list[tuple[str, Piece]]) -> list[Piece]:
    """Write what is added to which entries."""
    last = len(shares) - 1
    return [
        [("dX", name), ("", " += "), *term, ("", "," if n < last else "")]
        for n, (name, term) in enumerate(shares)
    ]


def scales(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, float]:
    """Return of each array how far from zero its entries go: there the color is strongest."""
    return {name: max(map(abs, leaves(values[name])), default=0) or 1 for name in names}


def leaves(numbers: Any) -> list[Any]:
    """Return the entries of an array."""
    if not isinstance(numbers, list):
        return [worth(numbers)]
    return [leaf for part in numbers for leaf in leaves(part)]


def worth(value: int | str) -> float:
    """Return the number that is written so: 3, "1/2" or "≈0.3"."""
    above, _, below = str(value).removeprefix("≈").partition("/")
    return float(above) / float(below or 1)
