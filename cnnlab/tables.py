"""Tables for notebooks."""

import html
from collections.abc import Collection, Iterable, Sequence


def as_html(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[int] = ()
) -> str:
    """Return rows as a table of HTML; the columns of `numbers` end at the right."""

    def line(cells: Sequence[str], tag: str) -> str:
        styles = [' style="text-align:right"' if n in numbers else "" for n in range(len(cells))]
        pairs = zip(cells, styles, strict=True)
        inside = "".join(f"<{tag}{style}>{html.escape(cell)}</{tag}>" for cell, style in pairs)
        return f"<tr>{inside}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><thead>{line(head, 'th')}</thead><tbody>{body}</tbody></table>"


class Table(str):
    """Text in columns that shows itself without quotation marks when it is the value of a cell."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


def as_text(rows: Sequence[Sequence[str]]) -> Table:
    """Return a table of three columns in text: the head first, the total last, numbers right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"{first:<{widths[0]}}  {second:<{widths[1]}}  {number:>{widths[2]}}".rstrip()
        for first, second, number in rows
    ]
    rule = "-" * max(map(len, lines))
    return Table("\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]]))
