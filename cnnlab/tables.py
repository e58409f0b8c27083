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
