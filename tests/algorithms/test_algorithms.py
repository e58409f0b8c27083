"""Seven algorithms for one layer: the same results, proven costs, measured errors."""

import importlib
import math
import tracemalloc
from types import SimpleNamespace

import numba
import numpy as np
import pytest
from support.cases import CONV, Conv, each, integers, layouts

from cnnlab import algorithms, reference
from cnnlab.algorithms import ALGORITHMS, find, rounding_error
from cnnlab.algorithms import winograd as wg

# What Winograd's algorithm needs: patterns of 3 x 3, on outputs of even and odd sizes.
SQUARE = [
    Conv("one window", 1, 1, 3, 3, 1, 3, 3),
    Conv("one tile", 1, 2, 4, 4, 3, 3, 3),
    Conv("a tile that hangs over", 2, 3, 4, 5, 2, 3, 3),
    Conv("odd rows and columns", 2, 2, 5, 7, 4, 3, 3),
    Conv("many tiles", 2, 3, 10, 8, 2, 3, 3),
    Conv("one wide row", 1, 2, 3, 12, 2, 3, 3),
    Conv("one high column", 1, 2, 12, 3, 2, 3, 3),
    Conv("empty batch of tiles", 0, 2, 6, 7, 3, 3, 3),
]
EVERY = CONV + SQUARE
DTYPES = [np.float32, np.float64]
CASE = SQUARE[3]


@pytest.fixture(params=ALGORITHMS)
def algorithm(request):
    """Each algorithm in turn."""
    return ALGORITHMS[request.param]


def pairs(cases, *names):
    """Return algorithms and cases, as far as they go together."""
    return [
        pytest.param(algorithm, case, id=f"{algorithm.name}, {case.name}")
        for algorithm in map(find, names or ALGORITHMS)
        for case in cases
        if algorithm.accepts(case.X_shape, case.w_shape)
    ]


def each_pair(found):
    """Parametrize a test with `algorithm` and `case`."""
    return pytest.mark.parametrize(("algorithm", "case"), found)


def arrays(case, rng, dtype=np.float64):
    return [integers(rng, shape, dtype) for shape in (case.X_shape, case.w_shape, (case.P,))]


def noise(rng, dtype, *shapes):
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


# ------------------------------------------------------------------------------- results


@each_pair(pairs(EVERY))
@pytest.mark.parametrize("dtype", DTYPES)
def test_small_integers(algorithm, case, dtype, rng):
    """All but the FFT are exact; each other result would show in the first digit of this one."""
    X, w, b = arrays(case, rng, dtype)
    expected = reference.conv2d(X, w, b)
    Z = algorithm.conv2d(X, w, b)
    assert Z.dtype == dtype
    if algorithm.exact_on_integers:
        np.testing.assert_array_equal(Z, expected, strict=True)
    else:
        np.testing.assert_array_equal(np.rint(Z), expected, strict=True)


def test_the_fft_is_not_exact_on_integers(rng):
    X, w, b = arrays(CASE, rng)
    assert (find("fft").conv2d(X, w, b) != reference.conv2d(X, w, b)).any()


@each_pair(pairs(EVERY))
def test_real_numbers(algorithm, case, rng):
    X, w, b = noise(rng, np.float64, case.X_shape, case.w_shape, (case.P,))
    expected = reference.conv2d(X, w, b)
    np.testing.assert_allclose(algorithm.conv2d(X, w, b), expected, rtol=1e-11, atol=1e-12)


def test_a_pattern_lies_where_the_row_of_the_toeplitz_matrix_has_it():
    T = algorithms.toeplitz.matrix(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), (3, 3))
    rows = [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]
    np.testing.assert_array_equal(T, np.array(rows, float), strict=True)


def test_the_transforms_of_winograd_are_its_matrices(rng):
    pixels, products, pattern = (integers(rng, (size, size)) for size in (4, 4, 3))
    for transform, matrix, array in [
        (wg.transform_pixels, wg.B_T, pixels),
        (wg.transform_pattern, wg.G, pattern),
        (wg.transform_products, wg.A_T, products),
    ]:
        np.testing.assert_array_equal(transform(array), matrix @ array)
        np.testing.assert_array_equal(wg.both_axes(transform, array), matrix @ array @ matrix.T)


