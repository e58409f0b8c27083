"""What a message says to write next works as it was meant, for every message of the package."""

import numpy as np
import pytest
from support.failures import each

from advice import (
    checking,
    command,
    files,
    fitting,
    grading,
    inspecting,
    isolating,
    layers,
    models,
    operations,
    optimizers,
    pictures,
    tools,
    training,
    tutoring,
)
from advice.case import Case, follow, message_of, messages, refusal
from advice.unfollowed import UNFOLLOWED
from cnnlab import fast, reference
from cnnlab.training import evaluate

TABLES = {
    "fitting": fitting.CASES,
    "training": training.CASES,
    "layers": layers.CASES,
    "operations, reference": operations.cases(reference),
    "operations, fast": operations.cases(fast),
    "checking": checking.CASES,
    "command": command.CASES,
    "pictures": pictures.CASES,
    "tools": tools.CASES,
    "files": files.CASES,
    "inspecting": inspecting.CASES,
    "models": models.CASES,
    "optimizers": optimizers.CASES,
    "tutoring": tutoring.CASES,
    "isolating": isolating.CASES,
    "grading": grading.CASES,
}


@pytest.mark.parametrize("table", TABLES)
def test_advice(table):
    each(case=TABLES[table])(lambda case: follow(Case(*case)))()


def test_every_message_of_the_package_has_its_advice_followed():
    """A new message needs a case in one of the tables, or a reason in `UNFOLLOWED`."""
    known = messages()
    met = {
        message_of(refusal(case[0]), known) for table in TABLES.values() for case in table.values()
    }
    missing = [m for m in known if m not in met and (m.file, m.function) not in UNFOLLOWED]
    assert missing == [], "\n".join(map(str, ["no case for:", *missing]))


def test_nothing_is_called_unfollowed_that_is_no_message():
    assert set(UNFOLLOWED) <= {(message.file, message.function) for message in messages()}


def test_case_notices_advice_that_fails():
    def wrong():
        raise ValueError("double: x is text; pass a number.")

    follow(Case(wrong, "pass a number", lambda: 2.0, lambda: 2.0))
    for case in (
        Case(wrong, "pass an array", lambda: 2.0),
        Case(wrong, "pass a number", wrong),
        Case(wrong, "pass a number", lambda: 2.0, lambda: 3.0),
        Case(lambda: None, "pass a number", lambda: 2.0),
    ):
        with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
            follow(case)


def test_evaluate_refuses_what_fit_refuses():
    model, X, labels = fitting.model(), fitting.IMAGES, fitting.LABELS
    spoilt = np.where(np.arange(6)[:, None, None, None] == 4, np.nan, X)
    with pytest.raises(TypeError, match=r"^evaluate: loss=str 'mse' came"):
        evaluate(model, X, labels, loss="mse")
    with pytest.raises(ValueError, match=r"^evaluate: X\[4\] holds NaN"):
        evaluate(model, spoilt, labels)
