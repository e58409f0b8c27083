"""Parts of small vector pictures in the colors of the palette, at home in light and dark.

All pictures are 320 units wide and 200 high. Letters are 16 units: where such a picture is shown
smallest, on a card, they are still above 11 pixels.
"""

from html import escape

import numpy as np

WIDTH, HEIGHT = 320, 200
LETTERS = 16
# Signed values: red above zero, blue below, as in all figures of the course.
PLUS, MINUS = "var(--cnn-bad)", "var(--cnn-X)"


def color(name):
    """Return a color of the palette: `w`, `ink`."""
    return f"var(--cnn-{name})"


def picture(*parts):
    """Return a picture of parts as an inline SVG without a name."""
    body = "".join(parts)
    return (
        f'<svg class="opening-picture" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" '
        f'focusable="false">{body}</svg>'
    )


def words(x, y, text, of="ink", *, anchor="middle", size=LETTERS, code=False):
    """Write words around a point, or from it or to it."""
    # As wide in every font: something may be drawn over a part of it.
    family = f' class="code" textLength="{0.6 * size * len(text):g}"' if code else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}"{family} '
        f'fill="{color(of)}">{escape(text, quote=False)}</text>'
    )


def box(x, y, width, height, *, fill="none", opacity=1.0, stroke="none", thick=1.0):
    """Draw a rectangle."""
    shade = "" if fill == "none" else f' fill-opacity="{opacity:.2f}"'
    line = "" if stroke == "none" else f' stroke="{stroke}" stroke-width="{thick:g}"'
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {place} fill="{fill}"{shade}{line}/>'


def line(points, of="ink", *, thick=2.0, dashes=""):
    """Draw a line through points."""
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="{path}" fill="none" stroke="{color(of)}" stroke-width="{thick:g}" '
        f'stroke-linejoin="round"{dashed}/>'
    )


def arrow(begin, end, of="ink", *, thick=2.0):
    """Draw a line with a head at its end."""
    (x, y), (to_x, to_y) = begin, end
    length = np.hypot(to_x - x, to_y - y)
    along = np.array([to_x - x, to_y - y]) / length
    across = np.array([-along[1], along[0]])
    tip, base = np.array(end), np.array(end) - 10 * along
    head = " ".join(f"{a:.1f},{b:.1f}" for a, b in (tip, base + 5 * across, base - 5 * across))
    return line([begin, tuple(base)], of, thick=thick) + (
        f'<polygon points="{head}" fill="{color(of)}"/>'
    )


def dot(x, y, radius, of="ink"):
    """Draw a filled circle."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{color(of)}"/>'


def grid(values, at, cell, *, of="soft", numbers=True):
    """Draw the entries of an array: the larger, the more of its color."""
    values = np.asarray(values)
    top = max(np.abs(values).max(), 1e-12)
    (x, y), parts = at, []
    for (i, j), value in np.ndenumerate(values):
        left, above = x + cell * j, y + cell * i
        opacity = 0.45 * abs(value) / top
        parts.append(box(left, above, cell, cell, fill=color(of), opacity=opacity))
        parts.append(box(left, above, cell, cell, stroke=color("line")))
        if numbers:
            number = f"{value:g}".replace("-", "\N{MINUS SIGN}")
            parts.append(words(left + cell / 2, above + cell / 2 + 5.5, number))
    return "".join(parts)


def signed(values, at, cell):
    """Draw the signs and sizes of an array."""
    values, (x, y) = np.asarray(values), at
    top = np.abs(values).max()
    parts = [
        box(x + cell * j, y + cell * i, cell, cell, fill=PLUS if value > 0 else MINUS,
            opacity=abs(value) / top)
        for (i, j), value in np.ndenumerate(values)
    ]  # fmt: skip
    rows, columns = values.shape
    return "".join(parts) + box(x, y, cell * columns, cell * rows, stroke=color("line"))


def frame(at, place, shape, cell, of, *, inset=0.0):
    """Draw a frame around some cells of a grid."""
    (x, y), (i, j), (rows, columns) = at, place, shape
    return box(x + cell * j + inset, y + cell * i + inset, cell * columns - 2 * inset,
               cell * rows - 2 * inset, stroke=color(of), thick=3)  # fmt: skip


def pixels(image, at, cell):
    """Draw an image from 0 to 1 in ink, in three shades, run by run."""
    (x, y), parts = at, []
    shades = np.digitize(image, (0.1, 0.4, 0.75))
    for shade, opacity in ((1, 0.3), (2, 0.6), (3, 0.9)):
        path = ""
        for i, row in enumerate(shades == shade):
            edges = np.flatnonzero(np.diff(row, prepend=False, append=False)).reshape(-1, 2)
            for first, after in edges.tolist():
                width = f"{cell * (after - first):g}"
                path += f"M{x + cell * first:g} {y + cell * i:g}h{width}v{cell:g}h-{width}"
        parts.append(f'<path d="{path}" fill="{color("ink")}" fill-opacity="{opacity}"/>')
    rows, columns = image.shape
    return "".join(parts) + box(x, y, cell * columns, cell * rows, stroke=color("line"))
