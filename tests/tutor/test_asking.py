"""A function is asked: with copies, twice, and whatever it does is told."""

import functools
import warnings

import numpy as np
import pytest
from support.failures import each

from cnnlab.operations import Call
from cnnlab.tutor import asking
from cnnlab.tutor.answers import KINDS
from cnnlab.tutor.asking import InThisProcess

X, W = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
BUFFER = np.zeros((2, 3))


def ask(function, *arguments, **options):
    arguments = arguments or (X, W)
    return InThisProcess({"f": function})("f", Call(arguments, options))


def test_an_answer_is_a_copy():
    answer = ask(lambda X, w: X + w)
    np.testing.assert_array_equal(answer.value, X + 1)
    assert answer.problem is None
    assert (answer.changed, answer.shared, answer.reused, answer.unsteady) == ((), (), False, False)
    assert 0 < answer.seconds < 1


def test_arguments_are_copies():
    given = []
    ask(lambda X, w, **options: given.extend((X, w, options["at"])), at=X)
    assert all(not np.shares_memory(array, X) for array in given)

    def spoils(X, w):
        X[:] = np.nan
        return w * 2

    assert ask(spoils).changed == ("X",)
    np.testing.assert_array_equal(X, np.arange(6.0).reshape(2, 3))


def writes_into_the_option(X, w, *, at):
    at[0] = 9
    return X * 2


@each(
    case={
        "the first": (lambda X, w: np.add(X, 1, out=X), {}, ("X",), ("X",)),
        "the second": (lambda X, w: w.sort() or np.negative(w, out=w), {}, ("w",), ("w",)),
        "both": (lambda a, b: (a.fill(3), b.fill(4), 1.0)[2], {}, ("a", "b"), ()),
        "one without a name": (lambda *all: all[1].fill(2) or 1.0, {}, ("argument 2",), ()),
        "an option": (writes_into_the_option, {"at": [1, 2]}, ("at",), ()),
        "the same again": (lambda X, w: X, {}, (), ("X",)),
        "a view": (lambda X, w: w[::-1].T, {}, (), ("w",)),
        "a view in a tuple": (lambda X, w: (1.0, X[1:]), {}, (), ("X",)),
        "a view in a dict": (lambda X, w: {"a": X.reshape(-1)}, {}, (), ("X",)),
        "nothing": (lambda X, w: X.copy(), {}, (), ()),
    }
)
def test_what_was_changed_and_what_is_shared_is_told(case):
    function, options, changed, shared = case
    answer = ask(function, **options)
    assert (answer.changed, answer.shared) == (changed, shared)


def same_memory(X, w):
    BUFFER[:] = X
    return BUFFER


def counts(X, w, calls=[]):  # noqa: B006 - the mistake
    calls.append(1)
    return X * len(calls)


def adds_up(X, w, total=np.zeros((2, 3))):  # noqa: B008 - the mistake
    total += X
    return total.copy()


def fails_later(X, w, calls=[]):  # noqa: B006 - the mistake
    calls.append(1)
    return X[: 1 // (2 - len(calls))] * 2


def test_memory_that_is_handed_out_twice_is_told():
    assert ask(same_memory).reused
    assert ask(functools.lru_cache(lambda x: np.ones(3)), 1.0).reused
    assert not ask(lambda X, w: X * 2).reused


@pytest.mark.parametrize("function", [counts, adds_up, fails_later])
def test_a_second_answer_that_differs_is_told(function):
    answer = ask(function)
    assert answer.unsteady
    assert answer.problem is None


def test_what_differs_by_rounding_is_steady():
    calls = []

    def threads(X, w):
        calls.append(1)
        return X * (1 + 1e-15 * len(calls))

    answer = ask(threads)
    assert len(calls) == 2
    assert not answer.unsteady


def test_what_is_slow_is_called_once(monkeypatch):
    monkeypatch.setattr(asking, "QUICK", 0.0)
    calls = []
    ask(lambda X, w: calls.append(1) or X * 2)
    assert calls == [1]


def test_an_array_that_is_not_filled_is_so_each_time():
    for size in (1, 6, 24, 100):

        def unfilled(X):
            Y = np.empty(X.shape)
            Y[: len(Y) // 2] = 1
            return Y

        answer = ask(unfilled, np.ones(size))
        assert np.isnan(answer.value).any(), size


def test_what_is_printed_is_printed_once(capsys):
    calls = []

    def prints(X, w):
        calls.append(1)
        print("here")
        return X * 2

    assert not ask(prints).unsteady
    assert len(calls) == 2
    assert capsys.readouterr().out == "here\n"


def test_what_is_raised_is_told():
    answer = ask(lambda X, w: X[7])
    assert answer.problem.kind in KINDS
    assert answer.problem.words.startswith("IndexError: index 7")
    assert answer.problem.line == "answer = ask(lambda X, w: X[7])"
    assert answer.value is None
    for error in (SystemExit(0), RecursionError(), StopIteration(), pytest.fail.Exception("x")):

        def raises(X, w, error=error):
            raise error

        assert ask(raises).problem.exception == type(error).__name__


def test_ctrl_c_comes_through():
    def interrupted(X, w):
        raise KeyboardInterrupt

    calls = []

    def interrupted_later(X, w):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return X * 2

    for function in (interrupted, interrupted_later):
        with pytest.raises(KeyboardInterrupt):
            ask(function)


def test_not_written_yet():
    def stub(X, w):
        raise NotImplementedError("write me")

    assert ask(stub).problem.kind == "not written"
    assert ask(lambda X, w: ...).problem.kind == "not written"
    assert ask(lambda X, w: NotImplemented).problem.kind == "not written"
    # None may be an answer: who knows the question decides.
    assert ask(lambda X, w: None).problem is None


def test_what_is_foreign_is_told():
    assert ask(lambda X, w: np.ma.array(X)).problem.words == "a masked array came back"
    assert ask(lambda X, w: (x for x in X)).problem.kind == "foreign"
    assert ask(lambda X, w: X.astype(object)).problem.words.startswith("an array of dtype object")


def test_a_function_that_is_missing_is_told():
    answer = InThisProcess({})("dX_gather", Call((), {}))
    assert answer.problem.kind == "missing"
    assert answer.problem.words == "there is no function dX_gather"


def test_warnings_are_kept_and_not_shown():
    def overflows(X, w):
        warnings.warn("of my own", UserWarning, stacklevel=1)
        return np.exp(1000 * X) / np.exp(1000 * X)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = ask(overflows)
    assert "overflow encountered in exp" in answer.warned
    assert "of my own" in answer.warned
    with np.errstate(all="raise"):  # as a student may have set it
        assert ask(overflows).problem is None


class Model:
    def gradient(self, X, w):
        return X * w

    @staticmethod
    def fixed(X, w):
        return X * w

    def __call__(self, X, w):
        return X * w


@each(
    function={
        "a method": Model().gradient,
        "a static method": Model.fixed,
        "an object that can be called": Model(),
        "a part of a function": functools.partial(Model().gradient, w=W),
        "one of NumPy": np.multiply,
    }
)
def test_whatever_can_be_called_is_called(function):
    arguments = (X,) if isinstance(function, functools.partial) else (X, W)
    np.testing.assert_array_equal(ask(function, *arguments).value, X)
