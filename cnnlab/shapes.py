"""Shape arithmetic, every argument check and every error message.

Both backends call these functions before they compute, so a wrong call fails with the same words
in `cnnlab.reference` and in `cnnlab.fast`, and never reaches a kernel.

Each ``check_<operation>`` takes what the user passed and returns arrays that the operation can
work with: numbers in one dtype, with a batch axis in front. `single` says that the user passed
one sample without a batch axis, so that one result must go back.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

# Beyond 2**53 neighboring integers share one float64, so a conversion would change values.
LARGEST_EXACT_INTEGER = 2**53


# ------------------------------------------------------------------------------- numbers


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
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{function}: {name} is a masked array, and its mask would be ignored; "
            f"fill it first, for example with {name}.filled(0)."
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
        f"{function}: {name} has dtype {array.dtype}, but real numbers are needed "
        f"(float32 and float64 are kept, integers become float64); "
        f"convert it first, for example with np.asarray({name}, dtype=np.float64)."
    )


def as_arrays(function: str, *, keep_complex: bool = False, **values: Any) -> list[np.ndarray]:
    """Return all `values` as arrays of one dtype, the widest among them (see `as_array`)."""
    arrays = [
        as_array(value, function, name, keep_complex=keep_complex) for name, value in values.items()
    ]
    dtype = np.result_type(*arrays)
    return [array.astype(dtype, copy=False) for array in arrays]


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


def as_shape(value: Any, function: str, name: str, lengths: Sequence[int]) -> tuple[int, ...]:
    """Return a shape as a tuple of Python ints; its length must be one of `lengths`."""
    try:
        shape = tuple(operator.index(size) for size in value)
    except TypeError:
        raise TypeError(
            f"{function}: {name} must be a tuple of integers, not {_brief(value)}; "
            f"pass the shape of the array, for example {name.removesuffix('_shape')}.shape."
        ) from None
    if len(shape) not in lengths:
        raise ValueError(
            f"{function}: {name}={shape} has length {len(shape)}, but needs "
            f"{' or '.join(map(str, lengths))}; pass the shape of the array that it describes."
        )
    if min(shape, default=0) < 0:
        raise ValueError(f"{function}: {name}={shape} has a negative size; sizes start at 0.")
    return shape


def as_count(value: Any, function: str, name: str) -> int:
    """Return an integer of at least 1."""
    try:
        count = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{function}: {name}={_brief(value)} came, but an integer is needed; pass 1 or more."
        ) from None
    if count < 1:
        raise ValueError(f"{function}: {name}={count}, but at least 1 is needed.")
    return count


def as_counts(value: Any, function: str, name: str) -> tuple[int, int]:
    """Return a pair of integers of at least 1; one integer stands for both."""
    if not isinstance(value, (tuple, list)):
        count = as_count(value, function, name)
        return count, count
    if len(value) != 2:
        raise ValueError(
            f"{function}: {name}={value} has {len(value)} entries, but needs 2 "
            f"(height, width), or one integer for both."
        )
    return as_count(value[0], function, name), as_count(value[1], function, name)


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


# ------------------------------------------------------------------------------- convolution


def check_conv2d(
    X: Any, w: Any, b: Any, geometry: tuple[Any, ...], *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Check the arguments of `conv2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    w : ndarray
        Shape (P, D, m, n).
    b : ndarray
        Shape (P,); zeros when `b` was None.
    single : bool
        Whether `X` came without a batch axis.
    """
    _check_geometry("conv2d", *geometry)
    if b is None:
        X, w = as_arrays("conv2d", keep_complex=keep_complex, X=X, w=w)
        b = np.zeros(w.shape[:1], w.dtype)
    else:
        X, w, b = as_arrays("conv2d", keep_complex=keep_complex, X=X, w=w, b=b)
    X, single = add_batch_axis(X, "conv2d", "X")
    conv2d_output_shape("conv2d", X.shape, w.shape)
    if b.shape != w.shape[:1]:
        raise ValueError(
            f"conv2d: b.shape={b.shape} but w holds P={w.shape[0]} patterns "
            f"(w.shape={w.shape}); b needs one number per pattern, shape {w.shape[:1]}."
        )
    return X, w, b, single


