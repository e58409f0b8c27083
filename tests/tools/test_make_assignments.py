"""What students get: without a trace of a solution, and up to date."""

import io
import re
import tokenize

import nbformat
import pytest
from support.book import ROOT
from support.failures import each
from support.notebooks import save

from tools import make_assignments
from tools.notebooks.cells import named_cells
from tools.notebooks.files import read
from tools.notebooks.solutions import cut, hand_out, strings
from tools.notebooks.sources import prepare

SOURCES = sorted((ROOT / "assignments").glob("*.ipynb"))
PICTURE = re.compile(r"[A-Za-z0-9+/=\n]{900,}")
SOURCE = "def f(x):\n    # BEGIN SOLUTION\n    return x + 41\n    # END SOLUTION"
by_name = each(source={path.stem: path for path in SOURCES})


def handed_out(source):
    return read(ROOT / "book" / "assignments" / source.name)


def everything(notebook):
    """Return all text of a notebook: code, text, outputs, metadata, ids; pictures left out."""
    return "\n".join(text for text in strings(notebook) if not PICTURE.fullmatch(text))


def solved(source):
    return [text for cell in read(source).cells for text in cut(cell.source).solutions]


def words(code):
    """Return the names in a piece of code, which may begin anywhere."""
    code = "if 1:\n" + code if code.startswith(" ") else code
    tokens = tokenize.generate_tokens(io.StringIO(code + "\n").readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def test_there_are_eight():
    assert [path.stem for path in SOURCES] == [f"A{number}" for number in range(1, 9)]


@by_name
def test_no_line_of_a_solution_is_handed_out(source):
    lines = {line.strip() for text in solved(source) for line in text.splitlines()}
    told = everything(handed_out(source))
    # Shorter lines, as `else:`, stand in any code; so do those that are all of a given line, too.
    assert [line for line in sorted(lines) if len(line) >= 12 and line in told] == []
    assert len(lines) > 5


@by_name
def test_no_name_that_only_solutions_use_is_handed_out(source):
    rest = "\n".join(
        text for cell in read(source).cells for text in (cut(cell.source).rest, *caption(cell))
    )
    own = {word for text in solved(source) for word in words(text)}
    own -= set(re.findall(r"\w+", rest))
    assert own, "a test of nothing"
    student = handed_out(source)
    cells = [{key: cell[key] for key in ("source", "metadata", "id")} for cell in student.cells]
    prints = [
        output.get("text", "") for cell in student.cells for output in cell.get("outputs", [])
    ]
    found = own & set(re.findall(r"\w+", everything([cells, prints, student.metadata])))
    assert found <= {"source", "metadata", "id"}


def caption(cell):
    return strings(cell.metadata.get("mystnb", {}))


@by_name
def test_ids_count_on(source):
    """A gap in the numbers would say that a cell was taken out."""
    ids = [cell.id for cell in handed_out(source).cells]
    assert ids == [f"{source.stem}-{number:02d}" for number in range(1, len(ids) + 1)]


@by_name
def test_no_mark_and_no_answer_is_left(source):
    told = everything(handed_out(source))
    assert "SOLUTION" not in told
    assert "NotImplementedError" in told


@by_name
def test_every_answer_of_the_tutor_is_that_nothing_is_written(source):
    for name, cell in named_cells(handed_out(source)):
        if cell.cell_type == "code" and re.fullmatch(r'check\("\w+\.\w+", \w+\)', cell.source):
            (output,) = cell.outputs
            assert "not written yet" in output.data["text/plain"], name


def test_student_versions_are_what_their_sources_give():
    command = make_assignments.COMMAND
    assert make_assignments.main(["--check"]) == 0, f"run {command}"


# --- The command --------------------------------------------------------------


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A folder for sources and one for what is handed out; cells are not run."""
    sources, students = tmp_path / "assignments", tmp_path / "book" / "assignments"
    sources.mkdir()
    students.mkdir(parents=True)
    monkeypatch.setattr(make_assignments, "SOURCES", sources)
    monkeypatch.setattr(make_assignments, "HANDED_OUT", students)
    monkeypatch.setattr(make_assignments, "refresh", lambda notebook, page, book: [])
    monkeypatch.setattr(
        make_assignments, "finish", lambda notebook, path: prepare(notebook, path.stem)
    )
    return sources, students


def test_what_is_written_is_current_until_its_source_changes(folders, capsys):
    sources, students = folders
    save(sources / "A1.ipynb", "import os", SOURCE)
    assert make_assignments.main(["--check"]) == 1
    assert f"{students / 'A1.ipynb'}: not what" in capsys.readouterr().err
    assert make_assignments.main([]) == 0
    assert "A1.ipynb  written" in capsys.readouterr().out
    text = (students / "A1.ipynb").read_text()
    assert "41" not in text
    assert 'NotImplementedError(\\"f is not written yet\\")' in text
    assert make_assignments.main(["--check"]) == 0
    save(sources / "A1.ipynb", "import sys", SOURCE)
    assert make_assignments.main(["A1", "--check"]) == 1


def test_a_wrong_mark_names_the_notebook_and_writes_nothing(folders, capsys):
    sources, students = folders
    path = save(sources / "A1.ipynb", "x = 1", SOURCE.replace("# END", "# END OF"))
    assert make_assignments.main([]) == 1
    assert f"{path}: cell 2, line 2: never closed" in capsys.readouterr().err
    assert list(students.iterdir()) == []


def test_a_trace_that_a_cell_prints_is_refused(folders, capsys, monkeypatch):
    sources, students = folders
    save(sources / "A1.ipynb", SOURCE, "print(1)")

    def finish(notebook, path):
        output = nbformat.v4.new_output("stream", name="stdout", text="return x + 41\n")
        notebook.cells[1].outputs = [output]

    monkeypatch.setattr(make_assignments, "finish", finish)
    assert make_assignments.main([]) == 1
    assert "cell 2 holds the line 'return x + 41' of a solution" in capsys.readouterr().err
    assert list(students.iterdir()) == []


def test_a_student_version_without_a_source_is_named(folders, capsys):
    sources, students = folders
    save(sources / "A1.ipynb", SOURCE)
    save(students / "A2.ipynb", "x = 1")
    assert make_assignments.main([]) == 1
    assert "A2.ipynb: has no source" in capsys.readouterr().err


def test_a_name_that_is_none_is_refused(folders, capsys):
    with pytest.raises(SystemExit) as stopped:
        make_assignments.main(["A77"])
    assert stopped.value.code == 2
    assert "A77.ipynb does not exist; name one of" in capsys.readouterr().err


def test_solutions_are_found_again_in_their_source():
    """`hand_out` and `cut` take the same away."""
    source = SOURCES[0]
    assert hand_out(read(source))[1] == solved(source)