def test_winograd_holds_as_an_identity_of_polynomials():
    import sympy

    d, g = sympy.symbols("d:4"), sympy.symbols("g:3")
    B_T, A_T = sympy.Matrix(wg.B_T), sympy.Matrix(wg.A_T)
    G = sympy.Matrix(wg.G).applyfunc(sympy.nsimplify)
    products = (G * sympy.Matrix(g)).multiply_elementwise(B_T * sympy.Matrix(d))
    search = sympy.Matrix([sum(d[i + u] * g[u] for u in range(3)) for i in range(2)])
    assert (A_T * products - search).expand() == sympy.zeros(2, 1)


# ------------------------------------------------------------------------------- contract


def test_one_image_gives_one_result(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    batch = algorithm.conv2d(X[:1], w, b)
    np.testing.assert_array_equal(algorithm.conv2d(X[0], w, b), batch[0], strict=True)


def test_left_out_bias_is_zero(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    np.testing.assert_array_equal(algorithm.conv2d(X, w), algorithm.conv2d(X, w, 0 * b))


def test_every_layout_gives_the_same_result(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    expected = algorithm.conv2d(X, w, b)
    for name in layouts(X):
        Z = algorithm.conv2d(layouts(X)[name], layouts(w)[name], layouts(b)[name])
        # Another layout may be another order of summation, so the FFT may round in another way.
        np.testing.assert_allclose(Z, expected, rtol=0, atol=1e-12, err_msg=name)
        if algorithm.exact_on_integers:
            np.testing.assert_array_equal(Z, expected, err_msg=name, strict=True)


@each_pair(pairs(EVERY))
def test_inputs_are_not_modified_and_outputs_are_new(algorithm, case, rng):
    given = arrays(case, rng)
    before = [array.copy() for array in given]
    Z = algorithm.conv2d(*given)
    assert Z.flags.c_contiguous
    assert Z.flags.writeable
    assert type(Z) is np.ndarray
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy, strict=True)
        assert not np.shares_memory(Z, array)


def test_dtypes_are_kept_or_widened(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    for given, kept in [
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.float16, np.float32),
        (np.int8, np.float64),
        (">f4", np.float32),
    ]:
        assert algorithm.conv2d(X.astype(given), w.astype(given), b.astype(given)).dtype == kept
    assert algorithm.conv2d(X.astype(np.float32), w, b.astype(np.float32)).dtype == np.float64


WRONG = {
    "depths": lambda X, w, b: (X[:, :1], w, b),
    "axes": lambda X, w, b: (X[0, 0], w, b),
    "biases": lambda X, w, b: (X, w, b[1:]),
    "no depth": lambda X, w, b: (X[:, :0], w[:, :0], b),
    "too small": lambda X, w, b: (X[:, :, :2], w, b),
    "masked": lambda X, w, b: (np.ma.masked_equal(X, 0), w, b),
    "text": lambda X, w, b: (X.astype(str), w, b),
    "complex": lambda X, w, b: (X.astype(complex), w, b),
    "ragged": lambda X, w, b: ([[1, 2], [3]], w, b),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_call_fails_with_the_words_of_the_fast_twin(algorithm, mistake, rng):
    from cnnlab import fast

    wrong = WRONG[mistake](*arrays(CASE, rng))
    with pytest.raises((ValueError, TypeError)) as expected:
        fast.conv2d(*wrong)
    with pytest.raises(expected.type) as raised:
        algorithm.conv2d(*wrong)
    assert str(raised.value) == str(expected.value)


def test_winograd_refuses_other_patterns():
    words = (
        r"^winograd.conv2d: w.shape=\(2, 1, 2, 3\), but F\(2x2, 3x3\) needs patterns of 3 x 3; use"
    )
    with pytest.raises(ValueError, match=words):
        wg.conv2d(np.zeros((1, 1, 5, 5)), np.zeros((2, 1, 2, 3)))
    with pytest.raises(ValueError, match=words):
        wg.cost((1, 1, 5, 5), (2, 1, 2, 3), 8)
    assert not find("winograd").accepts((1, 1, 5, 5), (2, 1, 2, 3))


def test_toeplitz_refuses_a_matrix_that_no_machine_holds():
    X, w = np.zeros((1, 3, 427, 640), np.float32), np.zeros((5, 3, 5, 5), np.float32)
    words = "^toeplitz.conv2d: the matrix of an image of 3 x 427 x 640 .* 1345140 x 819840 entries"
    with pytest.raises(ValueError, match=words):
        algorithms.toeplitz.conv2d(X, w)
    assert not find("toeplitz").accepts(X.shape, w.shape, 4)
    cost = algorithms.toeplitz.cost(X.shape, w.shape, 4)
    assert cost.temporary_bytes == 1345140 * 819840 * 4


def test_the_limit_of_toeplitz_depends_on_the_size_of_a_number():
    shapes = (1, 1, 160, 160), (1, 1, 3, 3)
    assert find("toeplitz").accepts(*shapes, itemsize=4)
    assert not find("toeplitz").accepts(*shapes, itemsize=8)


def test_toeplitz_goes_to_its_limit(monkeypatch, rng):
    X, w, b = arrays(CASE, rng)
    size = algorithms.toeplitz.cost(X.shape, w.shape, X.itemsize).temporary_bytes
    monkeypatch.setattr(algorithms.toeplitz, "LARGEST_MATRIX", size)
    assert algorithms.toeplitz.conv2d(X, w, b).shape == CASE.Z_shape
    monkeypatch.setattr(algorithms.toeplitz, "LARGEST_MATRIX", size - 1)
    with pytest.raises(ValueError, match=r"^toeplitz.conv2d: .* use a smaller image or another"):
        algorithms.toeplitz.conv2d(X, w, b)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="^find: no algorithm 'gemm'; choose one of loops, toepl"):
        find("gemm")


def test_the_table_names_the_modules():
    for name, algorithm in ALGORITHMS.items():
        module = importlib.import_module(f"cnnlab.algorithms.{name}")
        assert (algorithm.name, algorithm.conv2d, algorithm.cost) == (
            name,
            module.conv2d,
            module.cost,
        )
        assert bool(algorithm.limits) == bool(algorithm.pattern or algorithm.largest)


# ------------------------------------------------------------------------------- NaN, infinity


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(7, 9), (8, 6)])
def test_how_far_a_pixel_that_is_no_number_reaches(algorithm, value, shape, rng):
    X, w = rng.random((2, 2, *shape)) + 1, rng.random((3, 2, 3, 3)) + 1
    for pixel in np.ndindex(shape):
        sick = X.copy()
        sick[1, 1][pixel] = value
        expected = reference.conv2d(sick, w)
        seen = ~np.isfinite(expected)
        assert seen.any()
        Z = algorithm.conv2d(sick, w)
        assert np.isfinite(Z[0]).all()
        everywhere = np.broadcast_to(algorithm.spread == "image", seen[1].shape)
        np.testing.assert_array_equal(np.isfinite(Z[1]), ~(seen[1] | everywhere))
        if algorithm.keeps_infinity:
            np.testing.assert_array_equal(Z[seen], expected[seen])
        assert np.isnan(Z[1][~seen[1]]).all() == (algorithm.spread == "image" or seen[1].all())


