"""Shape arithmetic, every argument check and every error message.

Both backends call these functions before they compute, so a wrong call fails with the same words
in `cnnlab.reference` and in `cnnlab.fast`, and never reaches a kernel.

Each ``check_<operation>`` takes what the user passed and returns arrays that the operation can
work with: numbers in one dtype, with a batch axis in front. `single` says that the user passed
one sample without a batch axis, so that one result must go back. `options` (stride, padding and
so on) go on as they are to the one function that resolves them into a `Geometry`.
"""

from __future__ import annotations

import functools
import math
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import numpy as np

# Beyond 2**53 neighboring integers share one float64, so a conversion would change values.
LARGEST_EXACT_INTEGER = 2**53

# Sums of products of two such numbers stay within the integers that kernels compute with.
LARGEST_COUNT = 2**31 - 1

# What may be asked of a number: the words of the error message, and the check.
RANGES: dict[str, Callable[[float], bool]] = {
    "greater than 0": lambda number: 0 < number < math.inf,
    "of at least 0": lambda number: 0 <= number < math.inf,
    "of at least 0 and below 1": lambda number: 0 <= number < 1,
    "greater than 0 and at most 1": lambda number: 0 < number <= 1,
}


# ------------------------------------------------------------------------------- asked before

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _remember(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Look up what `function` returned for the same shapes and options the last time.

    A model asks the same in every step, and for a small layer the answer takes longer than the
    kernel. Errors are not remembered.
    """
    remembered = cast(
        "Callable[Arguments, Result]", functools.lru_cache(maxsize=512, typed=True)(function)
    )

    @functools.wraps(function)
    def look_up(*arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
        plain = _are_plain(arguments) and _are_plain(options.values())
        return (remembered if plain else function)(*arguments, **options)

    return look_up


def _are_plain(values: Iterable[Any]) -> bool:
    """Tell whether all `values` can be looked up: text, None, integers and tuples of integers.

    True, 1.0 and np.int64(1) equal 1, so a dictionary takes one for the other. `typed=True` keeps
    arguments of different types apart, but not the entries of tuples.
    """
    for value in values:
        kind = type(value)
        if kind is tuple:
            if not _are_integers(value):
                return False
        elif not (kind is int or kind is str or kind is bool or value is None):
            return False
    return True


def _are_integers(values: tuple[Any, ...]) -> bool:
    """Tell whether a tuple holds Python integers alone, or such tuples."""
    for value in values:
        kind = type(value)
        if kind is not int and not (kind is tuple and _are_integers(value)):
            return False
    return True


# ------------------------------------------------------------------------------- numbers

FLOATS = np.dtype(np.float32), np.dtype(np.float64)


def as_array(value: Any, function: str, name: str, *, keep_complex: bool = False) -> np.ndarray:
    """Return `value` as an array of float32 or float64 whose entries are exactly those of `value`.

    float32 and float64 are kept, in native byte order. float16 becomes float32; integers and
    booleans become float64. Whatever would lose something is refused.

    Parameters
    ----------
    value : array_like
        What the user passed.
    function, name : str
        The function and the argument that an error message names.
    keep_complex : bool
        Accept complex numbers and return them as complex128, for the complex-step check.

    Returns
    -------
    array : ndarray
        Never a subclass. Shares memory with `value` where no conversion was needed.

    Raises
    ------
    TypeError
        If the entries are not numbers, if `value` is a masked array, or if float64 cannot hold
        its entries.
    ValueError
        If `value` is a ragged list.
    """
    if type(value) is np.ndarray and value.dtype in FLOATS:
        return value
    if _is_masked(value):
        what = "is" if isinstance(value, np.ma.MaskedArray) else "holds"
        raise TypeError(
            f"{function}: {name} {what} a masked array, and its mask would be ignored; "
            f"fill it first, for example with np.ma.filled({name}, 0)."
        )
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(
            f"{function}: {name} cannot be read as an array ({error}); "
            f"pass an array, or a nested list whose rows are equally long."
        ) from None
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "f" and size in (4, 8):
        return array.astype(array.dtype.newbyteorder("="), copy=False)
    if kind == "f" and size == 2:
        return array.astype(np.float32)
    if kind in "bui":
        largest = max(-int(array.min()), int(array.max())) if array.size else 0
        if largest > LARGEST_EXACT_INTEGER:
            raise TypeError(
                f"{function}: {name} holds integers beyond 2**53, which float64 cannot hold "
                f"exactly; scale them down first."
            )
        return array.astype(np.float64)
    if kind == "c" and keep_complex:
        return array.astype(np.complex128)
    raise TypeError(
        f"{function}: {name} has dtype {array.dtype}, but float32 or float64 is needed "
        f"(float16, integers and booleans are converted without loss); "
        f"convert it first, for example with np.asarray({name}, dtype=np.float64)."
    )


def _is_masked(value: Any, depth: int = 5) -> bool:
    """Look into nested lists too, as deep as arrays go here."""
    if isinstance(value, (list, tuple)):
        return depth > 0 and any(
            _is_masked(entry, depth - 1)
            for entry in value
            if isinstance(entry, (list, tuple, np.ndarray))
        )
    return isinstance(value, np.ma.MaskedArray)


def as_arrays(function: str, *, keep_complex: bool = False, **values: Any) -> list[np.ndarray]:
    """Return all `values` as arrays of one dtype, the widest among them (see `as_array`)."""
    arrays = [
        as_array(value, function, name, keep_complex=keep_complex) for name, value in values.items()
    ]
    if len({array.dtype for array in arrays}) > 1:
        dtype = np.result_type(*arrays)
        arrays = [array.astype(dtype, copy=False) for array in arrays]
    return arrays


def as_batch(
    value: Any, function: str, name: str, *, keep_complex: bool = False
) -> tuple[np.ndarray, bool]:
    """Return images as a batch of shape (B, D, M, N), and whether one single image came."""
    array = as_array(value, function, name, keep_complex=keep_complex)
    return add_batch_axis(array, function, name)


def add_batch_axis(array: np.ndarray, function: str, name: str) -> tuple[np.ndarray, bool]:
    """Give one image (D, M, N) a batch axis; leave a batch (B, D, M, N) as it is."""
    if array.ndim not in (3, 4):
        raise ValueError(
            f"{function}: {name} has {_axes(array.ndim)} ({name}.shape={array.shape}), but needs 3 "
            f"(one image: depth, height, width) or 4 (a batch of images); "
            f"{_reshape_hint(array, name)}."
        )
    return (array[np.newaxis], True) if array.ndim == 3 else (array, False)


def add_vector_batch_axis(array: np.ndarray, function: str, name: str) -> tuple[np.ndarray, bool]:
    """Give one vector (I,) a batch axis; leave a batch (B, I) as it is."""
    if array.ndim not in (1, 2):
        raise ValueError(
            f"{function}: {name} has {_axes(array.ndim)} ({name}.shape={array.shape}), but needs 1 "
            f"(one vector) or 2 (a batch of vectors); flatten each sample first, "
            f"for example with {name}.reshape(len({name}), -1)."
        )
    return (array[np.newaxis], True) if array.ndim == 1 else (array, False)


@_remember
def as_shape(value: Any, function: str, name: str, lengths: Sequence[int]) -> tuple[int, ...]:
    """Return a shape as a tuple of Python ints; its length must be one of `lengths`."""
    try:
        if any(isinstance(size, (bool, np.bool_)) for size in value):
            raise TypeError
        shape = tuple(operator.index(size) for size in value)
    except TypeError:
        raise TypeError(
            f"{function}: {name} must be a tuple of integers, not {_brief(value)}; "
            f"pass the shape of the array, for example {name.removesuffix('_shape')}.shape."
        ) from None
    if len(shape) not in lengths:
        raise ValueError(
            f"{function}: {name}={_short(shape)} has length {len(shape)}, but needs "
            f"{' or '.join(map(str, lengths))}; pass the shape of the array that it describes."
        )
    if min(shape, default=0) < 0:
        raise ValueError(
            f"{function}: {name}={_short(shape)} has a negative size; sizes start at 0."
        )
    _check_addressable(function, f"{name}=", shape, "pass the shape of the array that it describes")
    return shape


def as_number(value: Any, came: str, needed: str, hint: str) -> float:
    """Return a number as a Python float, which leaves float32 arrays float32.

    Parameters
    ----------
    value : float
        What the user passed.
    came : str
        How an error message begins: the function, and what came.
    needed : str
        A key of `RANGES`.
    hint : str
        How an error message ends: the next step.

    Returns
    -------
    number : float

    Raises
    ------
    ValueError
        If `value` is no real number (NaN, a bool and text are none), or outside the range.
    """
    try:
        is_real = isinstance(value, Real) and not isinstance(value, bool)
        number = float(value) if is_real else math.nan
    except OverflowError:  # an integer beyond the largest float
        number = math.inf
    if not RANGES[needed](number):
        raise ValueError(f"{came}, but a number {needed} is needed; {hint}.")
    return number


def as_integer(value: Any, function: str, name: str, *, least: int) -> int:
    """Return an integer of at least `least`. Truth values are none."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{function}: {name}={_brief(value)} came, but an integer is needed; "
            f"pass {least} or more."
        ) from None
    if number < least:
        raise ValueError(f"{function}: {name}={_short(number)}, but at least {least} is needed.")
    if number > LARGEST_COUNT:
        raise ValueError(
            f"{function}: {name}={_short(number)}, but at most {LARGEST_COUNT} is possible."
        )
    return number


