"""A network: layers in a row."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple, Self, SupportsIndex, overload

import numpy as np

from cnnlab import shapes, weights
from cnnlab.layers import AvgPool2D, BatchNorm2D, Conv2D, Layer, MaxPool2D, contract
from cnnlab.layers.base import parts_within, walk
from cnnlab.shapes import words
from cnnlab.tables import as_html
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Integer, Seed, Shape

__all__ = ["Parameter", "Sequential", "Table"]

# Layers whose input is images, depth first.
IMAGES = (Conv2D, MaxPool2D, AvgPool2D, BatchNorm2D)


SPOILT = (
    "a training with too large a learning_rate leaves such parameters: make the model anew and "
    "train it with a smaller one"
)


class Parameter(NamedTuple):
    """One learned array of a model, with its gradient.

    Attributes
    ----------
    name : str
        Where it sits, as ``"0.Conv2D.w"``: the position of the layer, its kind, the array.
    value : ndarray
        The array itself, not a copy; an optimizer writes into it.
    gradient : ndarray or None
        Gradient of the loss with respect to it, from the latest `backward`. Shape of `value`.
        None before the first one.
    """

    name: str
    value: np.ndarray
    gradient: np.ndarray | None


class Table(str):
    """Text in columns that shows itself without quotation marks when it is the value of a cell."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


