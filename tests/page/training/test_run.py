"""The training that a page does: its digits, and the same numbers in JavaScript."""

import json

import numpy as np
import pytest
from support.node import run_script

from cnnlab import data, fast, reference
from cnnlab.page.part import file_text
from cnnlab.page.training import element, run

PLAY = """
let sent;
cnnTraining.receive = (given) => (sent = given);
%s
const { net, images, labels } = cnnTraining.open(sent);
const pixels = net.M * net.M;
say(Array.from({ length: %d }, (_, step) => {
  const first = (step * %d) %% labels.length;
  const answers = labels.slice(first, first + %d);
  const digits = images.subarray(first * pixels, (first + %d) * pixels);
  const done = cnnTraining.step(net, digits, answers, %s);
  const right = done.answers.filter((answer, s) => answer === answers[s]).length;
  const dead = Array.from(done.slopes, (slope) => slope < %s);
  return [done.loss, cnnTraining.norm(net.w), right, dead];
}));
"""


def test_digits_are_those_of_the_course_four_pixels_in_one():
    images, labels = run.digits()
    X, expected, *_ = data.mnist_subset()
    assert images.shape == (run.DIGITS, 1, run.SIDE, run.SIDE)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(labels, expected[: run.DIGITS])
    for s, i, j in [(0, 6, 7), (19, 9, 4), (199, 7, 7)]:
        four = X[s, 0, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        assert abs(images[s, 0, i, j] - 255 * four.mean()) <= 0.5


def test_a_step_is_that_of_the_loops():
    """The same step with the loops of the reference, by hand."""
    (step,) = run.train(0.1, steps=1)
    images, labels = run.digits()
    X, labels = images[: run.BATCH] / 255, labels[: run.BATCH]
    model = run.network()
    w, b, W, c = (parameter.value for parameter in model.parameters())
    Y = fast.sigmoid(fast.conv2d(X, w, b))
    flat = Y.reshape(len(X), -1)
    loss, dz = fast.cross_entropy(fast.dense(flat, W, c), labels)
    dZ = reference.sigmoid_dZ(fast.dense_dX(dz, W).reshape(Y.shape), Y)
    moved = w - 0.1 * fast.conv2d_dw(dZ, X, w.shape)
    assert step.loss == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(step.w, moved, rtol=0, atol=1e-12)
    assert step.norm == pytest.approx(np.linalg.norm(moved), rel=1e-12)
    assert step.dead == ((Y * (1 - Y)).max(axis=(0, 2, 3)) < run.DEAD).tolist()


def test_starting_values_are_exact_in_what_is_sent():
    for parameter in run.network().parameters():
        np.testing.assert_array_equal(parameter.value, parameter.value.astype(np.float32))


@pytest.mark.parametrize("rate", [0.1, 2])
def test_the_script_computes_the_same_numbers(rate):
    """Ten steps in Node: at a rate that learns, and at one that kills."""
    steps, batch = 10, run.BATCH
    text = file_text("training/network.js")
    text += PLAY % (element.data().decode(), steps, batch, batch, batch, json.dumps(rate), run.DEAD)
    found, expected = run_script(text), list(run.train(rate, steps))
    for (loss, norm, right, dead), step in zip(found, expected, strict=True):
        assert loss == pytest.approx(step.loss, rel=1e-9)
        assert norm == pytest.approx(step.norm, rel=1e-9)
        assert (right, dead) == (step.right, step.dead)


def test_it_learns_at_the_rate_of_the_page_and_dies_at_a_large_one():
    learned, lost = list(run.train(0.1)), list(run.train(3, steps=20))
    first, epoch = learned[0].loss, run.DIGITS // run.BATCH
    assert max(step.loss for step in learned) > 2 * first
    assert np.mean([step.loss for step in learned[-epoch:]]) < 0.5
    assert not any(learned[-1].dead)
    assert lost[1].loss > 20 * first
    assert all(lost[-1].dead)
    assert lost[-1].loss > 0.8 * np.log(10)
