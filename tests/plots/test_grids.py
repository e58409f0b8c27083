"""Small arrays with their numbers: right words, outlines in their cells, wrong input refused."""

import numpy as np
import pytest
from support.pictures import MINUS, assert_keeps_promises, assert_refused, pictures_of, texts

from cnnlab import plots
from cnnlab.plots import grids

X = np.arange(20).reshape(4, 5) % 4
COUNTS = [np.array([[1, 2, 1], [0, 4, 2]]), np.array([[7, 8, 9, 10]])]


CASES = {
    "show_grid": (plots.show_grid, (X,), {"highlight": (1, 1, 2, 3)}),
    "show_windows": (
        plots.show_windows,
        (X, (2, 3), [(0, 0), (2, 1)]),
        {"padding": 1, "stride": 2},
    ),
    "show_windows dilated": (
        plots.show_windows,
        (X, 2, [(0, 0), (1, 1)]),
        {"dilation": 2, "stride": (2, 3), "ceil_mode": True},
    ),
    "show_counts": (plots.show_counts, (COUNTS[0],), {}),
    "show_counts titled": (plots.show_counts, (COUNTS,), {"titles": ["a", "b"]}),
    "show_counts three": (plots.show_counts, ([*COUNTS, np.zeros((9, 8))],), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(grids)


def test_grid_writes_the_numbers_it_was_given():
    ax = plots.show_grid([[1, -2], [0.5, np.nan]], signed=True)
    assert texts(ax)[:3] == ["1.00", f"{MINUS}2.00", "0.50"]
    assert "nan" not in texts(ax)


def test_grid_outlines_every_rectangle():
    ax = plots.show_grid(np.eye(4), highlight=[(0, 0, 1, 1), (1, 1, 2, 3)])
    cells = {
        (round(p.get_width() / p.get_height(), 6), p.get_edgecolor())
        for p in ax.patches
        if p.get_linewidth() > 2
    }
    assert len(cells) == 2


def places(ax, kind):
    """Where the outlines or the dots of `show_windows` stand, in cells from the image's corner."""
    cell = 0.4
    pixels = ax.images[0].get_extent()
    x, y = pixels[0], pixels[3]
    if kind == "windows":
        boxes = [patch for patch in ax.patches if patch.get_linewidth() > 2]
        corners = [(box.get_y(), box.get_x(), box.get_height(), box.get_width()) for box in boxes]
        return [
            tuple(
                round(value) for value in ((top - y) / cell, (left - x) / cell, h / cell, w / cell)
            )
            for top, left, h, w in corners
        ]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    return [
        (int((dot.get_ydata()[0] - y) / cell), int((dot.get_xdata()[0] - x) / cell)) for dot in dots
    ]


def test_windows_stand_where_the_equation_says():
    ax = plots.show_windows(X, (2, 3), [(0, 0), (2, 1)], stride=2, padding=((1, 1), (0, 2)))
    assert places(ax, "windows") == [(-1, 0, 2, 3), (3, 2, 2, 3)]
    assert texts(ax)[:3] == ["0", "1", "2"]
    assert [text for text in texts(ax) if text.startswith(MINUS)] == [f"{MINUS}1"]
    assert places(ax, "dots") == []


def test_windows_with_dilation_mark_their_pixels():
    ax = plots.show_windows(X, 2, [(1, 1)], stride=(1, 2), dilation=(2, 3), padding=(0, 1))
    assert places(ax, "windows") == [(1, 1, 3, 4)]
    assert places(ax, "dots") == [(1, 1), (1, 4), (3, 1), (3, 4)]


def test_counts_are_written_and_darker_means_more():
    ax = plots.show_counts(COUNTS)
    assert [int(text) for text in texts(ax)] == [1, 2, 1, 0, 4, 2, 7, 8, 9, 10]
    shades = np.concatenate([np.asarray(image.get_array()).reshape(-1, 4) for image in ax.images])
    light = shades[:, :3].sum(axis=1)
    order = np.argsort([1, 2, 1, 0, 4, 2, 7, 8, 9, 10], kind="stable")
    assert np.all(np.diff(light[order]) <= 0)


def test_counts_have_titles():
    assert texts(plots.show_counts(COUNTS, titles=["one", "two"]))[-1] == "two"


REFUSED = {
    "rank of a grid": (
        lambda: plots.show_grid([1, 2]),
        r"show_grid: matrix has 1 axes \(2,\), needs \(M, N\)",
    ),
    "three numbers": (
        lambda: plots.show_grid(np.eye(3), highlight=(0, 0, 1)),
        r"show_grid: highlight \(0, 0, 1\) has 3 numbers, needs 4",
    ),
    "rectangle outside": (
        lambda: plots.show_grid(np.eye(3), highlight=(2, 2, 2, 1)),
        r"show_grid: highlight \(2, 2, 2, 1\) leaves the matrix of shape \(3, 3\)",
    ),
    "no window": (
        lambda: plots.show_windows(X, 2, []),
        r"show_windows: positions is empty; give at least one",
    ),
    "no such window": (
        lambda: plots.show_windows(X, 2, [(0, 0), (2, 0)], stride=2),
        r"show_windows: there is no window at position \(2, 0\); "
        r"give a row from 0 to 1 and a column from 0 to 1",
    ),
    "window too large": (
        lambda: plots.show_windows(X, 5, [(0, 0)]),
        r"show_windows: a window of 5 x 5 does not fit into an image of 4 x 5",
    ),
    "no counts": (lambda: plots.show_counts([]), r"show_counts: counts is empty"),
    "counts axes": (lambda: plots.show_counts([1, 2]), r"show_counts: counts has 1 axes \(2,\)"),
    "counts deep": (lambda: plots.show_counts([[[[1]]]]), r"show_counts: counts has 3 axes"),
    "negative count": (
        lambda: plots.show_counts([[1, -1]]),
        r"show_counts: counts holds -1",
    ),
    "half a count": (lambda: plots.show_counts([[0.5]]), r"show_counts: counts holds 0\.5, needs"),
    "titles": (
        lambda: plots.show_counts(COUNTS, titles=["a"]),
        r"show_counts: 1 titles for 2 maps; give one for each",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    assert_refused(*REFUSED[case])
