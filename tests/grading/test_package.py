"""What a submission sees of cnnlab."""

import os
import subprocess
import sys

import pytest

from cnnlab import __version__
from cnnlab.grading.package import PACKAGE, modules_of, write_allowed, write_inside
from cnnlab.tutor.questions import Assignment

SOLVED = (
    "reference",
    "fast",
    "layers",
    "gradcheck",
    "mutants",
    "algorithms",
    "operations",
    "model",
)
ALLOWED = Assignment("A", "", "", ()).allowed


def names(files):
    return {str(path.relative_to(PACKAGE)) for path in files}


def test_what_is_allowed_comes_with_what_it_imports_and_without_what_is_solved():
    found = names(modules_of(ALLOWED))
    assert {"data/sets.py", "plots/sums.py", "typing.py", "shapes/__init__.py"} <= found
    assert not {name.split("/")[0].removesuffix(".py") for name in found} & {*SOLVED, "tutor"}


def test_what_runs_a_submission_knows_no_answer():
    place = write_inside() / "cnnlab"
    own = {str(path.relative_to(place)) for path in place.rglob("*.py") if path.stat().st_size}
    assert "grading/worker.py" in own
    assert "tutor/asking.py" in own
    allowed = {"operations/__init__.py", "gradcheck/guard.py"}
    assert not {name for name in own - allowed if name.startswith(SOLVED)}
    assert not own & {"tutor/a4.py", "tutor/judging.py", "tutor/contract.py", "tutor/cases.py"}


def test_the_package_of_a_submission_can_be_imported():
    program = (
        "import cnnlab, cnnlab.typing\n"
        "from cnnlab import tutor, plots\n"
        "from cnnlab.tutor import check, diagnose\n"
        "print(check('A4.gather', None).right, diagnose(1, 2))\n"
        "print(plots.__name__, cnnlab.__version__)\n"
        "try: cnnlab.reference\n"
        "except ModuleNotFoundError: print('not there')\n"
        "assert not hasattr(cnnlab, '__wrapped__')\n"
    )
    start = f"import sys; sys.path.insert(0, {str(write_allowed(ALLOWED))!r})\n"
    told = subprocess.run(
        [sys.executable, "-I", "-c", start + program], capture_output=True, text=True, check=True
    )
    words = f"None not checked: this is graded\ncnnlab.plots {__version__}\nnot there\n"
    assert told.stdout == words


def test_what_was_written_is_deleted_with_the_process(tmp_path):
    """In one of a pool too, which hears no `atexit`."""
    program = (
        "from multiprocessing import get_context\n"
        "from cnnlab.grading.package import write_allowed, write_inside\n"
        "one = get_context('fork').Process(target=write_inside)\n"
        "one.start(); one.join(); write_allowed(('typing',))\n"
        "assert one.exitcode == 0\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert not list(tmp_path.iterdir())


def test_a_module_that_is_not_there_cannot_be_allowed():
    with pytest.raises(ValueError, match="no module cnnlab.dta that could be allowed"):
        modules_of(("dta",))
