"""The sums of each operation, written out for one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.operations import Call
from cnnlab.reference.pool import count_pixels
from cnnlab.tutor.terms import Role, Table

__all__ = ["MOST", "Written", "has_sums", "written"]

#: So many terms are written out at most; larger calls are left alone.
MOST = 60_000
LETTERS = {"X": "scpq", "w": "kcuv", "Z": "skij"}


class TooLargeError(ValueError):
    """A call has more terms than are written out."""


@dataclass(frozen=True, eq=False)
class Written:
    """A call of an operation as sums.

    Attributes
    ----------
    tables : tuple of Table
        One for each group of patterns.
    axis : int
        The axis of the result along which the groups lie side by side.
    single : bool
        Whether one image came, so that the first axis of the result is dropped.
    dtype : dtype
        Of the result.
    """

    tables: tuple[Table, ...]
    axis: int
    single: bool
    dtype: Any

    def result(self) -> np.ndarray:
        """Return what the sums add up to.

        Raises
        ------
        ImpossibleError
            If a term reads or adds beyond the end of an array.
        """
        parts = [table.evaluate() for table in self.tables]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=self.axis)
        return (whole[0] if self.single else whole).astype(self.dtype, copy=False)

    def changed(self, change: Callable[[Table], Table]) -> Written:
        """Return it with every table changed in the same way."""
        tables = tuple(change(table) for table in self.tables)
        return Written(tables, self.axis, self.single, self.dtype)


def has_sums(operation: str) -> bool:
    """Tell whether an operation is written as a sum."""
    return operation in _BUILDERS


def written(operation: str, call: Call) -> Written:
    """Write a call of an operation as sums.

    Parameters
    ----------
    operation : str
        As "conv2d_dX".
    call : (arguments, options)

    Returns
    -------
    written : Written

    Raises
    ------
    ValueError, TypeError
        If the operation refuses the call, or it has more than `MOST` terms.
    """
    return _BUILDERS[operation](*call.arguments, **call.options)


def _loops(**lengths: int) -> dict[str, np.ndarray]:
    """Return the index of every loop for every term."""
    if np.prod([float(length) for length in lengths.values()]) > MOST:
        raise TooLargeError(f"more than {MOST} terms")
    grids = np.indices(tuple(lengths.values())).reshape(len(lengths), -1)
    return dict(zip(lengths, grids, strict=True))


def _role(kind: str, name: str, shape: Any, index: dict[str, np.ndarray], array: Any) -> Role:
    letters = LETTERS[kind]
    return Role(name, letters, tuple(shape), {letter: index[letter] for letter in letters}, array)


def _meeting(
    result: str,
    names: dict[str, str],
    arrays: dict[str, Any],
    depths: int,
    window: tuple[int, ...],
    image: tuple[int, ...],
    geometry: Any,
) -> Table:
    """Write the sums of a convolution without groups, or of one of its gradients.

    Parameters
    ----------
    result : str
        Which of "Z", "X", "w" is the sum.
    names, arrays : dict
        By kind. The images are not padded.
    depths : int
        How many of the patterns.
    window : pair of int
        Rows and columns of a pattern.
    image : tuple of int
        Shape of the images, (B, D, M, N), of this group.
    geometry : Geometry
    """
    stride, ((top, bottom), (left, right)), dilation, (rows, columns), _ = geometry
    B, D, M, N = image
    m, n = window
    lengths = {"s": B, "k": depths, "c": D, "i": rows, "j": columns, "u": m, "v": n}
    order = {"Z": "skijcuv", "X": "scijkuv", "w": "kcuvsij"}[result]
    loops = _loops(**{letter: lengths[letter] for letter in order})
    index = loops | {
        "p": loops["i"] * stride[0] + loops["u"] * dilation[0],
        "q": loops["j"] * stride[1] + loops["v"] * dilation[1],
    }
    padded = (B, D, M + top + bottom, N + left + right)
    shaped = {"X": padded, "w": (depths, D, m, n), "Z": (B, depths, rows, columns)}
    if "X" in arrays:
        margins = [(0, 0), (0, 0), (top, bottom), (left, right)]
        arrays = arrays | {"X": np.pad(arrays["X"], margins)}
    roles = {
        kind: _role(kind, name, shaped[kind], index, arrays.get(kind))
        for kind, name in names.items()
    }
    sizes = lengths | {"p": padded[2], "q": padded[3]}
    return Table(
        result, roles, loops, sizes,
        place=(top, left), image=(M, N), step=stride, spread=dilation,
    )  # fmt: skip


def _conv2d(X: Any, w: Any, b: Any = None, **options: Any) -> Written:
    X, w, b, geometry, single = shapes.check_conv2d(X, w, b, **_all(options))
    tables = []
    groups = geometry.groups
    for X_part, w_part, b_part in _split((X, 1), (w, 0), (b, 0), groups=groups):
        table = _meeting(
            "Z", {"X": "X", "w": "w", "Z": "Z"}, {"X": X_part, "w": w_part},
            len(w_part), w_part.shape[2:], X_part.shape, geometry,
        )  # fmt: skip
        start = np.broadcast_to(b_part[:, np.newaxis, np.newaxis], table.outer.shape)
        tables.append(replace(table, start=start))
    return Written(tuple(tables), 1, single, X.dtype)


def _conv2d_dX(dZ: Any, w: Any, X_shape: Any, **options: Any) -> Written:
    dZ, w, shape, geometry, single = shapes.check_conv2d_dX(dZ, w, X_shape, **_all(options))
    groups = geometry.groups
    part = (shape[0], shape[1] // groups, *shape[2:])
    tables = [
        _meeting(
            "X", {"Z": "dZ", "w": "w", "X": "dX"}, {"Z": dZ_part, "w": w_part},
            len(w_part), w_part.shape[2:], part, geometry,
        )
        for dZ_part, w_part in _split((dZ, 1), (w, 0), groups=groups)
    ]  # fmt: skip
    return Written(tuple(tables), 1, single, dZ.dtype)


def _conv2d_dw(dZ: Any, X: Any, w_shape: Any, **options: Any) -> Written:
    dZ, X, shape, geometry = shapes.check_conv2d_dw(dZ, X, w_shape, **_all(options))
    groups = geometry.groups
    tables = [
        _meeting(
            "w", {"Z": "dZ", "X": "X", "w": "dw"}, {"Z": dZ_part, "X": X_part},
            dZ_part.shape[1], shape[2:], X_part.shape, geometry,
        )
        for dZ_part, X_part in _split((dZ, 1), (X, 1), groups=groups)
    ]  # fmt: skip
    return Written(tuple(tables), 0, False, dZ.dtype)


def _conv2d_db(dZ: Any) -> Written:
    dZ = shapes.check_conv2d_db(dZ)
    B, P, rows, columns = dZ.shape
    loops = _loops(k=P, s=B, i=rows, j=columns)
    roles = {
        "Z": _role("Z", "dZ", dZ.shape, loops, dZ),
        "b": Role("db", "k", (P,), {"k": loops["k"]}),
    }
    sizes = {"s": B, "k": P, "i": rows, "j": columns}
    return Written((Table("b", roles, loops, sizes),), 0, False, dZ.dtype)


def _dense_table(
    result: str, names: dict[str, str], arrays: dict[str, Any], B: int, outputs: int, inputs: int
) -> Table:
    """Write the sums of a dense layer: k is an output, c an input."""
    lengths = {"s": B, "k": outputs, "c": inputs}
    letters = {"X": "sc", "w": "kc", "Z": "sk"}
    order = {"Z": "skc", "X": "sck", "w": "kcs"}[result]
    loops = _loops(**{letter: lengths[letter] for letter in order})
    roles = {
        kind: Role(
            name,
            letters[kind],
            tuple(lengths[letter] for letter in letters[kind]),
            {letter: loops[letter] for letter in letters[kind]},
            arrays.get(kind),
        )
        for kind, name in names.items()
    }
    return Table(result, roles, loops, lengths)


def _dense(X: Any, w: Any, b: Any = None) -> Written:
    X, w, b, single = shapes.check_dense(X, w, b)
    names = {"X": "X", "w": "w", "Z": "Z"}
    table = _dense_table("Z", names, {"X": X, "w": w}, len(X), *w.shape)
    start = np.broadcast_to(b, table.outer.shape)
    return Written((replace(table, start=start),), 0, single, X.dtype)


def _dense_dX(dZ: Any, w: Any) -> Written:
    dZ, w, single = shapes.check_dense_dX(dZ, w)
    names = {"Z": "dZ", "w": "w", "X": "dX"}
    table = _dense_table("X", names, {"Z": dZ, "w": w}, len(dZ), *w.shape)
    return Written((table,), 0, single, dZ.dtype)


def _dense_dw(dZ: Any, X: Any) -> Written:
    dZ, X = shapes.check_dense_dw(dZ, X)
    names = {"Z": "dZ", "X": "X", "w": "dw"}
    table = _dense_table("w", names, {"Z": dZ, "X": X}, len(dZ), dZ.shape[1], X.shape[1])
    return Written((table,), 0, False, dZ.dtype)


def _dense_db(dZ: Any) -> Written:
    dZ = shapes.check_dense_db(dZ)
    loops = _loops(k=dZ.shape[1], s=len(dZ))
    roles = {
        "Z": Role("dZ", "sk", dZ.shape, loops, dZ),
        "b": Role("db", "k", dZ.shape[1:], {"k": loops["k"]}),
    }
    table = Table("b", roles, loops, {"s": len(dZ), "k": dZ.shape[1]})
    return Written((table,), 0, False, dZ.dtype)


def _pooling(
    result: str, name: str, array: Any, image: tuple[int, ...], size: Any, geometry: Any
) -> Table:
    """Write the terms of windows that move over each plane alone."""
    stride, ((top, bottom), (left, right)), dilation, (rows, columns), _ = geometry
    B, D, M, N = image
    loops = _loops(s=B, c=D, i=rows, j=columns, u=size[0], v=size[1])
    index = loops | {
        "p": loops["i"] * stride[0] + loops["u"] * dilation[0],
        "q": loops["j"] * stride[1] + loops["v"] * dilation[1],
    }
    # With ceil_mode a window may hang over the padding as well.
    height = max(M + top + bottom, (rows - 1) * stride[0] + (size[0] - 1) * dilation[0] + 1)
    width = max(N + left + right, (columns - 1) * stride[1] + (size[1] - 1) * dilation[1] + 1)
    if result == "Z":
        margins = [(0, 0), (0, 0), (top, height - M - top), (left, width - N - left)]
        X, Z = np.pad(array, margins), None
    else:
        X, Z = None, array
    roles = {
        "X": _role("X", name if result == "Z" else "dX", (B, D, height, width), index, X),
        "Z": Role(
            "Y" if result == "Z" else name,
            "scij",
            (B, D, rows, columns),
            {letter: loops[letter] for letter in "scij"},
            Z,
        ),
    }
    sizes = {"s": B, "c": D, "i": rows, "j": columns, "u": size[0], "v": size[1]}
    return Table(
        result, roles, loops, sizes | {"p": height, "q": width},
        place=(top, left), image=(M, N), step=stride, spread=dilation,
    )  # fmt: skip


def _max_pool2d(X: Any, size: Any, **options: Any) -> Written:
    chosen = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False} | options
    X, size, geometry, single = shapes.check_max_pool2d(X, size, **chosen)
    table = _pooling("Z", "X", X, X.shape, size, geometry)
    return Written((replace(table, reduce="max"),), 0, single, X.dtype)


def _counts(table: Table, image: Any, size: Any, geometry: Any, include: bool) -> np.ndarray:
    """Return by how much the sum of each window is divided, for each term."""
    count = np.ones(geometry.positions)
    for i, j in np.ndindex(geometry.positions):
        count[i, j] = count_pixels(i, j, image, size, geometry, include) or 1
    return count[table.loops["i"], table.loops["j"]]


def _averages(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True, **options,
    }  # fmt: skip


def _avg_pool2d(X: Any, size: Any, **options: Any) -> Written:
    X, size, geometry, include, single = shapes.check_avg_pool2d(X, size, **_averages(options))
    table = _pooling("Z", "X", X, X.shape, size, geometry)
    weight = 1 / _counts(table, X.shape[2:], size, geometry, include)
    return Written((replace(table, weight=weight),), 0, single, X.dtype)


def _avg_pool2d_dX(dY: Any, X_shape: Any, size: Any, **options: Any) -> Written:
    dY, shape, size, geometry, include, single = shapes.check_avg_pool2d_dX(
        dY, X_shape, size, **_averages(options)
    )
    table = _pooling("X", "dY", dY, shape, size, geometry)
    weight = 1 / _counts(table, shape[2:], size, geometry, include)
    return Written((replace(table, weight=weight),), 0, single, dY.dtype)


def _max_pool2d_dX(dY: Any, argmax: Any, X_shape: Any) -> Written:
    dY, argmax, shape, single = shapes.check_max_pool2d_dX(dY, argmax, X_shape)
    B, D, rows, columns = dY.shape
    M, N = shape[2:]
    loops = _loops(s=B, c=D, i=rows, j=columns)
    p, q = np.divmod(argmax.reshape(-1), N)
    roles = {
        "Z": Role("dY", "scij", dY.shape, loops, dY),
        "X": Role("dX", "scpq", tuple(shape), {"s": loops["s"], "c": loops["c"], "p": p, "q": q}),
    }
    sizes = {"s": B, "c": D, "i": rows, "j": columns, "p": M, "q": N}
    table = Table("X", roles, loops, sizes, image=(M, N))
    return Written((table.keep(argmax.reshape(-1) >= 0),), 0, single, dY.dtype)


def _all(options: dict[str, Any]) -> dict[str, Any]:
    return {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, **options}


def _split(*arrays: tuple[np.ndarray, int], groups: int) -> Any:
    """Yield what each group sees of the arrays, each cut along its axis."""
    if groups == 1:
        return [[array for array, _ in arrays]]
    return zip(*(np.split(array, groups, axis) for array, axis in arrays), strict=True)


_BUILDERS: dict[str, Callable[..., Written]] = {
    "conv2d": _conv2d,
    "conv2d_dX": _conv2d_dX,
    "conv2d_dw": _conv2d_dw,
    "conv2d_db": _conv2d_db,
    "dense": _dense,
    "dense_dX": _dense_dX,
    "dense_dw": _dense_dw,
    "dense_db": _dense_db,
    "max_pool2d": _max_pool2d,
    "max_pool2d_dX": _max_pool2d_dX,
    "avg_pool2d": _avg_pool2d,
    "avg_pool2d_dX": _avg_pool2d_dX,
}
