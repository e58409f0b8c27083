"""The training as a part of a page."""

import base64
import json
import re

import numpy as np
import pytest

from cnnlab.page import training
from cnnlab.page.training import element, run


@pytest.fixture(scope="module")
def part():
    """Return the part of the chapter, with its run."""
    return training.part("0.1")


def test_what_is_sent_is_what_cnnlab_has():
    text = element.data().decode()
    sent = json.loads(re.fullmatch(r"cnnTraining\.receive\((.*)\);\n", text)[1])
    images, labels = run.digits()
    assert base64.b64decode(sent["digits"]) == images.tobytes()
    assert sent["labels"] == "".join(map(str, labels))
    start = np.frombuffer(base64.b64decode(sent["start"]), "<f4")
    expected = np.concatenate([p.value.ravel() for p in run.network().parameters()])
    np.testing.assert_array_equal(start, expected)
    assert len(text) < 150_000


def test_the_still_picture_says_what_a_run_came_to(part):
    trained = list(run.train(0.1))
    (caption,) = re.findall(r"<figcaption>(.*)</figcaption>", part.html)
    assert f"{run.STEPS} steps with a learning rate of 0.1" in caption
    assert f"from {trained[0].loss:.2f}" in caption
    assert f"up to {max(step.loss for step in trained):.2f}" in caption
    assert f"{sum(step.right for step in trained[-10:])} of the last {run.DIGITS} digits" in caption
    points = re.findall(r'class="tr-now" d="(.*?)"', part.html)
    assert [len(re.findall("[ML]", line)) for line in points] == [0, run.STEPS]


def test_it_is_light(part):
    assert len(part.html) < 60_000
    assert sum(map(len, [*part.scripts.values(), *part.styles.values()])) < 20_000
