"""`check` and `diagnose`: what a student calls."""

import functools
import sys
import threading
import time

import numba
import numpy as np
import pytest
from support.failures import each

from cnnlab import reference, tutor
from cnnlab.operations import Call
from cnnlab.tutor import Case, Item, check, diagnose, find
from cnnlab.tutor.judging import visible_cases

RIGHT = reference.dense_dX


class Model:
    def gradient(self, dZ, w):
        return dZ @ w

    def __call__(self, dZ, w):
        return dZ @ w


@numba.njit
def compiled(dZ):
    return dZ * 1


def keyword(dZ, w, *, factor):
    return factor * (dZ @ w)


FUNCTIONS = {
    "a function": RIGHT,
    "a lambda": lambda dZ, w: dZ @ w,
    "a part of a function": functools.partial(keyword, factor=1),
    "a method": Model().gradient,
    "an object that can be called": Model(),
    "one of NumPy": np.matmul,
}


@each(function=FUNCTIONS)
def test_whatever_can_be_called_is_checked(function):
    assert check("dense_dX", function).right
    assert diagnose(function, "dense_dX") == tutor.Diagnosis()


def test_a_compiled_function_is_checked():
    def cases(rng):
        yield Case("values", "three numbers", Call((rng.standard_normal(3),), {}))

    asked = {
        "function": "same",
        "signature": "(dZ)",
        "cases": cases,
        "right": np.copy,
        "items": (Item("values", 1, "the same"), Item("manners", 1, "in a new array")),
        "operation": "",
    }
    question = tutor.Question(**{**vars(find("A4.gather")), **asked})
    assert check(question, compiled).right


def test_what_came_out_is_kept():
    checked = check("A4.gather", lambda dZ, w, X_shape: np.zeros(X_shape))
    assert not checked.right
    assert checked.report.name == "A4.gather"
    assert checked.report.points == 0
    assert len(checked.report.outcomes) == len(visible_cases(find("A4.gather")))
    assert isinstance(checked.diagnosis, tutor.Diagnosis)
    assert repr(checked).startswith("A4.gather")


def test_a_stub_is_not_written_yet():
    def stub(dZ, w, X_shape):
        raise NotImplementedError

    for function in (stub, lambda dZ, w, X_shape: None, lambda dZ, w, X_shape: ...):
        checked = check("A4.gather", function)
        assert [one.words for one in checked.report.outcomes] == ["not written yet"]


ODD = {
    "nothing but NaN": lambda Y: Y * np.nan,
    "infinity": lambda Y: Y / 0,
    "huge": lambda Y: Y * 1e300,
    "truth values": lambda Y: Y > 0,
    "integers": lambda Y: Y.astype(np.uint8),
    "half precision": lambda Y: Y.astype(np.float16),
    "complex": lambda Y: Y * 1j,
    "other bytes": lambda Y: Y.astype(">f8"),
    "an axis more": lambda Y: Y[None],
    "an axis less": lambda Y: Y.sum(axis=0),
    "no entries": lambda Y: np.zeros(0),
    "a number": lambda Y: 3.0,
    "a list": lambda Y: Y.tolist(),
    "a tuple": lambda Y: (Y, Y),
    "a dict": lambda Y: {"Y": Y},
    "text": lambda Y: "\x1b[31m<script>",
    "an object": lambda Y: object(),
    "something random": lambda Y: np.random.default_rng().random(Y.shape),
    "an exception": lambda Y: Y[99],
}


@each(name=["dense_dX", "sigmoid_dZ"], odd=ODD)
def test_whatever_comes_back_is_explained(name, odd):
    right = getattr(reference, name)
    checked = check(name, lambda *arguments: odd(right(*arguments)))
    shown = repr(checked), checked._repr_html_()
    assert not checked.right
    assert checked.diagnosis.findings or checked.diagnosis.entry
    assert "failed myself" not in " ".join(shown[0].split())
    assert "\x1b" not in "".join(shown)
    assert "<script" not in shown[1]


def test_an_error_of_the_tutor_is_told_and_not_thrown(monkeypatch):
    def fails(report):
        raise KeyError("of ours")

    monkeypatch.setattr(sys.modules["cnnlab.tutor.check"], "explain", fails)
    checked = check("dense_dX", lambda dZ, w: -(dZ @ w))
    assert not checked.right
    assert "I failed myself, KeyError" in " ".join(repr(checked).split())
    assert "3 of 3 entries are wrong" in checked.diagnosis.findings[0].words


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("A4.gahter", RIGHT), ValueError, r"check: no question 'A4\.gahter'; choose A4\.gather"),
        (("A4", RIGHT), ValueError, r"check: no question 'A4'; choose one of A4\.gather, A4\.sc"),
        ((None, RIGHT), ValueError, "check: no question None; choose one of "),
        (
            (RIGHT, "A4.gather"),
            TypeError,
            r'changed places; write check\("A4\.gather", my_function\)\.',
        ),
        (("A4.gather", np.ones(3)), TypeError, "function=an array .* pass it without calling it"),
        (("A4.gather", None), TypeError, "function=NoneType None came, but a function that is "),
        (("A4.gather", "dX_gather"), TypeError, "function=str 'dX_gather' came"),
        (
            ("A4.gather", Model),
            TypeError,
            r"function=Model came, which is a class, .*dX_gather\(dZ, w, X_shape\); pass one of",
        ),
        (("A4.gather", np), TypeError, "function=module "),
    ],
)
def test_what_is_no_question_and_no_function_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        check(*arguments)
    if error is TypeError and not callable(arguments[0]):
        with pytest.raises(error, match=words.replace("check", "diagnose")):
            diagnose(*arguments[::-1])