def as_count(value: Any, function: str, name: str) -> int:
    """Return an integer of at least 1."""
    return as_integer(value, function, name, least=1)


def as_counts(value: Any, function: str, name: str) -> tuple[int, int]:
    """Return a pair of integers of at least 1, rows first; one integer stands for both."""
    return _as_pair(value, function, name, least=1)


def _as_pair(value: Any, function: str, name: str, *, least: int) -> tuple[int, int]:
    if not _is_sequence(value):
        number = as_integer(value, function, name, least=least)
        return number, number
    if len(value) != 2:
        raise ValueError(
            f"{function}: {name}={_short(value)} has {len(value)} entries, but needs 2; "
            f"pass (rows, columns), or one integer for both."
        )
    first, second = (as_integer(entry, function, name, least=least) for entry in value)
    return first, second


def _is_sequence(value: Any) -> bool:
    return isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def as_flag(value: Any, function: str, name: str) -> bool:
    """Return True or False; nothing else passes for one of them."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{function}: {name}={_brief(value)} came, but True or False is needed; pass one."
        )
    return bool(value)


def as_float_dtype(value: Any, function: str) -> np.dtype:
    """Return float32 or float64 as a dtype."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{function}: dtype={value!r}, but float32 or float64 is needed; "
            f"pass np.float32 or np.float64."
        )
    return np.dtype(dtype)


