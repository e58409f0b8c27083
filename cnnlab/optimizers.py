"""Optimizers: how a gradient changes a parameter."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np

from cnnlab import shapes
from cnnlab.schedules import Schedule, as_learning_rate, rate_at
from cnnlab.shapes import words
from cnnlab.typing import Flag, Number

__all__ = ["Adam", "AdamW", "Optimizer", "SGD"]

BLOCK = 16384  # numbers of a parameter that move at once: they stay in the cache of a processor


class HasParameters(Protocol):
    """Whatever an optimizer can improve, for example a `cnnlab.model.Sequential`."""

    def parameters(self) -> Iterable[Any]:
        """Yield objects with `name`, `value` and `gradient`, and `decays` where it is not True."""


class Optimizer:
    """What every optimizer offers; the base of all others, which only say the `direction`.

    Parameters
    ----------
    learning_rate : float or callable
        How far one step goes, eta in the equations: a number greater than 0, or a schedule, see
        `cnnlab.schedules`. A schedule may return 0 for some steps.
    weight_decay : float
        At least 0. Adds ``weight_decay * w`` to the gradient of every parameter w that decays: the
        gradient of ``weight_decay / 2 * sum(w ** 2)``.
    decay_all : bool
        Whether all parameters decay. If not, those stay out of it that a layer names in
        `undecayed`: biases, and all of batch normalization.
    keeps : sequence of str
        Names of the arrays that are kept for each parameter from step to step. What a class of
        your own changes elsewhere is no part of its `state`.

    Attributes
    ----------
    learning_rate : float or callable
        As given.
    weight_decay : float
        As given.
    decay_all : bool
        As given.
    steps : int
        How many steps were taken.

    Raises
    ------
    ValueError
        If `learning_rate` is neither a number greater than 0 nor a schedule, or `weight_decay`
        not a number of at least 0.
    TypeError
        If `decay_all` is neither True nor False.
    """

    # Of a class that writes `direction`: whether every number goes its own way, so that a part of a
    # parameter moves as it would with the rest.
    _by_entry: ClassVar[bool] = False
    # Whether decay goes past the gradient, straight to the parameter.
    _decoupled: ClassVar[bool] = False

    def __init__(
        self,
        learning_rate: Number | Schedule,
        *,
        weight_decay: Number = 0.0,
        decay_all: Flag = False,
        keeps: Sequence[str] = (),
    ) -> None:
        self.learning_rate = as_learning_rate(
            learning_rate, self.name, "learning_rate", "try 0.1 or a schedule"
        )
        self.weight_decay = shapes.as_number(
            weight_decay, self.name, "weight_decay", within=shapes.NOT_NEGATIVE, hint="try 0.0005"
        )
        self.decay_all = shapes.as_flag(decay_all, self.name, "decay_all")
        self._keeps = tuple(keeps)
        self.steps = 0
        self._kept: dict[str, dict[str, np.ndarray]] = {}

    @property
    def name(self) -> str:
        """Name of the kind of optimizer."""
        return type(self).__name__

    @property
    def current_learning_rate(self) -> float:
        """Learning rate of the next step; ValueError if a schedule returns none."""
        return rate_at(self.learning_rate, self.steps, self.name)

    def state(self) -> dict[str, Any]:
        """Return copies of all that changes from step to step.

        Returns
        -------
        state : dict of str to int or ndarray
            ``"steps"``, and for each parameter the arrays that are kept for it, by its name and
            theirs: ``"0.Conv2D.w.velocity"``, shape and dtype of the parameter. Before the first
            step there are no arrays.
        """
        arrays = {
            f"{name}.{kind}": array.copy()
            for name, kept in self._kept.items()
            for kind, array in kept.items()
        }
        return {"steps": self.steps, **arrays}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` returned, of an optimizer made with the same options.

        The next steps have the bits that they would have had. All of it is set, or nothing. Whether
        it belongs to the model shows in the next `step`, before anything moves.

        Parameters
        ----------
        state : dict of str to int or ndarray

        Raises
        ------
        ValueError
            If names, shapes or dtypes are not those of such an optimizer, or a number is not
            finite, or ``state["steps"]`` below 0.
        TypeError
            If it is no dict, or a value is no number.
        """
        function, same = f"{self.name}.set_state", f"another {self.name} with the same options"
        names = map(str, state) if isinstance(state, Mapping) else []
        parts = [name.rpartition(".") for name in names]
        owners = list(dict.fromkeys(owner for owner, _, kind in parts if kind in self._keeps))
        needed = [f"{owner}.{kind}" for owner in owners for kind in self._keeps]
        shapes.check_state_names(function, state, ["steps", *needed], owner="optimizer", same=same)
        steps = shapes.as_integer(state["steps"], function, "steps", least=0)
        if steps and self._keeps and not owners:
            raise ValueError(
                f"{function}: the state has steps={steps} and no {' and no '.join(self._keeps)}; "
                f"pass the state of {same}."
            )
        kept = {
            owner: {kind: self._stored(state, owner, kind, function, same) for kind in self._keeps}
            for owner in owners
        }
        vars(self).update(steps=steps, _kept=kept)  # both or, when an interrupt comes, none

    def _stored(
        self, state: Mapping[str, Any], owner: str, kind: str, function: str, same: str
    ) -> np.ndarray:
        """Return a copy of one array of a state, like the first that is kept for its parameter."""
        first, name = f"{owner}.{self._keeps[0]}", f"{owner}.{kind}"
        like = shapes.as_array(state[first], function, first)
        array = shapes.as_stored_array(
            state[name], function, name, like.shape, like.dtype, same=same
        )
        return np.array(array, order="C")

    def step(self, model: HasParameters) -> None:
        """Move every parameter of the model, in place, by one step.

        Equations (eq-update-w) and (eq-update-b), with the `direction` for the gradient. Either
        all parameters move or, when something is wrong, none.

        Parameters
        ----------
        model : Sequential
            After a `backward`. An optimizer that keeps arrays goes on with the model it began with.

        Raises
        ------
        RuntimeError
            If the model has no gradients yet.
        TypeError
            If `model` has no parameters.
        ValueError
            If a gradient has another shape than its parameter, if a parameter cannot be written
            to, if two have one name, if what is kept belongs to a model with other parameters, or
            if a schedule returns something else than a finite number of at least 0.
        """
        parameters = self._parameters_of(model)
        self._check_own()
        self._check_parameters(parameters)
        self._check_state(parameters)
        rate, before = self.current_learning_rate, self._kept
        if self._keeps and not self._kept:
            self._kept = {
                p.name: {kind: np.zeros(p.value.shape, p.value.dtype) for kind in self._keeps}
                for p in parameters
            }
        self.steps += 1
        with np.errstate(all="ignore"):  # or somebody's "raise" would end a step half-way
            if self._moves_by_entry():
                for parameter in parameters:
                    self._move_in_blocks(parameter, rate)
            else:
                self._move_whole(parameters, rate, copy.deepcopy(before))

    def _moves_by_entry(self) -> bool:
        """Whether the class that writes `direction` says so: one below it may have another."""
        kind = next(kind for kind in type(self).__mro__ if "direction" in vars(kind))
        return bool(vars(kind).get("_by_entry", False))

    def _move_in_blocks(self, parameter: Any, rate: float) -> None:
        """Move a parameter some numbers at a time: no array of its size is made."""
        kept = self._kept.get(parameter.name, {})
        arrays = [parameter.value, parameter.gradient, *kept.values()]
        access: Any = [["readwrite"], ["readonly"], *[["readwrite"]] * len(kept)]
        flags: Any = ["external_loop", "buffered", "zerosize_ok"]
        with np.nditer(arrays, flags, access, buffersize=BLOCK) as blocks:
            for value, gradient, *others in blocks:
                gradient = self._with_decay(parameter, value, gradient)
                direction = self.direction(gradient, dict(zip(kept, others, strict=True)))
                self._subtract(parameter, value, rate, direction)

    def _move_whole(self, parameters: list[Any], rate: float, before: dict[str, Any]) -> None:
        """Ask for all directions, and move if each is one."""
        try:
            directions = [
                self._checked(
                    parameter,
                    self.direction(
                        self._with_decay(parameter, parameter.value, parameter.gradient),
                        self._kept.get(parameter.name, {}),
                    ),
                )
                for parameter in parameters
            ]
        except BaseException:
            vars(self).update(steps=self.steps - 1, _kept=before)
            raise
        for parameter, direction in zip(parameters, directions, strict=True):
            self._subtract(parameter, parameter.value, rate, direction)

    def _decays(self, parameter: Any) -> bool:
        return bool(self.weight_decay) and (self.decay_all or getattr(parameter, "decays", True))

    def _with_decay(self, parameter: Any, value: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient that `direction` is given."""
        if self._decoupled or not self._decays(parameter):
            return gradient
        return gradient + self.weight_decay * value

    def _subtract(
        self, parameter: Any, value: np.ndarray, rate: float, direction: np.ndarray
    ) -> None:
        """Move a parameter, or a block of it."""
        if self._decoupled and self._decays(parameter):
            value *= 1 - rate * self.weight_decay
        value -= rate * direction

    def _checked(self, parameter: Any, direction: Any) -> np.ndarray:
        """Return a direction that the parameter can move in."""
        array = np.asarray(direction)
        if array.shape != parameter.value.shape or array.dtype.kind not in "fiu":
            raise ValueError(
                f"{self.name}.direction returned {words.brief(direction)} for "
                f"{parameter.name} of shape {parameter.value.shape}; let it return an array "
                f"of the shape of the gradient, of real numbers."
            )
        return array

    def direction(self, gradient: np.ndarray, kept: dict[str, np.ndarray]) -> np.ndarray:
        """Return what is subtracted from one parameter, but for the learning rate.

        Parameters
        ----------
        gradient : ndarray
            Gradient of the loss with respect to the parameter, weight decay included. Not to be
            modified.
        kept : dict of str to ndarray
            What is kept for this parameter, zeros at first; to be brought up to date in place.

        Returns
        -------
        direction : ndarray
            Shape of the parameter. `steps` counts the step under way, so it is at least 1.

        Raises
        ------
        NotImplementedError
            If the optimizer does not say.
        """
        raise NotImplementedError(
            f"{self.name}: the class has no method direction; write def direction(self, gradient, "
            f"kept) in it, and let it return gradient for plain descent."
        )

    def _check_own(self) -> None:
        """Refuse an optimizer of one's own that was not set up, or does not say the direction."""
        if "steps" not in vars(self):
            raise TypeError(
                f"{self.name}: __init__ did not set up the optimizer; begin it with "
                f"super().__init__(learning_rate)."
            )
        if type(self).direction is Optimizer.direction:
            self.direction(np.zeros(0), {})

    def _parameters_of(self, model: Any) -> list[Any]:
        """Return the parameters of a model: of what has a method for it."""
        method = None if isinstance(model, type) else getattr(model, "parameters", None)
        if not callable(method):
            raise TypeError(
                f"{self.name}.step: model={words.brief(model)} came, but an object with a method "
                f"parameters() is needed; pass the Sequential that is trained."
            )
        return list(method())

    def _check_parameters(self, parameters: list[Any]) -> None:
        names = set()
        for parameter in parameters:
            name, value, gradient = parameter.name, parameter.value, parameter.gradient
            if gradient is None:
                raise RuntimeError(
                    f"{self.name}.step: {name} has no gradient yet; call model.forward, the loss "
                    f"and model.backward first, and in a layer of your own let backward set "
                    f'self.gradients["{name.rpartition(".")[2]}"].'
                )
            if getattr(gradient, "shape", None) != value.shape:
                raise ValueError(
                    f"{self.name}.step: the gradient of {name} is {words.brief(gradient)}, but "
                    f"{name} has shape {value.shape}; both must have the same shape: let backward "
                    f"sum over the axes that the parameter does not have."
                )
            if gradient.dtype.kind not in "fiu":
                raise ValueError(
                    f"{self.name}.step: the gradient of {name} holds {gradient.dtype}, but real "
                    f"numbers are needed; give it the dtype of {name}."
                )
            if value.dtype.kind != "f" or not value.flags.writeable:
                kind = "writable" if value.flags.writeable else "read-only"
                raise ValueError(
                    f"{self.name}.step: {name} is a {kind} array of {value.dtype}, but a step "
                    f"writes floats into it; put a writable copy in float32 or float64 there."
                )
            if name in names:
                raise ValueError(
                    f"{self.name}.step: two parameters have the name {name}; "
                    f"give each its own, by which its state is kept."
                )
            names.add(name)

    def _check_state(self, parameters: list[Any]) -> None:
        if not self._kept:
            return
        needed = {
            f"{kind} of {parameter.name}": _layout(parameter.value)
            for parameter in parameters
            for kind in self._keeps
        }
        held = {
            f"{kind} of {name}": _layout(array)
            for name, arrays in self._kept.items()
            for kind, array in arrays.items()
        }
        for what in needed | held:
            if held.get(what) != needed.get(what):
                raise ValueError(
                    f"{self.name}.step: the optimizer holds state of another model "
                    f"({what}: {held.get(what, 'nothing')} held, "
                    f"{needed.get(what, 'nothing')} needed); "
                    f"make a new {self.name} for each model."
                )


class SGD(Optimizer):
    """Stochastic gradient descent: a step against the gradient of one batch.

    Equations (eq-update-w) and (eq-update-b)::

        w <- w - learning_rate * dw
        b <- b - learning_rate * db

    With momentum, a velocity v remembers where earlier steps went, equation (eq-momentum)::

        v <- momentum * v + dw        v = 0 at first
        w <- w - learning_rate * v

    With Nesterov momentum the gradient is taken one velocity ahead, equation (eq-nesterov)::

        w <- w - learning_rate * (dw + momentum * v)

    Parameters
    ----------
    learning_rate : float or callable
        How far one step goes, eta in the equations: a number greater than 0, or a schedule, see
        `cnnlab.schedules`.
    momentum : float
        Which part of the velocity is left after a step, 0 to below 1. At 0 nothing is kept.
    nesterov : bool
        Whether to look ahead; needs momentum.
    weight_decay : float
        At least 0. Adds ``weight_decay * w`` to the gradient of every parameter w that decays.
    decay_all : bool
        Whether biases and batch normalization decay, too; see `Optimizer`.

    Attributes
    ----------
    learning_rate, momentum, nesterov, weight_decay, decay_all : float, float, bool, float, bool
        As given.
    steps : int
        How many steps were taken.

    Raises
    ------
    ValueError
        If a number is outside its range, or no number, or `nesterov` comes without momentum.
    TypeError
        If a flag is neither True nor False, or a schedule takes no number of steps.
    """

    _by_entry = True

    def __init__(
        self,
        learning_rate: Number | Schedule,
        *,
        momentum: Number = 0.0,
        nesterov: Flag = False,
        weight_decay: Number = 0.0,
        decay_all: Flag = False,
    ) -> None:
        self.momentum = shapes.as_number(
            momentum, self.name, "momentum", within=shapes.BELOW_ONE, hint="try 0.9"
        )
        keeps = ["velocity"] if self.momentum else []
        super().__init__(learning_rate, weight_decay=weight_decay, decay_all=decay_all, keeps=keeps)
        self.nesterov = shapes.as_flag(nesterov, self.name, "nesterov")
        if self.nesterov and not self.momentum:
            raise ValueError(
                "SGD: nesterov=True came with momentum=0, but it needs momentum; try momentum=0.9."
            )

    def direction(self, gradient: np.ndarray, kept: dict[str, np.ndarray]) -> np.ndarray:
        """Return the gradient, or the velocity after it was added."""
        if not self.momentum:
            return gradient
        velocity = kept["velocity"]
        velocity *= self.momentum
        velocity += gradient
        return gradient + self.momentum * velocity if self.nesterov else velocity


class Adam(Optimizer):
    """A step of about `learning_rate` for every number, whatever the size of its gradient.

    Equation (eq-adam), in step t = 1, 2, ..., entry by entry::

        g <- dw + weight_decay * w
        first  <- beta1 * first  + (1 - beta1) * g         first = 0 at first
        second <- beta2 * second + (1 - beta2) * g ** 2    second = 0 at first
        w <- w - learning_rate * (first / (1 - beta1 ** t))
                               / (sqrt(second / (1 - beta2 ** t)) + epsilon)

    The two are moving means of the gradient and of its square; the divisions by 1 - beta ** t make
    up for their start at 0, equation (eq-bias-correction). Source: Kingma and Ba (2015),
    algorithm 1.

    Parameters
    ----------
    learning_rate : float or callable
        How far one step goes, eta in the equations: a number greater than 0, or a schedule, see
        `cnnlab.schedules`.
    beta1, beta2 : float
        Which part of each moving mean is left after a step, 0 to below 1.
    epsilon : float
        Keeps the division finite where gradients are 0. Greater than 0, in the units of the
        gradient.
    weight_decay : float
        At least 0. Adds ``weight_decay * w`` to the gradient of every parameter w that decays,
        before the moving means.
    decay_all : bool
        Whether biases and batch normalization decay, too; see `Optimizer`.

    Attributes
    ----------
    learning_rate, beta1, beta2, epsilon, weight_decay : float
        As given.
    decay_all : bool
        As given.
    steps : int
        How many steps were taken.

    Raises
    ------
    ValueError
        If a number is outside its range, or no number.
    TypeError
        If `decay_all` is neither True nor False, or a schedule takes no number of steps.
    """

    _by_entry = True

    def __init__(
        self,
        learning_rate: Number | Schedule = 0.001,
        *,
        beta1: Number = 0.9,
        beta2: Number = 0.999,
        epsilon: Number = 1e-8,
        weight_decay: Number = 0.0,
        decay_all: Flag = False,
    ) -> None:
        keeps = ["first_moment", "second_moment"]
        super().__init__(learning_rate, weight_decay=weight_decay, decay_all=decay_all, keeps=keeps)
        self.beta1 = shapes.as_number(
            beta1, self.name, "beta1", within=shapes.BELOW_ONE, hint="try 0.9"
        )
        self.beta2 = shapes.as_number(
            beta2, self.name, "beta2", within=shapes.BELOW_ONE, hint="try 0.999"
        )
        self.epsilon = shapes.as_number(
            epsilon, self.name, "epsilon", within=shapes.POSITIVE, hint="try 1e-8"
        )

    def direction(self, gradient: np.ndarray, kept: dict[str, np.ndarray]) -> np.ndarray:
        """Return the mean gradient over the root of the mean square, both corrected."""
        first, second = kept["first_moment"], kept["second_moment"]
        first *= self.beta1
        first += (1 - self.beta1) * gradient
        second *= self.beta2
        second += (1 - self.beta2) * gradient**2
        mean = first / (1 - self.beta1**self.steps)
        mean_square = second / (1 - self.beta2**self.steps)
        return mean / (np.sqrt(mean_square) + self.epsilon)


class AdamW(Adam):
    """`Adam` whose weight decay goes past the moving means, straight to the parameters.

    Equation (eq-adamw): in every step, before that of (eq-adam) without weight decay::

        w <- w - learning_rate * weight_decay * w

    Divided by the root of the mean square, as in `Adam`, decay would be weakest where gradients are
    largest. Source: Loshchilov and Hutter (2019), algorithm 2.

    Parameters
    ----------
    learning_rate, beta1, beta2, epsilon : float
        As for `Adam`.
    weight_decay : float
        At least 0. Which part of a parameter that decays is lost in one step, in units of the
        learning rate.
    decay_all : bool
        Whether biases and batch normalization decay, too; see `Optimizer`.

    Attributes
    ----------
    learning_rate, beta1, beta2, epsilon, weight_decay : float
        As given.
    decay_all : bool
        As given.
    steps : int
        How many steps were taken.

    Raises
    ------
    ValueError
        If a number is outside its range, or no number.
    TypeError
        If `decay_all` is neither True nor False, or a schedule takes no number of steps.
    """

    _decoupled = True

    def __init__(
        self,
        learning_rate: Number | Schedule = 0.001,
        *,
        beta1: Number = 0.9,
        beta2: Number = 0.999,
        epsilon: Number = 1e-8,
        weight_decay: Number = 0.01,
        decay_all: Flag = False,
    ) -> None:
        super().__init__(
            learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
            decay_all=decay_all,
        )


def _layout(array: np.ndarray) -> str:
    return f"{array.dtype} of shape {array.shape}"
