"""Diagrams of a network and a dense layer: right numbers, right places, wrong input refused."""

import matplotlib
import numpy as np
import pytest
from support.pictures import (
    MINUS,
    assert_fits,
    assert_keeps_promises,
    assert_refused,
    drawn,
    pictures_of,
    texts,
)

from cnnlab import plots
from cnnlab.plots import diagrams, show_dense


def network_arrays(D=1, M=9, N=8, P=3, m=3, n=2):
    g = np.random.default_rng(0)
    X, w = g.random((D, M, N)), g.normal(size=(P, D, m, n))
    Z = g.normal(size=(P, M - m + 1, N - n + 1))
    return X, w, Z, 1 / (1 + np.exp(-Z)), g.normal(size=10)


LAYER = X, W, B, Z, Y = ([2, 1], [[1, -1], [-2, 3]], [-1, 2], [0, 1], [0.5, 0.73106])


CASES = {
    "show_network": (plots.show_network, network_arrays(), {"label": 3}),
    "show_network color": (plots.show_network, network_arrays(D=3), {}),
    "show_dense": (show_dense, LAYER, {}),
    "show_dense gradients": (show_dense, LAYER, {"gradients": {"dX": np.array([1, 2])}}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(diagrams)


def test_network_names_the_highest_score():
    arrays = network_arrays()
    axes = plots.show_network(*arrays)
    written = axes[0].figure.findobj(matplotlib.text.Text)
    words = " ".join(text.get_text() for text in written)
    assert f"highest says {arrays[-1].argmax()}" in words
    assert "8 \N{MULTIPLICATION SIGN} 7" not in words
    assert "7 \N{MULTIPLICATION SIGN} 7" in words


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
    drawn(ax)
    assert_fits(ax)


def test_arrays_of_another_network_are_refused():
    X, w, _, Y, scores = (np.zeros(shape) for shape in [(1, 8, 8), (2, 1, 3, 3), 1, (2, 6, 6), 10])
    assert_refused(
        lambda: plots.show_network(X, w, np.zeros((2, 8, 8)), Y, scores),
        r"show_network: X \(1, 8, 8\), .* do not fit together; Z and Y need shape \(2, 6, 6\)",
    )


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
    ],
)
def test_dense_wrong_input_is_refused_in_words(call, message):
    assert_refused(call, message)
