"""Right answers in many styles are accused of nothing."""

import dataclasses
import functools

from support import styles
from support.failures import each

from cnnlab.tutor import find, judge
from cnnlab.tutor.asking import InThisProcess

TABLE = {
    **{f"A4.gather {name}": ("A4.gather", style) for name, style in styles.DX.items()},
    **{f"A4.conv2d_dX {name}": ("A4.conv2d_dX", own) for name, own in styles.DX_OPTIONS.items()},
    **{
        f"{name} {place}": (name, style)
        for name, group in styles.OTHERS.items()
        for place, style in enumerate(group)
    },
}


@functools.cache
def question_of(name):
    """The question, with right answers that are computed once for all styles."""
    question, known = find(name), {}

    def right(*arguments, **options):
        key = repr((arguments, options))
        if key not in known:
            known[key] = question.right(*arguments, **options)
        return known[key]

    return dataclasses.replace(question, right=right)


@each(case=TABLE)
def test_a_right_answer_is_accused_of_nothing(case):
    name, style = case
    question = question_of(name)
    report = judge(name, question, InThisProcess({question.function: style}))
    wrong = [(one.case.words, one.words) for one in report.outcomes if one.fault]
    assert report.right, wrong
    assert report.points == question.points


def test_there_are_many_styles():
    assert len(styles.DX) >= 25
    assert len(TABLE) >= 55
