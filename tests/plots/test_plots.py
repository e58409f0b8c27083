"""The pictures: right Axes, right numbers in them, inputs untouched, wrong input refused."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from support.pictures import MINUS, drawn, texts

from cnnlab import plots
from cnnlab.plots import style


def rng():
    return np.random.default_rng(0)


def search(X, w):
    """Search one pattern by the definition, on integers."""
    X, w = np.atleast_3d(X.T).T, np.atleast_3d(w.T).T
    m, n = w.shape[1:]
    rows, columns = X.shape[1] - m + 1, X.shape[2] - n + 1
    return np.array(
        [[(X[:, i : i + m, j : j + n] * w).sum() for j in range(columns)] for i in range(rows)]
    )


def network_arrays(D=1, M=9, N=8, P=3, m=3, n=2):
    g = rng()
    X, w = g.random((D, M, N)), g.normal(size=(P, D, m, n))
    Z = g.normal(size=(P, M - m + 1, N - n + 1))
    return X, w, Z, 1 / (1 + np.exp(-Z)), g.normal(size=10)


X2 = np.arange(20).reshape(4, 5) % 4
W2 = np.array([[1, -1], [0, 2], [-2, 1]])
X3 = rng().integers(0, 4, (3, 4, 5))
W3 = rng().integers(-2, 3, (3, 2, 2))

CASES = {
    "show_image": lambda: (plots.show_image, (rng().random((5, 7)),), {}),
    "show_image color": lambda: (plots.show_image, (rng().random((3, 5, 7)),), {"title": "T"}),
    "show_images": lambda: (plots.show_images, (rng().random((5, 3, 4, 6)),), {}),
    "show_depths": lambda: (plots.show_depths, (rng().random((3, 5, 7)),), {}),
    "show_depths many": lambda: (plots.show_depths, (rng().random((6, 5, 7)),), {}),
    "show_matches": lambda: (
        plots.show_matches,
        (rng().random((30, 40)), np.array([[3, 4], [20, 30]]), (5, 6)),
        {},
    ),
    "show_grid": lambda: (plots.show_grid, (X2.copy(),), {"highlight": (1, 1, 2, 3)}),
    "show_search": lambda: (plots.show_search, (X2.copy(), W2.copy(), search(X2, W2), (1, 2)), {}),
    "show_search deep": lambda: (
        plots.show_search,
        (X3.copy(), W3.copy(), search(X3, W3) + 2, (2, 3)),
        {"bias": 2},
    ),
    "show_search large": lambda: (
        plots.show_search,
        (np.ones((30, 20)), np.ones((4, 5)), np.full((27, 16), 20.0), (3, 4)),
        {},
    ),
    "show_search wide": lambda: (
        plots.show_search,
        (np.ones((30, 60)), np.ones((4, 5)), np.full((27, 56), 20.0), (3, 4)),
        {},
    ),
    "show_windows": lambda: (
        plots.show_windows,
        (X2.copy(), (2, 3), [(0, 0), (2, 1)]),
        {"padding": 1, "stride": 2},
    ),
    "show_windows dilated": lambda: (
        plots.show_windows,
        (X2.copy(), 2, [(0, 0), (1, 1)]),
        {"dilation": 2, "stride": (2, 3), "ceil_mode": True},
    ),
    "show_patterns": lambda: (plots.show_patterns, (rng().normal(size=(5, 1, 3, 4)),), {}),
    "show_patterns deep": lambda: (plots.show_patterns, (rng().normal(size=(4, 3, 3, 4)),), {}),
    "show_patterns pairs": lambda: (plots.show_patterns, (rng().normal(size=(3, 2, 3, 4)),), {}),
    "show_maps": lambda: (plots.show_maps, (rng().normal(size=(5, 6, 4)),), {}),
    "show_maps gray": lambda: (plots.show_maps, (rng().random((5, 6, 4)),), {"signed": False}),
    "show_digits": lambda: (
        plots.show_digits,
        (rng().random((7, 1, 8, 8)), np.arange(7), np.zeros(7, int)),
        {},
    ),
    "plot_losses": lambda: (
        plots.plot_losses,
        (np.array([2.0, 1.0]), np.array([2.1, 1.2]), np.array([0.5, 0.9])),
        {},
    ),
    "plot_correlation": lambda: (
        plots.plot_correlation,
        (np.arange(5), {"a": np.linspace(1, 0, 5), "b": np.linspace(1, -0.1, 5)}),
        {},
    ),
    "show_confusion": lambda: (plots.show_confusion, (np.arange(9).reshape(3, 3),), {}),
    "show_layer": lambda: (plots.show_layer, (), {}),
    "show_layer flat": lambda: (
        plots.show_layer,
        (),
        {"B": 1, "D": 1, "M": 3, "N": 3, "P": 1, "m": 1, "n": 1},
    ),
    "show_network": lambda: (plots.show_network, network_arrays(), {"label": 3}),
    "show_network color": lambda: (plots.show_network, network_arrays(D=3), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_returns_axes_and_leaves_inputs_alone(case):
    function, arguments, options = CASES[case]()
    arrays = [a for a in arguments if isinstance(a, np.ndarray)]
    before = [a.copy() for a in arrays]
    for array in arrays:
        array.flags.writeable = False
    axes = function(*arguments, **options)
    assert all(isinstance(ax, Axes) for ax in np.atleast_1d(axes).flat)
    drawn(axes)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("case", CASES)
def test_same_bytes_twice(case):
    pictures = []
    for _ in range(2):
        function, arguments, options = CASES[case]()
        pictures.append(drawn(function(*arguments, **options)))
        plt.close("all")
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("case", CASES)
def test_full_width_and_nothing_outside(case):
    """A notebook crops to what is drawn: no narrower than a column, and nothing is cut off."""
    function, arguments, options = CASES[case]()
    figure = np.atleast_1d(function(*arguments, **options)).flat[0].figure
    figure.canvas.draw()
    box = figure.get_tightbbox()
    assert figure.get_figwidth() == style.WIDTH
    assert box.x0 >= -0.01
    assert box.x1 <= style.WIDTH + 0.01
    assert box.y0 >= -0.01
    assert box.y1 <= figure.get_figheight() + 0.01


@pytest.mark.parametrize(
    "case", ["show_image", "show_matches", "show_grid", "plot_correlation", "show_confusion"]
)
def test_draws_where_told(case):
    figure, (left, right) = plt.subplots(1, 2)
    function, arguments, options = CASES[case]()
    assert function(*arguments, ax=right, **options) is right
    assert plt.get_fignums() == [figure.number]
    assert not left.has_data()
    drawn(right)


def test_other_figures_stay_open():
    mine = plt.figure()
    plots.show_maps(np.zeros((2, 3, 3)))
    assert plt.fignum_exists(mine.number)


def test_style_is_light_and_sharp():
    assert to_rgb(matplotlib.rcParams["figure.facecolor"]) == (1, 1, 1)
    assert matplotlib.rcParams["figure.dpi"] == 144
    assert matplotlib.rcParams["font.size"] >= 10


# Numbers


def test_grid_writes_the_numbers_it_was_given():
    ax = plots.show_grid([[1, -2], [0.5, np.nan]], signed=True)
    assert texts(ax)[:3] == ["1.00", f"{MINUS}2.00", "0.50"]
    assert "nan" not in texts(ax)


def places(ax, kind):
    """Where the outlines or the dots of `show_windows` stand, in cells from the image's corner."""
    cell = 0.46
    pixels = min(ax.images[1:], key=lambda drawn: drawn.get_extent()[0]).get_extent()
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
    ax = plots.show_windows(X2, (2, 3), [(0, 0), (2, 1)], stride=2, padding=((1, 1), (0, 2)))
    assert places(ax, "windows") == [(-1, 0, 2, 3), (3, 2, 2, 3)]
    assert texts(ax)[:3] == ["0", "1", "2"]
    assert [text for text in texts(ax) if text.startswith(MINUS)] == [f"{MINUS}1"]
    assert places(ax, "dots") == []


