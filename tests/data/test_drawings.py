"""Drawn digits become what MNIST has: read by a network, whatever they were drawn with."""

import io

import numpy as np
import pytest
from PIL import Image
from support.failures import each
from support.handwriting import STYLES, Style, draw

from cnnlab import data
from cnnlab.data.drawings import digit
from cnnlab.optimizers import Adam
from cnnlab.presets import preset
from cnnlab.training import fit

PAGE = np.ones((60, 90))
PAGE[10:50, 40:46] = 0.2


def pixels(picture):
    """Return a picture as an array, depth first, 0 to 1."""
    return np.asarray(picture).transpose(2, 0, 1) / 255


def as_jpeg(picture):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=75)
    return Image.open(file)


@pytest.fixture(scope="module")
def digits():
    return data.mnist_subset(dtype=np.float32)


@pytest.fixture(scope="module")
def reader(digits):
    """A LeNet that learned from the subset for some seconds."""
    model = preset("lenet")
    fit(
        model,
        digits.X_train,
        digits.labels_train,
        optimizer=Adam(0.002),
        epochs=4,
        progress=False,
    )
    return model


@pytest.fixture(scope="module")
def prepared(digits):
    """The first 200 test digits, as they come out of the preparation."""
    return np.stack([digit(X, dtype=np.float32).X for X in digits.X_test[:200]])


def center(X):
    """Return where the center of mass is, row and column, counted from the upper left corner."""
    places = np.arange(28) + 0.5
    return np.array([X.sum(axis=1) @ places, X.sum(axis=0) @ places]) / X.sum()


def extent(X):
    return max(np.ptp(np.argwhere(X >= 0.2), axis=0) + 1)


class TestAsInMnist:
    """Where the ink is, and how much."""

    @each(name=list(STYLES), label=[1, 5, 8])
    def test_it_fits_the_box_and_is_centered_by_its_ink(self, name, label, rng):
        one = digit(pixels(draw(label, STYLES[name], rng)))
        assert one.X.shape == (1, 28, 28)
        assert one.X.dtype == np.float64
        assert one.X.min() == 0
        assert 0.9 < one.X.max() <= 1
        assert extent(one.X[0]) in (19, 20, 21)
        assert np.all(np.abs(center(one.X[0]) - 14.5) <= 0.5 + 1e-6)

    def test_digits_of_mnist_stay_nearly_as_they_are(self, digits, prepared):
        difference = np.abs(prepared - digits.X_test[:200]).mean(axis=(1, 2, 3))
        assert (
            np.mean(difference < 0.007) > 0.85
        )  # all others are a pixel away, or of thinner lines
        assert difference.max() < 0.12

    @pytest.mark.slow
    def test_the_network_reads_them_as_well_as_before(self, digits, prepared, reader):
        some, labels = digits.X_test[:200], digits.labels_test[:200]
        right = (reader.predict(some) == labels).mean()
        assert (reader.predict(prepared) == labels).mean() >= right - 0.02


class TestDrawn:
    """What a paint program makes, and a camera."""

    @pytest.mark.slow
    @each(name=list(STYLES))
    def test_all_ten_are_read(self, name, reader):
        rng = np.random.default_rng(1)
        wrong = []
        for label in range(10):
            picture = draw(label, STYLES[name], rng)
            picture = as_jpeg(picture) if label % 2 else picture
            if (seen := reader.predict(digit(pixels(picture)).X)) != label:
                wrong.append((label, int(seen)))
        assert len(wrong) <= 2, wrong  # each machine trains another reader

    @pytest.mark.slow
    @each(
        spoil={
            "specks": lambda X: put(X, [(20, 20), (250, 40), (30, 200), (260, 260)], 3, 0.3),
            "a frame": lambda X: framed(X, 6),
            "a dark edge": lambda X: edged(X),
            "noise": lambda X: (
                X * 0.9 + 0.05 + 0.05 * np.random.default_rng(0).standard_normal(X.shape)
            ).clip(0, 1),
            "a soft shadow": lambda X: X * (1 - 0.4 / (1 + np.exp(-(np.arange(280) - 140) / 15))),
            "light from the middle": lambda X: X * (1 - 0.3 * radius2()),
        }
    )
    def test_what_is_on_the_paper_does_no_harm(self, spoil, reader, rng):
        right = [
            reader.predict(digit(spoil(pixels(draw(k, Style(), rng)))).X) == k for k in range(10)
        ]
        assert sum(right) >= 9

    @pytest.mark.slow
    @each(line=[6, 18, 38], margin=[0, 3])
    def test_without_a_margin(self, line, margin, reader, rng):
        right = 0
        for label in range(10):
            X = pixels(draw(label, Style(line=line), rng))
            places = np.argwhere(X[0] < 0.9)
            (top, left), (bottom, right_side) = places.min(0), places.max(0) + 1
            cut = X[:, top - margin : bottom + margin, left - margin : right_side + margin]
            right += reader.predict(digit(cut).X) == label
        assert right >= 9

    def test_dark_on_light_and_light_on_dark_are_the_same(self):
        dark, light = digit(PAGE), digit(1 - PAGE)
        assert (dark.inverted, light.inverted) == (True, False)
        np.testing.assert_allclose(dark.X, light.X, atol=1e-6)

    def test_paper_of_one_value_leaves_ink_as_it_is(self, rng):
        """As a paint program has it: nothing is taken away, nothing added."""
        page = np.zeros((60, 60))
        page[10:50, 25:35] = rng.uniform(0.3, 1, (40, 10))
        page[30, 20:40] = 1
        bright = digit(np.clip(page, 0, 1)).X
        np.testing.assert_array_equal(bright, digit(np.clip(page, 0, 1) * 0.5).X)

    def test_what_is_symmetric_lies_alike_wherever_it_was(self):
        """A center of mass between two pixels is no toss of a coin."""
        shifts = set()
        for place in range(4, 60, 7):
            page = np.zeros((120, 100))
            page[place : place + 41, place : place + 21] = 0.7
            page[place + 10 : place + 31, place + 5 : place + 16] = 0
            shifts.add(digit(page).shift)
        assert len(shifts) == 1

    @each(kind=[np.float32, np.uint8, bool, "gray", "color", "batch of one"])
    def test_kinds_of_arrays(self, kind):
        values = np.where(PAGE < 1, 0, 1)
        pictures = {
            "gray": values[np.newaxis].astype(float),
            "color": np.stack([values] * 3).astype(float),
            "batch of one": values.tolist(),
            np.uint8: (255 * values).astype(np.uint8),
        }
        picture = pictures[kind] if kind in pictures else values.astype(kind)
        np.testing.assert_allclose(digit(picture).X, digit(values * 1.0).X, atol=1e-6)

    def test_the_picture_stays_as_it_is(self):
        picture = PAGE.astype(np.float32)[np.newaxis]
        picture.flags.writeable = False
        digit(picture)

    @each(ink=[(255, 255, 255, 255), (0, 0, 0, 255), (200, 0, 0, 255)])
    def test_on_nothing(self, tmp_path, ink):
        page = np.zeros((*PAGE.shape, 4), np.uint8)
        page[PAGE < 1] = ink
        Image.fromarray(page).save(tmp_path / "one.png")
        one = digit(tmp_path / "one.png", dtype=np.float32)
        assert one.X.dtype == np.float32
        assert one.box == (10, 40, 40, 6)
        assert one.inverted == (ink[0] < 255)


