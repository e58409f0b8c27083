"""Reports: lines in a terminal, a table in a notebook, and still lists and tuples."""

import numpy as np
from support.gradients import text

from cnnlab import gradcheck

x = np.arange(1.0, 7.0).reshape(2, 3)


def wrong(dY, x):
    gradient = 2 * x * dY
    gradient[1] *= 2
    return [gradient]


def reports_of(backward=wrong):
    return gradcheck.check_gradients(lambda x: x**2, backward, [x], names=["d<x>"])


def test_one_line_each():
    reports = gradcheck.check_gradients(
        lambda x, y: x * y, lambda dY, x, y: [dY * y, dY * x], [x, x]
    )
    assert repr(reports) == str(reports) == text(reports)
    assert len(repr(reports).splitlines()) == 2
    assert repr(reports[0]) == str(reports[0])
    assert repr(gradcheck.check_gradients(lambda: np.ones(2), lambda dY: [], [])) == "[]"


def test_still_a_list():
    reports = reports_of()
    (report,) = reports
    assert isinstance(reports, list)
    assert reports == [report]
    assert reports[0] is report
    assert reports[:1] == [report]
    assert repr(reports[:1]) == repr(reports)
    assert [*reports] == [report]
    assert len(reports) == 1
    assert report.wrong == 0.5
    assert "; 50 % of the entries wrong" in str(report)
    assert report.name, report.passed == report[:2]
    assert report == report._replace()


def test_a_table_for_notebooks():
    reports = reports_of()
    html = reports._repr_html_()
    assert html.count("<tr>") == 2
    for words in ("WRONG", "d&lt;x&gt;", "50 %", "[1, ", "<th>expected</th>", "<th>wrong</th>"):
        assert words in html
    assert "not differentiable" not in html  # a column without entries
    assert reports[0]._repr_html_() == html
    right = gradcheck.check_adjoint(lambda x: x, lambda g: g, (2,))
    assert "both sides are" in right._repr_html_()
    other = gradcheck.check_adjoint(lambda x: x, lambda g: 2 * g, (2,))
    assert "50 %" in other._repr_html_()
    assert "is not" in other._repr_html_()
    raised = reports_of(lambda dY, x: [1 / 0])
    assert "backward raised ZeroDivisionError: division by zero" in raised._repr_html_()
    assert "nan" not in raised._repr_html_()
    cases = gradcheck.check_against(lambda dZ: dZ[0], "conv2d_db", cases=["no options"])
    assert "(" in cases._repr_html_()
