"""Every function of the contract as a question: its options are items, its own answer is right."""

import functools
import inspect
import json
import re

import numpy as np
from support.book import ROOT
from support.failures import each

from cnnlab import fast, mutants, reference
from cnnlab.tutor import judge
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.comparing import difference
from cnnlab.tutor.contract import FUNCTIONS, question_of
from cnnlab.tutor.judging import visible_cases
from cnnlab.tutor.pages import PAGES
from cnnlab.tutor.plain import plain


def judged(name, function):
    return judge(name, question_of(name), InThisProcess({name: function}))


def lost(report):
    return [scored.item.name for scored in report.items if scored.points < scored.item.points]


@each(name=list(FUNCTIONS))
def test_the_compiled_twin_of_the_loops_is_right(name):
    assert judged(name, getattr(fast, name)).points == question_of(name).points


@each(name=list(FUNCTIONS))
def test_a_question_says_what_its_function_is(name):
    question = question_of(name)
    parameters = list(inspect.signature(getattr(reference, name)).parameters)
    assert re.findall(r"(\w+)(?:=[^,]*)?[,)]", question.signature) == parameters
    assert question.words.endswith(".")
    assert question.operation == question.function == question.name == name
    met = {case.item for case in question.cases(np.random.default_rng(0))}
    assert met == {item.name for item in question.items}
    assert question.items[0].name == "values"
    assert PAGES[question.equation] == question.page


def test_every_option_is_an_item_or_stands_with_others():
    names = {name: [item.name for item in question_of(name).items] for name in FUNCTIONS}
    assert names["conv2d_dX"] == [
        *("values", "stride", "padding", "dilation", "groups", "together"),
        *("one sample", "edges", "manners"),
    ]
    assert names["conv2d"][:2] == ["values", "without b"]
    assert {"stride", "padding", "dilation", "together"} <= set(names["max_pool2d"])
    assert "slope" in names["leaky_relu_dZ"]
    assert "rate" in names["dropout"]
    assert "fixed" in names["batch_norm2d_backward"]
    assert question_of("cross_entropy").returns == ("L", "dY")
    assert question_of("max_pool2d").returns == ("Y", "argmax")
    assert question_of("conv2d_dw").returns == ("dw",)
    assert question_of("dense").returns == ("Z",)


def test_equations_stand_on_the_pages_that_are_named():
    for label, page in PAGES.items():
        cells = json.loads((ROOT / "book" / f"{page}.ipynb").read_text(encoding="utf-8"))["cells"]
        assert any(f"({label})" in "".join(cell["source"]) for cell in cells), (label, page)


def no_options(dZ, w, X_shape):
    return reference.conv2d_dX(dZ, w, X_shape)


def no_stride(dZ, w, X_shape, *, stride=1, padding=0, dilation=1, groups=1):
    patterns = mutants.find("dX-stride-ignored").function
    return patterns(
        dZ, w, X_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def batches_only(dZ):
    assert dZ.ndim == 4
    return dZ.sum(axis=(0, 2, 3))


def wraps_around(dY, argmax, X_shape):
    """Without a thought of windows that hold no pixel, whose argmax is -1."""
    if dY.ndim == 3:
        return wraps_around(dY[None], argmax[None], (1, *X_shape))[0]
    dX = np.zeros((*X_shape[:2], X_shape[2] * X_shape[3]), dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        dX[s, c, argmax[s, c, i, j]] += dY[s, c, i, j]
    return dX.reshape(X_shape)


def test_what_an_answer_lacks_costs_that_item():
    report = judged("conv2d_dX", no_options)
    assert lost(report) == ["stride", "padding", "dilation", "groups", "together"]
    assert lost(judged("conv2d_dX", no_stride)) == ["stride", "together"]
    assert lost(judged("conv2d_db", batches_only)) == ["one sample"]
    assert lost(judged("max_pool2d_dX", wraps_around)) == ["edges"]
    assert lost(judged("softmax", lambda Z: np.exp(Z) / np.exp(Z).sum(-1, keepdims=True))) == [
        "edges"
    ]


@functools.cache
def calls_of(name):
    right = getattr(reference, name)
    calls = [case.call for case in visible_cases(question_of(name))]
    return [(call, plain(right(*call.arguments, **call.options))) for call in calls]


@each(mutant={mutant.name: mutant for mutant in mutants.catalogue()})
def test_every_mistake_of_the_catalogue_is_seen_in_some_case(mutant):
    if mutant.operation not in FUNCTIONS:
        return
    for (arguments, options), right in calls_of(mutant.operation):
        try:
            wrong = plain(mutant.function(*arguments, **options))
        except (IndexError, ValueError):  # of those that do not run on every shape
            return
        if difference(wrong, right).fault:
            return
    raise AssertionError("no case sees it")
