"""The scripts in Node, where it is: they prepare and compute as the package does."""

import json
import shutil
import subprocess
from importlib import resources

import numpy as np
import pytest
from support.hands import SIDE, drawings, ink_of

from cnnlab import data
from cnnlab.fast import softmax
from cnnlab.page.digit.payload import script
from cnnlab.page.digit.weights import reader

LEAST = 110  # of 120: of fresh hands, in ten manners
RUN = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const layers = cnnDigit.open(cnnDigit.reader);
const scores = (X) => [...cnnDigit.forward(layers, X).at(-1).values];
const prepared = given.inks.map((at) => {
  const ink = { rows: given.side, columns: given.side, at: Float32Array.from(at) };
  const found = cnnDigit.prepare(ink);
  return found && { line: found.line, X: [...found.X], scores: scores(found.X) };
});
console.log(JSON.stringify({ prepared, scores: given.images.map(scores) }));
"""


def run(inks, images=()):
    """Give the scripts ink to prepare and images to read."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("this machine has no Node.js (tests/site does the same in a browser)")
    folder = resources.files("cnnlab.page.digit")
    scripts = [folder.joinpath(f"{name}.js").read_text("utf-8") for name in ("prepare", "network")]
    given = {
        "side": SIDE,
        "inks": [np.float32(ink).ravel().tolist() for ink in inks],
        "images": [image.ravel().tolist() for image in images],
    }
    ran = subprocess.run(
        [node, "-e", "".join([*scripts, script(), RUN])],
        input=json.dumps(given), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_drawings_are_prepared_as_predict_does_it_and_read():
    """Every drawing becomes the image that `cnnlab.data.digit` makes of it; most are read."""
    labels, names, strokes, pens = zip(*drawings(), strict=True)
    inks = [ink_of(lines, pen) for lines, pen in zip(strokes, pens, strict=True)]
    found = run(inks)["prepared"]
    assert len(found) == 120
    lines = set()
    for name, ink, one in zip(names, inks, found, strict=True):
        expected = data.digit(ink)
        np.testing.assert_allclose(one["X"], expected.X.ravel(), atol=1e-5, err_msg=name)
        np.testing.assert_allclose(one["line"], expected.line, rtol=1e-5, err_msg=name)
        lines.add(np.sign(round(one["line"] - 1, 9)))
    assert lines >= {0, 1}  # lines that were left, and lines that became thicker
    read = np.argmax([one["scores"] for one in found], axis=1)
    wrong = [
        f"{name} as {r}" for name, label, r in zip(names, labels, read, strict=True) if label != r
    ]
    assert len(found) - len(wrong) >= LEAST, wrong


def test_a_hundred_test_digits_have_the_scores_of_the_package():
    X = data.mnist_subset().X_test[:100]
    found = np.array(run([], X)["scores"])
    expected = reader()(X)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(softmax(found), softmax(expected), rtol=1e-5)


def test_specks_frames_and_thick_lines():
    """What is left out, and what is made thinner, in the same way."""
    _, _, strokes, _ = next(iter(drawings()))
    thick = ink_of([np.array([[66.0, 60.0], [74.0, 80.0]])], 40)
    specked = ink_of([*strokes, np.array([[8.0, 8.0], [9.0, 9.0]])], 8)
    framed = ink_of(strokes, 8)
    framed[:, :3] = framed[:3] = 1
    for ink, one in zip(
        (thick, specked, framed), run([thick, specked, framed])["prepared"], strict=True
    ):
        np.testing.assert_allclose(one["X"], data.digit(ink).X.ravel(), atol=1e-5)
    assert data.digit(thick).line < 1


def test_what_is_no_digit_is_none_for_both():
    spots = [
        np.array([[x, y], [x + 1.0, y]]) for x in (20.0, 60.0, 100.0) for y in (20.0, 60.0, 100.0)
    ]
    dot = np.zeros((SIDE, SIDE))
    dot[70:73, 70:73] = 1
    dirty = np.zeros((SIDE, SIDE))  # one line, and nearly as much dirt
    dirty[20:120, 66:76] = 1
    for i in range(20, 120, 10):
        dirty[i : i + 6, 20:26] = dirty[i : i + 6, 110:116] = 1
    inks = [np.zeros((SIDE, SIDE)), ink_of(spots, 10), dot, dirty]
    assert run(inks)["prepared"] == [None] * 4
    for ink in inks:
        with pytest.raises(data.DataError):
            data.digit(ink)
