"""Every picture is drawn in the book's style, and on no screen."""

import matplotlib

matplotlib.use("Agg")

import pytest

from cnnlab import plots


@pytest.fixture(autouse=True)
def book_style():
    """Draw in the book's style, and leave the style as it was."""
    with matplotlib.rc_context():
        plots.use_style()
        yield
