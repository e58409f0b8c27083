"""What an optimizer keeps can be had, and gone on from."""

import copy
import pickle

import numpy as np
import pytest
from support.failures import each
from support.optimizers import (
    MAKE_ALL,
    STEPS,
    Arrays,
    assert_nothing_happens,
    assert_same_state,
    random_steps,
    two_arrays,
    walk,
)

from cnnlab.optimizers import SGD, Adam
from cnnlab.schedules import CosineDecay, WarmUp


def rebuilt(optimizer, make):
    """Make a new optimizer out of the state alone, as from a file."""
    other = make(optimizer.learning_rate)
    other.set_state(optimizer.state())
    return other


@each(make=MAKE_ALL, way=["copy", "pickle", "state"])
def test_going_on_gives_the_same_bits(make, way):
    schedule = WarmUp(CosineDecay(0.1, steps=10), steps=5)
    model, optimizer = two_arrays(), make(schedule)
    random_steps(optimizer, model)
    resumed, first = two_arrays(), make(schedule)
    random_steps(first, resumed, last=7)
    second = {
        "copy": lambda: copy.deepcopy(first),
        "pickle": lambda: pickle.loads(pickle.dumps(first)),
        "state": lambda: rebuilt(first, make),
    }[way]()
    random_steps(first, copy.deepcopy(resumed), first=7)  # must not touch what was copied
    random_steps(second, resumed, first=7)
    for name, value in model.values.items():
        np.testing.assert_array_equal(resumed.values[name], value, strict=True)
    assert second.steps == optimizer.steps == STEPS


@each(make=MAKE_ALL)
def test_a_state_is_flat_and_a_copy(make):
    model, optimizer = two_arrays(np.float32), make(0.1)
    assert optimizer.state() == {"steps": 0}
    random_steps(optimizer, model, last=3)
    state, again = optimizer.state(), optimizer.state()
    kinds = {"Adam": ["first_moment", "second_moment"], "Averaged": ["mean"]}
    kinds = kinds.get(optimizer.name, ["velocity"] if getattr(optimizer, "momentum", 0) else [])
    assert list(state) == ["steps", *[f"{name}.{kind}" for name in "wb" for kind in kinds]]
    assert state.pop("steps") == 3
    for name, array in state.items():
        assert (array.shape, array.dtype) == (model.values[name[0]].shape, np.float32)
        array[...] = 7
    assert_same_state(optimizer.state(), again)
    optimizer.set_state(again)
    for name in state:
        again[name][...] = 7
        assert not (optimizer.state()[name] == 7).any()


def test_state_by_hand():
    optimizer = SGD(0.5, momentum=0.5)
    walk(optimizer, 8, [2, 1])
    assert optimizer.state() == {"steps": 2, "w.velocity": [2.0]}
    optimizer.set_state({"steps": np.int64(2), "w.velocity": np.array([4.0])})
    # v = 4/2 - 4 = -2; w = 8 + 2/2
    assert walk(optimizer, 8, [-4]) == [9]
    optimizer.set_state({"steps": 0})
    assert walk(optimizer, 8, [2]) == [7]


def without(state, name):
    return {key: value for key, value in state.items() if key != name}


def put(state, name, value):
    return {**state, name: value}


FIRST = "w.first_moment"
# What is done to the state of Adam on `two_arrays`, and what is said about it.
STATES = {
    "no dict": (
        lambda s: [*s],
        TypeError,
        "state=list .* came, but a dict is needed; pass what optimizer.state",
    ),
    "nothing": (lambda s: {}, ValueError, "the state lacks steps; pass the state of another Adam"),
    "no steps": (lambda s: without(s, "steps"), ValueError, "the state lacks steps; pass"),
    "one array less": (
        lambda s: without(s, "b.second_moment"),
        ValueError,
        "the state lacks b.second_moment; pass the state of another Adam with the same options",
    ),
    "one more": (lambda s: put(s, "w.velocity", s[FIRST]), ValueError, "has also w.velocity; pass"),
    "no text": (lambda s: put(s, 3, s[FIRST]), ValueError, "the state has also 3; pass"),
    "steps alone": (
        lambda s: {"steps": 2},
        ValueError,
        "the state has steps=2 and no first_moment and no second_moment; pass the state of another",
    ),
    "half a step": (lambda s: put(s, "steps", 1.5), TypeError, "steps=float 1.5 came"),
    "steps below 0": (lambda s: put(s, "steps", -1), ValueError, "steps=-1, but at least 0"),
    "another shape": (
        lambda s: put(s, "w.second_moment", s["b.second_moment"]),
        ValueError,
        r"w.second_moment has shape \(3,\) and dtype float64, but shape \(3, 2, 2\) and float64",
    ),
    "another dtype": (
        lambda s: put(s, "w.second_moment", s[FIRST].astype(np.float32)),
        ValueError,
        "w.second_moment has shape .* and dtype float32, but shape .* and float64 are needed",
    ),
    "integers": (
        lambda s: put(s, FIRST, s[FIRST].astype(int)),
        ValueError,
        "w.first_moment has shape .* and dtype int64",
    ),
    "complex numbers": (
        lambda s: put(s, FIRST, s[FIRST] * 1j),
        TypeError,
        "w.first_moment has dtype complex128",
    ),
    "rows of two lengths": (
        lambda s: put(s, FIRST, [[1.0], [1.0, 2.0]]),
        ValueError,
        "w.first_moment cannot be read as an array",
    ),
    "NaN": (
        lambda s: put(s, "b.second_moment", s["b.second_moment"] * np.nan),
        ValueError,
        "b.second_moment holds NaN or infinity; pass a state from before that",
    ),
}


@each(case=STATES)
def test_a_state_that_does_not_fit_changes_nothing(case):
    change, kind, words = case
    optimizer = Adam()
    random_steps(optimizer, two_arrays(), last=2)
    before = optimizer.state()
    with pytest.raises(kind, match=f"^Adam.set_state: .*{words}"):
        optimizer.set_state(change(optimizer.state()))
    assert_same_state(optimizer.state(), before)


def test_a_state_of_another_model_shows_in_the_next_step():
    optimizer, other = Adam(), Adam()
    random_steps(other, Arrays(w=np.ones((3, 2, 2)), b=np.ones((3, 1))), last=2)
    optimizer.set_state(other.state())
    model = two_arrays()
    model.gradients = {name: np.ones(value.shape) for name, value in model.values.items()}
    words = "Adam.step: the optimizer holds state of another model"
    assert_nothing_happens(optimizer, model, ValueError, words)
