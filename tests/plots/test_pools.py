"""Winners of windows: arrows from the right pixels, and no wrong number printed."""

import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch
from support.pictures import MINUS, assert_keeps_promises, assert_refused, pictures_of, texts

from cnnlab import plots, reference
from cnnlab.plots import pools

X = np.array([[1, 6, 2, 0], [6, 3, 8, 1], [4, 5, 0, 9]])
DY = np.array([[2, 3, 1], [-4, 2, 5]])


def arrays(image=X, size=2, stride=1, dY=DY):
    Y, argmax = reference.max_pool2d(image[None], size, stride=stride)
    dX = reference.max_pool2d_dX(dY[None], argmax, (1, *image.shape))
    return image, Y[0], argmax[0], dY, dX[0]


CASES = {
    "show_winners": (plots.show_winners, arrays(), {}),
    "show_winners wide": (
        plots.show_winners,
        arrays(np.arange(24).reshape(4, 6) % 7, (2, 3), (2, 1), np.arange(8).reshape(2, 4) / 4),
        {"fmt": ".1f"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(pools)


def test_arrows_lead_from_winners_and_back():
    """Two for each window, one each way, between the same two cells; by hand."""
    ax = plots.show_winners(*arrays())
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == 12
    corners = [image.get_extent() for image in ax.images]  # X, Y, dX, dY

    def cell(point, extent):
        left, _, _, top = extent
        return int((point[1] - top) // 0.46), int((point[0] - left) // 0.46)

    ends = [arrow._posA_posB for arrow in arrows]
    forward = [(cell(a, corners[0]), cell(b, corners[1])) for a, b in ends[:6]]
    assert forward == [
        *(((0, 1), (0, 0)), ((1, 2), (0, 1)), ((1, 2), (0, 2))),
        *(((1, 0), (1, 0)), ((1, 2), (1, 1)), ((2, 3), (1, 2))),
    ]
    backward = [(cell(b, corners[2]), cell(a, corners[3])) for a, b in ends[6:]]
    assert backward == forward


def test_numbers_and_names_are_written():
    found = texts(plots.show_winners(*arrays()))
    assert found.count("8") == 4  # once in X, three times in Y
    assert f"{MINUS}4" in found
    assert [text for text in found if text.startswith("$")] == [
        *("$X$", "$Y$", r"$\partial L / \partial X$", r"$\partial L / \partial Y$"),
    ]


REFUSED = {
    "rank": (
        lambda: plots.show_winners(X[0], *arrays()[1:]),
        r"show_winners: image has 1 axes \(4,\), needs \(M, N\)",
    ),
    "shape of argmax": (
        lambda: plots.show_winners(X, DY, [[1]], DY, X),
        r"show_winners: argmax has shape \(1, 1\), needs \(2, 3\)",
    ),
    "shape of the gradient": (
        lambda: plots.show_winners(*arrays()[:4], DY),
        r"show_winners: gradient has shape \(2, 3\), needs \(3, 4\)",
    ),
    "no winner": (
        lambda: plots.show_winners(X, arrays()[1], arrays()[2] - 2, *arrays()[3:]),
        r"show_winners: argmax must hold whole numbers from 0 to 11",
    ),
    "no maximum of its place": (
        lambda: plots.show_winners(X, arrays()[1] + 1, *arrays()[2:]),
        r"show_winners: result is not what argmax makes",
    ),
    "a sum that lost terms": (
        lambda: plots.show_winners(*arrays()[:4], arrays()[4] - (X == 8)),
        r"show_winners: gradient is not what argmax makes",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    assert_refused(*REFUSED[case])