def check_conv2d_dX(
    dZ: Any, w: Any, X_shape: Any, geometry: tuple[Any, ...], *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], bool]:
    """Check the arguments of `conv2d_dX`; return dZ, w, X_shape with a batch axis, `single`."""
    _check_geometry("conv2d_dX", *geometry)
    dZ, w = as_arrays("conv2d_dX", keep_complex=keep_complex, dZ=dZ, w=w)
    shape = as_shape(X_shape, "conv2d_dX", "X_shape", (3, 4))
    _check_same_batching("conv2d_dX", "dZ", dZ.ndim, "X_shape", len(shape))
    dZ, single = add_batch_axis(dZ, "conv2d_dX", "dZ")
    shape = (1, *shape) if single else shape
    _check_gradient_shape("conv2d_dX", dZ, shape, w.shape)
    return dZ, w, shape, single


def check_conv2d_dw(
    dZ: Any, X: Any, w_shape: Any, geometry: tuple[Any, ...], *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Check the arguments of `conv2d_dw`; return dZ, X, both with a batch axis, and w_shape."""
    _check_geometry("conv2d_dw", *geometry)
    dZ, X = as_arrays("conv2d_dw", keep_complex=keep_complex, dZ=dZ, X=X)
    shape = as_shape(w_shape, "conv2d_dw", "w_shape", (4,))
    _check_same_batching("conv2d_dw", "dZ", dZ.ndim, "X", X.ndim)
    dZ, _ = add_batch_axis(dZ, "conv2d_dw", "dZ")
    X, _ = add_batch_axis(X, "conv2d_dw", "X")
    _check_gradient_shape("conv2d_dw", dZ, X.shape, shape)
    return dZ, X, shape


def conv2d_output_shape(
    function: str, X_shape: tuple[int, ...], w_shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Return the shape of Z, (B, P, M - m + 1, N - n + 1), or explain why there is none.

    Parameters
    ----------
    function : str
        The function that an error message names.
    X_shape : tuple of int
        (B, D, M, N).
    w_shape : tuple of int
        (P, D, m, n).

    Returns
    -------
    Z_shape : tuple of int

    Raises
    ------
    ValueError
        If the shapes do not have four axes each, if a size is zero (an empty batch is legal), if
        the depths differ, or if the pattern does not fit into the image.
    """
    came = f"(X.shape={X_shape}, w.shape={w_shape})"
    if len(w_shape) != 4:
        raise ValueError(
            f"{function}: w has {_axes(len(w_shape))} {came}, but needs 4: "
            f"(P patterns, depth, height, width); for one pattern pass w[np.newaxis]."
        )
    B, D, M, N = X_shape
    P, depth, m, n = w_shape
    if D == 0 or M == 0 or N == 0:
        raise ValueError(
            f"{function}: X holds images of size zero {came}; "
            f"depth, height and width must be at least 1 (only the batch may be empty)."
        )
    if 0 in w_shape:
        raise ValueError(
            f"{function}: w has a size of zero {came}; every axis of w must be at least 1."
        )
    if D != depth:
        raise ValueError(
            f"{function}: X has depth D={D} but w expects {depth} {came}; "
            f"axis 1 of both must agree."
        )
    if m > M or n > N:
        raise ValueError(
            f"{function}: a pattern of {m} x {n} does not fit into an image of {M} x {N} {came}; "
            f"use a smaller pattern or a larger image."
        )
    return B, P, M - m + 1, N - n + 1


def _check_geometry(function: str, stride: Any, padding: Any, dilation: Any, groups: Any) -> None:
    """Refuse a geometry other than the post's: stride 1, no padding, no dilation, one group."""
    plain = {
        "stride": (stride, (1, (1, 1))),
        "padding": (padding, (0, (0, 0), ((0, 0), (0, 0)), "valid")),
        "dilation": (dilation, (1, (1, 1))),
        "groups": (groups, (1,)),
    }
    for name, (value, accepted) in plain.items():
        if not isinstance(value, (int, np.integer, str, tuple)) or value not in accepted:
            raise NotImplementedError(
                f"{function}: {name}={value!r} came, but this version of cnnlab computes only "
                f"{name}={accepted[0]!r}; leave {name} out."
            )


def _check_gradient_shape(
    function: str, dZ: np.ndarray, X_shape: tuple[int, ...], w_shape: tuple[int, ...]
) -> None:
    needed = conv2d_output_shape(function, X_shape, w_shape)
    if dZ.shape != needed:
        raise ValueError(
            f"{function}: dZ.shape={dZ.shape}, but images of shape {X_shape} searched for patterns "
            f"of shape {w_shape} give Z of shape {needed}; dZ must have the shape of Z."
        )


def _check_same_batching(function: str, name: str, axes: int, other: str, other_axes: int) -> None:
    if axes in (3, 4) and other_axes in (3, 4) and axes != other_axes:
        raise ValueError(
            f"{function}: {name} has {axes} axes but {other} has {other_axes}; "
            f"both must be one image (3 axes) or both a batch (4 axes)."
        )


# ------------------------------------------------------------------------------- dense


def check_dense(
    X: Any, w: Any, b: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Check the arguments of `dense`; return X (B, I), w (O, I), b (O,) and `single`."""
    if b is None:
        X, w = as_arrays("dense", keep_complex=keep_complex, X=X, w=w)
        b = np.zeros(w.shape[:1], w.dtype)
    else:
        X, w, b = as_arrays("dense", keep_complex=keep_complex, X=X, w=w, b=b)
    X, single = add_vector_batch_axis(X, "dense", "X")
    _check_dense_weights("dense", w)
    if X.shape[1] != w.shape[1]:
        raise ValueError(
            f"dense: X has I={X.shape[1]} inputs but w expects {w.shape[1]} "
            f"(X.shape={X.shape}, w.shape={w.shape}); axis 1 of both must agree."
        )
    if b.shape != w.shape[:1]:
        raise ValueError(
            f"dense: b.shape={b.shape} but w has O={w.shape[0]} outputs (w.shape={w.shape}); "
            f"b needs one number per output, shape {w.shape[:1]}."
        )
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
            f"(dZ.shape={dZ.shape}, w.shape={w.shape}); axis 1 of dZ and axis 0 of w must agree."
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
            f"dense_dw: a sample of size zero (dZ.shape={dZ.shape}, X.shape={X.shape}); "
            f"axis 1 of both must be at least 1 (only the batch may be empty)."
        )
    return dZ, X


def check_dense_db(dZ: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Check the argument of `dense_db`; return dZ (B, O)."""
    array = as_array(dZ, "dense_db", "dZ", keep_complex=keep_complex)
    return add_vector_batch_axis(array, "dense_db", "dZ")[0]


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
            f"cross_entropy: Z.shape={Z.shape} has no classes; "
            f"axis 1 must hold one score per class, at least 1."
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
        hint = "convert them first, for example with labels.astype(int)"
        if array.dtype.kind == "f" and np.isnan(array).any():
            hint = f"{np.isnan(array).sum()} of them are NaN: leave those samples out"
        raise TypeError(
            f"{function}: labels are {_brief(labels)}, but integers are needed, "
            f"the class numbers 0 to {classes - 1}; {hint}."
        )
    if array.ndim != axes:
        hint = "a batch needs one class number per sample, shape (B,)"
        if array.ndim == 2:
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


def _reshape_hint(array: np.ndarray, name: str) -> str:
    if array.ndim == 2:
        return f"a gray image needs a depth of 1: {name}[np.newaxis]"
    return "reshape it to (B, D, M, N)"


def _brief(value: Any) -> str:
    """Name a value in an error message without printing all of it."""
    if isinstance(value, np.ndarray):
        kind = "a masked array" if isinstance(value, np.ma.MaskedArray) else "an array"
        return f"{kind} of dtype {value.dtype} and shape {value.shape}"
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
