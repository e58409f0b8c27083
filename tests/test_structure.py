"""How the tree is kept: a file's test is found without a search, and nothing grows out of sight."""

import ast
import re

import pytest
from support.book import ROOT
from support.failures import each

import cnnlab

LINES_OF_A_FILE = 600
LINES_OF_A_FUNCTION = 60  # of code: a docstring says in a few lines more what is to be known

MODULES = [
    path.relative_to(ROOT / "cnnlab")
    for path in sorted((ROOT / "cnnlab").rglob("*.py"))
    if path.name != "__init__.py"
]
FILES = [
    path.relative_to(ROOT)
    for place in ("cnnlab", "tools", "benchmarks", "tests", "book/_ext")
    for path in sorted((ROOT / place).rglob("*.py"))
]

# Whose tests stand in another place, and why.
TESTED_ELSEWHERE = {
    # Both backends run through the same tests.
    "fast/activations.py": "reference/test_activations.py",
    "fast/conv.py": "reference/test_conv.py",
    "fast/losses.py": "reference/test_losses.py",
    "fast/pool.py": "reference/test_pool.py",
    "fast/normalization.py": "reference/test_normalization.py",
    "fast/regularization.py": "reference/test_regularization.py",
    # What the kernels of convolution and of the activations are made of has no results of its own.
    "fast/correlate.py": "reference/test_conv.py",
    "fast/search.py": "reference/test_conv.py",
    "fast/gather.py": "reference/test_conv.py",
    "fast/addresses.py": "fast/test_tiles.py",
    "fast/vectors.py": "fast/test_tiles.py",
    "fast/team.py": "fast/test_threads.py",
    "fast/atomics.py": "fast/test_threads.py",
    "fast/elementary.py": "reference/test_activations.py",
    # Words of messages, and who computes with infinity in silence: seen in every message and loop.
    "shapes/words.py": "shapes/test_numbers.py",
    "reference/ieee.py": "reference/test_activations.py",
    "results.py": "operations/test_table.py",
    "data/errors.py": "data/test_idx.py",
    "files.py": "test_weights.py",
    "training/run.py": "training/test_fitting.py",
    # What PyTorch lacks is made in one direction and read in the other.
    "pytorch/modules.py": "pytorch/test_exporting.py",
    "__main__.py": "cli/test_command.py",
    # All of the command is run as one.
    "cli/words.py": "cli/test_command.py",
    "cli/networks.py": "cli/test_command.py",
    # Names for type checkers alone.
    "typing.py": "typing/test_typing.py",
    # One record, and what all of them must be.
    **{
        f"operations/{file}.py": "operations/test_table.py"
        for file in (
            *("record", "conv", "pool", "dense", "activations", "losses"),
            *("normalization", "regularization"),
        )
    },
    **{
        f"mutants/{file}.py": "mutants/test_mutants.py"
        for file in (
            *("registry", "adapters", "checks"),
            *("conv", "pool", "dense", "activations", "losses"),
            *("normalization", "regularization"),
        )
    },
    **{
        f"algorithms/{file}.py": "algorithms/test_algorithms.py"
        for file in ("checks", "loops", "im2col", "offsets")
    },
    # Three parts of one comparison.
    **{
        f"gradcheck/{file}.py": "gradcheck/test_differences.py"
        for file in ("comparison", "entries", "places")
    },
    "gradcheck/networks.py": "gradcheck/test_models.py",
    # What is done around the process of a submission is seen from the grader's side alone.
    **{
        f"grading/{file}.py": "grading/test_isolation.py"
        for file in ("keeper", "process", "rooms", "syscalls", "worker")
    },
    # The parts of a diagnosis: each is tried by what is said of a mistake in the end.
    **{
        f"tutor/diagnosis/{file}.py": "tutor/test_diagnosis.py"
        for file in (
            *("convolution", "edits", "entries", "entrywise", "evidence", "explaining"),
            *("kinds", "known", "layers", "recipes", "search"),
        )
    },
    "tutor/diagnosis/windows.py": "tutor/diagnosis/test_fresh.py",
    **{
        f"tutor/diagnosis/{file}.py": "tutor/diagnosis/test_structure.py"
        for file in ("chains", "links", "pooling", "sharing")
    },
    "tutor/showing.py": "tutor/diagnosis/test_accusing.py",
    "tutor/network_mistakes.py": "tutor/test_a5.py",
    "tutor/pool_gradients.py": "tutor/test_a6.py",
    **{
        f"tutor/diagnosis/{file}.py": "tutor/diagnosis/test_detectors.py"
        for file in ("axes", "places", "views")
    },
    "tutor/pages.py": "tutor/test_diagnosis.py",
    "tutor/tables.py": "tutor/test_terms.py",
    # Words that tutor and grader share: what is said with them is tried where it is said.
    **{
        f"tutor/{file}.py": "tutor/test_judging.py" for file in ("answers", "findings", "questions")
    },
}

# Each is one computation that reads from top to bottom.
LONG_FUNCTIONS = {
    "cnnlab/plots/diagrams.py": {"_draw_network"},  # the figure of a whole network
    # Kernels, which have no functions to call inside.
    "cnnlab/fast/correlate.py": {"correlate"},
    "cnnlab/fast/search.py": {"search"},
    "cnnlab/fast/dense.py": {"rows_with_rows"},
    "cnnlab/fast/tiles.py": {"_multiply_add", "_dot"},
}


@each(module=[str(module) for module in MODULES])
def test_a_module_has_its_tests_in_the_same_folder(module):
    """`cnnlab/a/b.py` has `tests/a/test_b.py`, or the table above says where."""
    folder, _, name = module.rpartition("/")
    own = list((ROOT / "tests" / folder).glob(f"test_{name.removesuffix('.py')}.py"))
    if module in TESTED_ELSEWHERE:
        assert not own, "it has tests of its own: take it out of TESTED_ELSEWHERE"
        assert (ROOT / "tests" / TESTED_ELSEWHERE[module]).exists()
    else:
        assert own, f"write tests/{folder}/test_{name}, or say in TESTED_ELSEWHERE where they are"


def test_nothing_is_tested_elsewhere_that_is_not_there():
    assert set(TESTED_ELSEWHERE) <= set(map(str, MODULES))


@each(path={str(path): path for path in FILES})
def test_no_file_is_too_long(path):
    lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_OF_A_FILE, f"{lines} lines: cut it by what it does"


def lines_of_code(function):
    """Count the lines of a function without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    text = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - text


def long_functions(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef, ast.AsyncFunctionDef
    functions = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return {f.name for f in functions if lines_of_code(f) > LINES_OF_A_FUNCTION}


@each(path={str(path): path for path in FILES})
def test_no_function_is_too_long(path):
    assert long_functions(path) == LONG_FUNCTIONS.get(str(path), set())


@each(path={str(path): path for path in FILES if path.name != "__init__.py"})
def test_a_file_says_what_it_holds(path):
    text = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""
    assert text.splitlines()[:1], "the first line of a file says what is in it"


@pytest.mark.parametrize("place", ["cnnlab", "tools", "benchmarks"])
def test_a_package_hands_names_on_and_defines_nothing(place):
    for path in sorted((ROOT / place).rglob("__init__.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        defined = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        assert defined == [], path


def test_type_checkers_see_the_submodules_that_there_are():
    seen = (ROOT / "cnnlab" / "__init__.pyi").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^from \.\w* import (\w+) as", seen, re.M)) == sorted(cnnlab.__all__)