def test_windows_with_dilation_mark_their_pixels():
    ax = plots.show_windows(X2, 2, [(1, 1)], stride=(1, 2), dilation=(2, 3), padding=(0, 1))
    assert places(ax, "windows") == [(1, 1, 3, 4)]
    assert places(ax, "dots") == [(1, 1), (1, 4), (3, 1), (3, 4)]


def test_grid_formats_and_has_no_minus_zero():
    ax = plots.show_grid([[-0.001, 3.14159]], fmt=".1f")
    assert texts(ax)[:2] == ["0.0", "3.1"]


def test_grid_digits_contrast_with_their_cell():
    ax = plots.show_grid([[0, 9]])
    assert [text.get_color() for text in ax.texts[:2]] == ["white", "black"]


def test_grid_outlines_every_rectangle():
    ax = plots.show_grid(np.eye(4), highlight=[(0, 0, 1, 1), (1, 1, 2, 3)])
    cells = {
        (round(p.get_width() / p.get_height(), 6), p.get_edgecolor())
        for p in ax.patches
        if p.get_linewidth() > 2
    }
    assert len(cells) == 2


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


def test_confusion_writes_every_count():
    assert texts(plots.show_confusion(np.arange(9).reshape(3, 3))) == [str(k) for k in range(9)]