def put(X, places, size, value):
    for i, j in places:
        X[:, i : i + size, j : j + size] = value
    return X


def framed(X, width):
    for side in (np.s_[:, :width], np.s_[:, -width:], np.s_[..., :width], np.s_[..., -width:]):
        X[side] = 0.1
    return X


def edged(X):
    X[:, :, :20] = 0.15
    return X


def radius2():
    y, x = np.mgrid[-1:1:280j, -1:1:280j]
    return x * x + y * y


class TestWords:
    """What is said of it."""

    def test_what_was_done(self):
        one = digit(PAGE)
        assert (one.inverted, one.box, one.scale, one.line) == (True, (10, 40, 40, 6), 0.5, 1.0)
        assert str(one) == (
            "dark on light, inverted; 40 x 6 pixels from row 10, column 40, scaled by 0.5 into "
            "20 x 20; lines kept; centered by its ink, moved by (+0, +1)"
        )

    def test_lines_that_were_changed(self, rng):
        thin = digit(pixels(draw(0, STYLES["thin"], rng)))
        thick = digit(pixels(draw(0, Style(line=60), rng)))
        assert thin.line > 2
        assert thick.line < 1
        assert f"lines made {thin.line:.2g} times as thick" in str(thin)

    @each(
        case={
            "white": (np.ones((20, 30)), "all of it has one color"),
            "black": (np.zeros((3, 20, 30)), "all of it has one color"),
            "nearly white": (1 - 0.03 * (PAGE < 1), "all of it has one color"),
            "noise": (np.random.default_rng(0).random((80, 90)), "clearly enough"),
            "faint noise": (
                0.8 + 0.03 * np.random.default_rng(0).standard_normal((80, 90)),
                "clearly enough",
            ),
            "light from one side": (np.linspace(0, 1, 80)[:, None] * np.ones(90), "clearly enough"),
            "stripes": ((np.arange(80) // 4 % 2)[:, None] * np.ones(90), "separate marks"),
            "dots": (
                np.kron(np.random.default_rng(0).random((40, 40)) < 0.02, np.ones((6, 6))),
                "separate marks",
            ),
            "one pixel": (np.pad([[1.0]], 20), "its only mark has 1 x 1 pixels"),
            "one entry": (np.ones((1, 1)), "all of it has one color"),
            "a photograph": (data.photo, "no line|separate marks|clearly enough"),
        }
    )
    def test_no_digit(self, case):
        picture, why = case
        picture = picture() if callable(picture) else np.clip(picture, 0, 1)
        with pytest.raises(data.DataError, match=rf"^digit: there is no digit in .*{why}.*; draw"):
            digit(picture)

    @each(
        case={
            "a batch": (np.ones((2, 1, 9, 9)), "picture has shape .*pass one image of them"),
            "depth last": (np.ones((9, 9, 3)), r"picture.transpose\(2, 0, 1\) puts it first"),
            "no pixels": (np.ones((0, 9)), "picture has shape"),
            "large numbers": (255 * PAGE, "values outside 0 to 1; divide it by the largest"),
            "NaN": (np.where(PAGE < 1, np.nan, 1), "values outside 0 to 1"),
        }
    )
    def test_no_picture(self, case):
        picture, words = case
        with pytest.raises(ValueError, match=f"^digit: .*{words}"):
            digit(picture)

    def test_no_file(self, tmp_path):
        with pytest.raises(data.MissingDataError, match="^image: there is no file"):
            digit(tmp_path / "none.png")
