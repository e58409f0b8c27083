"""What the tests of pictures ask of each of them."""

import io

import numpy as np

from cnnlab.plots import style

MINUS = "\N{MINUS SIGN}"


def texts(ax):
    """Return what is written into an Axes."""
    return [text.get_text() for text in ax.texts]


def figure_of(axes):
    """Return the figure of one Axes or of several."""
    return np.atleast_1d(axes).flat[0].figure


def drawn(axes):
    """Render the whole figure; a layout that cannot be computed would warn here."""
    buffer = io.BytesIO()
    figure_of(axes).savefig(buffer, format="png", dpi=50, metadata={"Software": None})
    return buffer.getvalue()


def assert_fits(axes):
    """The figure is as wide as a column of the book, and nothing lies outside."""
    figure = figure_of(axes)
    figure.canvas.draw()
    box = figure.get_tightbbox()
    assert figure.get_figwidth() == style.WIDTH
    assert min(box.x0, box.y0) >= -0.01
    assert box.x1 <= style.WIDTH + 0.01
    assert box.y1 <= figure.get_figheight() + 0.01