def test_some_do_not_keep_infinity(rng):
    X, w = rng.random((1, 1, 6, 6)), rng.random((1, 1, 3, 3)) + 1
    X[0, 0, 2, 2] = np.inf
    expected = reference.conv2d(X, w)
    lost = [
        name
        for name, algorithm in ALGORITHMS.items()
        if np.isnan(algorithm.conv2d(X, w)[np.isinf(expected)]).any()
    ]
    assert lost == [a.name for a in ALGORITHMS.values() if not a.keeps_infinity]
    assert lost == ["fft", "winograd"]


# ------------------------------------------------------------------------------- operations


class Counting:
    """A number, real or complex, that counts in `Counting.done` what is done with its kind."""

    done = SimpleNamespace(multiplications=0, additions=0)

    def __init__(self, is_complex=False):
        self.is_complex = is_complex

    def add(self, other):
        is_complex = self.is_complex or getattr(other, "is_complex", False)
        self.done.additions += 2 if is_complex else 1
        return Counting(is_complex)

    def multiply(self, other):
        """(a + bi) (c + di) = (ac - bd) + (ad + bc) i: four products and two sums."""
        is_complex = self.is_complex and getattr(other, "is_complex", False)
        self.done.multiplications += 4 if is_complex else 1
        self.done.additions += 2 if is_complex else 0
        return Counting(self.is_complex or getattr(other, "is_complex", False))

    def conjugate(self):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = add
    __mul__ = __rmul__ = __truediv__ = multiply


