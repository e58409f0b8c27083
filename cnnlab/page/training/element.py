"""The training as a part of a page: patterns, loss and digits, a slider for the learning rate."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Sequence
from html import escape

import numpy as np

from cnnlab.page.part import Part, file_text
from cnnlab.page.training import run, still
from cnnlab.page.training.run import Step

DATA = "training-data.js"
LOWEST_RATE, HIGHEST_RATE = -3, 1  # logarithms


def part(of: str) -> Part:
    """Return the network of the post, to be trained by the reader.

    Parameters
    ----------
    of : str
        The learning rate at the start, as in ``"0.1"``.
    """
    rate = float(of)
    model, trained = run.network(), list(run.train(rate))
    start, none = model.layers[0].parameters["w"], [False] * len(trained[-1].dead)
    values = {
        "data": DATA,
        "batch": run.BATCH,
        "steps": run.STEPS,
        "flat": run.DEAD,
        "plot": [still.LEFT, still.RIGHT, still.TOP, still.BOTTOM, still.LOWEST, still.HIGHEST],
    }
    live = (
        still.patterns(start, none, "The patterns")
        + still.curve([], run.STEPS, "The loss of each step")
        + f'<div class="tr-digits" aria-hidden="true">{digit() * run.BATCH}</div>'
        + controls(rate)
    )
    losses = [step.loss for step in trained]
    html = (
        f'<div class="cnn-training" data-values="{escape(json.dumps(values))}">'
        f'<div class="tr-live">{live}</div><figure class="tr-still">'
        f"{still.patterns(trained[-1].w, trained[-1].dead, 'The patterns at the end')}"
        f"{still.curve(losses, run.STEPS, 'The loss, falling in the end')}"
        f"<figcaption>{summary(rate, trained)}</figcaption></figure></div>"
    )
    return Part(
        html,
        scripts={
            "training-network.js": file_text("training/network.js"),
            "training.js": file_text("training/training.js"),
        },
        styles={"training.css": file_text("training/training.css")},
        later={DATA: data()},
    )


def digit() -> str:
    """Return the place of a digit of the batch, with the answer of the network."""
    return f'<span><canvas width="{run.SIDE}" height="{run.SIDE}"></canvas><b>&nbsp;</b></span>'


def controls(rate: float) -> str:
    """Return the buttons, the slider, and the line that says what is seen."""
    return (
        '<div class="tr-controls"><span class="tr-buttons">'
        '<button type="button" class="tr-run">Start</button>'
        '<button type="button" class="tr-step">Step</button>'
        '<button type="button" class="tr-reset">Reset</button></span>'
        '<label class="tr-rate"><span>Learning rate</span>'
        f'<input type="range" min="{LOWEST_RATE}" max="{HIGHEST_RATE}" step="0.05"'
        f' value="{round(math.log10(rate), 2)}" aria-valuetext="{rate:g}">'
        f"<output>{rate:g}</output></label></div>"
        '<p class="tr-count">&nbsp;</p><p class="tr-seen">&nbsp;</p>'
        '<p class="tr-said" aria-live="polite"></p>'
    )


def summary(rate: float, steps: Sequence[Step]) -> str:
    """Say in words what a run came to."""
    epoch = run.DIGITS // run.BATCH
    losses = [step.loss for step in steps]
    right = sum(step.right for step in steps[-epoch:])
    return (
        f"{len(steps)} steps with a learning rate of {rate:g}: the loss goes from {losses[0]:.2f}"
        f" up to {max(losses):.2f} and down to {np.mean(losses[-epoch:]):.2f},"
        f" and {right} of the last {run.DIGITS} digits are read."
    )


def data() -> bytes:
    """Return the digits and the starting values as a script that hands them over."""
    images, labels = run.digits()
    model = run.network()
    start = np.concatenate([p.value.ravel() for p in model.parameters()]).astype("<f4")
    P, _, m, _ = model.layers[0].parameters["w"].shape
    sent = {
        "sizes": {"P": P, "m": m, "M": run.SIDE, "O": model.output_shape[0]},
        "digits": b64encode(images.tobytes()).decode(),
        "labels": "".join(map(str, labels)),
        "start": b64encode(start.tobytes()).decode(),
    }
    return f"cnnTraining.receive({json.dumps(sent)});\n".encode()