def test_mistakes_are_said_in_words():
    axes = plots.show_digits(np.zeros((2, 4, 4)), [3, 5], [3, 6])
    assert [ax.get_title() for ax in axes] == ["3", "5, read as 6"]


def test_network_names_the_highest_score():
    arrays = network_arrays()
    axes = plots.show_network(*arrays)
    written = axes[0].figure.findobj(matplotlib.text.Text)
    words = " ".join(text.get_text() for text in written)
    assert f"highest says {arrays[-1].argmax()}" in words
    assert "8 \N{MULTIPLICATION SIGN} 7" not in words
    assert "7 \N{MULTIPLICATION SIGN} 7" in words


def test_accuracy_is_drawn_in_per_cent():
    axes = plots.plot_losses([2.0, 1.0], accuracy=[0.5, 0.9])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [50, 90])


@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        ([3.0, 0.5, 0.2], "log"),
        ([2.3, 2.2, 2.1], "linear"),
        ([3.0, 0.5, 0.0], "linear"),
        ([3.0, np.nan, 0.2], "log"),
        ([np.nan, np.nan], "linear"),
        ([3.0, np.inf], "linear"),
    ],
)
def test_a_loss_that_falls_far_is_on_a_logarithmic_axis(losses, scale):
    (ax,) = plots.plot_losses(losses)
    assert ax.get_yscale() == scale


def test_logarithmic_losses_have_plain_numbers():
    (ax,) = plots.plot_losses([3.0, 0.5, 0.2])
    ax.figure.canvas.draw()
    shown = {label.get_text() for label in ax.get_yticklabels()}
    assert {"0.2", "0.5", "1", "2"} <= shown


def test_maps_are_led_by_their_image():
    maps, image = rng().normal(size=(3, 4, 5)), rng().random((1, 6, 7))
    axes = plots.show_maps(maps, image=image)
    assert [ax.get_title() for ax in axes] == ["k = 0", "k = 1", "k = 2"]
    first = axes[0].figure.axes[0]
    assert first.get_title() == "image"
    np.testing.assert_array_equal(first.images[0].get_array(), image[0])
    np.testing.assert_array_equal(axes[2].images[0].get_array(), maps[2])


def test_confusion_names_its_rows():
    assert plots.show_confusion(np.eye(2)).get_ylabel() == "true digit"
    assert plots.show_confusion(np.eye(2), labels=["cat", "dog"]).get_ylabel() == "true class"


@pytest.mark.parametrize("name", ["X", "w", "Z", "Y", "B", "D", "M", "N", "P", "m", "n", "f"])
def test_layer_has_every_symbol(name):
    words = " ".join(texts(plots.show_layer()))
    assert name in words


@pytest.mark.parametrize("index", ["s=0", "k", "c", "i", "j", "u", "v", "p", "q", "b[0]"])
def test_layer_has_every_index(index):
    words = " ".join(texts(plots.show_layer()))
    assert f"${index}" in words


# Colors


@pytest.mark.parametrize(
    "axes",
    [
        lambda: plots.show_maps(np.array([[[1.0, -3.0]], [[0.0, 2.0]]])),
        lambda: plots.show_patterns(np.array([[[[1.0, -3.0]]], [[[0.0, 2.0]]]])),
    ],
)
def test_signed_pictures_share_symmetric_limits(axes):
    for ax in axes().flat:
        assert ax.images[0].get_clim() == (-3, 3)


def test_all_zero_maps_are_white():
    assert plots.show_maps(np.zeros((1, 2, 2)))[0].images[0].get_clim() == (-1, 1)


def test_gray_images_share_black_and_white():
    assert plots.show_image([[0.2, 0.4]]).images[0].get_clim() == (0, 1)
    assert plots.show_image([[-2.0, 7.0]]).images[0].get_clim() == (-2, 7)


# Refusals

