"""A network: layers in a row."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import Any, Self, SupportsIndex

import numpy as np

from cnnlab import shapes, weights
from cnnlab.layers import Layer, contract
from cnnlab.layers.base import AsLayer, as_used, layers_in_rows, use, walk
from cnnlab.layers.combine import Row, as_list, check_once, rows_of_table, shape_in_words
from cnnlab.pytorch import exporting, importing
from cnnlab.results import Parameter, UndecayedParameter
from cnnlab.shapes import words
from cnnlab.tables import Table, as_html, as_text
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Integer, Seed, Shape

__all__ = ["Parameter", "Sequential", "Table"]


SPOILT = (
    "a training with too large a learning_rate leaves such parameters: make the model anew and "
    "train it with a smaller one"
)


class Sequential(AsLayer):
    """Layers in a row: what one returns is what the next is given.

    A model may stand in the list of another one, which then trains and uses it as a layer.

    Parameters
    ----------
    layers : sequence of Layer or Sequential
        First to last. Each layer object may stand in one place only, because it remembers its
        input. Layers that have values, from another model or built by hand, keep them, whatever
        `seed` is: then both models have the same arrays, and training one changes the other. Pass
        new layers for new values, and ``copy.deepcopy(layers)`` for values of their own. A layer of
        a class of your own keeps those from another model only.
    input_shape : tuple of int, optional
        Shape of one input, without the batch axis: (D, M, N) for images. A model that stands in
        another one needs none: it takes what comes there, with the seed and the dtype of the
        other. If it has one it keeps its values; shape and dtype must be what comes there.
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
        If a layer cannot take what the one before it returns, has values for other inputs, or
        stands in two places.
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
        layers: Iterable[Layer | Sequential],
        *,
        input_shape: Shape | None = None,
        seed: Seed = 0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self._row = Row(as_list(layers, "Sequential", "layers"), type(self).__name__)
        check_once(self._row)
        self.epochs = 0
        self._is_alone = input_shape is not None
        dtype = shapes.as_float_dtype(dtype, "Sequential")
        rng = shapes.as_generator(seed, "Sequential")
        if input_shape is not None:
            input_shape = shapes.as_shape(input_shape, "Sequential", "input_shape", (1, 2, 3))
            contract.warn_of_depth_last(self.layers[0], input_shape)
            self._row.build(input_shape, rng, dtype)

    @property
    def layers(self) -> list[Any]:
        """The list of layers, first to last; it may be changed.

        Layers that come into it later must have values, or need none.
        """
        return self._row.layers

    @layers.setter
    def layers(self, layers: Iterable[Layer | Sequential]) -> None:
        self._row.layers = as_list(layers, "Sequential", "layers")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch axis."""
        return self._ready()[0]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one output, without the batch axis."""
        self._ready()
        return self._row.shapes[-1]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the parameters."""
        self._ready()
        return self._row.dtype

    def _ready(self) -> tuple[tuple[int, ...], Row]:
        """Return the shape of one input, and the row, of a model that has one."""
        if self._row.input_shape is None:
            raise RuntimeError(
                "Sequential: this model has no input_shape yet, so that its layers have no "
                "values; pass input_shape=X.shape[1:] when it is made, or make another Sequential "
                "with it first."
            )
        self._row.follow()
        return self._row.input_shape, self._row

    def __repr__(self) -> str:
        """Say it as it is written in a program."""
        options = "".join(
            f", {name}={value!r}" for name, value in self._written().items() if name != "layers"
        )
        layers = "".join(f"{part!r},\n" for part in self.layers)
        return f"{type(self).__name__}([\n{indent(layers, '    ')}]{options})"

    def _written(self) -> dict[str, Any]:
        """Return the options that it is written with: of a part of another model, the layers."""
        written: dict[str, Any] = {"layers": self.layers}
        if self._is_alone:
            written |= {"input_shape": self._row.input_shape, "dtype": self._row.dtype.name}
        return written

    def _repr_html_(self) -> str | None:
        """Return the table of `summary`, for a notebook; None where it is not known yet."""
        if self._row.input_shape is None:
            return None
        head, *rows = self._rows()
        return as_html(head, rows, numbers=[2])

    def __len__(self) -> int:
        """Return how many layers there are."""
        return len(self.layers)

    def __getitem__(self, position: SupportsIndex | slice) -> Any:
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
        return use.call(lambda: as_used(self).forward(X, training=False))

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
        input_shape, row = self._ready()
        X = shapes.as_array(X, "Sequential.forward", "X")
        self._check_training(training)
        if X.shape != input_shape and X.shape[1:] != input_shape:
            needed = ", ".join(map(str, input_shape))
            raise ValueError(
                f"Sequential.forward: X.shape={X.shape}, but this model takes a batch of shape "
                f"(B, {needed}) or one sample of shape {input_shape}; "
                f"{words.samples_hint(X.shape, input_shape, 'X')}."
            )
        # Copies at both ends, because the caller may change either array before `backward`. The
        # first is where the dtype of the model binds, too.
        try:
            return np.array(walk.call(row.forward, np.array(X, row.dtype), training=training))
        except RecursionError:
            check_once(row)  # a model that was put into its own list
            raise

    def _check_training(self, training: Flag | None) -> None:
        """Ask for `training` where it matters."""
        if training is None and self._row.trains_differently:
            different = dict.fromkeys(
                layer.name
                for _, layer in layers_in_rows(self._row)
                if layer.trains_differently and not layer._rows()
            )
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
        return self._row.backward(self._as_gradient(dY))

    def backward_to_parameters(self, dY: ArrayLike) -> None:
        """Do what `backward` does, but for dX: training needs the other gradients alone.

        On the way, layers let go of what they remember of `forward`, so that a step takes less
        memory: to go back again, call `forward` again.

        Parameters
        ----------
        dY : ndarray
            As for `backward`.

        Raises
        ------
        RuntimeError
            If `forward` was not called before.
        """
        self._row.backward_to_parameters(self._as_gradient(dY))

    def _as_gradient(self, dY: ArrayLike) -> np.ndarray:
        """Return the gradient in the dtype of the model."""
        return np.asarray(shapes.as_array(dY, "Sequential.backward", "dY"), self.dtype)

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
        for where, layer in layers_in_rows(self._ready()[1]):
            for name, value in layer.parameters.items():
                kind = UndecayedParameter if name in layer.undecayed else Parameter
                yield kind(f"{where}.{name}", value, layer.gradients.get(name))

    def state(self) -> dict[str, Any]:
        """Return copies of all that the layers learn and draw from: what a copy must hold.

        Returns
        -------
        state : dict of str to ndarray or numpy.random.Generator
            Parameters, running statistics and generators, by names that say where they sit, as
            ``"0.Conv2D.w"`` and ``"1.BatchNorm2D.mean"``. `epochs` is no part of it.
        """
        self._ready()
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
        self._ready()
        weights.set_state(self, state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file: layers with their options, and the state.

        The file is one of safetensors, which other programs read, too. It is written beside its
        place and renamed: until the new one is whole, an older one of that name stays. Of a model
        within this one `epochs` is not kept, and a list among the options of a layer of your own
        comes back as a tuple.

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

    def to_torch(self) -> Any:
        """Make the model of PyTorch that computes the same, with copies of all values.

        Each layer is one module; where PyTorch has no single one (padding that is not the same on
        both sides, `GlobalAvgPool2D`), a ``torch.nn.Sequential`` of two; for `Residual` one of
        ``cnnlab.pytorch.modules``. Running statistics are rounded to the dtype of the model.

        Returns
        -------
        module : torch.nn.Sequential
            In use, ``module.eval()``; call ``module.train()`` to train it.

        Raises
        ------
        ValueError
            If there is a layer of your own.
        ImportError
            If PyTorch is not installed.
        """
        return exporting.to_torch(self)

    @classmethod
    def from_torch(
        cls, module: Any, *, input_shape: Shape, ops: Backend | None = None, seed: Seed = 0
    ) -> Self:
        """Make the model that computes what a ``torch.nn.Sequential`` does, with copies of values.

        Whether `module` is in training, and whether its parameters ask for a gradient, is not
        looked at. ``torch.nn.Identity`` is left out. For the weights alone, into a model with the
        same layers: give the state of what this returns to ``model.set_state``.

        Parameters
        ----------
        module : torch.nn.Sequential
            Of modules that there is a layer for, others of its kind among them.
        input_shape : tuple of int
            Shape of one input, without the batch axis.
        ops : module, optional
            As for every layer.
        seed : int or numpy.random.Generator
            What `Dropout` draws from.

        Returns
        -------
        model : Sequential
            In the dtype of the parameters; in float64 where there are none.

        Raises
        ------
        ValueError, TypeError
            If `module` is no such row, or a module, or an option of one, is what no layer does.
        ImportError
            If PyTorch is not installed.
        """
        return importing.from_torch(cls, module, input_shape, ops, seed)

    def summary(self) -> Table:
        """Return a table of the layers: shape of one output, and number of learned values.

        Returns
        -------
        table : Table
            Text; it prints as it is.
        """
        return as_text(self._rows())

    def _rows(self) -> list[tuple[str, str, str]]:
        """Return the rows of the table of `summary`, the head first and the total last."""
        input_shape, row = self._ready()
        rows = [
            ("layer", "output shape", "parameters"),
            ("input", shape_in_words(input_shape), "0"),
        ]
        rows += rows_of_table(row)
        total = sum(math.prod(parameter.value.shape) for parameter in self.parameters())
        return [*rows, ("total", "", f"{total:,}")]


def check_sequential(model: Any, function: str) -> None:
    """Refuse what is no model."""
    if not isinstance(model, Sequential):
        raise TypeError(
            f"{function}: model={words.brief(model)} came, but a Sequential is needed; "
            f"pass Sequential([...], input_shape=X.shape[1:])."
        )
    model._ready()
