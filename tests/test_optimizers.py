"""Optimizers: by hand, beside PyTorch, and what a wrong use is told."""

import copy
import math
import tracemalloc

import numpy as np
import pytest
from support.cases import layouts
from support.failures import each
from support.numbers import AT_LEAST_0, BELOW_1, POSITIVE, assert_numbers_are_checked
from support.optimizers import (
    MAKE,
    OPTIMIZERS,
    STEPS,
    Arrays,
    assert_nothing_happens,
    assert_same_state,
    kept_arrays,
    random_steps,
    two_arrays,
    walk,
)

from cnnlab import fast, optimizers
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Flatten, Sigmoid
from cnnlab.model import Sequential
from cnnlab.optimizers import BLOCK, SGD, Adam, AdamW, Optimizer
from cnnlab.schedules import StepDecay
from cnnlab.training import fit

# ------------------------------------------------------------------------------- by hand


def test_plain_steps_by_hand():
    # 8 - 2/2 = 7, 7 - 1/2 = 6.5, 6.5 + 4/2 = 8.5
    assert walk(SGD(0.5), 8, [2, 1, -4]) == [7, 6.5, 8.5]


def test_momentum_by_hand():
    # v = 2, then 2/2 + 1 = 2, then 2/2 - 4 = -3; w = 8 - 2/2, 7 - 2/2, 6 + 3/2
    assert walk(SGD(0.5, momentum=0.5), 8, [2, 1, -4]) == [7, 6, 7.5]


def test_nesterov_by_hand():
    # v as before; g + v/2 = 3, 2, -5.5; w = 8 - 3/2, 6.5 - 2/2, 5.5 + 5.5/2
    assert walk(SGD(0.5, momentum=0.5, nesterov=True), 8, [2, 1, -4]) == [6.5, 5.5, 8.25]


def test_weight_decay_by_hand():
    # g + w/4 = 2 + 2 = 4, w = 8 - 4/2 = 6; g + w/4 = 1 + 1.5 = 2.5, w = 6 - 2.5/2 = 4.75
    assert walk(SGD(0.5, weight_decay=0.25), 8, [2, 1]) == [6, 4.75]


def test_adam_by_hand():
    # first: 1, 0, 1/2, divided by 1/2, 3/4, 7/8; second: 1, 1, 1, divided by 1/4, 7/16, 37/64.
    # With epsilon = 2: 8 - 2 / (2 + 2), 7.5 - 0, 7.5 - (4/7) / (sqrt(64/37) + 2)
    places = walk(Adam(1, beta1=0.5, beta2=0.75, epsilon=2), 8, [2, -1, 1])
    assert places[:2] == [7.5, 7.5]
    np.testing.assert_allclose(places[2], 7.5 - 4 / 7 / (8 / math.sqrt(37) + 2), rtol=1e-15)


def test_weight_decay_goes_through_the_means_of_adam():
    # g + w/4 = 2 + 2 = 4; the first step divides it by itself and epsilon: 8 - 4 / (4 + 4)
    assert walk(Adam(1, epsilon=4, weight_decay=0.25), 8, [2]) == pytest.approx([7.5], rel=1e-15)


def test_weight_decay_goes_past_the_means_of_adamw():
    # 8 - 8/4 = 6; the first step divides the gradient by itself and epsilon: 6 - 2 / (2 + 2)
    places = walk(AdamW(1, epsilon=2, weight_decay=0.25), 8, [2])
    assert places == pytest.approx([5.5], rel=1e-15)


# ------------------------------------------------------------------------------- PyTorch


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch, the oracle, is not installed")


