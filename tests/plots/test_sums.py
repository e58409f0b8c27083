"""Sums and products: every term written, windows outlined, a wrong sum never drawn."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from support.pictures import MINUS, assert_keeps_promises, assert_refused, pictures_of, texts

from cnnlab import plots, reference
from cnnlab.plots import style, sums


def search(X, w):
    """Search one pattern by the definition, on integers."""
    X, w = np.atleast_3d(X.T).T, np.atleast_3d(w.T).T
    m, n = w.shape[1:]
    rows, columns = X.shape[1] - m + 1, X.shape[2] - n + 1
    return np.array(
        [[(X[:, i : i + m, j : j + n] * w).sum() for j in range(columns)] for i in range(rows)]
    )


X2 = np.arange(20).reshape(4, 5) % 4
W2 = np.array([[1, -1], [0, 2], [-2, 1]])
X3 = np.random.default_rng(0).integers(0, 4, (3, 4, 5))
W3 = np.random.default_rng(0).integers(-2, 3, (3, 2, 2))
DZ = np.array([[1, 2, 0, -2], [-1, 3, 1, 5]])  # (M', N')
W = np.array([[1, 2, -3], [3, 4, 6]])  # (m, n)
DX = reference.conv2d_dX(DZ[None], W[None, None], (1, 3, 6))[0]  # (M, N)
DELTA, SLOPES = np.array([[16, 8, -16], [-4, 64, 0]]), np.array([[3, 4, 3], [4, 1.75, 3]]) / 16
NAMES = (r"\delta", "Y (1 - Y)", r"\partial L / \partial Z")


CASES = {
    "show_search": (plots.show_search, (X2, W2, search(X2, W2), (1, 2)), {}),
    "show_search deep": (
        plots.show_search,
        (X3, W3, search(X3, W3) + 2, (2, 3)),
        {"bias": 2},
    ),
    "show_search large": (
        plots.show_search,
        (np.ones((30, 20)), np.ones((4, 5)), np.full((27, 16), 20.0), (3, 4)),
        {},
    ),
    "show_search wide": (
        plots.show_search,
        (np.ones((30, 60)), np.ones((4, 5)), np.full((27, 56), 20.0), (3, 4)),
        {},
    ),
    "show_gather": (plots.show_gather, (DZ, W, DX, (1, 2)), {}),
    "show_gather corner": (plots.show_gather, (DZ, W, DX, (2, 5)), {}),
    "show_gather row": (
        plots.show_gather,
        (np.array([[5, 7]]), np.array([[1, 2, 3]]), np.array([[5, 17, 29, 21]]), (0, 1)),
        {"names": ("dZ[0]", "w[0]", "dX")},
    ),
    "show_product": (
        plots.show_product,
        (DELTA, SLOPES, DELTA * SLOPES, NAMES),
        {"highlight": (1, 2), "fractions": True},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(sums)


# Search


def test_search_writes_out_the_sum():
    ax = plots.show_search(X2, W2, search(X2, W2), (0, 1))
    assert texts(ax)[-1].split("\n") == [
        f"Z[0, 1] = 1·1 + 2·({MINUS}1)",
        "    + 2·0 + 3·2",
        f"    + 3·({MINUS}2) + 0·1",
        f"    = {MINUS}1",
    ]


def test_search_through_depth_adds_the_planes_and_the_bias():
    Z = search(X3, W3) + 2
    ax = plots.show_search(X3, W3, Z, (1, 2), bias=2)
    parts = [(X3[c, 1:3, 2:4] * W3[c]).sum() for c in range(3)]
    shown = [f"{part}".replace("-", MINUS) for part in parts]
    terms = [f"({word})" if part < 0 else word for word, part in zip(shown, parts, strict=True)]
    total = f"{Z[1, 2]}".replace("-", MINUS)
    assert texts(ax)[-1] == f"Z[1, 2] = {' + '.join(terms)} + 2 = {total}"
    assert all(word in texts(ax) for word in shown)


def test_search_takes_names_with_an_index():
    ax = plots.show_search(X3, W3, search(X3, W3), (1, 2), names=("X", "w[4]", "Z[4]"))
    shown = texts(ax)
    assert {"$X[0]$", "$X[2]$", "$w[4, 0]$", "$w[4, 2]$", "$Z[4]$"} <= set(shown)
    assert shown[-1].startswith("Z[4, 1, 2] = ")


# Gather


def outlines(ax):
    """Return the outlined rectangles: left, upper, right and lower edge."""
    return [
        patch.get_extents().transformed(ax.transData.inverted()).extents.round(6)
        for patch in ax.patches
        if isinstance(patch, Rectangle)
        and patch.get_linewidth() > 2
        and to_hex(patch.get_edgecolor()) == style.VERMILION
    ]


def test_gather_writes_every_term_in_reading_order():
    ax = plots.show_gather(DZ, W, DX, (1, 2))
    assert texts(ax)[-1] == (
        f"dX[1, 2] = 1·6 + 2·4 + 0·3\n    + ({MINUS}1)·({MINUS}3) + 3·2 + 1·1\n    = 24"
    )
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
    ring = next(patch for patch in ax.patches if patch.get_facecolor() == style.PADDING)
    assert ring.get_height() * (4 + 2 * 2) == pytest.approx(ring.get_width() * (2 + 2 * 1))
    assert [text for text in texts(ax) if text][:8] == [
        f"{value}".replace("-", MINUS) for value in DZ.ravel()
    ]


# Product


def product():
    function, arguments, options = CASES["show_product"]
    return function(*arguments, **options)


def test_product_writes_all_numbers():
    cells = [[text.get_text() for text in ax.texts[:6]] for ax in product()]
    assert cells[0] == ["16", "8", f"{MINUS}16", f"{MINUS}4", "64", "0"]
    assert cells[1] == ["3/16", "1/4", "3/16", "1/4", "7/64", "3/16"]
    assert cells[2] == ["3", "2", f"{MINUS}3", f"{MINUS}1", "7", "0"]


def test_product_without_fractions_writes_two_decimals():
    axes = plots.show_product([[2]], [[-0.125]], [[-0.25]], ("a", "b", "c"))
    assert [ax.texts[0].get_text() for ax in axes] == ["2", f"{MINUS}0.12", f"{MINUS}0.25"]


def test_product_outlines_one_entry_in_all_three():
    for ax in product():
        assert [patch.get_xy() for patch in ax.patches if patch.get_width() == 1] == [(2, 1)]


def test_product_refuses_an_entry_outside():
    with pytest.raises(ValueError, match="leaves the matrix"):
        plots.show_product(DELTA, SLOPES, DELTA * SLOPES, NAMES, highlight=(2, 0))


REFUSED = {
    "depths differ": (
        lambda: plots.show_search(X3, W3[:2], np.zeros((3, 4)), (0, 0)),
        r"show_search: image has depth D=3 but pattern has 2",
    ),
    "shape of the result": (
        lambda: plots.show_search(X2, W2, np.zeros((4, 5)), (0, 0)),
        r"show_search: result has shape \(4, 5\), needs \(2, 4\) for an image of 4 x 5",
    ),
    "position": (
        lambda: plots.show_search(X2, W2, search(X2, W2), (2, 0)),
        r"show_search: position \(2, 0\) is outside the result of shape \(2, 4\); i goes to 1",
    ),
    "wrong sum": (
        lambda: plots.show_search(X2, W2, search(X2, W2) + 1, (0, 0)),
        r"show_search: result\[0, 0\] is .*, but window, pattern and bias make",
    ),
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
    "other shape": (
        lambda: plots.show_product(DELTA, SLOPES[:1], DELTA, NAMES),
        r"shapes \(2, 3\), \(1, 3\) and \(2, 3\), need one shape with at most 4 columns; ",
    ),
    "too wide": (lambda: plots.show_product(*np.ones((3, 1, 5)), NAMES), "at most 4 columns"),
    "rank": (lambda: plots.show_product(*np.ones((3, 1, 1, 2)), NAMES), r"needs \(M', N'\)"),
    "wrong product": (
        lambda: plots.show_product(DELTA, SLOPES, DELTA, NAMES),
        "result is not first times second, entry by entry; check",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    assert_refused(*REFUSED[case])
