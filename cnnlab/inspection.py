"""What a trained network looks at: gradients in the image, covered windows, exciting images."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np

from cnnlab import shapes
from cnnlab.model import Sequential, check_sequential
from cnnlab.shapes import words
from cnnlab.shapes.numbers import is_sequence
from cnnlab.typing import ArrayLike, Integer, Number, Pair, Shape

__all__ = ["Excitation", "exciting_image", "image_gradient", "occlusion_map"]

FINITE = shapes.Range("that is finite", lambda number: bool(np.isfinite(number)))


class Excitation(NamedTuple):
    """An image that one output answers to, as `exciting_image` returns it.

    Attributes
    ----------
    X : ndarray
        The image, pixels from 0 to 1. Shape `model.input_shape`.
    values : ndarray
        The output at the start and after each step, in its own units. Its largest is that of `X`.
        Shape (steps + 1,), or fewer where the way ended before.
    """

    X: np.ndarray
    values: np.ndarray


def image_gradient(model: Sequential, X: ArrayLike, output: Integer | Shape) -> np.ndarray:
    """Gradient of one output of a network with respect to its input: which pixels it hangs on.

    Equation (eq-image-gradient) is this gradient for a network of three layers. Also called a
    saliency map; see Simonyan, Vedaldi and Zisserman (2014).

    Parameters
    ----------
    model : Sequential
        A network that is only used: neither its values nor its gradients change.
    X : array_like
        One image, or a batch of them. Shape `model.input_shape` or (B,) + `model.input_shape`.
    output : int or tuple of int
        Which output: the class for scores of shape (C,), (k, i, j) for maps.

    Returns
    -------
    dX : ndarray
        By how much the output grows with each pixel, per unit of the pixel. Shape of `X`.

    Raises
    ------
    ValueError
        If `X` has another shape, or there is no such output.
    TypeError
        If `model` is none, `X` does not hold numbers, or `output` no integers.

    Examples
    --------
    >>> from cnnlab.layers import Dense
    >>> model = Sequential([Dense(2)], input_shape=(3,))
    >>> bool((image_gradient(model, np.ones(3), 1) == model[0].parameters["w"][1]).all())
    True
    """
    check_sequential(model, "image_gradient")
    place = _as_output(output, model, "image_gradient")
    return _value_and_gradient(copy.deepcopy(model), X, place)[1]


def occlusion_map(
    model: Sequential,
    X: ArrayLike,
    output: Integer | Shape,
    *,
    size: Pair,
    stride: Pair = 1,
    value: Number = 0.0,
) -> np.ndarray:
    """How much one output of a network loses when a window of its image is covered.

    Equation (eq-occlusion)::

        H[i,j] = output(X) - output(X with window (i,j) covered)

    Source: Zeiler and Fergus (2014).

    Parameters
    ----------
    model : Sequential
        A network of images that is only used.
    X : array_like
        One image. Shape `model.input_shape`, (D, M, N).
    output : int or tuple of int
        Which output: the class for scores of shape (C,), (k, i, j) for maps.
    size : int or pair of int
        Rows and columns (m, n) of the window.
    stride : int or pair of int
        How far the next window is, in rows and columns.
    value : float
        What covers it: 0 is paper in MNIST.

    Returns
    -------
    H : ndarray
        The loss of each window, in units of the output: above 0 where the output needs what is
        there. Shape (M', N'), windows as in max-pooling.

    Raises
    ------
    ValueError
        If `X` is no such image, the window is larger, or there is no such output.
    TypeError
        If `model` is none, `X` does not hold numbers, or an option no integers.

    Examples
    --------
    >>> from cnnlab.layers import Dense, Flatten
    >>> model = Sequential([Flatten(), Dense(1)], input_shape=(1, 2, 3))
    >>> model[1].parameters["w"][...] = [[1, 2, 3, 4, 5, 6]]
    >>> occlusion_map(model, np.ones((1, 2, 3)), 0, size=2)
    array([[12., 16.]])
    """
    check_sequential(model, "occlusion_map")
    place = _as_output(output, model, "occlusion_map")
    X = _as_image(X, model, "occlusion_map")
    (m, n), (down, right) = (
        shapes.as_counts(pair, "occlusion_map", name)
        for pair, name in ((size, "size"), (stride, "stride"))
    )
    cover = shapes.as_number(value, "occlusion_map", "value", within=FINITE, hint="try 0.0")
    _, M, N = X.shape
    if m > M or n > N:
        raise ValueError(
            f"occlusion_map: size=({m}, {n}) came, but the image has {M} x {N} pixels; pass a "
            f"size of ({M}, {N}) at most."
        )
    rows, columns = (M - m) // down + 1, (N - n) // right + 1
    H = np.zeros((rows, columns), model.dtype)
    whole = model(X)[place]
    for i in range(rows):
        covered = np.repeat(X[np.newaxis], columns, axis=0)  # one image for each window of the row
        for j in range(columns):
            covered[j, :, i * down : i * down + m, j * right : j * right + n] = cover
        H[i] = whole - model(covered)[place]
    return H


def exciting_image(
    model: Sequential,
    output: Integer | Shape,
    *,
    start: ArrayLike = 0.5,
    steps: Integer = 50,
    step: Number = 0.02,
) -> Excitation:
    """Look for the image that excites one output of a network most, pixels from 0 to 1.

    Every pixel goes up or down by `step`, as the sign of its gradient says, and stays within 0 and
    1; the best image on the way is returned. For an output that is linear in the image it is the
    best one that there is, equation (eq-most-exciting), once ``steps * step`` is 1. Pixels that the
    output does not see stay as they were. Also called activation maximization.

    Parameters
    ----------
    model : Sequential
        A network that is only used. A part of it answers for a layer within:
        ``Sequential(model[:4], input_shape=model.input_shape, dtype=model.dtype)``.
    output : int or tuple of int
        Which output: the class for scores of shape (C,), (k, i, j) for maps.
    start : float or array_like
        Where to begin: an image of shape `model.input_shape`, or one number for all pixels.
    steps : int
        How many steps there are at most; they end where the gradient is 0.
    step : float
        How far a pixel goes in one, above 0.

    Returns
    -------
    excitation : Excitation
        The image ``X``, and the ``values`` of the output on the way.

    Raises
    ------
    ValueError
        If there is no such output, `start` has another shape or a pixel outside 0 to 1, or an
        option is outside its range.
    TypeError
        If `model` is none, or an argument is of a wrong type.

    Examples
    --------
    >>> from cnnlab.layers import Dense
    >>> model = Sequential([Dense(1)], input_shape=(3,))
    >>> model[0].parameters["w"][...] = [[2, -1, 0]]
    >>> best = exciting_image(model, 0)
    >>> best.X, best.values[-1]
    (array([1. , 0. , 0.5]), np.float64(2.0))
    """
    check_sequential(model, "exciting_image")
    place = _as_output(output, model, "exciting_image")
    X = _as_start(start, model)
    steps = shapes.as_count(steps, "exciting_image", "steps")
    step = shapes.as_number(step, "exciting_image", "step", within=shapes.POSITIVE, hint="try 0.02")
    used = copy.deepcopy(model)
    best, values = X, list[float]()
    for _ in range(steps + 1):
        value, dX = _value_and_gradient(used, X, place)
        if not values or value > max(values):
            best = X
        values.append(value)
        after = np.clip(X + step * np.sign(dX), 0, 1).astype(X.dtype)
        if np.array_equal(after, X):
            break
        X = after
    return Excitation(best, np.array(values))


def _value_and_gradient(
    model: Sequential, X: ArrayLike, place: tuple[Any, ...]
) -> tuple[Any, np.ndarray]:
    """Return one output for each sample, and its gradient; the layers of the model remember it."""
    Y = model.forward(X, training=False)
    dY = np.zeros_like(Y)
    dY[place] = 1
    return Y[place], model.backward(dY)


def _as_output(output: Any, model: Sequential, function: str) -> tuple[Any, ...]:
    """Return the place of one output, in the results of one sample or of a batch."""
    shape = model.output_shape
    place = tuple(output) if is_sequence(output) else (output,)
    if len(place) != len(shape):
        raise ValueError(
            f"{function}: output={words.brief(output)} came, but the model returns shape {shape} "
            f"for each sample; pass an index for each axis, as output={(0,) * len(shape)}."
        )
    return ..., *(
        shapes.as_integer(index, function, "output", least=0, most=size - 1)
        for index, size in zip(place, shape, strict=True)
    )


def _as_image(X: Any, model: Sequential, function: str) -> np.ndarray:
    """Return one image that the model takes."""
    X = shapes.as_array(X, function, "X")
    if X.shape != model.input_shape or X.ndim != 3:
        raise ValueError(
            f"{function}: X.shape={X.shape}, but one image is needed, of the shape that the model "
            f"takes, {model.input_shape}; pass one image of a batch as X[0]."
        )
    return X.astype(model.dtype)


def _as_start(start: Any, model: Sequential) -> np.ndarray:
    """Return the image to begin with."""
    X = shapes.as_array(start, "exciting_image", "start")
    if X.shape not in ((), model.input_shape):
        raise ValueError(
            f"exciting_image: start.shape={X.shape}, but the model takes {model.input_shape}; "
            f"pass one image of that shape, or a number for all pixels, as start=0.5."
        )
    if not ((X >= 0) & (X <= 1)).all():  # NaN neither
        raise ValueError(
            "exciting_image: start has pixels outside 0 to 1; divide it by the largest possible "
            "value, or pass start=0.5."
        )
    return np.array(np.broadcast_to(X, model.input_shape), model.dtype)
