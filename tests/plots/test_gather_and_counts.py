"""Pictures of small arrays: what a pixel gathers, and counts."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from support.pictures import MINUS, assert_fits, drawn, texts

from cnnlab import plots, reference
from cnnlab.plots import style

DZ = np.array([[1, 2, 0, -2], [-1, 3, 1, 5]])  # (M', N')
W = np.array([[1, 2, -3], [3, 4, 6]])  # (m, n)
DX = reference.conv2d_dX(DZ[None], W[None, None], (1, 3, 6))[0]  # (M, N)
COUNTS = [np.array([[1, 2, 1], [0, 4, 2]]), np.array([[7, 8, 9, 10]])]

CASES = {
    "show_gather": lambda: (plots.show_gather, (DZ.copy(), W.copy(), DX.copy(), (1, 2)), {}),
    "show_gather corner": lambda: (plots.show_gather, (DZ.copy(), W.copy(), DX.copy(), (2, 5)), {}),
    "show_gather row": lambda: (
        plots.show_gather,
        (np.array([[5, 7]]), np.array([[1, 2, 3]]), np.array([[5, 17, 29, 21]]), (0, 1)),
        {"names": ("dZ[0]", "w[0]", "dX")},
    ),
    "show_counts": lambda: (plots.show_counts, (COUNTS[0].copy(),), {}),
    "show_counts titled": lambda: (plots.show_counts, (COUNTS,), {"titles": ["a", "b"]}),
    "show_counts three": lambda: (plots.show_counts, ([*COUNTS, np.zeros((9, 8))],), {}),
}


def outlines(ax):
    """Return the outlined rectangles: left, upper, right and lower edge."""
    return [
        patch.get_extents().transformed(ax.transData.inverted()).extents.round(6)
        for patch in ax.patches
        if isinstance(patch, Rectangle) and to_hex(patch.get_edgecolor()).upper() == style.VERMILION
    ]


@pytest.mark.parametrize("case", CASES)
def test_draws_and_leaves_inputs_alone(case):
    function, arrays, options = CASES[case]()
    before = [np.copy(array) for array in arrays if isinstance(array, np.ndarray)]
    ax = function(*arrays, **options)
    after = [array for array in arrays if isinstance(array, np.ndarray)]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new, old)
    assert drawn(ax) == drawn(ax)


@pytest.mark.parametrize("case", CASES)
def test_full_width_and_nothing_outside(case):
    function, arrays, options = CASES[case]()
    assert_fits(function(*arrays, **options))


def test_gather_writes_every_term_in_reading_order():
    ax = plots.show_gather(DZ, W, DX, (1, 2))
    assert texts(ax)[-1] == (f"dX[1, 2] = 1·6 + 2·4 + 0·3 + ({MINUS}1)·({MINUS}3) + 3·2 + 1·1 = 24")
    assert DX[1, 2] == 24
    dZ, w = np.full((2, 3), 1000), np.full((2, 3), 11)
    dX = reference.conv2d_dX(dZ[None], w[None, None], (1, 3, 5))[0]
    row = "1000·11 + 1000·11 + 1000·11"
    assert texts(plots.show_gather(dZ, w, dX, (1, 2)))[-1] == (
        f"dX[1, 2] = {row}\n    + {row}\n    = 66000"
    )


@pytest.mark.parametrize("pixel", list(np.ndindex(3, 6)))
def test_gather_has_a_term_for_each_window_with_the_pixel(pixel):
    p, q = pixel
    written = texts(plots.show_gather(DZ, W, DX, pixel))[-1]
    windows = [(i, j) for i, j in np.ndindex(2, 4) if 0 <= p - i < 2 and 0 <= q - j < 3]
    assert written.count("·") == len(windows)
    assert written.endswith(f"= {DX[pixel]:g}".replace("-", MINUS))


def test_gather_turns_the_pattern_and_outlines_the_windows():
    ax = plots.show_gather(DZ, W, DX, (0, 1))
    at = texts(ax).index(r"$w\ \mathrm{turned}$")
    before = [text for text in texts(ax)[:at] if text]
    turned = [f"{value}".replace("-", MINUS) for value in W[::-1, ::-1].ravel()]
    assert before[-len(turned) - 5 : -5] == turned  # then the index numbers of 2 rows, 3 columns
    (left, top, right, bottom), (x, y, x1, y1) = outlines(ax)
    cell = x1 - x
    assert right - left == pytest.approx(3 * cell, abs=1e-4)
    assert abs(bottom - top) == pytest.approx(2 * cell, abs=1e-4)
    assert abs(y1 - y) == pytest.approx(cell, abs=1e-4)


def test_gather_leaves_what_is_absent_empty_and_pale():
    ax = plots.show_gather(DZ, W, DX, (0, 0))
    ring = ax.images[0].get_array()
    assert ring.shape[:2] == (2 + 2 * 1, 4 + 2 * 2)
    assert {to_hex(color).upper() for row in ring for color in row} == {style.PADDING}
    assert [text for text in texts(ax) if text][:8] == [
        f"{value}".replace("-", MINUS) for value in DZ.ravel()
    ]


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
    "gather result": (
        lambda: plots.show_gather(DZ, W, DX[:2], (0, 0)),
        r"show_gather: result has shape \(2, 6\), needs \(3, 6\) for an upstream of 2 x 4",
    ),
    "gather pixel": (
        lambda: plots.show_gather(DZ, W, DX, (3, 0)),
        r"show_gather: pixel \(3, 0\) is outside the result of shape \(3, 6\); p goes to 2",
    ),
    "gather negative": (
        lambda: plots.show_gather(DZ, W, DX, (0, -1)),
        r"show_gather: pixel \(0, -1\) is outside",
    ),
    "gather wrong": (
        lambda: plots.show_gather(DZ, W[::-1, ::-1], DX, (0, 0)),
        r"show_gather: result\[0, 0\] is 1, but upstream and pattern make 6",
    ),
    "gather depth": (
        lambda: plots.show_gather(DZ[None], W, DX, (0, 0)),
        r"show_gather: upstream has 3 axes",
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
    call, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []
