"""Items and points: a mistake loses exactly the items that it should."""

import numpy as np
import pytest
from support.failures import each

from cnnlab.operations import Call
from cnnlab.tutor import Answer, Case, Item, Outcome, Problem, Question, judge
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.judging import visible_cases

ITEMS = (
    Item("values", 5, "right values"),
    Item("factor", 3, "the option"),
    Item("edges", 2, "no entries"),
    Item("manners", 1, "arguments unchanged"),
)


def double(X, factor=2):
    return X * X.dtype.type(factor)


def cases(rng):
    yield Case("values", "by hand", Call((np.arange(3.0),), {}))
    yield Case("values", "normal", Call((rng.standard_normal(4),), {}))
    yield Case("values", "more", Call((rng.standard_normal(4),), {}))
    yield Case("factor", "a factor", Call((rng.standard_normal(4),), {"factor": 3}))
    yield Case("edges", "empty", Call((np.zeros(0),), {}))
    yield Case("manners", "float32", Call((rng.standard_normal(4).astype("f4"),), {}))


QUESTION = Question(
    name="double",
    function="double",
    signature="(X, factor=2)",
    words="Twice the numbers.",
    items=ITEMS,
    cases=cases,
    right=double,
    returns=("Y",),
    equation="eq-dX",
    page="input-gradient",
)


def judged(function, question=QUESTION, seed=None):
    return judge("B1.double", question, InThisProcess({"double": function}), seed=seed)


def lost(report):
    return [scored.item.name for scored in report.items if scored.points < scored.item.points]


BUFFERS = {}


def same_buffer(X, factor=2):
    buffer = BUFFERS.setdefault((X.shape, X.dtype), np.zeros(X.shape, X.dtype))
    buffer[:] = X * X.dtype.type(factor)
    return buffer


def in_place(X, factor=2):
    X *= X.dtype.type(factor)
    return X.copy()


def raises_on_empty(X, factor=2):
    X[0]
    return double(X, factor)


def every_second_time(X, factor=2, calls=[]):  # noqa: B006 - the mistake
    calls.append(1)
    return double(X, factor) * (len(calls) % 2)


ALL = [item.name for item in ITEMS]
FUNCTIONS = {
    "right": (double, []),
    "wrong": (lambda X, factor=2: -double(X, factor), ALL),
    "right by hand only": (lambda X, factor=2: np.round(double(X, factor)), ALL),
    "the option ignored": (lambda X, factor=2: double(X), ["factor"]),
    "the option unknown": (lambda X: double(X), ["factor"]),
    "no entries": (raises_on_empty, ["edges"]),
    "float64 for float32": (lambda X, factor=2: double(X, factor).astype(float), ["manners"]),
    "complex": (lambda X, factor=2: double(X, factor) + 0j, ["manners"]),
    "written into X": (in_place, ["manners"]),
    "the same memory": (same_buffer, ["manners"]),
    "a view": (lambda X, factor=2: np.multiply(X, X.dtype.type(factor), out=X)[:], ["manners"]),
    "two at once": (lambda X: double(X).astype(float), ["factor", "manners"]),
    "a wrong shape": (lambda X, factor=2: double(X, factor)[None], ALL),
    "a list": (lambda X, factor=2: double(X, factor).tolist(), ALL),
    "random": (lambda X, factor=2: double(X, factor) + np.random.default_rng().random(), ALL),
    "every second time": (every_second_time, ["values", "factor", "edges", "manners"]),
    "an exception": (lambda X, factor=2: 1 / 0, ALL),
}


@each(case=FUNCTIONS)
def test_a_mistake_loses_exactly_the_right_items(case):
    function, expected = case
    for seed in (None, 3):
        report = judged(function, seed=seed)
        assert lost(report) == expected, [outcome.words for outcome in report.outcomes]
        assert report.right == (not expected)
        assert report.points == sum(i.points for i in ITEMS if i.name not in expected)


def test_why_points_were_lost_is_said():
    words = {one.item.name: one.words for one in judged(lambda X: double(X)[None]).items}
    assert words["values"] == "3 of 3 wrong: shape (1, 3) came, (3,) is needed (by hand)"
    assert words["factor"].startswith("1 of 1 wrong: TypeError: ")
    words = {one.item.name: one.words for one in judged(in_place).items}
    assert words["manners"] == "5 of 6 wrong: the call changed its argument X (by hand)"
    assert words["values"] == ""
    words = {one.item.name: one.words for one in judged(lambda X, factor=2: X * 0 + 1).items}
    assert words["values"] == "3 of 3 wrong: 3 of 3 entries are wrong (by hand)"
    assert words["edges"] == 'has points once "values" is right'


def test_a_view_is_told_as_one():
    def same(X, factor=2):
        return X

    report = judged(lambda X, factor=2: X, with_fields(right=same))
    assert {one.fault for one in report.outcomes if one.case.words == "by hand"} == {"shared"}
    assert report.outcomes[0].words == "what is returned uses the memory of X"


@pytest.mark.parametrize("kind", ["missing", "not written", "time", "died", "raised", "memory"])
def test_after_some_problems_nothing_more_is_asked(kind):
    asked = []

    def ask(function, call):
        asked.append(call)
        return (
            Answer(problem=Problem(kind, "so it is"))
            if len(asked) == 3
            else Answer(double(*call.arguments, **call.options))
        )

    report = judge("B1.double", QUESTION, ask)
    goes_on = kind in ("raised", "memory")
    assert len(asked) == len(report.outcomes) == (6 if goes_on else 3)
    assert lost(report) == ALL
    words = {one.item.name: one.words for one in report.items}
    if not goes_on:
        said = "not written yet" if kind == "not written" else "so it is"
        assert words["values"] == f"1 of 3 wrong: {said} (more)"
        assert words["edges"] == 'has points once "values" is right'


def test_what_was_right_before_the_end_keeps_its_points():
    def ask(function, call):
        if "factor" in call.options:
            return Answer(problem=Problem("time", "stopped after 5 s"))
        return Answer(double(*call.arguments))

    for question in (QUESTION, with_fields(cases=lambda rng: list(cases(rng))[:5])):
        report = judge("B1.double", question, ask)
        assert report.items[-1].words == "not tried, after this: stopped after 5 s"
    assert report.items[0].points == 5
    assert lost(report) == ["factor", "edges", "manners"]


def test_none_is_not_written_yet():
    for stub in (lambda X, factor=2: None, lambda X, factor=2: ...):
        report = judged(stub)
        assert [one.answer.problem.kind for one in report.outcomes] == ["not written"]
        assert report.outcomes[0].words == "not written yet"
        assert report.points == 0


def test_hidden_cases_follow_the_secret_seed():
    asked = []

    def ask(function, call):
        asked.append(call.arguments[0].tolist())
        return Answer(double(*call.arguments, **call.options))

    visible = judge("B1.double", QUESTION, ask)
    assert not any(one.case.hidden for one in visible.outcomes)
    count = len(asked)
    one = judge("B1.double", QUESTION, ask, seed=[1, 2])
    # What needs no numbers of the generator has been seen: by hand, and empty.
    assert [outcome.case.hidden for outcome in one.outcomes] == [False] * count + [True] * 4
    again = judge("B1.double", QUESTION, ask, seed=[1, 2])
    other = judge("B1.double", QUESTION, ask, seed=[1, 3])
    secret = [
        [one.case.call.arguments[0].tolist() for one in report.outcomes[count:]]
        for report in (one, again, other)
    ]
    assert secret[0] == secret[1] != secret[2]


def test_memoised_answers_fail():
    known = {case.call.arguments[0].tobytes(): case.call for case in visible_cases(QUESTION)}

    def remembers(X, factor=2):
        return double(X, factor) if X.tobytes() in known else X

    assert judged(remembers).right
    assert lost(judged(remembers, seed=5)) == ALL


def with_fields(**fields):
    return Question(**{**vars(QUESTION), **fields})


def test_a_case_may_be_for_grading_only():
    def some(rng):
        yield from cases(rng)
        yield Case("hidden-1", "not told", Call((np.full(2, 7.0),), {}), hidden=True)

    question = with_fields(cases=some, items=(*ITEMS, Item("hidden-1", 2, "a secret")))
    report = judged(double, question)
    assert len(report.outcomes) == 6
    assert report.items[-1].words == "is tried when it is graded"
    assert report.points == 11
    graded = judged(double, question, seed=1)
    assert graded.points == 13
    assert [one.case.words for one in graded.outcomes if one.case.item == "hidden-1"] == [
        "not told"
    ]


def test_who_asks_for_no_manners_judges_none():
    question = with_fields(items=ITEMS[:3], cases=lambda rng: list(cases(rng))[:5])
    for function in (in_place, same_buffer, FUNCTIONS["float64 for float32"][0]):
        assert judged(function, question).right


def test_an_assertion_error_may_be_the_right_answer():
    """As of a test that is given a wrong function."""

    def right(tested):
        assert tested(2) == 4

    def tries(rng):
        yield Case("values", "a right one", Call((lambda x: 2 * x,), {}))
        yield Case("values", "a wrong one", Call((lambda x: 3 * x,), {}))

    question = with_fields(items=ITEMS[:1], cases=tries, right=right)
    assert judged(right, question).right

    def raises_another(tested):
        if tested(2) != 4:
            raise ValueError("wrong")

    for function, words in (
        (lambda tested: None, "no AssertionError came, AssertionError is needed"),
        (raises_another, "ValueError: wrong came, AssertionError is needed"),
    ):
        outcomes = judged(function, question).outcomes
        assert [one.fault for one in outcomes] == ["", "values"]
        assert outcomes[1].words == words

    def accuses(tested):
        raise AssertionError

    assert [one.fault for one in judged(accuses, question).outcomes] == ["problem", ""]


def test_trials_come_after_right_values():
    seen = []

    def trials(ask, rng, hidden):
        seen.append((ask(Call((np.ones(1),), {})).value.tolist(), hidden))
        case = Case("speed", "as fast as the loops", Call((), {}))
        yield Outcome(case, Answer(), None, "slow", "3.1 times as slow as asked for")

    question = with_fields(items=(*ITEMS, Item("speed", 4, "fast")), trials=trials)
    report = judged(double, question, seed=4)
    assert seen == [([2.0], True)]
    assert lost(report) == ["speed"]
    assert report.points == 11
    assert not report.right
    assert "3.1 times as slow" in report.items[-1].words
    assert lost(judged(lambda X, factor=2: X, question)) == [*ALL, "speed"]
    assert len(seen) == 1


def test_what_is_right_is_computed_after_the_answer():
    """So `numpy.empty` finds no freed copy of it."""
    order = []

    def right(X, factor=2):
        order.append("right")
        return double(X, factor)

    def answer(X, factor=2):
        order.append("answer")
        return double(X, factor)

    judged(answer, with_fields(right=right))
    assert order[0] == "answer"
    assert order[-1] == "right"
