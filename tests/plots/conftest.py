"""Every picture is drawn in the book's style, on no screen, and closed again."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from cnnlab import plots


@pytest.fixture(autouse=True)
def own_figures():
    """Draw in the book's style and leave no figure behind."""
    with matplotlib.rc_context():
        plots.use_style()
        yield
    plt.close("all")