# ------------------------------------------------------------------------------- geometry


class Geometry(NamedTuple):
    """Where windows stand on an image, in plain integers.

    The window at position (i, j) has its entry (u, v) on the pixel (p, q) with
    ``p = i * stride[0] + u * dilation[0] - top`` and ``q = j * stride[1] + v * dilation[1] - left``
    (equation (eq-geometry)); pixels outside the image are padding.

    Attributes
    ----------
    stride : pair of int
        Steps from one window to the next, rows first.
    padding : pair of pair of int
        ((top, bottom), (left, right)).
    dilation : pair of int
        Steps from one entry of a window to the next.
    positions : pair of int
        How many windows there are, in rows and columns.
    groups : int
        Into how many parts depths and patterns are split.
    """

    stride: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]]
    dilation: tuple[int, int]
    positions: tuple[int, int]
    groups: int = 1


def as_geometry(
    function: str,
    image: tuple[int, int],
    window: tuple[int, int],
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int = 1,
    ceil_mode: bool = False,
    kind: str = "pattern",
    came: str,
) -> Geometry:
    """Resolve the options of an operation that moves a window over images.

    Parameters
    ----------
    function : str
        The function that an error message names.
    image, window : pair of int
        Rows and columns of both, at least 1.
    stride, padding, dilation : object
        What the user passed.
    groups : int
        Passed on.
    ceil_mode : bool
        Let a last window hang over the end, as long as it starts before the padding there.
    kind : str
        What an error message calls the window.
    came : str
        The shapes that came, for an error message.

    Returns
    -------
    geometry : Geometry

    Raises
    ------
    ValueError
        If an option has a wrong value, or the window does not fit into the padded image.
    TypeError
        If an option is of a wrong type.
    """
    stride = as_counts(stride, function, "stride")
    dilation = as_counts(dilation, function, "dilation")
    extent = window_extent(window, dilation)
    padding = _as_padding(padding, function, image, extent, stride)
    padded = image[0] + sum(padding[0]), image[1] + sum(padding[1])
    if extent[0] > padded[0] or extent[1] > padded[1]:
        spread = f", {_by(extent)} with its dilation," if extent != window else ""
        added = f", {_by(padded)} with its padding" if padded != image else ""
        raise ValueError(
            f"{function}: a {kind} of {_by(window)}{spread} does not fit into an image of "
            f"{_by(image)}{added} {came}; use a smaller {kind} or a larger image."
        )
    positions = []
    for axis in (0, 1):
        room = padded[axis] - extent[axis]
        count = room // stride[axis] + 1
        one_more = room % stride[axis] > 0 and count * stride[axis] < image[axis] + padding[axis][0]
        positions.append(count + 1 if ceil_mode and one_more else count)
    return Geometry(stride, padding, dilation, (positions[0], positions[1]), groups)


