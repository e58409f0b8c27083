"""What the README tells a reader to write, and the extras that it names."""

import ast
import os
import re
import subprocess
import sys
import tomllib

import nbformat
import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement
from PIL import Image, ImageDraw
from support.book import NOTEBOOKS, ROOT
from support.failures import each

from cnnlab.cli import main

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

# How a package is called that is imported by another name, or comes with another.
PACKAGES = {"IPython": "ipykernel", "PIL": "pillow", "sklearn": "scikit-learn"}


def block(language, start):
    """Return the one block of code that begins so."""
    (code,) = [code for kind, code in BLOCKS if kind == language and code.startswith(start)]
    return code


def test_the_commands_for_windows_are_those_of_the_others():
    others, windows = block("sh", "python3"), block("bat", "py ")
    assert len(windows.splitlines()) == 2
    spelt = windows.replace("py -m", "python3 -m").replace("\\Scripts\\", "/bin/")
    assert others == spelt


def test_the_readme_names_extras_that_are_there():
    named = set(re.findall(r"\.\[(\w+)\]", README))
    assert {"data", "notebooks", "book"} <= named <= set(EXTRAS)


def test_the_example_runs():
    exec(block("python", "import numpy"), {})


@pytest.mark.skipif(
    not os.environ.get("CNNLAB_README"), reason="installs packages: CNNLAB_README=1 runs it"
)
def test_two_commands_make_an_environment_in_a_copy_of_the_project(tmp_path):
    tracked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(tracked, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    copy, python = tmp_path / "copy", tmp_path / "bin" / "python3"
    for name in filter(None, files.split("\0")):
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    python.parent.mkdir()
    python.symlink_to(sys._base_executable)  # the Python of this environment, under that name
    strange = {name for name in os.environ if name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment = {name: os.environ[name] for name in os.environ.keys() - strange}
    environment["PIP_NO_COMPILE"] = "1"  # half of the time; most of it is never imported here
    environment["PATH"] = os.pathsep.join([str(python.parent), environment["PATH"]])
    program = "import cnnlab, sys\nassert cnnlab.__file__.startswith(sys.prefix), cnnlab\n"
    program += "from cnnlab import data\nfrom importlib.util import find_spec\n"
    program += "assert all(map(find_spec, ['IPython', 'scipy', 'sympy', 'threadpoolctl']))\n"
    program += "assert data.photo().shape == (3, 427, 640)\nassert len(data.mnist_subset()) == 4\n"
    program += "from pathlib import Path\nfolder = Path(cnnlab.__file__).parent\n"
    program += "assert (folder / 'py.typed').exists() and (folder / '__init__.pyi').exists()\n"
    program += block("python", "import numpy")
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    for command in ["sh", "-euc", block("sh", "python3")], [".venv/bin/python", "../program.py"]:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def requirements(*extras):
    """Return the names of all packages that come with these extras, those of the package too."""
    wanted = PROJECT["dependencies"] + [line for extra in extras for line in EXTRAS[extra]]
    names = set()
    for requirement in map(Requirement, wanted):
        if requirement.name == PROJECT["name"]:
            names |= requirements(*requirement.extras)
        names.add(requirement.name)
    return names


def imports(notebook):
    """Return the packages that the cells of a notebook import, but for those of Python."""
    names = set()
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


@each(notebook={path.stem: path for path in NOTEBOOKS})
def test_the_extra_for_notebooks_holds_what_they_import(notebook):
    needed = {PACKAGES.get(name, name) for name in imports(notebook)}
    assert needed <= requirements("notebooks")


def test_the_commands_of_the_readme_are_commands(tmp_path, monkeypatch):
    """Each line is accepted as it is written, but for a shorter training."""
    monkeypatch.chdir(tmp_path)
    page = Image.new("L", (90, 90), 255)
    ImageDraw.Draw(page).line([(20, 20), (65, 20), (40, 75)], width=7)
    page.save("seven.png")
    for line in block("sh", "cnnlab train").splitlines():
        words = line.partition("#")[0].split()[1:]
        short = ["--epochs", "1", "--samples", "20"] if words[0] == "train" else []
        result = CliRunner().invoke(main, [*words, *short])
        assert result.exit_code == 0, result.output