def test_arguments_of_diagnose_that_changed_places_are_told():
    with pytest.raises(TypeError, match=r'diagnose\(my_function, "A4\.gather"\)'):
        diagnose("A4.gather", RIGHT)


def test_ctrl_c_comes_through():
    def interrupted(dZ, w):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("dense_dX", interrupted)
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert all(timer.finished.is_set() for timer in timers)


def test_a_slow_function_is_told_once_per_call(monkeypatch, capsys):
    monkeypatch.setattr(sys.modules["cnnlab.tutor.check"], "SLOW", 0.3)
    calls = []

    def slow(dZ, w):
        calls.append(1)
        time.sleep(0.6 if len(calls) == 2 else 0)
        return dZ @ w

    assert check("dense_dX", slow).right
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0] == (
        "dense_dX: no answer for 0.3 s. I am waiting for this case, and 6 after it; Ctrl-C stops "
        "it (in Jupyter: Kernel, Interrupt)."
    )


def test_a_quick_function_is_told_nothing(capsys):
    check("dense_dX", RIGHT)
    assert capsys.readouterr().err == ""


def test_the_tutor_itself_takes_no_two_seconds():
    def wrong(dZ, w, X_shape, stride=1, padding=0):
        return -reference.conv2d_dX(dZ, w, X_shape, stride=stride, padding=padding)

    start = time.process_time()
    check("A4.conv2d_dX", wrong)
    assert time.process_time() - start < 2


class _SilentError(Exception):
    def __str__(self):
        raise SystemExit("of __str__")


class _Text(str):
    def __getitem__(self, place):
        raise RuntimeError

    def __str__(self):
        return self


class _Pair(tuple):
    def __iter__(self):
        raise RuntimeError


class _Closed:
    def __getattr__(self, name):
        raise RuntimeError

    def __call__(self, dZ):
        return reference.conv2d_db(dZ)


def _odd_slip():
    error = SyntaxError("x")
    error.filename, error.lineno, error.text = 5, "a", 7
    return error


@each(error=[_SilentError(), _odd_slip(), ValueError(_Text("text")), SyntaxError(_SilentError())])
def test_whatever_an_exception_is_it_is_told(error):
    def function(dZ):
        raise error

    checked = check("conv2d_db", function)
    assert type(error).__name__ in repr(checked)
    assert not checked.right


@each(
    value={
        "a number": 10**390,
        "a negative one": -(10**390),
        "beyond int64": 10**30,
        "in a tuple": (10**390, np.zeros(3)),
        "in a list": [10**390],
        "in a dict": {"dw": 10**390},
        "a tuple that fails": _Pair((1.0, np.zeros(3))),
    }
)
@each(question=["A1.search2d", "A5.cross_entropy", "A5.forward", "A4.conv2d_dX", "A8.test_db"])
def test_whatever_comes_back_is_wrong_and_no_failure(question, value):
    checked = check(question, lambda *arguments, **options: value)
    assert not checked.right
    assert "I failed myself" not in repr(checked)


def test_an_object_that_fails_when_it_is_looked_at_is_called_all_the_same():
    assert check("conv2d_db", _Closed()).right


async def _later(dZ):
    return dZ.sum(axis=(-1, -2))


class _List(list):
    pass


@each(
    case={
        "generator": (lambda dZ: (x for x in dZ), "A generator came back. No entry is computed"),
        "coroutine": (_later, "A coroutine came back. The function begins with async def"),
        "masked": (np.ma.array, "A masked array came back. Return a plain array: with .filled(0)"),
        "subclass": (
            lambda dZ: np.zeros(3).view(np.recarray),
            "A recarray, a subclass of numpy.ndarray came back. Return a plain array: np.asarray",
        ),
        "list": (lambda dZ: _List(), "A _List, a subclass of list came back. Return a plain array"),
        "objects": (lambda dZ: dZ.astype(object), "An array of dtype object came back. It holds"),
        "set": (lambda dZ: {1}, "A set came back. Return an array of numbers."),
    }
)
@pytest.mark.filterwarnings("ignore:coroutine")
def test_what_came_back_is_named_with_the_next_step(case):
    function, words = case
    assert diagnose(function, "conv2d_db").findings[0].words.startswith(words)


def test_a_tensor_is_named():
    torch = pytest.importorskip("torch")
    (finding,) = diagnose(lambda dZ: torch.zeros(3), "conv2d_db").findings
    assert finding.words.startswith("A Tensor of torch came back. Return an array of NumPy")


@each(
    case={
        "conv2d_dx": "choose conv2d_dX, the nearest",
        "a4.GATHER": "choose A4.gather, the nearest of A4.gather, A4.scatter",
    }.items()
)
def test_a_name_that_differs_in_capital_letters_is_the_nearest(case):
    name, words = case
    with pytest.raises(ValueError, match=words):
        check(name, reference.conv2d_dX)


def test_random_numbers_are_named_before_what_they_happen_to_be():
    rng = np.random.default_rng(0)
    found = diagnose(lambda dZ: reference.conv2d_db(dZ) + rng.random() * 1e-3, "conv2d_db")
    (finding,) = found.findings
    assert finding.kind == "unsteady"
    assert "something in it is random, or is kept" in finding.words


def test_a_sentence_ends_once():
    def function(dZ):
        raise ValueError("See X.shape.")

    words = diagnose(function, "conv2d_db").findings[0].words
    assert ".." not in words

    def test(conv2d_db):
        exec("raise ValueError('See X.shape.')")

    assert ".." not in diagnose(test, "A8.test_db").findings[0].words
