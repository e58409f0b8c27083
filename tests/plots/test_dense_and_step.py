"""The drawings of a dense layer and of a step: right numbers, right places, wrong input refused."""

import numpy as np
import pytest
from support.pictures import MINUS, assert_fits, drawn, texts

from cnnlab.plots import show_dense, show_step, style

LAYER = ([2, 1], [[1, -1], [-2, 3]], [-1, 2], [0, 1], [0.5, 0.73106])
RATES, LOSSES = np.array([0.0, 0.1, 0.3]), np.array([1.0, 0.8, 0.9])


def test_dense_writes_every_number():
    shown = texts(show_dense(*LAYER))
    assert {"2", "1", f"{MINUS}1", f"{MINUS}2", "3", "0", "0.5", "0.7311"} <= set(shown)
    assert {f"bias {MINUS}1", "bias 2"} <= set(shown)
    assert not any("partial" in text for text in shown)


def test_dense_writes_each_gradient_below_its_number():
    dw = np.array([[11, 12], [13, 14]])
    gradients = {"dX": [1, 2], "dw": dw, "db": [3, 4], "dZ": [5, 6], "dY": [7, 8]}
    ax = show_dense(
        [21, 22], [[31, 32], [33, 34]], [43, 44], [55, 56], [67, 68], gradients=gradients
    )
    place = {text.get_text(): text.get_position() for text in ax.texts}
    pairs = {21: 1, 22: 2, 31: 11, 32: 12, 33: 13, 34: 14, 55: 5, 56: 6, 67: 7, 68: 8}
    pairs |= {"bias 43": 3, "bias 44": 4}
    for number, gradient in pairs.items():
        x, y = place[str(number)]
        x_below, y_below = place[rf"$\partial$ {gradient}"]
        assert x == x_below
        assert 0.1 < y_below - y < 0.4


@pytest.mark.parametrize(("outputs", "inputs"), [(1, 1), (1, 3), (4, 2), (3, 4)])
def test_dense_fits_its_figure(outputs, inputs):
    w = np.full((outputs, inputs), -12.3456)
    row = np.full(outputs, -0.98765)
    ax = show_dense(
        np.full(inputs, -3), w, row, row, row, gradients={"dw": w, "db": row, "dY": row}
    )
    assert_fits(ax)


def test_step_draws_curve_and_line():
    ax = show_step(RATES, LOSSES, -3.0, chosen=0.1)
    curve, line, start, mark = ax.lines
    np.testing.assert_array_equal(curve.get_xydata(), np.stack([RATES, LOSSES], axis=1))
    (x0, y0), (x1, y1) = line.get_xydata()
    assert (x0, y0) == (0, 1)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-3)
    assert start.get_xydata().tolist() == [[0, 1]]
    np.testing.assert_allclose(mark.get_xydata(), [[0.1, 0.8]])
    assert texts(ax) == ["0.1"]
    assert ax.figure.get_figwidth() == style.WIDTH


def test_step_without_a_mark_or_a_slope():
    ax = show_step(RATES, np.ones(3), 0.0)
    assert len(ax.lines) == 3
    assert ax.lines[1].get_ydata().tolist() == [1, 1]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: show_dense(*LAYER, gradients={"dX": [1, 2]}),
        lambda: show_step(RATES, LOSSES, -3.0, chosen=0.1),
    ],
)
def test_same_bytes_twice(draw):
    assert drawn(draw()) == drawn(draw())


X, W, B, Z, Y = LAYER


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: show_dense(X, [1, 2], B, Z, Y), r"show_dense: w has 1 axes \(2,\)"),
        (lambda: show_dense(X, np.zeros((5, 2)), B, Z, Y), r"needs at most 4 outputs and 4 inputs"),
        (lambda: show_dense([1], W, B, Z, Y), r"X has shape \(1,\) but w \(2, 2\); X needs .*2,"),
        (lambda: show_dense(X, W, B, Z, [[1]]), r"show_dense: Y has 2 axes"),
        (
            lambda: show_dense(X, W, B, Z, Y, gradients={"dL": 1}),
            r"gradients has 'dL', needs names among 'dX', 'dw'",
        ),
        (
            lambda: show_dense(X, W, B, Z, Y, gradients={"dw": [[1, 2]]}),
            r"dw has shape \(1, 2\) but w \(2, 2\)",
        ),
        (lambda: show_step(RATES, LOSSES[:2], -1), r"show_step: 3 rates but 2 losses came"),
        (lambda: show_step(RATES[1:], LOSSES[1:], -1), r"two or more that increase from 0"),
        (lambda: show_step([0], [1], -1), r"two or more that increase from 0"),
        (lambda: show_step([0, 2, 1], LOSSES, -1), r"two or more that increase from 0"),
        (lambda: show_step(RATES, LOSSES, -1, chosen=1), r"chosen=1 lies outside the rates, 0 to"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()