REFUSED = {
    "rank of an image": (
        lambda: plots.show_image(np.zeros((1, 1, 4, 4))),
        r"show_image: image has 4 axes \(1, 1, 4, 4\), needs \(M, N\) or \(D, M, N\); ",
    ),
    "depth of an image": (
        lambda: plots.show_image(np.zeros((2, 4, 4))),
        r"show_image: image has depth 2 \(2, 4, 4\), needs 1 \(gray\) or 3",
    ),
    "bytes as colors": (
        lambda: plots.show_image(np.full((3, 2, 2), 255)),
        r"show_image: colors of image go from 255 to 255, need \[0, 1\]",
    ),
    "text": (
        lambda: plots.show_image([["a", "b"]]),
        r"show_image: image has dtype <U1, needs real numbers",
    ),
    "no pixel": (
        lambda: plots.show_image(np.zeros((0, 4))),
        r"show_image: image is empty \(shape \(0, 4\)\)",
    ),
    "no image": (lambda: plots.show_images([]), r"show_images: images is empty"),
    "one image as many": (
        lambda: plots.show_images(np.zeros((4, 4))),
        r"show_images: images has 2 axes \(4, 4\)",
    ),
    "titles": (
        lambda: plots.show_images(np.zeros((2, 1, 4, 4)), titles=["one"]),
        r"show_images: 1 titles for 2 images; give one for each",
    ),
    "rank of depths": (
        lambda: plots.show_depths(np.zeros((4, 4))),
        r"show_depths: image has 2 axes \(4, 4\), needs \(D, M, N\)",
    ),
    "positions": (
        lambda: plots.show_matches(np.zeros((9, 9)), [1, 2, 3], (2, 2)),
        r"show_matches: positions has shape \(3,\), needs \(R, 2\)",
    ),
    "window outside": (
        lambda: plots.show_matches(np.zeros((9, 9)), [(8, 0)], (2, 2)),
        r"show_matches: the window at \(8, 0\) of size 2 x 2 leaves the image of 9 x 9; rows go to",
    ),
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
    "no window": (
        lambda: plots.show_windows(X2, 2, []),
        r"show_windows: positions is empty; give at least one",
    ),
    "no such window": (
        lambda: plots.show_windows(X2, 2, [(0, 0), (2, 0)], stride=2),
        r"show_windows: there is no window at position \(2, 0\); "
        r"give a row from 0 to 1 and a column from 0 to 1",
    ),
    "window too large": (
        lambda: plots.show_windows(X2, 5, [(0, 0)]),
        r"show_windows: a window of 5 x 5 does not fit into an image of 4 x 5",
    ),
    "rank of patterns": (
        lambda: plots.show_patterns(np.zeros((4, 5, 5))),
        r"show_patterns: w has 3 axes \(4, 5, 5\), needs \(P, D, m, n\)",
    ),
    "rank of maps": (
        lambda: plots.show_maps(np.zeros((1, 4, 5, 5))),
        r"show_maps: Z has 4 axes \(1, 4, 5, 5\), needs \(P, M', N'\)",
    ),
    "colored digits": (
        lambda: plots.show_digits(np.zeros((2, 3, 4, 4)), [1, 2]),
        r"show_digits: X has depth 3, needs 1",
    ),
    "labels": (
        lambda: plots.show_digits(np.zeros((2, 4, 4)), [1]),
        r"show_digits: labels has shape \(1,\), needs \(2,\)",
    ),
    "length of a curve": (
        lambda: plots.plot_losses([1, 2], [1]),
        r"plot_losses: test_loss has 1 values but train_loss has 2; give one of each",
    ),
    "rank of a curve": (
        lambda: plots.plot_losses([[1, 2]]),
        r"plot_losses: train_loss has 2 axes \(1, 2\), needs \(E,\)",
    ),
    "distances": (
        lambda: plots.plot_correlation([0, 1], {"noise": [1]}),
        r"plot_correlation: noise has 1 values but distance has 2",
    ),
    "no curve": (lambda: plots.plot_correlation([0, 1], {}), r"plot_correlation: correlation is"),
    "not square": (
        lambda: plots.show_confusion(np.zeros((2, 3))),
        r"show_confusion: matrix has shape \(2, 3\), needs \(C, C\)",
    ),
    "class names": (
        lambda: plots.show_confusion(np.eye(2), labels=["a"]),
        r"show_confusion: 1 labels for 2 classes",
    ),
    "size of a layer": (lambda: plots.show_layer(P=0), r"show_layer: P is 0, needs 1 or more"),
    "pattern too large": (
        lambda: plots.show_layer(M=2, m=3),
        r"show_layer: a pattern of 3 x 2 does not fit an image of 2 x 8",
    ),
    "network": (
        lambda: plots.show_network(
            np.zeros((1, 8, 8)),
            np.zeros((2, 1, 3, 3)),
            np.zeros((2, 8, 8)),
            np.zeros((2, 6, 6)),
            np.zeros(10),
        ),
        r"show_network: X \(1, 8, 8\), .* do not fit together; Z and Y need shape \(2, 6, 6\)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    call, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []
