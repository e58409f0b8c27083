"""Images, patterns and maps: right pixels, right words, wrong input refused."""

import numpy as np
import pytest
from support.pictures import assert_keeps_promises, assert_refused, pictures_of

from cnnlab import plots
from cnnlab.plots import images


def rng():
    return np.random.default_rng(0)


CASES = {
    "show_image": (plots.show_image, (rng().random((5, 7)),), {}),
    "show_image color": (plots.show_image, (rng().random((3, 5, 7)),), {"title": "T"}),
    "show_images": (plots.show_images, (rng().random((5, 3, 4, 6)),), {}),
    "show_depths": (plots.show_depths, (rng().random((3, 5, 7)),), {}),
    "show_depths many": (plots.show_depths, (rng().random((6, 5, 7)),), {}),
    "show_matches": (
        plots.show_matches,
        (rng().random((30, 40)), np.array([[3, 4], [20, 30]]), (5, 6)),
        {},
    ),
    "show_patterns": (plots.show_patterns, (rng().normal(size=(5, 1, 3, 4)),), {}),
    "show_patterns deep": (plots.show_patterns, (rng().normal(size=(4, 3, 3, 4)),), {}),
    "show_patterns pairs": (plots.show_patterns, (rng().normal(size=(3, 2, 3, 4)),), {}),
    "show_maps": (plots.show_maps, (rng().normal(size=(5, 6, 4)),), {}),
    "show_maps gray": (plots.show_maps, (rng().random((5, 6, 4)),), {"signed": False}),
    "show_features": (
        plots.show_features,
        ({"a": rng().random((3, 8, 6)), "b": rng().random((9, 4, 4))},),
        {"image": rng().random((1, 12, 10))},
    ),
    "show_digits": (
        plots.show_digits,
        (rng().random((7, 1, 8, 8)), np.arange(7), np.zeros(7, int)),
        {},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(images)


def test_mistakes_are_said_in_words():
    axes = plots.show_digits(np.zeros((2, 4, 4)), [3, 5], [3, 6])
    assert [ax.get_title() for ax in axes] == ["3", "5\nread as 6"]


def test_layers_begin_new_rows():
    first, second = rng().random((9, 4, 5)), 3 * rng().random((2, 3, 3))
    axes = plots.show_features({"first": first, "second": second}, image=np.eye(6))
    assert [ax.get_ylabel() for ax in axes] == ["first", *[""] * 8, "second", ""]
    assert [ax.get_title() for ax in axes[-3:]] == ["k = 8", "k = 0", "k = 1"]
    np.testing.assert_array_equal(axes[10].images[0].get_array(), second[1])
    assert axes[0].images[0].get_clim() == (first.min(), first.max())
    assert axes[9].images[0].get_clim() == (second.min(), second.max())
    np.testing.assert_array_equal(axes[0].figure.axes[0].images[0].get_array(), np.eye(6))


def test_maps_are_led_by_their_image():
    maps, image = rng().normal(size=(3, 4, 5)), rng().random((1, 6, 7))
    axes = plots.show_maps(maps, image=image)
    assert [ax.get_title() for ax in axes] == ["k = 0", "k = 1", "k = 2"]
    first = axes[0].figure.axes[0]
    assert first.get_title() == "image"
    np.testing.assert_array_equal(first.images[0].get_array(), image[0])
    np.testing.assert_array_equal(axes[2].images[0].get_array(), maps[2])


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


REFUSED = {
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
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    assert_refused(*REFUSED[case])
