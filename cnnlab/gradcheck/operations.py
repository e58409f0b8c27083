"""Every gradient of one operation, checked by the name of the operation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from cnnlab import reference, shapes
from cnnlab.gradcheck.adjoint import check_adjoint
from cnnlab.gradcheck.comparison import Comparison, check_choice, own_generator
from cnnlab.gradcheck.guard import Guarded, as_gradient
from cnnlab.gradcheck.places import STEPS, Arrays, Problem
from cnnlab.gradcheck.reports import AdjointReport, GradientReport, Reports
from cnnlab.operations import BY_NAME, OPERATIONS
from cnnlab.results import MaxPool
from cnnlab.typing import Backend, Integer, Number, Seed


def check_operation(
    ops: Backend,
    name: str,
    *arguments: Any,
    method: Literal["central", "complex", "adjoint"] = "central",
    by: Literal["entry", "direction"] = "entry",
    directions: Integer = 3,
    step: Number | None = None,
    tolerance: Number | None = None,
    seed: Seed = 0,
    **options: Any,
) -> list[GradientReport] | list[AdjointReport]:
    """Check every gradient of one operation, with all its options.

    Parameters
    ----------
    ops : module
        `cnnlab.fast`, `cnnlab.reference`, or an object with the same functions. They are given
        copies. To change one of them is a finding of its own, whatever is returned.
    name : str
        An operation with a gradient, as "conv2d"; a wrong name is answered with the list.
    *arguments : object
        What the operation is called with. Float arrays away from kinks; one image instead of a
        batch works too.
    method : {"central", "complex", "adjoint"}
        The first two: see `check_gradients`. With "complex" the operation itself is taken from
        `cnnlab.reference`, because the loops alone take complex numbers; its gradients are those
        of `ops`. "adjoint": see `check_adjoint`, for operations that are linear in each argument;
        the test draws integers of the shapes of the arguments in their place. Max-pooling is
        linear while the same pixels win: its argument says which, and is not replaced.
    by, directions, step, tolerance, seed : optional
        See `check_gradients`. The adjoint test is one comparison and uses only `seed`.
    **options : object
        Options of the operation, as ``stride=2``.

    Returns
    -------
    reports : list of GradientReport, or of AdjointReport
        One per array argument that the operation has a gradient for, named as "conv2d.dw". A
        gradient that raises an exception has a report that says so. Shows itself as lines in a
        terminal, and as a table in a notebook.

    Raises
    ------
    AttributeError
        If `ops` has no function of that name.
    ValueError
        If there is no such operation, it has no gradient or none that `method` can check, a
        gradient has a wrong shape, or the operation refuses its arguments.
    TypeError
        If the arguments are not those of the operation.

    Examples
    --------
    >>> from cnnlab import reference, shapes
    >>> X, w = np.random.default_rng(0).standard_normal((2, 2, 1, 4, 4))
    >>> for report in check_operation(reference, "conv2d", X, w, method="adjoint", stride=2):
    ...     print(report.name, report.passed)
    conv2d.dX True
    conv2d.dw True
    """
    check_choice("check_operation", "method", method, [*STEPS, "adjoint"])
    _check_has_gradient(name, method)
    operation = BY_NAME[name]
    try:
        given = operation.bind(*arguments, **options)
    except TypeError as error:
        raise TypeError(
            f"check_operation: {name} cannot be called like this ({error}); "
            f"pass the arguments and options of {name}."
        ) from None
    letters = tuple(letter for letter in operation.gradients if letter in given)
    names = [f"{name}.d{letter}" for letter in letters]
    arrays = [
        np.array(shapes.as_array(given[letter], "check_operation", letter), np.float64)
        for letter in letters
    ]
    under_test = _UnderTest(ops, name, given, letters)
    if method == "adjoint":
        return Reports(
            under_test.check_adjoints(names, arrays, own_generator(seed, "check_operation"))
        )
    comparison = Comparison(
        "check_operation",
        method=method,
        by=by,
        directions=directions,
        tolerance=tolerance,
        step=step,
        seed=seed,
    )
    return comparison.of(
        Problem(
            "check_operation",
            names,
            output=under_test.output,
            stepped=under_test.in_loops if method == "complex" else under_test.output,
            gradients=under_test.gradients,
            notes=under_test.notes,
        ),
        arrays,
    )


class _UnderTest:
    """One operation of a backend, called with other arrays in the place of its own."""

    def __init__(
        self, ops: Backend, name: str, given: Mapping[str, Any], letters: Sequence[str]
    ) -> None:
        self._ops = Guarded(ops, "check_operation", name)
        self._operation, self._given, self._letters = BY_NAME[name], given, letters

    def _with(self, arrays: Arrays) -> dict[str, Any]:
        return {**self._given, **dict(zip(self._letters, arrays, strict=True))}

    def output(self, arrays: Arrays) -> np.ndarray:
        """Return the result of the operation."""
        return self._operation.output(self._ops, self._with(arrays))

    def in_loops(self, arrays: Arrays) -> np.ndarray:
        """Return the result of the loops, which take complex numbers."""
        return self._operation.output(reference, self._with(arrays))

    def gradients(self, G: np.ndarray, arrays: Arrays) -> list[Any]:
        """Return the gradients with respect to all arrays."""
        with self._ops.catching():
            gradients = self._operation.back(self._ops, G, self._with(arrays))
        return [as_gradient(gradients[letter]) for letter in self._letters]

    def notes(self) -> list[list[str]]:
        """Return what was found about the function of each gradient, and about the operation."""
        found: list[list[str]] = [[] for _ in self._letters]
        for function, words in self._ops.notes.items():
            own = [place for place, a in enumerate(self._letters) if function.endswith(f"_d{a}")]
            if function == self._operation.name:
                own = list(range(len(self._letters)))
            for place in own or [0]:
                found[place] += words
        return found

    def check_adjoints(
        self, names: Sequence[str], arrays: Arrays, rng: np.random.Generator
    ) -> list[AdjointReport]:
        """Test each gradient of an operation that is linear in each argument, up to a bias."""
        operation = self._operation
        if operation.returns is MaxPool:
            reports = [self._check_max_pool(names[0], rng)]
        else:
            multiple = 1 if operation.divisor is None else operation.divisor(self._given)
            fixed = [rng.integers(-9, 10, array.shape).astype(np.float64) for array in arrays]
            reports = [
                self._check_one(position, name, fixed, multiple, rng)
                for position, name in enumerate(names)
            ]
        return [
            report._replace(
                passed=report.passed and not notes,
                note="; ".join(filter(None, [report.note, *notes])),
            )
            for report, notes in zip(reports, self.notes(), strict=True)
        ]

    def _check_one(
        self, position: int, name: str, fixed: Arrays, multiple: int, rng: np.random.Generator
    ) -> AdjointReport:
        def at(x: np.ndarray) -> list[np.ndarray]:
            return [*fixed[:position], x, *fixed[position + 1 :]]

        x_shape = fixed[position].shape
        bias = self.output(at(np.zeros(x_shape)))
        return check_adjoint(
            lambda x: self.output(at(x)) - bias,
            lambda g: self.gradients(g, fixed)[position],
            x_shape,
            multiple=multiple,
            name=name,
            seed=rng,
        )

    def _check_max_pool(self, name: str, rng: np.random.Generator) -> AdjointReport:
        """Test the way back of max-pooling while the same pixels win."""
        shape = np.shape(self._given["X"])
        argmax = self._ops.max_pool2d(**self._given)[1]

        def winners(x: np.ndarray) -> np.ndarray:
            planes, places = (
                array.reshape(*array.shape[:-2], math.prod(array.shape[-2:]))
                for array in (x, argmax)
            )
            taken = np.take_along_axis(planes, np.maximum(places, 0), axis=-1)
            return np.where(places == -1, 0, taken).reshape(argmax.shape)

        def back(g: np.ndarray) -> Any:
            with self._ops.catching():
                return as_gradient(self._ops.max_pool2d_dX(g, argmax, shape))

        return check_adjoint(winners, back, shape, name=name, seed=rng)


def _check_has_gradient(name: str, method: str) -> None:
    if not isinstance(name, str) or name not in BY_NAME:
        possible = [operation.name for operation in OPERATIONS if operation.gradients]
        shapes.as_choice(name, "check_operation", "operation", possible)
    if name.endswith("_backward"):
        alone = name.removesuffix("_backward")
        raise ValueError(
            f"check_operation: {name} has no gradient of its own, but returns those of {alone}; "
            f'check "{alone}", and its layer with check_model.'
        )
    if not BY_NAME[name].gradients:
        raise ValueError(
            f"check_operation: {name} has no gradient of its own, only inside cross_entropy; "
            f'check "cross_entropy".'
        )
    if method == "adjoint" and not BY_NAME[name].linear:
        linear = [operation.name for operation in OPERATIONS if operation.linear]
        raise ValueError(
            f"check_operation: {name} is not linear, and the adjoint test is for what is "
            f'({", ".join(linear)}); choose method="central" or "complex".'
        )
