"""The loops that are asked for: their cases, and the check that is copied with them."""

import numpy as np
import pytest
from support.editor import VARIANTS

from cnnlab.page.editor.loops import LOOPS


@pytest.mark.parametrize("name", LOOPS)
def test_the_check_that_is_copied_accepts_right_and_refuses_wrong_loops(name):
    check = LOOPS[name].check
    for source in VARIANTS[name]:
        exec(f"{source}\n\n{check}", {"np": np})
    with pytest.raises((AssertionError, ValueError)):
        exec(f"{LOOPS[name].skeleton}\n\n{check}", {"np": np})


@pytest.mark.parametrize("name", [name for name in LOOPS if name != "adam_step"])
def test_cases_are_small_and_of_all_kinds(name):
    loop = LOOPS[name]
    shapes = [case[0].shape for case in loop.cases]
    assert max(shape[0] for shape in shapes) > 1  # samples
    assert any(shape[2] != shape[3] for shape in shapes)
    for case in loop.cases:
        steps = case[0].size * (case[1][0].size if loop.function == "conv2d_dX" else 1)
        assert steps < 1000
