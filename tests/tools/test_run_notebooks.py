"""The runner: the same bytes twice, and a message for everything that must not be saved."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import run_notebooks


def save(path, *cells, metadata=None):
    """Write a notebook as an editor might: random ids, no outputs. Text stands for a code cell."""
    cells = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=cells, metadata=metadata or {}), path)
    return path


def executed(*cells):
    """Make a notebook in memory as if it had run."""
    notebook = new_notebook(cells=[cell for cell, outputs in cells])
    run_notebooks.prepare(notebook, "sample")
    for cell, outputs in cells:
        cell.outputs = outputs
    run_notebooks.normalise_outputs(notebook)
    return notebook


def ran(outputs, tags=()):
    """Make a code cell and its outputs for `executed`."""
    return new_code_cell("1", metadata={"tags": list(tags)}), outputs


def stream(text, name="stdout"):
    """Make the output of a print."""
    return new_output("stream", name=name, text=text)


def result(**data):
    """Make the value of a cell; `text_plain` stands for text/plain."""
    return new_output(
        "execute_result",
        data={kind.replace("_", "/", 1): value for kind, value in data.items()},
        execution_count=7,
    )


class TestNormalForm:
    """What a saved notebook looks like."""

    def test_second_run_gives_the_same_bytes(self, tmp_path, capsys):
        path = save(
            tmp_path / "tiny.ipynb",
            new_markdown_cell("# Tiny\n"),
            "print('one')\nprint('two')\n\n",
            new_code_cell("{'b', 'a', 'c', 'd'}", metadata={"tags": ["hide-input"]}),
            metadata={"widgets": {"state": 1}, "myst": {"html_meta": {"description": "Tiny."}}},
        )
        assert run_notebooks.main([str(path)]) == 0
        first = path.read_bytes()
        assert "2 code cells" in capsys.readouterr().out

        assert run_notebooks.main([str(path)]) == 0
        assert path.read_bytes() == first
        assert "as on disk" in capsys.readouterr().out

        notebook = json.loads(first)
        assert [cell["id"] for cell in notebook["cells"]] == ["tiny-01", "tiny-02", "tiny-03"]
        assert [cell.get("execution_count") for cell in notebook["cells"]] == [None, 1, 2]
        assert notebook["cells"][1]["source"] == ["print('one')\n", "print('two')"]
        assert notebook["cells"][1]["outputs"] == [
            {"name": "stdout", "output_type": "stream", "text": ["one\n", "two\n"]}
        ]
        assert notebook["cells"][2]["metadata"] == {"tags": ["hide-input"]}
        assert set(notebook["metadata"]) == {"kernelspec", "language_info", "myst"}
        assert notebook["metadata"]["language_info"] == {"name": "python"}
        assert first.endswith(b"}\n")
        assert first == (json.dumps(notebook, indent=1, sort_keys=True) + "\n").encode()
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.slow
    def test_pictures_are_the_same_bytes(self, tmp_path):
        cell = "import matplotlib.pyplot as plt\nlines = plt.plot([0, 2, 1])"
        path = save(tmp_path / "picture.ipynb", cell)
        # A shell that asks for another backend must not take the pictures away.
        environment = {**os.environ, "MPLBACKEND": "agg"}
        script = Path(run_notebooks.__file__)
        written = []
        for _ in range(2):
            subprocess.run(
                [sys.executable, script, path], env=environment, check=True, cwd=tmp_path
            )
            written.append(path.read_bytes())
        assert b"image/png" in written[0]
        assert written[0] == written[1]

    def test_kept_and_dropped_metadata(self):
        figure = {
            "figure": {"caption": "It rises.", "name": "fig-rise"},
            "image": {"alt": "A line"},
        }
        cell = new_code_cell(
            "1",
            metadata={
                "tags": ["hide-input"],
                "mystnb": figure,
                "collapsed": True,
                "scrolled": False,
                "execution": {"iopub.execute_input": "2020-01-01"},
                "vscode": {"languageId": "python"},
            },
        )
        notebook = new_notebook(cells=[cell, new_code_cell("2", metadata={"tags": []})])
        run_notebooks.prepare(notebook, "sample")
        assert notebook.cells[0].metadata == {"tags": ["hide-input"], "mystnb": figure}
        assert notebook.cells[1].metadata == {}

    def test_ids_are_valid_and_derived_from_the_name(self):
        notebook = new_notebook(cells=[new_code_cell("1")])
        run_notebooks.prepare(notebook, "ein Übungsblatt 1")
        assert notebook.cells[0].id == "ein-bungsblatt-1-01"
        nbformat.validate(notebook)
        with pytest.raises(run_notebooks.NotebookError, match=r"would have 83 characters of 64"):
            run_notebooks.prepare(notebook, "n" * 80)

    def test_streams_are_merged_and_counts_follow_the_cell(self):
        notebook = executed(ran([stream("a"), stream("b\n"), result(text_plain="1"), stream("c")]))
        outputs = notebook.cells[0].outputs
        assert [output.get("text") for output in outputs] == ["ab\n", None, "c"]
        assert outputs[1].execution_count == 1

    def test_removed_stderr_is_not_kept(self):
        notebook = executed(
            ran(
                [stream("a"), stream("50 %", "stderr"), stream("b")],
                tags=["remove-stderr", "nbval-ignore-output"],
            )
        )
        assert notebook.cells[0].outputs == [stream("ab")]
        assert run_notebooks.check_sources(notebook) == []
        assert run_notebooks.check_outputs(notebook) == []


class TestRules:
    """What must not be saved, and the message that says so."""

    @pytest.mark.parametrize(
        ("cell", "message"),
        [
            (new_code_cell(" \n"), "cell 1 .In .1.. is empty; delete it"),
            (new_markdown_cell(""), "cell 1 is empty"),
            (new_code_cell("x = 1\n" * 26), "has 26 lines, at most 25 are allowed; split it"),
            (new_code_cell("f(x);"), "ends with a semicolon.*nbval; write an assignment"),
            (
                new_code_cell("1", metadata={"tags": ["remove-stderr"]}),
                "tagged remove-stderr alone.*add the tag nbval-ignore-output",
            ),
        ],
        ids=["empty", "empty text", "long", "semicolon", "remove-stderr alone"],
    )
    def test_source(self, cell, message):
        notebook = new_notebook(cells=[cell])
        run_notebooks.prepare(notebook, "sample")
        with pytest.raises(run_notebooks.NotebookError, match=message):
            raise run_notebooks.NotebookError(run_notebooks.check_sources(notebook))

    def test_source_at_the_limit_passes(self):
        notebook = new_notebook(cells=[new_code_cell("x = 1\n" * 25)])
        run_notebooks.prepare(notebook, "sample")
        assert run_notebooks.check_sources(notebook) == []

    @pytest.mark.parametrize(
        ("outputs", "message"),
        [
            ([result(text_plain="<function f at 0x7f17e0df4150>")], "address 'at 0x7f17e0df4150'"),
            ([stream("id 0x10d3f4150")], "memory address '0x10d3f4150'; end the cell"),
            ([result(text_html="<b>0x7f17e0df4150</b>")], "memory address"),
            ([stream(f"read {run_notebooks.ROOT}/x")], "path .* of this machine; print a part"),
            ([stream(str(Path.home() / "x"))], "path .* of this machine"),
            ([stream(f"{sys.prefix}/lib")], "path .* of this machine"),
            ([stream("/anywhere/ipykernel_123/4.py")], "process number 'ipykernel_123'"),
            ([stream("a warning", "stderr")], "writes to stderr: 'a warning'; repair the cause"),
            (
                [new_output("error", ename="E", evalue="at 0x7f17e0df4150", traceback=[])],
                "memory address",
            ),
        ],
    )
    def test_output(self, outputs, message):
        notebook = executed(ran([stream("fine")]), ran(outputs))
        problems = run_notebooks.check_outputs(notebook)
        assert problems
        assert "cell 2 (In [2])" in problems[0]
        with pytest.raises(run_notebooks.NotebookError, match=message):
            raise run_notebooks.NotebookError(problems)

    @pytest.mark.parametrize(
        "text",
        [
            "0x3fb999999999999a",  # bits of a 64-bit number
            "0x3dcccccd",  # and of a 32-bit one
            "0x1.999999999999ap-4",  # float.hex
            f"{run_notebooks.ROOT}-else",  # another folder
            "1/2",
        ],
    )
    def test_harmless_text_passes(self, text):
        assert run_notebooks.check_outputs(executed(ran([stream(text)]))) == []

    def test_pictures_are_not_searched(self):
        notebook = executed(ran([result(image_png="at 0x7f17e0df4150")]))
        assert run_notebooks.check_outputs(notebook) == []

    def test_tag_without_its_exception(self):
        error = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
        raised = executed(ran([error], tags=["raises-exception"]))
        assert run_notebooks.check_outputs(raised) == []
        silent = executed(ran([stream("fine")], tags=["raises-exception"]))
        assert "raised nothing; remove the tag" in run_notebooks.check_outputs(silent)[0]

    def test_every_problem_is_named(self, tmp_path, capsys):
        path = save(tmp_path / "two.ipynb", "", "f(x);")
        before = path.read_bytes()
        assert run_notebooks.main([str(path)]) == 1
        complaints = capsys.readouterr().err
        assert "cell 1" in complaints
        assert "cell 2" in complaints
        assert path.read_bytes() == before


class TestRun:
    """Kernels that fail, and the comparison with the file."""

    def test_failing_cell_leaves_the_file(self, tmp_path, capsys):
        path = save(
            tmp_path / "broken.ipynb",
            new_markdown_cell("Text."),
            "x = 0",
            new_code_cell("int('q')", metadata={"tags": ["raises-exception"]}),
            "y = 1\ny / x",
            "print('never')",
        )
        before = path.read_bytes()
        assert run_notebooks.main([str(path)]) == 1
        captured = capsys.readouterr()
        assert "FAILED" in captured.out
        assert "cell 4 (In [3]) raised ZeroDivisionError" in captured.err
        assert "    y / x" in captured.err
        assert "ZeroDivisionError: division by zero" in captured.err
        assert "\x1b" not in captured.err
        assert "1 of 1 notebooks failed" in captured.err
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    def test_check_finds_a_changed_number(self, tmp_path, capsys):
        path = save(tmp_path / "sum.ipynb", "20 + 22")
        assert run_notebooks.main([str(path)]) == 0
        assert run_notebooks.main([str(path), "--check"]) == 0
        changed = path.read_text().replace('"42"', '"43"')
        path.write_text(changed)
        capsys.readouterr()

        assert run_notebooks.main([str(path), "--check"]) == 1
        captured = capsys.readouterr()
        assert "DIFFERS" in captured.out
        assert '-       "43"' in captured.err
        assert '+       "42"' in captured.err
        assert "run python -m tools.run_notebooks" in captured.err
        assert path.read_text() == changed

    def test_edit_during_the_run_is_not_lost(self, tmp_path, capsys):
        path = tmp_path / "edited.ipynb"
        save(path, f"open({str(path)!r}, 'a').write('\\n') and None")
        before = path.read_bytes()
        assert run_notebooks.main([str(path)]) == 1
        assert "was edited while it ran" in capsys.readouterr().err
        assert path.read_bytes() == before + b"\n"

    def test_later_notebooks_run_after_a_failure(self, tmp_path, capsys):
        save(tmp_path / "a.ipynb", "")
        save(tmp_path / "b.ipynb", "import os\nos.path.basename(os.getcwd())")
        assert run_notebooks.main([str(tmp_path)]) == 1
        assert "1 of 2 notebooks failed" in capsys.readouterr().err
        # The kernel runs where the notebook lies.
        assert f"'{tmp_path.name}'" in (tmp_path / "b.ipynb").read_text()

    def test_kernel_is_this_interpreter(self, tmp_path, monkeypatch):
        folder = tmp_path / "jupyter" / "kernels" / "python3"
        folder.mkdir(parents=True)
        other = {"argv": ["no-such-program"], "display_name": "Other", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(other))
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
        monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
        # Nor does a start-up file of the person who runs it.
        startup = tmp_path / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "00.py").write_text("mine = 1")
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

        cell = (
            "import sys\n"
            f"sys.executable == {sys.executable!r}, 'mine' in globals(), "
            "sys.flags.hash_randomization"
        )
        notebook = run_notebooks.run(save(tmp_path / "kernel.ipynb", cell))
        assert notebook.cells[0].outputs[0].data["text/plain"] == "(True, False, 0)"

    def test_slow_cell(self, tmp_path):
        path = save(tmp_path / "slow.ipynb", "import time\ntime.sleep(60)")
        with pytest.raises(run_notebooks.NotebookError, match=r"took longer than 1 s"):
            run_notebooks.run(path, timeout=1)

    def test_dead_kernel(self, tmp_path):
        path = save(tmp_path / "dead.ipynb", "import os\nos._exit(3)")
        with pytest.raises(run_notebooks.NotebookError, match=r"cell 1 .* ended the kernel"):
            run_notebooks.run(path)


class TestPaths:
    """Which files are meant."""

    def test_folders(self, tmp_path):
        for name in ["b.ipynb", "a.ipynb", "sub/c.ipynb", ".ipynb_checkpoints/a.ipynb"]:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            save(tmp_path / name, "1")
        found = run_notebooks.find_notebooks([tmp_path / "b.ipynb", tmp_path])
        assert [path.name for path in found] == ["b.ipynb", "a.ipynb", "c.ipynb"]

    def test_two_notebooks_of_one_name(self, tmp_path):
        for name in ["a.ipynb", "sub/a.ipynb"]:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            save(tmp_path / name, "1")
        with pytest.raises(ValueError, match=r"have one name.*rename one"):
            run_notebooks.find_notebooks([tmp_path])

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("missing.ipynb", "missing.ipynb does not exist; name a notebook"),
            ("text.md", "text.md is not a notebook; needed"),
            ("empty", "no notebook .* below .*empty; name another"),
        ],
    )
    def test_wrong_path_ends_with_2(self, tmp_path, capsys, name, message):
        (tmp_path / "text.md").write_text("Text.")
        (tmp_path / "empty").mkdir()
        with pytest.raises(SystemExit) as stop:
            run_notebooks.main([str(tmp_path / name)])
        assert stop.value.code == 2
        with pytest.raises((ValueError, FileNotFoundError), match=message):
            run_notebooks.find_notebooks([tmp_path / name])
        assert "run_notebooks:" in capsys.readouterr().err

    @pytest.mark.parametrize("text", ["", "not JSON", "[]", '{"cells": 1, "nbformat": 4}'])
    def test_not_a_notebook(self, tmp_path, capsys, text):
        path = tmp_path / "broken.ipynb"
        path.write_text(text)
        assert run_notebooks.main([str(path)]) == 1
        assert "not a notebook of format 4" in capsys.readouterr().err
        assert path.read_text() == text
