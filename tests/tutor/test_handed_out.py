"""What the notebooks say of their questions is what is judged."""

from support.assignments import cells, judged, questions, told_points
from support.failures import each

from cnnlab.tutor import assignments

NAMES = [assignment.name for assignment in assignments()]


def unwritten(*arguments, **options):
    raise NotImplementedError


@each(name=NAMES)
def test_the_table_has_every_question_with_its_call_and_points(name):
    asked = [
        (question.name, f"{question.function}{question.signature}", question.points)
        for question in questions(name).values()
    ]
    assert told_points(name) == asked
    assert sum(points for *_, points in asked) == 100


@each(name=NAMES)
def test_every_question_has_its_check(name):
    text = "\n".join(cells(name))
    for question in questions(name).values():
        assert f'check("{name}.{question.name}", {question.function})' in text


@each(name=NAMES)
def test_what_is_not_written_has_no_points(name):
    for question in questions(name).values():
        report = judged(question, unwritten, seed=None)
        assert report.points == 0
        assert report.outcomes[0].answer.problem.kind == "not written"
