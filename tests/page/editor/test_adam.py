"""One step of Adam, right and wrong."""

import numpy as np
import pytest

from cnnlab.page.editor import adam
from cnnlab.page.editor.loops import LOOPS
from cnnlab.page.editor.table import table


@pytest.mark.parametrize("slip", adam.SLIPS, ids=lambda slip: slip.name)
def test_every_mistake_of_adam_is_in_the_table(slip):
    assert [row for row in table("adam_step").rows if slip.name in row.names]


def test_adam_without_a_mistake_is_that_of_the_package():
    for case in LOOPS["adam_step"].cases:
        for ours, theirs in zip(adam.wrong(case, ()), adam.right(*case), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-13)