class Sequential:
    """Layers in a row: what one returns is what the next is given.

    Parameters
    ----------
    layers : sequence of Layer
        First to last. Each layer object may stand in one place only, because it remembers its
        input.
    input_shape : tuple of int
        Shape of one input, without the batch axis: (D, M, N) for images.
    seed : int or numpy.random.Generator
        Where the starting values come from. The same seed gives the same network.
    dtype : dtype
        Of the parameters: float64 or float32.

    Attributes
    ----------
    input_shape, output_shape : tuple of int
        Shape of one input and of one output, without the batch axis.
    dtype : dtype
        As given. Images and gradients of another one are converted.
    epochs : int
        How many epochs `cnnlab.training.fit` has trained it.

    Raises
    ------
    ValueError
        If a layer cannot take what the one before it returns.
    TypeError
        If something in the list is no layer, or a layer of your own lacks what a model needs.

    Warns
    -----
    UserWarning
        If the first layer takes images and `input_shape` looks as if their depth came last, as
        (32, 32, 3): a shape that may be meant. The warning says how it is silenced.

    Examples
    --------
    >>> from cnnlab.layers import Conv2D, Dense, Flatten, Sigmoid
    >>> model = Sequential([Conv2D(8, 5), Sigmoid(), Flatten(), Dense(10)], input_shape=(1, 28, 28))
    >>> model.output_shape
    (10,)
    """

    def __init__(
        self,
        layers: Iterable[Layer],
        *,
        input_shape: Shape,
        seed: Seed = 0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.layers = _as_list(layers)
        self._check_layers()
        self.input_shape = shapes.as_shape(input_shape, "Sequential", "input_shape", (1, 2, 3))
        _warn_of_depth_last(self.layers[0], self.input_shape)
        self.dtype = shapes.as_float_dtype(dtype, "Sequential")
        rng = shapes.as_generator(seed, "Sequential")
        shape = self.input_shape
        self._shapes = [
            shape := contract.check_built(layer, layer.build(shape, rng, self.dtype))
            for layer in self.layers
        ]
        self.output_shape = shape
        self.epochs = 0
        # What the latest forward was given: whether one sample, and the shapes before each layer.
        self._given: tuple[bool, list[tuple[int, ...]]] | None = None

    def _check_layers(self) -> None:
        if not self.layers:
            raise ValueError("Sequential: layers is empty; pass at least one layer.")
        for position, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                hint = f"; write {layer.__name__}(...)" if isinstance(layer, type) else ""
                raise TypeError(f"Sequential: layers[{position}] is {layer!r}, not a layer{hint}.")
            contract.check_layer(layer)
            if any(layer is other for other in self.layers[:position]):
                raise ValueError(
                    f"Sequential: layers[{position}] ({layer.name}) stands in the list twice; "
                    f"make a new {layer.name} for each place."
                )

    def __repr__(self) -> str:
        """Say it as it is written in a program."""
        layers = "".join(f"    {layer!r},\n" for layer in self.layers)
        name, dtype = type(self).__name__, self.dtype.name
        return f"{name}([\n{layers}], input_shape={self.input_shape}, dtype={dtype!r})"

    def _repr_html_(self) -> str:
        """Return the table of `summary`, for a notebook."""
        head, *rows = self._rows()
        return as_html(head, rows, numbers=[2])

    def __len__(self) -> int:
        """Return how many layers there are."""
        return len(self.layers)

    @overload
    def __getitem__(self, position: SupportsIndex) -> Layer: ...

    @overload
    def __getitem__(self, position: slice) -> list[Layer]: ...

    def __getitem__(self, position: SupportsIndex | slice) -> Layer | list[Layer]:
        """Return the layer in that place, or some in a list."""
        return self.layers[position]

    def __call__(self, X: ArrayLike) -> np.ndarray:
        """Use the model: return the scores for a batch or one sample, and change nothing in it.

        The same as ``forward(X, training=False)``, but a `backward` after it goes back through the
        `forward` before it. The scores of a sample with NaN are NaN; `predict` refuses it.

        Parameters
        ----------
        X : array_like
            As for `forward`.

        Returns
        -------
        Y : ndarray
            As from `forward`.

        Raises
        ------
        ValueError
            If `X` has another shape.
        TypeError
            If `X` does not hold numbers.
        """
        # Whatever attributes a layer remembers its input in, and those of the layers in it.
        kept = [(vars(part), dict(vars(part))) for part in parts_within(self).values()]
        try:
            return self.forward(X, training=False)
        finally:
            for attributes, before in kept:  # never without them: others may use the model, too
                attributes.update(before)
                for name in attributes.keys() - before.keys():
                    attributes.pop(name, None)

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Send a batch through all layers.

        Parameters
        ----------
        X : array_like
            Shape (B,) + `input_shape`, or `input_shape` for one sample.
        training : bool, optional
            Whether the network is being trained, or used: `Dropout` and `BatchNorm2D` compute
            something else then, and change nothing that they keep. A model with such a layer must
            be told; all others take no notice. `backward` goes back through either.

        Returns
        -------
        Y : ndarray
            Shape (B,) + `output_shape`, or `output_shape` for one sample.

        Raises
        ------
        ValueError
            If `X` has another shape, or `training` is missing where it matters.
        TypeError
            If `X` does not hold numbers.
        """
        X = shapes.as_array(X, "Sequential.forward", "X")
        self._check_training(training)
        single = X.shape == self.input_shape
        if not single and X.shape[1:] != self.input_shape:
            needed = ", ".join(map(str, self.input_shape))
            raise ValueError(
                f"Sequential.forward: X.shape={X.shape}, but this model takes a batch of shape "
                f"(B, {needed}) or one sample of shape {self.input_shape}; "
                f"{words.samples_hint(X.shape, self.input_shape, 'X')}."
            )
        # Copies at both ends, because the caller may change either array before `backward`. The
        # first is where the dtype of the model binds, too.
        Y = np.array(X[np.newaxis] if single else X, self.dtype)
        given: list[tuple[int, ...]] = []
        self._given = None  # until all layers have answered
        with walk:
            for layer, shape in zip_longest(self.layers, self._shapes[: len(self.layers)]):
                X, Y = Y, layer.forward(Y, training=training)
                contract.check_output(layer, X, Y, shape)
                given.append(X.shape)
        self._given = single, given
        Y = np.array(Y)
        return Y[0] if single else Y

    def _check_training(self, training: Flag | None) -> None:
        """Ask for `training` where it matters."""
        different = dict.fromkeys(layer.name for layer in self.layers if layer.trains_differently)
        if training is None and different:
            raise ValueError(
                f"Sequential.forward: training is missing, but this model has layers that compute "
                f"something else in training than in use ({', '.join(different)}); pass "
                f"training=True for a step of training, or call model(X) to use the model."
            )

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Send the gradient of the loss back through all layers, which keep their gradients.

        Parameters
        ----------
        dY : ndarray
            Gradient of the loss with respect to what the latest `forward` returned; its shape.

        Returns
        -------
        dX : ndarray
            Gradient of the loss with respect to what the latest `forward` was given; its shape.

        Raises
        ------
        RuntimeError
            If `forward` was not called before.
        """
        dZ, single, shape = self._back_to_the_first_layer(dY)
        gradient = self.layers[0].backward(dZ)
        contract.check_gradient(self.layers[0], gradient, shape)
        return gradient[0] if single else gradient

    def backward_to_parameters(self, dY: ArrayLike) -> None:
        """Do what `backward` does, but for dX: training needs the other gradients alone.

        Parameters
        ----------
        dY : ndarray
            As for `backward`.

        Raises
        ------
        RuntimeError
            If `forward` was not called before.
        """
        self.layers[0].backward_to_parameters(self._back_to_the_first_layer(dY)[0])

    def _back_to_the_first_layer(self, dY: ArrayLike) -> tuple[np.ndarray, bool, tuple[int, ...]]:
        """Return the gradient with respect to the output of the first layer, and what came in."""
        if self._given is None:
            raise RuntimeError(
                "Sequential.backward: there is nothing to go back through; call forward first."
            )
        gradient = shapes.as_array(dY, "Sequential.backward", "dY")
        single, shapes_before = self._given
        gradient = np.asarray(gradient[np.newaxis] if single else gradient, self.dtype)
        for layer, shape in zip(self.layers[:0:-1], shapes_before[:0:-1], strict=True):
            gradient = layer.backward(gradient)
            contract.check_gradient(layer, gradient, shape)
        return gradient, single, shapes_before[0]

    def predict(self, X: ArrayLike, *, batch_size: Integer = 256) -> np.ndarray:
        """Return the class with the highest score for each sample, with ``training=False``.

        Parameters
        ----------
        X : array_like
            Shape (B,) + `input_shape`, or `input_shape` for one sample.
        batch_size : int
            How many samples go through the network at once; it bounds the memory taken.

        Returns
        -------
        classes : ndarray of int
            Shape (B,), or one integer for one sample. The lowest class number among equals.

        Raises
        ------
        ValueError
            If `X` has another shape, a sample holds NaN or infinity, or a score is NaN.
        TypeError
            If `X` does not hold numbers.
        """
        scores = self._scores(X, batch_size, "Sequential.predict")
        if np.isnan(scores).any():
            raise ValueError(
                f"Sequential.predict: some scores are NaN, so that no class has the highest one; "
                f"{SPOILT}."
            )
        return scores.argmax(axis=-1)

    def predict_proba(self, X: ArrayLike, *, batch_size: Integer = 256) -> np.ndarray:
        """Return the probability of each class for each sample, with ``training=False``.

        The softmax of the scores: what a model means by them that was trained with `cross_entropy`.

        Parameters
        ----------
        X : array_like
            Shape (B,) + `input_shape`, or `input_shape` for one sample.
        batch_size : int
            How many samples go through the network at once; it bounds the memory taken.

        Returns
        -------
        probabilities : ndarray
            Shape (B, C), or (C,) for one sample; every row adds up to 1, but for rounding. Dtype of
            the model.

        Raises
        ------
        ValueError
            If `X` has another shape, a sample holds NaN or infinity, a score is NaN or infinite, or
            the model does not return two scores or more for each sample.
        TypeError
            If `X` does not hold numbers.
        """
        if len(self.output_shape) != 1 or self.output_shape[0] < 2:
            raise ValueError(
                f"Sequential.predict_proba: the model returns shape {self.output_shape} for each "
                f"sample, but a score for each of two classes or more is needed; put Flatten() and "
                f"Dense(classes) at its end, and train it with cross_entropy."
            )
        scores = self._scores(X, batch_size, "Sequential.predict_proba")
        if not np.isfinite(scores).all():
            raise ValueError(
                f"Sequential.predict_proba: some scores are NaN or infinite, of which there are no "
                f"probabilities; {SPOILT}."
            )
        from cnnlab.fast import softmax  # here, so that the loops can be used without Numba

        return softmax(scores)

    def _scores(self, X: ArrayLike, batch_size: Integer, function: str) -> np.ndarray:
        """Return what the model makes of samples that were checked, batch by batch."""
        X = shapes.as_samples(X, function, "X")
        batch_size = shapes.as_count(batch_size, function, "batch_size")
        if X.shape[1:] != self.input_shape:  # one sample, or what `forward` refuses
            X = shapes.as_array(X, function, "X")
            shapes.check_finite(X[np.newaxis], function, "X", hint="mend it")
            return self(X)
        shapes.check_finite(X, function, "X", hint="leave those samples out")
        starts = range(0, max(len(X), 1), batch_size)
        return np.concatenate([self(X[start : start + batch_size]) for start in starts])

    def parameters(self) -> Iterator[Parameter]:
        """Yield every learned array with its name and its gradient, first layer first.

        Yields
        ------
        parameter : Parameter
        """
        for position, layer in enumerate(self.layers):
            for name, value in layer.parameters.items():
                full_name = f"{position}.{layer.name}.{name}"
                yield Parameter(full_name, value, layer.gradients.get(name))

    def state(self) -> dict[str, Any]:
        """Return copies of all that the layers learn and draw from: what a copy must hold.

        Returns
        -------
        state : dict of str to ndarray or numpy.random.Generator
            Parameters, running statistics and generators, by names that say where they sit, as
            ``"0.Conv2D.w"`` and ``"1.BatchNorm2D.mean"``. `epochs` is no part of it.
        """
        return weights.state(self)

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` returned, of this model or of one with the same layers.

        The arrays of the model stay the same objects; all of them are set, or none.

        Parameters
        ----------
        state : dict of str to ndarray or numpy.random.Generator

        Raises
        ------
        ValueError
            If names, shapes or dtypes are not those of this model, or a number is not finite.
        TypeError
            If it is no dict, or a value of another kind.
        """
        weights.set_state(self, state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file: layers with their options, and the state.

        The file is one of safetensors, which other programs read, too. It is written beside its
        place and renamed: until the new one is whole, an older one of that name stays.

        Parameters
        ----------
        path : str or path
            For example ``"digits.safetensors"``. Its folder must exist.

        Raises
        ------
        ValueError
            If a number is not finite, or a layer of your own does not keep its options, each as it
            was given, under its own name.
        OSError
            If the file cannot be written.
        """
        weights.save(self, path)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        layers: Iterable[type[Layer]] = (),
        ops: Backend | None = None,
    ) -> Self:
        """Make the model again that `save` wrote. No code of the file is run.

        Parameters
        ----------
        path : str or path
        layers : sequence of classes, optional
            Layers of your own, if the model has some.
        ops : module, optional
            Where the operations come from, as for every layer; `cnnlab.fast` when left out.

        Returns
        -------
        model : Sequential
            With the same operations it gives the same results to the bit, and draws as it would
            have. What an optimizer remembers is not in the file.

        Raises
        ------
        ModelFileError
            If the file is cut off, changed, foreign or holds what cannot be. It is a ValueError.
        MissingModelError
            If there is no such file. It is also a FileNotFoundError.
        TypeError
            If `path` is no path.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from cnnlab.layers import Dense
        >>> model = Sequential([Dense(2)], input_shape=(3,))
        >>> path = pathlib.Path(tempfile.mkdtemp(), "dense.safetensors")
        >>> model.save(path)
        >>> bool((Sequential.load(path)(np.ones(3)) == model(np.ones(3))).all())
        True
        """
        return weights.load(cls, path, layers, ops)

    def summary(self) -> Table:
        """Return a table of the layers: shape of one output, and number of learned values.

        Returns
        -------
        table : Table
            Text; it prints as it is.
        """
        rows = self._rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"{layer:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}".rstrip()
            for layer, shape, count in rows
        ]
        rule = "-" * max(map(len, lines))
        return Table("\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]]))

    def _rows(self) -> list[tuple[str, str, str]]:
        """Return the rows of the table of `summary`, the head first and the total last."""
        rows = [("layer", "output shape", "parameters"), ("input", _words(self.input_shape), "0")]
        total = 0
        for layer, shape in zip(self.layers, self._shapes, strict=True):
            count = sum(math.prod(value.shape) for value in layer.parameters.values())
            total += count
            rows.append((layer.name, _words(shape), f"{count:,}"))
        return [*rows, ("total", "", f"{total:,}")]


def check_sequential(model: Any, function: str) -> None:
    """Refuse what is no model."""
    if not isinstance(model, Sequential):
        raise TypeError(
            f"{function}: model={words.brief(model)} came, but a Sequential is needed; "
            f"pass Sequential([...], input_shape=X.shape[1:])."
        )


def _as_list(layers: Any) -> list[Layer]:
    """Return the layers in a list of its own."""
    if isinstance(layers, Layer) or not isinstance(layers, Iterable):
        raise TypeError(
            f"Sequential: layers={words.brief(layers)} came, but a list of layers is needed; "
            f"pass [...] with square brackets around them."
        )
    return list(layers)


def _warn_of_depth_last(first: Layer, shape: tuple[int, ...]) -> None:
    """Say what a shape such as (32, 32, 3) means, which may be meant. It is no error."""
    if not isinstance(first, IMAGES) or len(shape) != 3 or shape[2] not in (1, 3):
        return
    D, M, N = shape
    if D == M > N or (N == 3 and min(D, M) >= 16):
        warnings.warn(
            f"Sequential: input_shape={shape} means images of {M} x {N} pixels with a depth of "
            f"{D}. If their depth comes last, pass input_shape={(N, D, M)} and "
            f"X.transpose(0, 3, 1, 2); if not, silence this by "
            f'warnings.filterwarnings("ignore", "Sequential: input_shape").',
            UserWarning,
            stacklevel=3,
        )


def _words(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
