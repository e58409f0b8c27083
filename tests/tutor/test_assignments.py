"""Assignments are found by listing, by name, and in files of one's own."""

import importlib
import pkgutil
import textwrap
import types

import pytest

from cnnlab.tutor import Assignment, Question, assignments, find, load
from cnnlab.tutor.contract import FUNCTIONS

OWN = textwrap.dedent(
    '''
    """An assignment of one's own."""

    from cnnlab.operations import Call
    from cnnlab.tutor import Assignment, Case, Item, Question


    def half(X):
        return X / 2


    def cases(rng):
        yield Case("values", "normal numbers", Call((rng.standard_normal(3),), {}))


    ASSIGNMENT = Assignment(
        name="B1",
        title="Halves",
        chapter="images",
        questions=(
            Question(
                name="half",
                function="half",
                signature="(X)",
                words="Half of the numbers.",
                items=(Item("values", POINTS, "right values"),),
                cases=cases,
                right=half,
                returns=("Y",),
                equation="eq-gray",
                page="images",
            ),
        ),
    )
    '''
)


def written(tmp_path, text, name="B1.py"):
    file = tmp_path / name
    file.write_text(text)
    return file


def test_assignments_are_found_by_listing():
    names = [assignment.name for assignment in assignments()]
    assert "A4" in names
    assert names == sorted(names, key=lambda name: int(name[1:]))
    assert all(isinstance(assignment, Assignment) for assignment in assignments())


def test_assignments_stand_in_the_order_of_their_numbers(monkeypatch):
    names = ["a4", "check", "a10", "a9", "axes"]
    modules = [types.SimpleNamespace(name=name) for name in names]
    monkeypatch.setattr(pkgutil, "iter_modules", lambda paths: modules)
    imported = {f"cnnlab.tutor.{name}": types.SimpleNamespace(ASSIGNMENT=name) for name in names}
    monkeypatch.setattr(importlib, "import_module", imported.__getitem__)
    assert assignments.__wrapped__() == ("a4", "a9", "a10")


def test_everything_has_a_name():
    assert find("A4").title == "Input gradient, gather and scatter"
    assert find("A4.gather").function == "dX_gather"
    assert find("conv2d_dX").operation == "conv2d_dX"
    for assignment in assignments():
        for question in assignment.questions:
            assert find(f"{assignment.name}.{question.name}") is question
    assert all(isinstance(find(name), Question) for name in FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("A4.gahter", r"find: no question 'A4\.gahter'; choose A4\.gather, the nearest of A4\.ga"),
        ("A4.", r"find: no question 'A4\.'; choose A4"),
        ("conv2d_DX", r"find: no question 'conv2d_DX'; choose conv2d_dX, the nearest of .*A4\.g"),
        ("gather", r"the nearest of .*A4\.gather"),
        ("", "find: no question ''; choose one of .*A4.gather.*conv2d_dX"),
        (None, "find: no question None; choose one of .*A4.gather.*conv2d_dX"),
        (4, "find: no question 4; "),
        (["A4"], r"find: no question \['A4'\]; "),
    ],
)
def test_a_wrong_name_is_answered_with_the_list(name, words):
    with pytest.raises(ValueError, match=words) as raised:
        find(name)
    listed = str(raised.value)
    if str(name).startswith("A4."):
        assert "A4.conv2d_dX" in listed
        assert "softmax" not in listed


def test_a_file_of_one_s_own_is_read(tmp_path):
    assignment = load(written(tmp_path, OWN.replace("POINTS", "100")))
    assert assignment.questions[0].right(3) == 1.5
    # Changed, it is read anew.
    again = written(tmp_path, OWN.replace("POINTS", "100").replace("Halves", "One half"))
    assert load(str(again)).title == "One half"


def test_what_is_not_sound_in_a_file_is_listed(tmp_path):
    text = OWN.replace("POINTS", "50").replace('"(X)"', '"X)"')
    with pytest.raises(
        ValueError, match=r"^load: B1\.py: its questions have 50 points, and not "
    ) as raised:
        load(written(tmp_path, text))
    assert "half: def halfX) is no Python" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", r"load: B1\.py defines no ASSIGNMENT; write ASSIGNMENT = Assignment\(\.\.\.\)"),
        ("ASSIGNMENT = 3", r"load: B1\.py defines no ASSIGNMENT"),
        ("x = 1\n\ny = x / 0", r"load: B1\.py stops in line 3, 'y = x / 0': ZeroDivisionError"),
        ("import sys\nsys.exit()", r"stops in line 2, 'sys.exit\(\)': "),
        ("import nonsense_of_mine", "stops in line 1, .*ModuleNotFoundError"),
        ("def f(:\n  pass", r"stops in line 1, 'def f\(:': SyntaxError"),
    ],
)
def test_a_file_that_is_no_assignment_is_refused(tmp_path, text, words):
    with pytest.raises(ValueError, match=words):
        load(written(tmp_path, text))


def test_a_file_that_is_not_there_or_no_python_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="^load: there is no file .*B9.py"):
        load(tmp_path / "B9.py")
    with pytest.raises(ValueError, match=r"^load: B1\.txt is no Python file"):
        load(written(tmp_path, OWN, "B1.txt"))
    with pytest.raises(TypeError, match="^load: path=int 4 came"):
        load(4)
