"""Schedules: where they begin and end, beside PyTorch, and what a wrong use is told."""

import pickle

import numpy as np
import pytest
from support.failures import each
from support.numbers import AT_LEAST_0, POSITIVE, UP_TO_1, assert_numbers_are_checked

from cnnlab.schedules import CosineDecay, ExponentialDecay, StepDecay, WarmUp

STEPS = 20

# Ours; what PyTorch calls it, with the options. The rate it starts from is 0.3.
SCHEDULES = {
    "StepDecay": (
        StepDecay(0.3, every=3, factor=0.5),
        lambda lr: lr("StepLR", step_size=3, gamma=0.5),
    ),
    "ExponentialDecay": (
        ExponentialDecay(0.3, factor=0.9),
        lambda lr: lr("ExponentialLR", gamma=0.9),
    ),
    "ExponentialDecay over four": (
        ExponentialDecay(0.3, factor=0.5, every=4),
        lambda lr: lr("ExponentialLR", gamma=0.5**0.25),
    ),
    "CosineDecay": (
        CosineDecay(0.3, steps=STEPS, final=0.02),
        lambda lr: lr("CosineAnnealingLR", T_max=STEPS, eta_min=0.02),
    ),
    "WarmUp": (
        WarmUp(0.3, steps=5),
        lambda lr: lr("LinearLR", start_factor=1 / 6, total_iters=5),
    ),
    "WarmUp, then CosineDecay": (
        WarmUp(CosineDecay(0.3, steps=15), steps=5),
        lambda lr: lr(
            "SequentialLR",
            [
                lr("LinearLR", start_factor=1 / 6, total_iters=5),
                lr("CosineAnnealingLR", T_max=15),
            ],
            milestones=[5],
        ),
    ),
}
OURS = {name: row[0] for name, row in SCHEDULES.items()}


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch, the oracle, is not installed")


@each(schedule=SCHEDULES)
def test_the_schedules_are_those_of_pytorch(schedule, torch):
    ours, theirs = schedule
    tensor = torch.zeros(1)
    tensor.grad = torch.ones(1)
    optimizer = torch.optim.SGD([tensor], lr=0.3)
    scheduler = theirs(
        lambda name, *values, **options: getattr(torch.optim.lr_scheduler, name)(
            optimizer, *values, **options
        )
    )
    rates = []
    for _ in range(STEPS + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    # PyTorch multiplies the rate of the step before, and so rounds anew in each step.
    expected = [ours(step) for step in range(STEPS + 1)]
    np.testing.assert_allclose(rates, expected, rtol=1e-12, atol=1e-16)


def test_schedules_end_where_they_should():
    cosine = CosineDecay(0.3, steps=7, final=0.03)  # 0.03 + (0.3 - 0.03) is not 0.3 in float64
    assert [cosine(step) for step in (0, 7, 8, 10**6)] == [0.3, 0.03, 0.03, 0.03]
    assert cosine(3) > (0.3 + 0.03) / 2 > cosine(4)
    warm = WarmUp(cosine, steps=2)
    assert [warm(step) for step in (2, 9, 10**6)] == [0.3, 0.03, 0.03]
    assert warm(0) == pytest.approx(0.1, rel=1e-15)
    assert WarmUp(0.3, steps=2)(10**6) == 0.3
    assert StepDecay(0.3, every=2, factor=0.5)(10**6) == 0
    assert ExponentialDecay(0.3, factor=0.5)(10**6) == 0


@each(schedule=OURS)
def test_schedules_are_printed_as_they_are_written_and_can_be_pickled(schedule):
    assert eval(repr(schedule)) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == schedule


def test_numbers_of_numpy_become_numbers_of_python():
    schedule = StepDecay(np.float64(0.5), every=np.int64(2), factor=np.float32(0.5))
    assert type(schedule.every) is int
    assert repr(schedule) == "StepDecay(initial=0.5, every=2, factor=0.5)"


# ------------------------------------------------------------------------------- messages

# One number of each kind that is outside; what is no number at all is tried on every option.
NUMBERS = {
    "StepDecay initial": (
        lambda x: StepDecay(x, every=1, factor=0.5),
        [0, -1],
        POSITIVE,
        "try 0.1",
    ),
    "StepDecay factor": (
        lambda x: StepDecay(0.1, every=1, factor=x),
        [0, 1.1],
        UP_TO_1,
        "try 0.5",
    ),
    "ExponentialDecay initial": (
        lambda x: ExponentialDecay(x, factor=0.5),
        [0, -1],
        POSITIVE,
        "try 0.1",
    ),
    "ExponentialDecay factor": (
        lambda x: ExponentialDecay(0.1, factor=x),
        [0, 1.1],
        UP_TO_1,
        "try 0.5",
    ),
    "CosineDecay initial": (lambda x: CosineDecay(x, steps=3), [0, -1], POSITIVE, "try 0.1"),
    "CosineDecay final": (
        lambda x: CosineDecay(0.1, steps=3, final=x),
        [-0.1],
        AT_LEAST_0,
        "try 0",
    ),
    "WarmUp then": (lambda x: WarmUp(x, steps=3), [0, -1], POSITIVE, "try 0.1 or a schedule"),
}


@each(option={name: (name, *row) for name, row in NUMBERS.items()})
def test_numbers_are_checked(option):
    assert_numbers_are_checked(*option)


def test_the_ends_that_belong_to_a_range_are_accepted():
    assert StepDecay(0.1, every=1, factor=1)(9) == 0.1
    assert CosineDecay(0.1, steps=1, final=0.1)(0) == 0.1


WRONG = {
    "a class in a warm-up": (
        lambda: WarmUp(CosineDecay, steps=2),
        ValueError,
        "WarmUp: then is the class CosineDecay, but a number or a schedule is needed",
    ),
    "a cosine that rises": (
        lambda: CosineDecay(0.1, steps=3, final=0.2),
        ValueError,
        "CosineDecay: final=0.2 is above initial=0.1, but the rate goes down from initial to "
        "final; make final the smaller one.",
    ),
    "decay after no steps": (
        lambda: StepDecay(0.1, every=0, factor=0.5),
        ValueError,
        "StepDecay: every=0, but at least 1 is needed; pass 1 or more.",
    ),
    "decay after half a step": (
        lambda: ExponentialDecay(0.1, factor=0.5, every=0.5),
        TypeError,
        "ExponentialDecay: every=float 0.5 came, but an integer is needed",
    ),
    "cosine over no steps": (
        lambda: CosineDecay(0.1, steps=0),
        ValueError,
        "CosineDecay: steps=0, but at least 1 is needed; pass 1 or more.",
    ),
    "warm-up of no steps": (
        lambda: WarmUp(0.1, steps=0),
        ValueError,
        "WarmUp: steps=0, but at least 1 is needed; pass 1 or more.",
    ),
    "warm-up to nothing": (
        lambda: WarmUp(lambda step: None, steps=3)(5),
        ValueError,
        "WarmUp: the schedule <function .*> returned None at step 2, but a number of at least 0",
    ),
}


@each(wrong=WRONG)
def test_message(wrong):
    wrong_use, kind, words = wrong
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()


@each(schedule=OURS, step=[-1, 1.5, None, np.arange(3)])
def test_a_schedule_takes_a_count(schedule, step):
    words = (
        f"^{type(schedule).__name__}: step=.*, but a schedule takes the number of steps already "
        f"taken, an integer of at least 0; call it once for each step."
    )
    with pytest.raises(ValueError, match=words):
        schedule(step)