def window_extent(window: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Return how many rows and columns a window spans, the gaps of its dilation included."""
    return (window[0] - 1) * dilation[0] + 1, (window[1] - 1) * dilation[1] + 1


def _as_padding(
    value: Any,
    function: str,
    image: tuple[int, int],
    extent: tuple[int, int],
    stride: tuple[int, int],
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((top, bottom), (left, right))."""
    if isinstance(value, str):
        totals = {
            "valid": [0, 0],
            # As many windows as steps of `stride` fit into the image, the last step begun counted.
            "same": [
                max((-(-size // step) - 1) * step + length - size, 0)
                for size, step, length in zip(image, stride, extent, strict=True)
            ],
            "full": [2 * (extent[0] - 1), 2 * (extent[1] - 1)],
        }
        if value not in totals:
            raise ValueError(f"{function}: padding={value!r} came, but {_PADDINGS}.")
        above, beside = (total // 2 for total in totals[value])
        rows, columns = totals[value]
        return (above, rows - above), (beside, columns - beside)
    if not _is_sequence(value):
        value = (value, value)
    nested = [_is_sequence(entry) for entry in value]
    if len(value) != 2 or nested not in ([False, False], [True, True]):
        raise ValueError(f"{function}: padding={_brief(value)} came, but {_PADDINGS}.")
    vertical, horizontal = (_as_pair(entry, function, "padding", least=0) for entry in value)
    return vertical, horizontal


_PADDINGS = (
    'an integer, a pair (rows, columns), ((top, bottom), (left, right)), "valid", "same" or '
    '"full" is needed; pass one of these'
)


# ------------------------------------------------------------------------------- convolution


def check_conv2d(
    X: Any,
    w: Any,
    b: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Geometry, bool]:
    """Check the arguments of `conv2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    w : ndarray
        Shape (P, D // groups, m, n).
    b : ndarray
        Shape (P,); zeros when `b` was None.
    geometry : Geometry
        `positions` are (M', N').
    single : bool
        Whether `X` came without a batch axis.
    """
    X, w, b = _as_layer_arrays("conv2d", X, w, b, keep_complex)
    X, single = add_batch_axis(X, "conv2d", "X")
    geometry = conv2d_geometry("conv2d", X.shape[single:], w.shape, **options)
    b = _as_biases("conv2d", b, w, len(w), "P", "pattern")
    return X, w, b, geometry, single


def check_conv2d_dX(
    dZ: Any,
    w: Any,
    X_shape: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], Geometry, bool]:
    """Check the arguments of `conv2d_dX`.

    Returns
    -------
    dZ : ndarray
        Shape (B, P, M', N').
    w : ndarray
        Shape (P, D // groups, m, n).
    X_shape : tuple of int
        (B, D, M, N).
    geometry : Geometry
        `positions` are (M', N').
    single : bool
        Whether `dZ` and `X_shape` came without a batch axis.
    """
    dZ, w = as_arrays("conv2d_dX", keep_complex=keep_complex, dZ=dZ, w=w)
    shape = as_shape(X_shape, "conv2d_dX", "X_shape", (3, 4))
    _check_same_batching("conv2d_dX", "dZ", dZ.ndim, "X_shape", len(shape))
    dZ, single = add_batch_axis(dZ, "conv2d_dX", "dZ")
    geometry = conv2d_geometry("conv2d_dX", shape, w.shape, **options)
    _check_gradient("conv2d_dX", dZ.shape[single:], shape, w.shape, geometry)
    return dZ, w, (1, *shape)[-4:], geometry, single


def check_conv2d_dw(
    dZ: Any,
    X: Any,
    w_shape: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], Geometry]:
    """Check the arguments of `conv2d_dw`.

    Returns
    -------
    dZ : ndarray
        Shape (B, P, M', N').
    X : ndarray
        Shape (B, D, M, N).
    w_shape : tuple of int
        (P, D // groups, m, n).
    geometry : Geometry
        `positions` are (M', N').
    """
    dZ, X = as_arrays("conv2d_dw", keep_complex=keep_complex, dZ=dZ, X=X)
    shape = as_shape(w_shape, "conv2d_dw", "w_shape", (4,))
    _check_same_batching("conv2d_dw", "dZ", dZ.ndim, "X", X.ndim)
    dZ, _ = add_batch_axis(dZ, "conv2d_dw", "dZ")
    X, single = add_batch_axis(X, "conv2d_dw", "X")
    geometry = conv2d_geometry("conv2d_dw", X.shape[single:], shape, **options)
    _check_gradient("conv2d_dw", dZ.shape[single:], X.shape[single:], shape, geometry)
    return dZ, X, shape, geometry


def check_conv2d_db(dZ: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Check the argument of `conv2d_db`; return dZ (B, P, M', N')."""
    dZ, single = as_batch(dZ, "conv2d_db", "dZ", keep_complex=keep_complex)
    _check_image_shape("conv2d_db", "dZ", dZ.shape[single:])
    return dZ


def check_conv_transpose2d(
    X: Any,
    w: Any,
    b: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, ...], Geometry, bool]:
    """Check the arguments of `conv_transpose2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    w : ndarray
        Shape (D, P // groups, m, n).
    b : ndarray
        Shape (P,); zeros when `b` was None.
    Z_shape : tuple of int
        Shape of the result with its batch axis.
    geometry : Geometry
        That of the convolution from Z to X: its `positions` are (M, N).
    single : bool
        Whether `X` came without a batch axis.
    """
    function = "conv_transpose2d"
    X, w, b = _as_layer_arrays(function, X, w, b, keep_complex)
    X, single = add_batch_axis(X, function, "X")
    Z_shape, geometry = conv_transpose2d_geometry(function, X.shape[single:], w.shape, **options)
    b = _as_biases(function, b, w, Z_shape[1], "P", "pattern")
    return X, w, b, Z_shape, geometry, single


@_remember
def conv2d_geometry(
    function: str,
    X_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Geometry:
    """Return where the patterns are searched, or explain why they cannot be (eq-geometry-size).

    Parameters
    ----------
    function : str
        The function that an error message names.
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    w_shape : tuple of int
        (P, D // groups, m, n).
    stride, padding, dilation, groups : object
        What the user passed.

    Returns
    -------
    geometry : Geometry
        Z has shape (B, P) + `geometry.positions`.

    Raises
    ------
    ValueError
        If the shapes do not have four axes each, if a size is zero (an empty batch is legal), if
        the depths do not agree, if the groups do not divide them, or if the pattern does not fit
        into the image.
    TypeError
        If an option is of a wrong type.
    """
    came = f"(X.shape={X_shape}, w.shape={w_shape})"
    _check_image_shape(function, "X", X_shape, came)
    _check_pattern_shape(function, came, w_shape, "P patterns, depth, height, width")
    groups = as_count(groups, function, "groups")
    (B, D, M, N), P = (1, *X_shape)[-4:], w_shape[0]
    if D % groups or P % groups:
        raise ValueError(
            f"{function}: groups={groups} does not divide depth D={D} and P={P} patterns {came}; "
            f"pass a common divisor of both."
        )
    if w_shape[1] != D // groups:
        agree = _agree(len(X_shape) == 3) if groups == 1 else "axis 1 of w must be D // groups"
        split = "" if groups == 1 else f", in groups={groups} of {D // groups},"
        raise ValueError(
            f"{function}: X has depth D={D}{split} but w expects {w_shape[1]} {came}; {agree}."
        )
    geometry = as_geometry(
        function,
        (M, N),
        (w_shape[2], w_shape[3]),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        came=came,
    )
    _check_addressable(function, "the result of shape ", (B, P, *geometry.positions), _SMALLER)
    return geometry


@_remember
def conv_transpose2d_geometry(
    function: str,
    X_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> tuple[tuple[int, ...], Geometry]:
    """Return the shape of Z and where X lays its patterns on it (eq-transpose-size).

    Parameters
    ----------
    function : str
        The function that an error message names.
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    w_shape : tuple of int
        (D, P // groups, m, n).
    stride, padding, output_padding, dilation, groups : object
        What the user passed.

    Returns
    -------
    Z_shape : tuple of int
        (B, P, rows, columns).
    geometry : Geometry
        That of the convolution from Z to X: its `positions` are (M, N).

    Raises
    ------
    ValueError
        If the shapes or options do not suit each other, or nothing of Z is left.
    TypeError
        If an option is of a wrong type.
    """
    came = f"(X.shape={X_shape}, w.shape={w_shape})"
    _check_image_shape(function, "X", X_shape, came)
    _check_pattern_shape(function, came, w_shape, "depth, P // groups patterns, height, width")
    groups = as_count(groups, function, "groups")
    B, D, M, N = (1, *X_shape)[-4:]
    if w_shape[0] != D:
        raise ValueError(
            f"{function}: X has depth D={D} but w expects {w_shape[0]} {came}; "
            f"axis {len(X_shape) - 3} of X and axis 0 of w must agree."
        )
    if D % groups:
        raise ValueError(
            f"{function}: groups={groups} does not divide depth D={D} {came}; pass a divisor."
        )
    stride = as_counts(stride, function, "stride")
    dilation = as_counts(dilation, function, "dilation")
    extra = _as_pair(output_padding, function, "output_padding", least=0)
    extent = window_extent((w_shape[2], w_shape[3]), dilation)
    largest = max(stride[0], dilation[0]) - 1, max(stride[1], dilation[1]) - 1
    if extra[0] > largest[0] or extra[1] > largest[1]:
        raise ValueError(
            f"{function}: output_padding={extra}, but it must be smaller than stride={stride} or "
            f"dilation={dilation}; pass at most {largest}."
        )
    if isinstance(padding, str) and padding == "same":
        if extra != (0, 0):
            raise ValueError(
                f'{function}: output_padding={extra} came with padding="same", which already '
                f"makes the result stride times as large; leave one of the two out."
            )
        # The largest image that gives (M, N) positions, however small the pattern is.
        rows, columns = M * stride[0], N * stride[1]
        margin = _as_padding(padding, function, (rows, columns), extent, stride)
    else:
        spread = (M - 1) * stride[0] + extent[0], (N - 1) * stride[1] + extent[1]
        margin = _as_padding(padding, function, (M, N), extent, stride)
        rows = spread[0] - sum(margin[0]) + extra[0]
        columns = spread[1] - sum(margin[1]) + extra[1]
    if rows < 1 or columns < 1:
        raise ValueError(
            f"{function}: padding={padding!r} cuts off more than there is: the result "
            f"would be {_by((rows, columns))} {came}; use less padding."
        )
    Z_shape = (B, w_shape[1] * groups, rows, columns)
    _check_addressable(function, "the result of shape ", Z_shape, _SMALLER)
    return Z_shape, Geometry(stride, margin, dilation, (M, N), groups)


def _check_pattern_shape(function: str, came: str, w_shape: tuple[int, ...], axes: str) -> None:
    if len(w_shape) != 4:
        hint = "for one pattern pass w[np.newaxis]" if len(w_shape) == 3 else "reshape it"
        raise ValueError(
            f"{function}: w has {_axes(len(w_shape))} {came}, but needs 4: ({axes}); {hint}."
        )
    if 0 in w_shape:
        raise ValueError(
            f"{function}: w has a size of zero {came}; every axis of w must be at least 1."
        )


def _check_image_shape(function: str, name: str, shape: tuple[int, ...], came: str = "") -> None:
    if 0 in shape[-3:]:
        raise ValueError(
            f"{function}: {name} holds images of size zero {came or f'({name}.shape={shape})'}; "
            f"depth, height and width must be at least 1 (only the batch may be empty)."
        )


def _check_addressable(function: str, name: str, shape: tuple[int, ...], hint: str) -> None:
    # An empty batch takes no memory, but NumPy refuses its shape all the same.
    if math.prod(max(size, 1) for size in shape) > sys.maxsize // 8:
        raise ValueError(
            f"{function}: {name}{_short(shape)} has more entries than any memory holds; {hint}."
        )


_SMALLER = "use a smaller padding, stride or dilation"


def _check_gradient(
    function: str,
    dZ_shape: tuple[int, ...],
    X_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    geometry: Geometry,
) -> None:
    needed = (*X_shape[:-3], w_shape[0], *geometry.positions)
    if dZ_shape != needed:
        raise ValueError(
            f"{function}: dZ.shape={dZ_shape}, but images of shape {X_shape} searched for patterns "
            f"of shape {w_shape} give Z of shape {needed}; dZ must have the shape of Z."
        )


def _check_same_batching(function: str, name: str, axes: int, other: str, other_axes: int) -> None:
    if axes in (3, 4) and other_axes in (3, 4) and axes != other_axes:
        raise ValueError(
            f"{function}: {name} has {axes} axes but {other} has {other_axes}; "
            f"both must be one image (3 axes) or both a batch (4 axes)."
        )


def _as_layer_arrays(
    function: str, X: Any, w: Any, b: Any, keep_complex: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return X, w and, unless it was left out, b in one dtype."""
    if b is None:
        X, w = as_arrays(function, keep_complex=keep_complex, X=X, w=w)
        return X, w, None
    X, w, b = as_arrays(function, keep_complex=keep_complex, X=X, w=w, b=b)
    return X, w, b


def _as_biases(
    function: str, b: np.ndarray | None, w: np.ndarray, count: int, letter: str, thing: str
) -> np.ndarray:
    """Return one bias per output of a layer; zeros where none were given."""
    if b is None:
        return np.zeros(count, w.dtype)
    if b.shape != (count,):
        raise ValueError(
            f"{function}: b.shape={b.shape} but w holds {letter}={count} {thing}s "
            f"(w.shape={w.shape}); b needs one number per {thing}, shape {(count,)}."
        )
    return b


# ------------------------------------------------------------------------------- pooling


def check_max_pool2d(
    X: Any,
    size: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, tuple[int, int], Geometry, bool]:
    """Check the arguments of `max_pool2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    size : pair of int
        (m, n).
    geometry : Geometry
        `positions` are (M', N').
    single : bool
        Whether `X` came without a batch axis.
    """
    X, single = as_batch(X, "max_pool2d", "X", keep_complex=keep_complex)
    size, geometry = pool_geometry("max_pool2d", X.shape[single:], size, **options)
    return X, size, geometry, single


def check_max_pool2d_dX(
    dY: Any, argmax: Any, X_shape: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], bool]:
    """Check the arguments of `max_pool2d_dX`.

    Returns
    -------
    dY : ndarray
        Shape (B, D, M', N').
    argmax : ndarray of int64
        Shape of `dY`, entries from -1 to M * N - 1.
    X_shape : tuple of int
        (B, D, M, N).
    single : bool
        Whether `dY` and `X_shape` came without a batch axis.
    """
    function = "max_pool2d_dX"
    dY = as_array(dY, function, "dY", keep_complex=keep_complex)
    shape = as_shape(X_shape, function, "X_shape", (3, 4))
    _check_same_batching(function, "dY", dY.ndim, "X_shape", len(shape))
    try:
        winners = np.asarray(argmax)
    except (ValueError, TypeError, RuntimeError):
        winners = np.asarray(None)
    if isinstance(argmax, np.ma.MaskedArray) or winners.dtype.kind not in "ui":
        raise TypeError(
            f"{function}: argmax={_brief(argmax)} came, but integers are needed; "
            f"pass the argmax that max_pool2d returned."
        )
    if winners.shape != dY.shape:
        raise ValueError(
            f"{function}: dY.shape={dY.shape} but argmax.shape={winners.shape}; both must have "
            f"the shape of what max_pool2d returned."
        )
    dY, single = add_batch_axis(dY, function, "dY")
    _check_image_shape(function, "X", shape)
    _check_image_shape(function, "dY", dY.shape[single:])
    _check_pooled_shape(function, dY.shape[single:], shape, (*shape[:-2], *dY.shape[-2:]))
    winners, shape = winners.reshape(dY.shape), (1, *shape)[-4:]
    pixels = shape[2] * shape[3]
    winners = winners.astype(np.int64, copy=False) if winners.dtype.kind == "i" else winners
    if winners.size and not (
        # Seen as numbers without a sign, -1 is larger than any index: one look is often enough.
        (winners.dtype == np.int64 and winners.view(np.uint64).max() < pixels)
        or -1 <= int(winners.min()) <= int(winners.max()) < pixels
    ):
        raise ValueError(
            f"{function}: argmax holds {winners.min()} to {winners.max()}, but planes of "
            f"{_by(shape[2:])} have the indices 0 to {pixels - 1} (-1 for a window without a "
            f"pixel); pass the argmax and the X_shape of the same max_pool2d."
        )
    return dY, winners.astype(np.int64, copy=False), shape, single


def check_avg_pool2d(
    X: Any,
    size: Any,
    *,
    count_include_pad: Any,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, tuple[int, int], Geometry, bool, bool]:
    """Check the arguments of `avg_pool2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    size : pair of int
        (m, n).
    geometry : Geometry
        `positions` are (M', N').
    count_include_pad : bool
        As it came.
    single : bool
        Whether `X` came without a batch axis.
    """
    X, single = as_batch(X, "avg_pool2d", "X", keep_complex=keep_complex)
    size, geometry = pool_geometry("avg_pool2d", X.shape[single:], size, **options)
    count_include_pad = as_flag(count_include_pad, "avg_pool2d", "count_include_pad")
    return X, size, geometry, count_include_pad, single


def check_avg_pool2d_dX(
    dY: Any,
    X_shape: Any,
    size: Any,
    *,
    count_include_pad: Any,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, tuple[int, ...], tuple[int, int], Geometry, bool, bool]:
    """Check the arguments of `avg_pool2d_dX`.

    Returns
    -------
    dY : ndarray
        Shape (B, D, M', N').
    X_shape : tuple of int
        (B, D, M, N).
    size : pair of int
        (m, n).
    geometry : Geometry
        `positions` are (M', N').
    count_include_pad : bool
        As it came.
    single : bool
        Whether `dY` and `X_shape` came without a batch axis.
    """
    function = "avg_pool2d_dX"
    dY = as_array(dY, function, "dY", keep_complex=keep_complex)
    shape = as_shape(X_shape, function, "X_shape", (3, 4))
    _check_same_batching(function, "dY", dY.ndim, "X_shape", len(shape))
    dY, single = add_batch_axis(dY, function, "dY")
    size, geometry = pool_geometry(function, shape, size, **options)
    _check_pooled_shape(function, dY.shape[single:], shape, (*shape[:-2], *geometry.positions))
    count_include_pad = as_flag(count_include_pad, function, "count_include_pad")
    return dY, (1, *shape)[-4:], size, geometry, count_include_pad, single


@_remember
def pool_geometry(
    function: str,
    X_shape: tuple[int, ...],
    size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,
) -> tuple[tuple[int, int], Geometry]:
    """Return the size of the windows and where they stand (eq-pool-size).

    Parameters
    ----------
    function : str
        The function that an error message names.
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    size, stride, padding, dilation, ceil_mode : object
        What the user passed. `stride` None stands for `size`.

    Returns
    -------
    size : pair of int
        (m, n).
    geometry : Geometry
        Y has shape (B, D) + `geometry.positions`.

    Raises
    ------
    ValueError
        If the images are empty or a window does not fit.
    TypeError
        If an option is of a wrong type.
    """
    _check_image_shape(function, "X", X_shape)
    window = as_counts(size, function, "size")
    geometry = as_geometry(
        function,
        (X_shape[-2], X_shape[-1]),
        window,
        stride=window if stride is None else stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=as_flag(ceil_mode, function, "ceil_mode"),
        kind="window",
        came=f"(X.shape={X_shape})",
    )
    _check_addressable(
        function, "the result of shape ", (*X_shape[:-2], *geometry.positions), _SMALLER
    )
    return window, geometry


def _check_pooled_shape(
    function: str, dY_shape: tuple[int, ...], X_shape: tuple[int, ...], needed: tuple[int, ...]
) -> None:
    if dY_shape != needed:
        raise ValueError(
            f"{function}: dY.shape={dY_shape}, but pooling images of shape {X_shape} gives Y of "
            f"shape {needed}; dY must have the shape of Y."
        )


# ------------------------------------------------------------------------------- dense


def check_dense(
    X: Any, w: Any, b: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Check the arguments of `dense`; return X (B, I), w (O, I), b (O,) and `single`."""
    X, w, b = _as_layer_arrays("dense", X, w, b, keep_complex)
    X, single = add_vector_batch_axis(X, "dense", "X")
    _check_dense_weights("dense", w)
    if X.shape[1] != w.shape[1]:
        raise ValueError(
            f"dense: X has I={X.shape[1]} inputs but w expects {w.shape[1]} "
            f"(X.shape={X.shape[single:]}, w.shape={w.shape}); {_agree(single)}."
        )
    b = _as_biases("dense", b, w, len(w), "O", "output")
    return X, w, b, single


def check_dense_dX(
    dZ: Any, w: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Check the arguments of `dense_dX`; return dZ (B, O), w (O, I) and `single`."""
    dZ, w = as_arrays("dense_dX", keep_complex=keep_complex, dZ=dZ, w=w)
    dZ, single = add_vector_batch_axis(dZ, "dense_dX", "dZ")
    _check_dense_weights("dense_dX", w)
    if dZ.shape[1] != w.shape[0]:
        raise ValueError(
            f"dense_dX: dZ has O={dZ.shape[1]} outputs but w has {w.shape[0]} "
            f"(dZ.shape={dZ.shape[single:]}, w.shape={w.shape}); "
            f"axis {1 - single} of dZ and axis 0 of w must agree."
        )
    return dZ, w, single


def check_dense_dw(dZ: Any, X: Any, *, keep_complex: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Check the arguments of `dense_dw`; return dZ (B, O) and X (B, I)."""
    dZ, X = as_arrays("dense_dw", keep_complex=keep_complex, dZ=dZ, X=X)
    dZ, single_dZ = add_vector_batch_axis(dZ, "dense_dw", "dZ")
    X, single_X = add_vector_batch_axis(X, "dense_dw", "X")
    if single_dZ != single_X or len(dZ) != len(X):
        raise ValueError(
            f"dense_dw: dZ and X hold different batches "
            f"(dZ.shape={dZ.shape[single_dZ:]}, X.shape={X.shape[single_X:]}); "
            f"both need one row per sample."
        )
    if 0 in (dZ.shape[1], X.shape[1]):
        raise ValueError(
            f"dense_dw: a sample of size zero "
            f"(dZ.shape={dZ.shape[single_dZ:]}, X.shape={X.shape[single_X:]}); "
            f"the last axis of both must be at least 1 (only the batch may be empty)."
        )
    return dZ, X


def check_dense_db(dZ: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Check the argument of `dense_db`; return dZ (B, O)."""
    array = as_array(dZ, "dense_db", "dZ", keep_complex=keep_complex)
    dZ, _ = add_vector_batch_axis(array, "dense_db", "dZ")
    if dZ.shape[1] == 0:
        raise ValueError(
            f"dense_db: dZ.shape={array.shape} has no outputs; the last axis must be at least 1 "
            f"(only the batch may be empty)."
        )
    return dZ


def _check_dense_weights(function: str, w: np.ndarray) -> None:
    if w.ndim != 2 or 0 in w.shape:
        raise ValueError(
            f"{function}: w.shape={w.shape}, but w needs two axes of at least 1: (outputs, inputs)."
        )


# ------------------------------------------------------------------------------- activations


def check_same_shape(
    function: str, *, keep_complex: bool = False, **values: Any
) -> list[np.ndarray]:
    """Return two arrays of one dtype; they must have the same shape (nothing is broadcast)."""
    first, second = as_arrays(function, keep_complex=keep_complex, **values)
    if first.shape != second.shape:
        name, other = values
        raise ValueError(
            f"{function}: {name}.shape={first.shape} but {other}.shape={second.shape}; "
            f"both must have the same shape."
        )
    return [first, second]


def check_softmax(function: str, Z: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Return scores as an array; the last axis, the classes, must not be empty."""
    array = as_array(Z, function, "Z", keep_complex=keep_complex)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(
            f"{function}: Z.shape={array.shape} has no classes; "
            f"the last axis must hold one score per class, at least 1."
        )
    return array


# ------------------------------------------------------------------------------- losses


def check_squared_error(
    Y: Any, T: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Check the arguments of `squared_error`; return Y, T with a batch axis, and `single`.

    One vector (O,) or one image (D, M, N) is a single sample; (B, O) and (B, D, M, N) are batches.
    """
    Y, T = check_same_shape("squared_error", keep_complex=keep_complex, Y=Y, T=T)
    if Y.ndim not in (1, 2, 3, 4) or 0 in Y.shape[Y.ndim % 2 == 0 :]:
        raise ValueError(
            f"squared_error: Y.shape={Y.shape}, but Y needs 1 axis (one vector), 2 (a batch of "
            f"vectors), 3 (one image) or 4 (a batch of images), of at least 1 each but the batch."
        )
    single = Y.ndim % 2 == 1
    return (Y[np.newaxis], T[np.newaxis], True) if single else (Y, T, False)


def check_cross_entropy(
    Z: Any, labels: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Check the arguments of `cross_entropy`; return Z (B, C), labels (B,) and `single`."""
    Z = as_array(Z, "cross_entropy", "Z", keep_complex=keep_complex)
    Z, single = add_vector_batch_axis(Z, "cross_entropy", "Z")
    if Z.shape[1] == 0:
        raise ValueError(
            f"cross_entropy: Z.shape={Z.shape[single:]} has no classes; "
            f"the last axis must hold one score per class, at least 1."
        )
    labels = as_labels(labels, "cross_entropy", classes=Z.shape[1], axes=0 if single else 1)
    labels = labels[np.newaxis] if single else labels
    if len(labels) != len(Z):
        raise ValueError(
            f"cross_entropy: Z holds {len(Z)} samples but labels {len(labels)} "
            f"(Z.shape={Z.shape}, labels.shape={labels.shape}); pass one label per sample."
        )
    return Z, labels, single


def as_labels(labels: Any, function: str, *, classes: int, axes: int = 1) -> np.ndarray:
    """Return class numbers as an int64 array with `axes` axes (1 for a batch, 0 for one sample).

    Raises
    ------
    TypeError
        If the labels are not integers (NaN is no integer).
    ValueError
        If they have another number of axes, or one lies outside 0 ... `classes` - 1.
    """
    try:
        array = np.asarray(labels)
    except ValueError as error:
        raise ValueError(
            f"{function}: labels cannot be read as an array ({error}); pass one integer per sample."
        ) from None
    if array.size == 0 and array.ndim == 1 and isinstance(labels, (list, tuple)):
        array = array.astype(np.int64)  # an empty list carries no dtype of its own
    if isinstance(labels, np.ma.MaskedArray) or array.dtype.kind not in "ui":
        hint = "convert them first, for example with np.asarray(labels).astype(int)"
        if isinstance(labels, np.ma.MaskedArray):
            hint = "leave the masked samples out, for example with labels.compressed()"
        if array.dtype.kind == "f" and np.isnan(array).any():
            hint = f"{np.isnan(array).sum()} of them are NaN: leave those samples out"
        raise TypeError(
            f"{function}: labels are {_brief(labels)}, but integers are needed, "
            f"the class numbers 0 to {classes - 1}; {hint}."
        )
    if array.ndim != axes:
        hint = "a batch needs one class number per sample, shape (B,)"
        if array.ndim == 2 and array.shape[1] == 1:
            hint += "; from one column take labels.ravel()"
        elif array.ndim == 2:
            hint += "; from one row per sample take labels.argmax(axis=1)"
        if axes == 0:
            hint = "one sample needs one class number, not an array of them"
        raise ValueError(f"{function}: labels.shape={array.shape}; {hint}.")
    wrong = np.flatnonzero((array < 0) | (array >= classes))
    if wrong.size:
        raise ValueError(
            f"{function}: labels[{wrong[0]}]={array.ravel()[wrong[0]]} is outside 0 to "
            f"{classes - 1} ({wrong.size} of {array.size} labels are); there are {classes} "
            f"classes, numbered from 0."
        )
    return array.astype(np.int64, copy=False)


# ------------------------------------------------------------------------------- words


def _axes(count: int) -> str:
    return "1 axis" if count == 1 else f"{count} axes"


def _agree(single: bool) -> str:
    return "axis 0 of X and axis 1 of w must agree" if single else "axis 1 of both must agree"


def _by(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))


def _reshape_hint(array: np.ndarray, name: str) -> str:
    if array.ndim == 2:
        return f"a gray image needs a depth of 1: {name}[np.newaxis]"
    return "reshape it to (B, D, M, N)"


def _brief(value: Any) -> str:
    """Name a value and its type in an error message without printing all of it."""
    if isinstance(value, np.ndarray):
        kind = "a masked array" if isinstance(value, np.ma.MaskedArray) else "an array"
        return f"{kind} of dtype {value.dtype} and shape {value.shape}"
    return f"{type(value).__name__} {_short(value)}"


def _short(value: Any) -> str:
    """Print a value, or its beginning."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print integers of more than 4,300 digits
        return "more than 4,300 digits"
    return text if len(text) <= 60 else text[:57] + "..."