@each(optimizer=OPTIMIZERS, dtype=[np.float32, np.float64])
def test_the_steps_are_those_of_pytorch(optimizer, dtype, torch):
    ours, theirs, options = optimizer
    model, optimizer = two_arrays(dtype), ours(0.1)
    tensors = [torch.from_numpy(value.copy()) for value in model.values.values()]
    other = getattr(torch.optim, theirs)(tensors, lr=0.1, **options)
    largest = 1.0
    for step in range(STEPS):
        random_steps(optimizer, model, first=step, last=step + 1)
        for tensor, gradient in zip(tensors, model.gradients.values(), strict=True):
            tensor.grad = torch.from_numpy(gradient.copy())
        other.step()
        largest = max(largest, *[np.abs(value).max() for value in model.values.values()])
    # On both sides each step rounds the parameter, by at most half an ulp of the largest number.
    bound = STEPS * np.finfo(dtype).eps * largest
    for value, tensor in zip(model.values.values(), tensors, strict=True):
        np.testing.assert_allclose(value, tensor.numpy(), rtol=0, atol=bound)
        assert value.dtype == dtype


# ------------------------------------------------------------------------------- in place

FEW = 32  # numbers of a block, in the place of many
LARGE = (5, 3 * FEW // 4, 2)  # some such blocks, the last not full


def large_arrays(dtype, rng, layout):
    """Return one parameter of several blocks, with its gradient, in a layout of its own."""
    value, gradient = (rng.standard_normal(LARGE).astype(dtype) for _ in range(2))
    made = Arrays(w=value)
    made.values["w"] = (layouts(value) | {"C order": value})[layout]
    made.gradients["w"] = (layouts(gradient) | {"C order": gradient})[layout]
    return made


def whole(kind):
    """Return a class below `kind` with a direction of its own, so that it is asked for all."""

    def direction(self, gradient, kept):
        assert gradient.shape == LARGE
        return kind.direction(self, gradient, kept)

    return type(kind.__name__, (kind,), {"direction": direction})


LAYOUTS = ["C order", "Fortran order", "every other entry", "negative stride", "unaligned"]


@each(make=MAKE, dtype=[np.float32, np.float64], layout=LAYOUTS)
def test_blocks_move_as_the_whole_would(make, dtype, layout, rng, monkeypatch):
    monkeypatch.setattr(optimizers, "BLOCK", FEW)
    model = large_arrays(dtype, rng, layout)
    expected = Arrays(w=model.values["w"].copy())
    expected.gradients = model.gradients
    optimizer, other = make(0.1), make(0.1)
    other.__class__ = whole(type(other))
    for _ in range(3):
        optimizer.step(model)
        other.step(expected)
    np.testing.assert_array_equal(model.values["w"], expected.values["w"])
    assert_same_state(optimizer.state(), other.state())


@each(make=MAKE)
def test_a_step_needs_no_memory_of_the_size_of_a_parameter(make):
    rng = np.random.default_rng(0)
    model = Arrays(w=rng.standard_normal((64, BLOCK)))
    model.gradients["w"] = rng.standard_normal((64, BLOCK))
    optimizer = make(0.1)
    optimizer.step(model)  # what is kept is made in the first one
    tracemalloc.start()
    try:
        optimizer.step(model)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < model.values["w"].nbytes / 4


# ------------------------------------------------------------------------------- decay


def decayed(optimizer, model=None):
    """Let all gradients be zero, and step; return which parameters moved."""
    model = model or Sequential(
        [Conv2D(2, 2), BatchNorm2D(), Flatten(), Dense(2)], input_shape=(1, 3, 4)
    )
    for layer in model.layers:
        for name, value in layer.parameters.items():
            value[...] = 1
            layer.gradients[name] = np.zeros_like(value)
    optimizer.step(model)
    return [p.name for p in model.parameters() if (p.value != 1).any()]


@each(make={kind.__name__: kind for kind in (SGD, Adam, AdamW)})
def test_biases_and_batch_normalization_do_not_decay(make):
    assert decayed(make(0.1, weight_decay=0.1)) == ["0.Conv2D.w", "3.Dense.w"]
    assert len(decayed(make(0.1, weight_decay=0.1, decay_all=True))) == 6
    assert decayed(make(0.1, weight_decay=0)) == []


def test_a_layer_of_ones_own_says_what_does_not_decay():
    class Own(Dense):
        undecayed = ("w",)

    model = Sequential([Own(2)], input_shape=(3,))
    assert decayed(AdamW(0.1), model) == ["0.Own.b"]
    assert [parameter.decays for parameter in model.parameters()] == [False, True]


# ------------------------------------------------------------------------------- facts


def steps_into_the_bowl(optimizer):
    """Count the steps until 1/2 (x^2 + 25 y^2) has fallen from 13 to 1e-12."""
    model = Arrays(w=[1.0, 1.0])
    curvature = np.array([1.0, 25.0])
    w = model.values["w"]
    while (curvature * w**2).sum() / 2 > 1e-12:
        model.gradients["w"] = curvature * w
        optimizer.step(model)
        assert optimizer.steps < 1000
    return optimizer.steps


def test_momentum_needs_fewer_steps_in_a_narrow_bowl():
    plain = steps_into_the_bowl(SGD(0.04))
    assert steps_into_the_bowl(SGD(0.04, momentum=0.6)) < plain / 2
    assert steps_into_the_bowl(SGD(0.04, momentum=0.6, nesterov=True)) < plain / 2


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate():
    gradient = np.array([1e-3, -1.0, 1e3, 0.0])
    model = Arrays(w=np.zeros(4))
    model.gradients["w"] = gradient
    Adam(0.25).step(model)
    # epsilon / |gradient| is at most 1e-8 / 1e-3
    np.testing.assert_allclose(model.values["w"], -0.25 * np.sign(gradient), rtol=1.01e-5)


@each(dtype=[np.float32, np.float64], gradient_dtype=[np.float32, np.float64])
def test_a_plain_step_has_the_bits_of_the_equation(dtype, gradient_dtype, rng):
    model = two_arrays(dtype)
    old = copy.deepcopy(model.values)
    model.gradients = {
        name: rng.standard_normal(value.shape).astype(gradient_dtype) for name, value in old.items()
    }
    optimizer = SGD(0.1)
    optimizer.step(model)
    for name, value in model.values.items():
        expected = (old[name] - 0.1 * model.gradients[name]).astype(dtype)
        np.testing.assert_array_equal(value, expected, strict=True)
    assert optimizer.state() == {"steps": 1}


@each(make=MAKE)
def test_float32_stays_float32_in_place(make):
    model, optimizer = two_arrays(np.float32), make(StepDecay(0.1, every=2, factor=0.5))
    before = dict(model.values)
    for gradient_dtype in (np.float32, np.float64):
        model.gradients = {
            name: np.ones(value.shape, gradient_dtype) for name, value in before.items()
        }
        optimizer.step(model)
    assert all(model.values[name] is value for name, value in before.items())
    arrays = [*before.values(), *kept_arrays(optimizer).values()]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@each(make=MAKE)
def test_gradients_are_left_alone_and_nothing_is_shared(make):
    model, optimizer = two_arrays(), make(0.1)
    random_steps(optimizer, model, last=3)
    expected = Arrays(w=model.values["w"], b=model.values["b"])
    gradients = copy.deepcopy(model.gradients)
    optimizer.step(model)
    arrays = [*model.values.values(), *model.gradients.values()]
    arrays += [array for kept in optimizer._kept.values() for array in kept.values()]
    for position, array in enumerate(arrays):
        assert not any(np.shares_memory(array, other) for other in arrays[:position])
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(model.gradients[name], gradient, strict=True)
        assert not np.array_equal(model.values[name], expected.values[name])


@each(make=MAKE)
def test_each_parameter_moves_as_if_it_were_alone(make):
    together, optimizer = two_arrays(), make(0.1)
    random_steps(optimizer, together)
    for name in together.values:
        alone, other = two_arrays(), make(0.1)
        for step in range(STEPS):
            both = two_arrays()
            random_steps(make(0.1), both, first=step, last=step + 1)
            alone.values = {name: alone.values[name]}
            alone.gradients = {name: both.gradients[name]}
            other.step(alone)
        np.testing.assert_array_equal(alone.values[name], together.values[name], strict=True)


def test_an_optimizer_follows_its_schedule():
    optimizer = SGD(lambda step: [0.5, 0, 0.25][step])
    assert (optimizer.steps, optimizer.current_learning_rate) == (0, 0.5)
    assert walk(optimizer, 8, [2, 2]) == [7, 7]
    assert (optimizer.steps, optimizer.current_learning_rate) == (2, 0.25)
    assert SGD(0.5).current_learning_rate == Adam(0.5).current_learning_rate == 0.5
    assert Adam().current_learning_rate == 0.001


def test_numbers_of_numpy_become_numbers_of_python():
    optimizer = SGD(np.float32(0.5), momentum=np.float64(0.5), nesterov=np.True_)
    numbers = (optimizer.learning_rate, optimizer.momentum, optimizer.nesterov)
    assert [type(number) for number in numbers] == [float, float, bool]


# ------------------------------------------------------------------------------- with networks


def small_network(ops=fast, **options):
    return Sequential(
        [Conv2D(3, (2, 3), ops=ops), Sigmoid(ops=ops), Flatten(), Dense(4, ops=ops)],
        input_shape=(2, 4, 5),
        **options,
    )


def test_sgd_steps_against_the_gradient(ops, rng):
    model, X = small_network(ops), rng.random((2, 2, 4, 5))
    Y = model.forward(X)
    model.backward(np.ones_like(Y))
    before = [parameter.value.copy() for parameter in model.parameters()]
    SGD(0.25).step(model)
    for old, parameter in zip(before, model.parameters(), strict=True):
        np.testing.assert_array_equal(parameter.value, old - 0.25 * parameter.gradient)


@each(make={"momentum": lambda: SGD(0.1, momentum=0.9), "Adam": lambda: Adam(0.03)})
def test_networks_learn_with_state(make, rng):
    X, labels = rng.random((12, 2, 4, 5)), np.arange(12) % 4
    optimizer = make()
    history = fit(
        small_network(), X, labels, optimizer=optimizer, epochs=60, batch_size=6, progress=False
    )
    assert history.losses[-1] < history.losses[0] / 2
    assert optimizer.steps == 120
    owners = dict.fromkeys(name.rpartition(".")[0] for name in kept_arrays(optimizer))
    assert list(owners) == ["0.Conv2D.w", "0.Conv2D.b", "3.Dense.w", "3.Dense.b"]


# ------------------------------------------------------------------------------- messages


def read_only(array):
    array.flags.writeable = False
    return array


def lose_gradient(model):
    del model.gradients["b"]


def broadcast_gradient(model):
    model.gradients["b"] = np.ones(1)


def make_read_only(model):
    model.values["b"] = read_only(model.values["b"])


def make_integers(model):
    model.values["b"] = np.ones(3, int)


def double(model):
    parameters = list(model.parameters())
    model.parameters = lambda: [*parameters, parameters[0]]


# What can be wrong with a model: each fault comes after a parameter without one.
FAULTS = {
    "no gradient": (
        lose_gradient,
        RuntimeError,
        "Adam.step: b has no gradient yet; call model.forward, the loss and model.backward first.",
    ),
    "gradient of another shape": (
        broadcast_gradient,
        ValueError,
        r"Adam.step: the gradient of b is an array of dtype float64 and shape \(1,\), but b "
        r"has shape \(3,\); both must have the same shape: let backward sum",
    ),
    "read-only": (
        make_read_only,
        ValueError,
        "Adam.step: b is a read-only array of float64, but a step writes floats into it; "
        "put a writable copy in float32 or float64 there.",
    ),
    "integers": (
        make_integers,
        ValueError,
        "Adam.step: b is a writable array of int64, but a step writes floats into it",
    ),
    "one name twice": (
        double,
        ValueError,
        "Adam.step: two parameters have the name w; give each its own",
    ),
}

# Parameters that are not those of `two_arrays`, and what is said about the first difference.
OTHER_MODELS = {
    "another shape": (
        {"w": np.ones((3, 2, 2)), "b": np.ones((3, 1))},
        r"first_moment of b: float64 of shape \(3,\) held, float64 of shape \(3, 1\) needed",
    ),
    "another dtype": (
        {"w": np.ones((3, 2, 2)), "b": np.ones(3, np.float32)},
        r"first_moment of b: float64 of shape \(3,\) held, float32 of shape \(3,\) needed",
    ),
    "another name": (
        {"w": np.ones((3, 2, 2)), "c": np.ones(3)},
        r"first_moment of c: nothing held, float64 of shape \(3,\) needed",
    ),
    "one less": (
        {"w": np.ones((3, 2, 2))},
        r"first_moment of b: float64 of shape \(3,\) held, nothing needed",
    ),
}


@each(fault=FAULTS, steps=[0, 2])
def test_a_step_is_all_or_nothing(fault, steps):
    break_it, kind, words = fault
    model, optimizer = two_arrays(), Adam()
    random_steps(optimizer, model, last=steps)
    model.gradients = {name: np.ones(value.shape) for name, value in model.values.items()}
    break_it(model)
    assert_nothing_happens(optimizer, model, kind, words)


class Wrong(Optimizer):
    """Says a right direction for w, and another for b."""

    def __init__(self, other):
        super().__init__(0.1, keeps=["count"])
        self.other = other

    def direction(self, gradient, kept):
        kept["count"] += 1
        return gradient if gradient.ndim == 3 else self.other(gradient)


@each(
    other={
        "too long": lambda gradient: np.ones(4),
        "a number": lambda gradient: 1.0,
        "complex": lambda gradient: gradient * 1j,
        "nothing": lambda gradient: None,
    },
    steps=[0, 2],
)
def test_a_wrong_direction_moves_nothing(other, steps):
    model, optimizer = two_arrays(), Wrong(np.ones_like)
    random_steps(optimizer, model, last=steps)
    model.gradients = {name: np.ones(value.shape) for name, value in model.values.items()}
    optimizer.other = other
    words = (
        r"Wrong.direction returned .* for b of shape \(3,\); let it return an array of the shape"
    )
    assert_nothing_happens(optimizer, model, ValueError, words)


@each(other=OTHER_MODELS)
def test_state_of_another_model_is_refused(other):
    values, words = other
    optimizer, model = Adam(), Arrays(**values)
    random_steps(optimizer, two_arrays(), last=2)
    model.gradients = {name: np.ones(value.shape) for name, value in values.items()}
    words = rf"Adam.step: the optimizer holds state of another model \({words}\); make a new Adam"
    assert_nothing_happens(optimizer, model, ValueError, words)


def test_without_state_any_model_will_do():
    optimizer = SGD(0.1)
    for model in (two_arrays(), Arrays(w=[1.0]), two_arrays(np.float32)):
        random_steps(optimizer, model, last=1)
    assert optimizer.steps == 3


@each(value=[-0.1, math.nan, math.inf, None, "0.1", True, [0.1], 10**400])
def test_what_a_schedule_returns_is_checked(value):
    def broken(step):
        return value if step == 2 else 0.1

    model, optimizer = two_arrays(), SGD(broken, momentum=0.9)
    random_steps(optimizer, model, last=2)
    model.gradients = {name: np.ones(value.shape) for name, value in model.values.items()}
    words = (
        r"SGD: the schedule <function .*broken at .*> returned .* at step 2, "
        r"but a number of at least 0 is needed; correct the schedule."
    )
    assert_nothing_happens(optimizer, model, ValueError, words)
    with pytest.raises(ValueError, match=f"^{words}"):
        _ = optimizer.current_learning_rate


# One number of each kind that is outside; what is no number at all is tried on every option.
NUMBERS = {
    "SGD learning_rate": (lambda x: SGD(x), [0, -0.1], POSITIVE, "try 0.1 or a schedule"),
    "SGD momentum": (lambda x: SGD(0.1, momentum=x), [-0.1, 1], BELOW_1, "try 0.9"),
    "SGD weight_decay": (lambda x: SGD(0.1, weight_decay=x), [-0.1], AT_LEAST_0, "try 0.0005"),
    "Adam learning_rate": (lambda x: Adam(x), [0, -0.1], POSITIVE, "try 0.1 or a schedule"),
    "Adam beta1": (lambda x: Adam(beta1=x), [-0.1, 1], BELOW_1, "try 0.9"),
    "Adam beta2": (lambda x: Adam(beta2=x), [-0.1, 1], BELOW_1, "try 0.999"),
    "Adam epsilon": (lambda x: Adam(epsilon=x), [-0.1, 0], POSITIVE, "try 1e-8"),
    "Adam weight_decay": (lambda x: Adam(weight_decay=x), [-0.1], AT_LEAST_0, "try 0.0005"),
    "AdamW beta1": (lambda x: AdamW(beta1=x), [-0.1, 1], BELOW_1, "try 0.9"),
    "AdamW weight_decay": (lambda x: AdamW(weight_decay=x), [-0.1], AT_LEAST_0, "try 0.0005"),
}


@each(option={name: (name, *row) for name, row in NUMBERS.items()})
def test_numbers_are_checked(option):
    assert_numbers_are_checked(*option)


def test_the_ends_that_belong_to_a_range_are_accepted():
    assert SGD(0.1, momentum=0, weight_decay=0).momentum == 0
    assert Adam(beta1=0, beta2=0).beta1 == 0
    assert walk(Adam(1, beta1=0, beta2=0, epsilon=2), 8, [2, 6]) == [7.5, 6.75]


WRONG = {
    "learning rate of zero": (
        lambda: SGD(0),
        ValueError,
        r"SGD: learning_rate=0, but a number greater than 0 is needed; try 0.1 or a schedule\.$",
    ),
    "step first": (
        lambda: SGD(0.1).step(small_network()),
        RuntimeError,
        "SGD.step: 0.Conv2D.w has no gradient yet; call model.forward",
    ),
    "a class for a schedule": (
        lambda: Adam(StepDecay),
        ValueError,
        r"Adam: learning_rate is the class StepDecay, but a number or a schedule is needed; "
        r"write StepDecay\(...\).",
    ),
    "Nesterov without momentum": (
        lambda: SGD(0.1, nesterov=True),
        ValueError,
        "SGD: nesterov=True came with momentum=0, but it needs momentum; try momentum=0.9.",
    ),
    "decay in words": (
        lambda: AdamW(decay_all="no"),
        TypeError,
        "AdamW: decay_all=str 'no' came, but True or False is needed",
    ),
    "Nesterov in words": (
        lambda: SGD(0.1, momentum=0.9, nesterov="no"),
        TypeError,
        "SGD: nesterov=str 'no' came, but True or False is needed",
    ),
}


@each(wrong=WRONG)
def test_message(wrong):
    wrong_use, kind, words = wrong
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()


def test_an_optimizer_of_ones_own_needs_a_direction():
    with pytest.raises(NotImplementedError):
        Optimizer(0.1).direction(np.zeros(3), {})


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_step_is_whole_or_none_whatever_numpy_is_told(make):
    model, optimizer = two_arrays(np.float32), make(0.1)
    before = {name: value.copy() for name, value in model.values.items()}
    model.gradients = {name: np.ones_like(value) for name, value in before.items()}
    model.gradients["b"] = np.ones_like(before["b"], complex)
    with pytest.raises(ValueError, match="complex128, but real numbers are needed"):
        optimizer.step(model)
    assert optimizer.steps == 0
    for name, value in model.values.items():
        np.testing.assert_array_equal(value, before[name])
    model.gradients["b"] = np.full_like(model.values["b"], 1e-30)
    with np.errstate(all="raise"):
        optimizer.step(model)
    assert optimizer.steps == 1