class Array(np.ndarray):
    """An array of such numbers; zeros that pad it are such numbers, too."""

    def __array_function__(self, function, types, arguments, options):
        result = super().__array_function__(function, types, arguments, options)
        return counting(result.shape) if function is np.pad else result


def counting(shape, is_complex=False):
    numbers = np.empty(shape, object)
    numbers.ravel()[:] = [Counting(is_complex) for _ in range(numbers.size)]
    return numbers.view(Array)


def counted(algorithm, case):
    """Run the algorithm itself, without its checks, on numbers that count."""
    Counting.done = SimpleNamespace(multiplications=0, additions=0)
    body = algorithm.conv2d.__wrapped__
    Z = body(counting(case.X_shape), counting(case.w_shape), counting((case.P,)))
    assert Z.shape == case.Z_shape
    return Counting.done.multiplications, Counting.done.additions


@each_pair(pairs(EVERY, "loops", "toeplitz", "im2col", "offsets", "winograd"))
def test_operations_are_those_of_an_execution(algorithm, case):
    cost = algorithm.cost(case.X_shape, case.w_shape, 8)
    assert (cost.multiplications, cost.additions) == counted(algorithm, case)
    assert cost.operation_count == cost.multiplications + cost.additions


@each([CONV[2], CONV[3], CONV[7], CONV[11]])
def test_operations_of_the_fft_beside_its_transforms(case, monkeypatch):
    def forward(array, size=None, norm=None):
        rows, columns = size or array.shape[2:]
        return counting((*array.shape[:2], rows, columns // 2 + 1), is_complex=True)

    fake = SimpleNamespace(
        rfft2=forward, irfft2=lambda array, size, norm: counting((*array.shape[:2], *size))
    )
    monkeypatch.setattr(np, "fft", fake)
    multiplications, additions = counted(find("fft"), case)
    planes = case.B * case.D + case.P * case.D + case.B * case.P
    pixels = case.M * case.N
    cost = find("fft").cost(case.X_shape, case.w_shape, 8)
    # Half of 2 S log2(S) and of 3 S log2(S) for each plane.
    transforms = planes * pixels * math.log2(pixels)
    assert cost.multiplications == multiplications + math.ceil(transforms)
    assert cost.additions == additions + math.ceil(1.5 * transforms)


@pytest.mark.parametrize("S", [1, 2, 8, 64])
def test_the_model_of_the_transform_is_a_plain_transform(S):
    def transform(numbers, factors):
        if len(numbers) == 1:
            return numbers
        even, odd = transform(numbers[::2], factors[::2]), transform(numbers[1::2], factors[::2])
        turned = odd * factors[: len(odd)]
        return np.concatenate([even + turned, even - turned])

    Counting.done = SimpleNamespace(multiplications=0, additions=0)
    transform(counting(S, is_complex=True), counting(S, is_complex=True))
    assert Counting.done.multiplications == 2 * S * math.log2(S)
    assert Counting.done.additions == 3 * S * math.log2(S)
    # And it is the Fourier transform.
    x = np.arange(S) + 1j * np.arange(S)[::-1]
    factors = np.exp(-2j * np.pi * np.arange(S) / S)
    np.testing.assert_allclose(transform(x, factors), np.fft.fft(x), atol=1e-9)


@each(EVERY)
def test_the_direct_algorithm_counts_as_the_loops(case):
    shapes = case.X_shape, case.w_shape, 4
    assert find("direct").cost(*shapes) == find("loops").cost(*shapes)


def test_winograd_needs_fewer_multiplications():
    """36 / 16 in the limit of many patterns, depths and tiles."""
    shapes = (64, 64, 34, 34), (64, 64, 3, 3), 4
    ratio = find("loops").cost(*shapes).multiplications / wg.cost(*shapes).multiplications
    assert 2.24 < ratio < 2.25


# ------------------------------------------------------------------------------- bytes


@each_pair(pairs(EVERY))
def test_necessary_bytes_are_those_of_the_arrays(algorithm, case, rng):
    X, w, b = arrays(case, rng, np.float32)
    cost = algorithm.cost(X.shape, w.shape, X.itemsize)
    Z = algorithm.conv2d(X, w, b)
    assert cost.necessary_bytes == X.nbytes + w.nbytes + b.nbytes + Z.nbytes
    assert cost.intensity == cost.operation_count / cost.necessary_bytes
    moved = cost.necessary_bytes + 2 * cost.temporary_bytes
    assert cost.intensity_with_temporaries == cost.operation_count / moved
    double = algorithm.cost(X.shape, w.shape, 8)
    assert double == (*cost[:2], *(2 * size for size in cost[2:]))
    if case.B == 1:
        assert algorithm.cost(X.shape[1:], w.shape, 4) == cost


class Traced(np.ndarray):
    """An array that notes in `Traced.made` the bytes of every array that is made from it."""

    made = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if out is not None:
            options["out"] = tuple(plain(array) for array in out)
        result = getattr(ufunc, method)(*map(plain, inputs), **options)
        return note(result) if out is None else result.view(Traced)

    def __array_function__(self, function, types, arguments, options):
        return note(function(*map(plain, arguments), **options), self)

    def reshape(self, *shape):
        return note(super().reshape(*shape), self)

    def copy(self):
        return note(super().copy())


def plain(value):
    """Return an array, or a list of arrays, that is not traced."""
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value.view(np.ndarray) if isinstance(value, Traced) else value


def note(array, source=None):
    """Note an array, unless it is a view of its source."""
    if source is None or not np.may_share_memory(plain(array), plain(source)):
        Traced.made += array.nbytes
    return array.view(Traced)


class TracedNumPy:
    """NumPy, whose new arrays are traced."""

    def __getattr__(self, name):
        original = getattr(np, name)
        if name in ("empty", "zeros"):
            return lambda *arguments: note(original(*arguments))
        return original


SMALL = Conv("small images", 16, 1, 20, 24, 3, 3, 3)
LARGE = [
    Conv("gray images", 16, 1, 40, 60, 6, 5, 5),
    Conv("colour", 4, 3, 40, 52, 5, 3, 3),
    Conv("wide", 2, 32, 21, 23, 32, 3, 3),
    Conv("large and few images", 1, 40, 9, 8, 60, 3, 3),
    Conv("depths become one", 8, 16, 30, 31, 1, 3, 3),
]


@each_pair(
    pairs(LARGE, "im2col", "offsets", "winograd")
    + pairs(EVERY, "loops", "toeplitz", "offsets")
    + pairs(SQUARE[2:], "winograd")
)
def test_temporary_bytes_are_those_of_an_execution(algorithm, case, rng, monkeypatch):
    X, w, b = (array.view(Traced) for array in arrays(case, rng))
    module = importlib.import_module(f"cnnlab.algorithms.{algorithm.name}")
    monkeypatch.setattr(module, "np", TracedNumPy())
    Traced.made = 0
    Z = algorithm.conv2d.__wrapped__(X, w, b)
    cost = algorithm.cost(X.shape, w.shape, X.itemsize)
    assert cost.temporary_bytes == Traced.made - Z.nbytes


@each_pair(
    pairs([SMALL], "loops", "toeplitz")
    + pairs(LARGE, "im2col", "offsets", "fft", "winograd", "direct")
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_peak_of_memory(algorithm, case, dtype, rng):
    """NumPy tells tracemalloc of every array. It buffers up to 16,384 numbers beside them."""
    if algorithm.name == "direct" and numba.config.DISABLE_JIT:
        pytest.skip("takes long")
    X, w, b = noise(rng, dtype, case.X_shape, case.w_shape, (case.P,))
    cost = algorithm.cost(X.shape, w.shape, X.itemsize)
    algorithm.conv2d(X, w, b)  # what is made once is no cost of a call
    tracemalloc.start()
    algorithm.conv2d(X, w, b)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert cost.peak_bytes <= peak
    if algorithm.name == "direct":  # and a copy of the patterns, or of the images with borders
        assert peak <= cost.peak_bytes + 2 * (X.nbytes + w.nbytes) + 2**20
    else:
        assert peak <= cost.peak_bytes + 16_384 * X.itemsize + 4_096


# ------------------------------------------------------------------------------- rounding


def test_rounding_error_by_hand():
    """1e8 + 1 is 1e8 in float32: an error of 1, in units of (1e8 + 1) / 2**24."""
    X, w = np.array([[[1e8, 1]]], np.float32), np.ones((1, 1, 1, 2), np.float32)
    for conv2d in ("loops", find("loops").conv2d):
        error = rounding_error(conv2d, X, w)
        np.testing.assert_array_equal(error, [[[2**24 / (1e8 + 1)]]], strict=True)


def test_rounding_error_of_zero_products_and_of_nan():
    X, w = np.zeros((1, 1, 1, 3)), np.ones((1, 1, 1, 1))
    X[0, 0, 0, 1] = np.nan
    np.testing.assert_array_equal(rounding_error("loops", X, w), [[[[0, np.nan, 0]]]])
    error = rounding_error(lambda X, w: np.full((1, 1, 1, 3), 1.0), X, w)
    np.testing.assert_array_equal(error, [[[[np.inf, np.nan, np.inf]]]])


def test_rounding_error_needs_wider_floats(monkeypatch):
    monkeypatch.setattr(np, "longdouble", np.float64)
    X, w = np.zeros((1, 1, 2, 3)), np.ones((1, 1, 1, 1))
    with pytest.raises(ValueError, match="^rounding_error: the result is float64, and this mach"):
        rounding_error("loops", X, w)
    assert rounding_error("loops", X.astype(np.float32), w.astype(np.float32)).dtype == np.float64


SUMS = ["loops", "toeplitz", "im2col", "offsets", "direct"]


@pytest.mark.parametrize("dtype", DTYPES)
@each([CONV[3], *SQUARE[2:5]])
def test_sums_of_the_products_stay_within_the_bound_of_summation(dtype, case, rng):
    if np.finfo(np.longdouble).eps > 2.0**-60 and dtype == np.float64:
        pytest.skip("this machine has no floats wider than float64")
    X, w = noise(rng, dtype, case.X_shape, case.w_shape)
    for name in SUMS:
        assert (rounding_error(name, X, w) <= case.D * case.m * case.n).all(), name


def test_where_the_fft_and_winograd_err(rng):
    """One pixel as bright as a million: who does not see it must not feel it, but may."""
    X, w = noise(rng, np.float32, (1, 1, 16, 16), (1, 1, 3, 3))
    w[0, 0, 2] = 0  # a window that has the pixel in its last row sees it with no weight
    X[0, 0, 8, 8] = 1e6
    seen = np.zeros((14, 14), bool)
    seen[6:9, 6:9] = True
    weightless = np.zeros((14, 14), bool)
    weightless[6, 6:9] = True
    worst = {}
    for name in ALGORITHMS:
        error = rounding_error(name, X, w)[0, 0]
        worst[name] = error[~seen].max(), error[weightless].max(), error[seen & ~weightless].max()
    for name in SUMS:
        assert max(worst[name]) <= 9, name
    assert worst["fft"][0] > 1e3
    assert worst["fft"][1] > 1e3
    # Winograd: pixels of a window meet weights that are not theirs, and nothing else.
    assert worst["winograd"][0] < 100
    assert worst["winograd"][1] > 1e3
