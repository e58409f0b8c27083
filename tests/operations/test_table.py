"""The table of operations: what stands in it is true, and everything that must know of it does.

Each test names the place where an operation is missing, so that whoever adds one is led through.
"""

import ast
import inspect
import re

import numpy as np
import pytest
from equations import proofs
from support.book import ROOT, labels_of_the_book, markdown
from support.networks import every_layer, layers_of

from cnnlab import fast, layers, mutants, operations, reference
from cnnlab.operations import BY_NAME, OPERATIONS
from cnnlab.results import Loss

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda record: record.name)

# Layers that are no single operation.
OTHER_LAYERS = {"Layer", "Flatten", "GlobalAvgPool2D", "Residual"}


def as_list(result):
    return list(result) if isinstance(result, tuple) else [result]


def arrays(given):
    """Return what an example was given, lists of numbers as arrays."""
    return {
        name: np.array(value, int if name == "labels" else float)
        if isinstance(value, (list, np.ndarray))
        else value
        for name, value in given.items()
    }


def run(ops, operation, given):
    return as_list(getattr(ops, operation.name)(**arrays(given)))


# ------------------------------------------------------------------------------- what it says


def test_names_are_unique_and_found():
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert all(operations.find(record.name) is record for record in OPERATIONS)
    with pytest.raises(ValueError, match="^find: no operation 'conv3d'; choose conv2d, the"):
        operations.find("conv3d")


def test_both_backends_have_the_functions_of_the_table_and_no_others():
    functions = [name for operation in OPERATIONS for name in operation.functions]
    assert sorted(functions) == sorted(reference.__all__) == sorted(fast.__all__)


@every_operation
def test_one_file_name_on_every_floor(operation):
    """`operations/conv.py`, `shapes/conv.py`, `reference/conv.py`, `fast/conv.py`."""
    (file,) = (
        path.name
        for path in (ROOT / "cnnlab" / "operations").glob("*.py")
        if f'name="{operation.name}"' in path.read_text(encoding="utf-8")
    )
    for function in operation.functions:
        for floor, ops in (("reference", reference), ("fast", fast)):
            module = inspect.unwrap(getattr(ops, function)).__module__
            assert module == f"cnnlab.{floor}.{file.removesuffix('.py')}", function
    assert (ROOT / "cnnlab" / "shapes" / file).exists()


@every_operation
def test_the_example_worked_by_hand(operation, ops):
    given, result, dY, gradients = operation.example
    for value, expected in zip(run(ops, operation, given), as_list(result), strict=True):
        np.testing.assert_array_equal(value, expected)
    assert set(gradients) == set(operation.gradients)
    if gradients:
        assert (dY is None) == (operation.returns is Loss)
        upstream = np.asarray(1.0 if dY is None else dY, float)
        assert upstream.min() != upstream.max() or upstream.size == 1, "never all ones"
        back = operation.back(ops, upstream, arrays(given))
        assert list(back) == list(operation.gradients)
        for argument, expected in gradients.items():
            np.testing.assert_array_equal(back[argument], expected, err_msg=argument)


@every_operation
def test_special_cases(operation, ops):
    assert operation.special, "an operation has edges: say what happens there"
    for words, given, result in operation.special:
        for value, expected in zip(run(ops, operation, given), as_list(result), strict=True):
            np.testing.assert_array_equal(value, expected, err_msg=words)


@every_operation
def test_its_calls_use_every_option_and_nothing_square(operation):
    used = set()
    for arguments, options in mutants.calls(operation.name):
        used |= set(options)
        for array in arguments:
            if np.ndim(array) > 1:
                assert array.shape[-1] != array.shape[-2], array.shape
        getattr(reference, operation.name)(*arguments, **options)
    possible = {name for name, p in operation.parameters.items() if p.kind is p.KEYWORD_ONLY}
    # The way back of max-pooling goes by its argmax, whatever led to it; that of the mean counts
    # the pixels of a window that hangs over the end as it does those on padding.
    left_out = {"max_pool2d": {"dilation", "ceil_mode"}, "avg_pool2d": {"ceil_mode"}}
    assert possible - used == left_out.get(operation.name, set())


