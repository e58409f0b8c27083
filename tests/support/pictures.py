"""What the tests of pictures ask of each of them."""

import copy
import inspect
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from cnnlab import plots
from cnnlab.plots import style

MINUS = "\N{MINUS SIGN}"


def texts(ax):
    """Return what is written into an Axes."""
    return [text.get_text() for text in ax.texts]


def legend(ax):
    """Return what the legend says, in the Axes or below it."""
    legends = [ax.get_legend()] if ax.get_legend() else ax.figure.legends
    return [text.get_text() for one in legends for text in one.get_texts()]


def figure_of(axes):
    """Return the figure of one Axes or of several."""
    return np.atleast_1d(axes).flat[0].figure


def drawn(axes):
    """Render the whole figure; a layout that cannot be computed would warn here."""
    buffer = io.BytesIO()
    figure_of(axes).savefig(buffer, format="png", dpi=50, metadata={"Software": None})
    return buffer.getvalue()


def assert_fits(axes):
    """A figure that was drawn is as wide as a column of the book, and nothing lies outside.

    A notebook crops to what is drawn: no narrower than a column, and nothing is cut off.
    """
    figure = figure_of(axes)
    box = figure.get_tightbbox()
    assert figure.get_figwidth() == style.WIDTH
    assert min(box.x0, box.y0) >= -0.01
    assert box.x1 <= style.WIDTH + 0.01
    assert box.y1 <= figure.get_figheight() + 0.01


def assert_keeps_promises(function, arguments, options):
    """What every picture promises: Axes, that fit; the same bytes twice; inputs left alone."""
    before = copy.deepcopy((arguments, options))
    for array in arrays_in((arguments, options)):
        array.flags.writeable = False
    axes = function(*arguments, **options)
    assert all(isinstance(ax, Axes) for ax in np.atleast_1d(axes).flat)
    first = drawn(axes)
    if figure_of(axes).get_layout_engine() is style.FIXED:
        assert drawn(axes) == first  # saved twice
    plt.close("all")
    again = function(*arguments, **options)
    assert drawn(again) == first
    assert_fits(again)
    if "ax" in inspect.signature(function).parameters:
        assert_draws_where_told(function, arguments, options)
    np.testing.assert_equal((arguments, options), before)


def assert_draws_where_told(function, arguments, options):
    """With an Axes of the caller: in this one, and in no other."""
    plt.close("all")
    figure, (left, right) = plt.subplots(1, 2)
    assert function(*arguments, ax=right, **options) is right
    assert plt.get_fignums() == [figure.number]
    assert not left.has_data()
    drawn(right)


def arrays_in(value):
    """Return the arrays in nested sequences and mappings."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return []
    return [array for part in value for array in arrays_in(part)]


def pictures_of(module):
    """Return the public functions of a module of `cnnlab.plots`."""
    found = {getattr(plots, name) for name in plots.__all__}
    return {function for function in found if function.__module__ == module.__name__}


def assert_refused(call, message):
    """The call ends in words, and leaves no empty figure behind."""
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []
