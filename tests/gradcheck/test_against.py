"""A function of one's own beside the loops: right ones pass, wrong ones are shown small."""

import numpy as np
import pytest
from support.failures import each

from cnnlab import fast, gradcheck, mutants, reference
from cnnlab.gradcheck import against


@pytest.fixture(autouse=True, scope="module")
def loops_that_run_once():
    """Prepare each case once: for a hundred mistakes, the loops would give the same each time."""
    prepare, known = against._prepare, {}

    def prepare_once(operation, name, case, rng):
        if (name, case.name) not in known:
            known[name, case.name] = prepare(operation, name, case, rng)
        return known[name, case.name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(against, "_prepare", prepare_once)
        yield


@each(name=reference.__all__)
def test_the_loops_and_their_twins_pass(name):
    for ops in (reference, fast):
        reports = gradcheck.check_against(getattr(ops, name), name)
        assert all(report.passed for report in reports), reports
        assert len(reports) >= 4
        assert len({report.name for report in reports}) == len(reports)


@pytest.mark.slow
@each(mutant=mutants.catalogue())
def test_no_mistake_of_the_catalogue_passes(mutant):
    reports = gradcheck.check_against(mutant.function, mutant.operation)
    wrong = [report for report in reports if not report.passed]
    assert wrong
    assert any(report.wrong for report in wrong) or mutant.needs


def test_the_smallest_case_comes_first_and_names_the_first_wrong_entry():
    def mine(dZ, w, X_shape, **options):
        dX = reference.conv2d_dX(dZ, w, X_shape, **options)
        dX.flat[3:5] += 1
        return dX

    reports = gradcheck.check_against(mine, "conv2d_dX")
    first = next(report for report in reports if not report.passed)
    assert first.name == "by hand"
    assert first.where == (0, 1, 0)
    assert first.wrong == 2 / 6
    assert (first.given, first.expected) == (4.0, 3.0)
    assert str(first) == (
        "WRONG by hand: 33.3 % of the entries wrong, the first is at [0, 1, 0] "
        "(yours 4, expected 3)"
    )


def test_options_that_are_forgotten_show_in_their_cases():
    def mine(X, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
        return reference.conv2d(X, w, b, stride=stride, dilation=dilation, groups=groups)

    wrong = [r.name for r in gradcheck.check_against(mine, "conv2d") if not r.passed]
    assert wrong
    assert all("padding" in name for name in wrong)


def test_what_else_is_told():
    def check(mine, name="sigmoid", **options):
        (report,) = gradcheck.check_against(mine, name, cases=["no options"], **options)
        assert not report.passed
        return str(report)

    def scribbles(Z):
        Z *= -1
        return 1 / (1 + np.exp(Z))

    assert "your function changed its argument Z, copy it first: Z = Z.copy()" in check(scribbles)
    assert "has shape (4,), but (3, 4) is needed" in check(lambda Z: reference.sigmoid(Z)[0])
    assert "has dtype float32, but float64 is needed" in check(
        lambda Z: np.round(reference.sigmoid(Z)).astype(np.float32)
    )
    assert "your function raised ZeroDivisionError: division by zero (line" in check(
        lambda Z: 1 / 0
    )
    assert "raised TypeError" in check(lambda: 0)
    assert "the result is None, but an array of numbers is needed; return it" in check(
        lambda Z: None
    )
    (report,) = gradcheck.check_against(
        lambda X, size, **k: reference.max_pool2d(X, size, **k).Y, "max_pool2d", cases=["by hand"]
    )
    assert "a ndarray came, but Y, argmax are needed, in a tuple" in str(report)
    (report,) = gradcheck.check_against(
        lambda Y, T: (reference.squared_error(Y, T).L, 2 * reference.squared_error(Y, T).dY),
        "squared_error",
        cases=["by hand"],
    )
    assert "in dY" in str(report)


def test_nan_and_ties_belong_to_the_cases():
    def mine(X, size, **options):
        Y, argmax = reference.max_pool2d(np.nan_to_num(X), size, **options)
        return Y, argmax

    wrong = [r.name for r in gradcheck.check_against(mine, "max_pool2d") if not r.passed]
    assert wrong == ["NaN wins"]


def test_one_case_may_come_without_a_list():
    one = gradcheck.check_against(np.tanh, "tanh", cases="by hand")
    assert [report.name for report in one] == ["by hand"]


def test_messages():
    with pytest.raises(ValueError, match="^check_against: no function 'conv'; choose conv2d, the"):
        gradcheck.check_against(reference.conv2d, "conv")
    with pytest.raises(ValueError, match="^check_against: no case 'all' of tanh; choose of \"by h"):
        gradcheck.check_against(reference.tanh, "tanh", cases=["all"])
    with pytest.raises(TypeError, match="^check_against: mine=int 3 came, but a function that"):
        gradcheck.check_against(3, "tanh")