@every_operation
def test_it_is_linear_in_what_it_says(operation, rng):
    """And in nothing else that has a gradient, biases apart."""
    given = operation.bind(*mutants.calls(operation.name)[0][0])
    for argument in operation.gradients:
        if argument == "b" or operation.returns is not np.ndarray:
            continue
        zero = operation.output(reference, {**given, argument: 0 * given[argument]})
        first, second = (rng.integers(-9, 10, given[argument].shape) for _ in range(2))
        left, *parts = (
            operation.output(reference, {**given, argument: value}) - zero
            for value in (2 * first + second, first, second)
        )
        linear = np.allclose(left, 2 * parts[0] + parts[1], rtol=1e-9, atol=1e-9)
        assert linear == (argument in operation.linear), argument


# ------------------------------------------------------------------------------- the layers


def test_every_layer_is_one_of_an_operation():
    named = {operation.layer.__name__ for operation in OPERATIONS if operation.layer is not None}
    told = "name it in a record of cnnlab/operations (layer=), or in OTHER_LAYERS above"
    assert named == set(layers.__all__) - OTHER_LAYERS, told


def test_the_network_of_every_layer_holds_them():
    """`support.networks.every_layer`, which is trained, copied and drawn by other tests."""
    held = {type(layer).__name__ for layer in layers_of(every_layer(reference))}
    assert held - {"Row"} == set(layers.__all__) - {"Layer"}, "add it to tests/support/networks.py"


class Spy:
    """A backend that notes what it is asked for."""

    def __init__(self, ops):
        self.ops, self.asked = ops, set()

    def __getattr__(self, name):
        self.asked.add(name)
        return getattr(self.ops, name)


def test_layers_call_their_operation_and_its_gradients(rng):
    spy = Spy(reference)
    model = every_layer(spy)
    Y = model.forward(rng.random((2, *model.input_shape)), training=True)
    model.backward(rng.random(Y.shape))
    for operation in OPERATIONS:
        if operation.layer is not None:
            together = f"{operation.name}_backward"  # all gradients at once
            wanted = operation.functions if together not in BY_NAME else (operation.name, together)
            assert set(wanted) <= spy.asked, operation.name


# ------------------------------------------------------------------------------- the book


@every_operation
def test_docstrings_cite_its_equations(operation):
    wanted = dict.fromkeys(operation.functions, ())
    wanted[operation.name] = operation.equations
    for argument, label in operation.gradients.items():
        function = f"{operation.name}_d{argument}"
        holder = function if function in wanted else operation.name
        wanted[holder] = (*wanted[holder], *([label] if label else []))
    for function, labels in wanted.items():
        cited = proofs.CITED.findall(getattr(reference, function).__doc__)
        assert set(labels) <= set(cited), function
        assert set(labels) <= set(labels_of_the_book()), function


def page():
    return markdown(ROOT / "book" / "operations.ipynb")


NO_ROW = "add its row to the first table of book/operations.ipynb"


def rows_of(text, head):
    """Return the rows of the table that begins with `head`, as lists of cells."""
    table = text[text.index(head) :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_the_page_has_a_row_for_each():
    """Name, equations, gradients: the first table of *The operations*."""
    label = re.compile(r"\{eq\}`(eq-[\w-]+)`")
    rows = {name: rest for name, *rest in rows_of(page(), "| Operation | Forward | Gradients |")}
    for operation in OPERATIONS:
        assert f"`{operation.name}`" in rows, (
            "add its row to the first table of book/operations.ipynb"
        )
        forward, backward = rows[f"`{operation.name}`"]
        assert tuple(label.findall(forward)) == operation.equations, operation.name
        gradients = [f"`d{a}` {{eq}}`{eq}`" for a, eq in operation.gradients.items() if eq]
        assert re.findall(r"`d\w` \{eq\}`[\w-]+`", backward) == gradients, operation.name


@pytest.mark.parametrize("name", sorted(OTHER_LAYERS - {"Layer", "Flatten"}))
def test_the_page_has_a_row_for_each_layer_of_no_operation(name):
    """And its docstring cites the equations of that row."""
    rows = {first: rest for first, *rest in rows_of(page(), "| Operation | Forward | Gradients |")}
    assert f"`{name}`" in rows, NO_ROW
    labels = re.findall(r"`(eq-[\w-]+)`", " ".join(rows[f"`{name}`"]))
    assert labels
    assert set(labels) <= set(proofs.CITED.findall(getattr(layers, name).__doc__))
    assert set(labels) <= set(labels_of_the_book())


def test_the_page_has_the_special_cases_of_each_activation():
    """A column in the table of 0, far below, far above and NaN; the numbers are computed here."""
    text = page()
    start = text.index("| Special case | `sigmoid`")
    head = text[start:].splitlines()[0]
    names = re.findall(r"`(\w+)`", head)
    assert names == [operation.name for operation in OPERATIONS if operation.entrywise]
    places = {"at 0": 0.0, "far below 0": -1000.0, "far above 0": 1000.0, "NaN": np.nan}
    rows = rows_of(text, head)
    assert [row[0] for row in rows] == list(places)
    for place, *cells in rows:
        for name, cell in zip(names, cells, strict=True):
            Z = np.array([places[place]])
            Y = getattr(reference, name)(Z)
            slope = getattr(reference, f"{name}_dZ")(np.ones(1), Y)
            said, _, of_slope = cell.replace("$", "").partition(", slope ")
            value = float(Z[0]) if said == "Z" else float(said)
            np.testing.assert_array_equal(Y, [value], err_msg=f"{name} {place}")
            if of_slope:
                np.testing.assert_array_equal(slope, [float(of_slope)], err_msg=f"{name} {place}")


def test_the_changelog_names_each_and_its_layer():
    named = set(re.findall(r"`(\w+)`", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
    wanted = {operation.name for operation in OPERATIONS} | set(layers.__all__) - {"Layer"}
    assert wanted - named == set(), "write a line for readers in CHANGELOG.md, names in backticks"


# ------------------------------------------------------------------------------- the other tests


def nodes(files):
    """Yield the parts of the files of tests that are meant."""
    for path in sorted((ROOT / "tests").glob(files)):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


FUNCTIONS = {name for operation in OPERATIONS for name in operation.functions}


@pytest.mark.parametrize("folder", ["reference", "fast"])
def test_each_function_is_tested_by_hand(folder):
    """By its own name, beside an outside judge; and with every number of threads."""
    files = {"reference": "reference/test_*.py", "fast": "support/everything.py"}
    called = {node.attr for node in nodes(files[folder]) if isinstance(node, ast.Attribute)}
    if folder == "fast":  # these are taken from the table there
        called |= {name for o in OPERATIONS if o.entrywise for name in o.functions}
    assert FUNCTIONS - called == set(), f"call it by its name in tests/{files[folder]}"


def test_each_function_has_messages():
    """What a wrong call is told stands in the tests word by word, behind the function's name."""
    told = set()
    for node in nodes("shapes/test_*.py"):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            told |= set(re.findall(r"^\^?(\w+): ", node.value))
        if isinstance(node, ast.Tuple) and isinstance(node.elts[:1] and node.elts[0], ast.Constant):
            told.add(node.elts[0].value)  # a row of a table: the function, its arguments, the words
    # These take one array and no option: what as_array says to them is in `test_contract.py`.
    bare = {o.name for o in OPERATIONS if o.entrywise and len(o.parameters) == 1}
    assert FUNCTIONS - told - bare == set(), "put wrong calls into tests/shapes/test_<file>.py"


def test_each_gradient_has_mutants():
    wanted = {
        name
        for operation in OPERATIONS
        for name in (operation.functions[1:] or [operation.name])
        if operation.gradients and operation.backward is None
    }
    named = {mutant.operation for mutant in mutants.catalogue()}
    assert named == wanted, "write wrong gradients in cnnlab/mutants/<file>.py"


def test_the_prose_counts_the_mutants_right():
    """ "76 mistakes" stands in a heading and in the description of the chapter."""
    text = (ROOT / "book" / "gradient-checks.ipynb").read_text(encoding="utf-8")
    counts = re.findall(r"\b(\d+) (?:mistakes|wrong backward passes|mutants)\b", text)
    assert counts
    told = "correct the heading and the description of book/gradient-checks.ipynb, and run it"
    assert set(counts) == {str(len(mutants.catalogue()))}, told
