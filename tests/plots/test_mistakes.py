"""Pictures of wrong gradients: steps end where they end, and marks lie where the numbers are."""

import numpy as np
import pytest
from support.pictures import assert_keeps_promises, assert_refused, legend, pictures_of, texts

from cnnlab import plots
from cnnlab.plots import mistakes

X = np.linspace(-1, 2, 31)
LOSSES = X**2 + 2 * X[:21, None] ** 2
ENDS = {"right": (0.8, 0.6), "upwards": (0.8, 0.9)}
COSTS = [1, 0.9, -0.2, np.nan], [0.0, 0.01, -0.8, -0.8], ["factor", "sign", "sign", "zero"]

CASES = {
    "show_first_steps": (plots.show_first_steps, (X, X[:21], LOSSES, (1, 0.5), ENDS), {}),
    "plot_costs_of_mistakes": (
        plots.plot_costs_of_mistakes,
        COSTS,
        {"threshold": 0.015, "marked": {"this one": 2, "that one": 0}},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(mistakes)


def test_steps_end_where_they_end():
    ax = plots.show_first_steps(X, X[:21], LOSSES, (1, 0.5), ENDS)
    marks = {line.get_label(): line.get_xydata()[0].tolist() for line in ax.lines}
    assert {name: marks[name] for name in ENDS} == {name: [*end] for name, end in ENDS.items()}
    assert legend(ax) == [*ENDS]


def test_marks_are_in_points():
    ax = plots.plot_costs_of_mistakes(*COSTS, threshold=0.015, marked={"this one": 2})
    marks = {line.get_label(): line.get_xydata() for line in ax.lines}
    np.testing.assert_allclose(marks["sign"], [[0.9, 1], [-0.2, -80]])
    assert texts(ax) == ["this one"]
    low, high = ax.get_ylim()
    assert low < -80
    assert high > 1


def test_refuses():
    show, plot = plots.show_first_steps, plots.plot_costs_of_mistakes
    rows = X[:21]
    assert_refused(lambda: show(X, X, LOSSES, (1, 1), ENDS), r"shape \(21, 31\) for 31 y")
    assert_refused(lambda: show(X, rows, LOSSES, (1, 1), {}), "ends is empty")
    assert_refused(lambda: show(X, rows, LOSSES, (1, 1, 1), ENDS), "start has 3 numbers, needs 2")
    many = {str(n): (0, 0) for n in range(7)}
    assert_refused(lambda: show(X, rows, LOSSES, (1, 1), many), "got 7 ends, needs 6")
    assert_refused(lambda: plot([1], [0, 0], ["a"]), "1 cosines, 2 differences and 1 kinds")
    assert_refused(lambda: plot([], [], []), "cosines is empty")
    assert_refused(lambda: plot(range(7), range(7), "abcdefg"), "got 7 kinds, needs 6")
