"""The catalogue of wrong backward passes: each runs, has the right shape, is wrong, is found."""

import ast
import copy
import functools
import inspect
import pickle
import re

import numpy as np
import pytest
from support.book import ROOT, labels_of_the_book, read
from support.cases import CONV, DENSE, GEOMETRY, Conv, Dense
from support.failures import each

from cnnlab import fast, gradcheck, mutants, reference
from cnnlab.layers import Conv2D, Flatten, Sigmoid
from cnnlab.layers import Dense as DenseLayer
from cnnlab.model import Sequential
from cnnlab.mutants import checks
from cnnlab.operations import OPERATIONS, find

CATALOGUE = mutants.catalogue()
FORWARD = sorted({mutant.forward for mutant in CATALOGUE})
WEAK = [
    mutants.sum_of_outputs,
    mutants.one_entry,
    mutants.loose_tolerance,
    mutants.all_three,
    mutants.plain_shapes,
]

# Beside the usual cases: equal sizes, without which some mutants do not run.
SQUARE = [
    Conv("square, as many patterns as depths", 2, 3, 5, 6, 3, 2, 2),
    Conv("square, with options", 2, 4, 7, 8, 4, 2, 2,
         stride=(2, 3), padding=((1, 0), (0, 2)), dilation=(2, 1), groups=2,
         positions=(3, 3), margins=((1, 0), (0, 2))),
]  # fmt: skip
CHOSEN = {
    "one pixel",
    "more patterns than depths",
    "pattern as large as the image",
    "empty batch",
    "stride leaves gaps",
    "zeros on two sides only",
    "same, even pattern",
    "full, dilation",
    "two groups",
    "windows wholly on zeros",
    "empty batch with options",
}
LAYERS = [case for case in [*CONV, *GEOMETRY] if case.name in CHOSEN] + SQUARE
NETS = [*DENSE, Dense("square", 3, 4, 4)]

every_mutant = each(mutant=CATALOGUE)


def integers(rng, *shape):
    """Whole numbers so large that half precision cannot hold their sums."""
    return rng.integers(-49, 50, shape).astype(np.float64)


def direct_calls(operation):
    """Yield what an operation can be called with, and the sizes that count: of integers."""
    rng = np.random.default_rng(5)
    if operation.startswith("conv2d"):
        for case in LAYERS:
            dZ, X = integers(rng, *case.Z_shape), integers(rng, *case.X_shape)
            w = integers(rng, *case.w_shape)
            arguments = {
                "conv2d_dX": (dZ, w, case.X_shape),
                "conv2d_dw": (dZ, X, case.w_shape),
                "conv2d_db": (dZ,),
            }[operation]
            options = {} if operation == "conv2d_db" else case.options
            yield arguments, options, {"m = n": case.m == case.n, "P = D": case.P == case.D}
            if operation == "conv2d_dX" and case.B:
                yield (dZ[0], w, case.X_shape[1:]), options, {
                    "m = n": case.m == case.n, "P = D": case.P == case.D,
                }  # fmt: skip
    elif operation.startswith("dense"):
        for net in NETS:
            dZ, X = integers(rng, net.B, net.outputs), integers(rng, net.B, net.inputs)
            w = integers(rng, net.outputs, net.inputs)
            arguments = {"dense_dX": (dZ, w), "dense_dw": (dZ, X), "dense_db": (dZ,)}[operation]
            yield arguments, {}, {"O = I": net.outputs == net.inputs}
    elif "pool2d" in operation:
        for name in ("max_pool2d", "avg_pool2d"):
            for (X, size), options in mutants.calls(name):
                X = integers(rng, *X.shape)
                if operation == name + "_dX" == "max_pool2d_dX":
                    Y, argmax = reference.max_pool2d(X, size, **options)
                    dY = integers(rng, *Y.shape)
                    yield (dY, argmax, X.shape), {}, {}
                    yield (dY[0], argmax[0], X[0].shape), {}, {}
                elif operation == name + "_dX":
                    dY = integers(rng, *reference.avg_pool2d(X, size, **options).shape)
                    yield (12 * dY, X.shape, size), options, {}
                    yield (12 * dY[0], X[0].shape, size), options, {}
    elif operation.startswith(("batch_norm2d", "dropout")):
        yield from calls_of_normalization_and_dropout(operation, rng)
    elif operation == "squared_error":
        yield (integers(rng, 3, 4), integers(rng, 3, 4)), {}, {}
        yield (integers(rng, 2, 1, 3, 2), integers(rng, 2, 1, 3, 2)), {}, {}
        yield (integers(rng, 4), integers(rng, 4)), {}, {}
    elif operation == "cross_entropy":
        yield (rng.integers(-3, 4, (3, 4)).astype(float), [1, 3, 0]), {}, {}
        yield (rng.integers(-3, 4, 4).astype(float), 2), {}, {}
    else:  # activations; eighths are exact
        least = 0 if operation in ("sigmoid_dZ", "relu_dZ") else -8
        for _, options in mutants.calls(operation.removesuffix("_dZ")):
            for shape in (3, 4), (2, 1, 3, 5):
                yield (integers(rng, *shape), rng.integers(least, 9, shape) / 8), options, {}


def calls_of_normalization_and_dropout(operation, rng):
    for given, options in mutants.calls(operation.rpartition("_")[0]):
        shape = given[0].shape
        X, dY, w = integers(rng, *shape), integers(rng, *shape), integers(rng, shape[1])
        if operation == "dropout_dX":
            yield (dY, given[1]), options, {}
            continue
        _, mean, _, scale = reference.batch_norm2d(*given, **options)
        arguments = {
            "batch_norm2d_dX": (dY, X, w, mean, scale),
            "batch_norm2d_dw": (dY, X, mean, scale),
            "batch_norm2d_db": (dY,),
        }[operation]
        fixed = {"fixed": "mean" in options} if operation == "batch_norm2d_dX" else {}
        yield arguments, fixed, {}


def gradient_of(result):
    return result.dY if isinstance(result, tuple) else result


@functools.cache
def calls_with_gradients(operation):
    """Return the direct calls of an operation, each with the right gradient; all is read-only."""
    calls = []
    for arguments, options, sizes in direct_calls(operation):
        expected = gradient_of(getattr(reference, operation)(*arguments, **options))
        for value in [*arguments, expected]:
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
        calls.append((arguments, options, sizes, expected))
    return calls


# ------------------------------------------------------------------------------- the catalogue


def test_there_are_many_and_of_every_gradient():
    assert len(CATALOGUE) >= 70
    assert len({mutant.name for mutant in CATALOGUE}) == len(CATALOGUE)
    assert {mutant.forward for mutant in CATALOGUE} == {
        o.name for o in OPERATIONS if o.gradients
    } - {
        "conv_transpose2d"  # its gradients are those of conv2d
    }
    assert {"eq-dX", "eq-dw", "eq-db", "eq-dZ", "eq-border"} <= {m.equation for m in CATALOGUE}


@every_mutant
def test_record(mutant):
    assert mutants.find(mutant.name) is mutant
    assert re.fullmatch("[a-zA-Z0-9-]{5,27}", mutant.name)
    assert mutant.operation in reference.__all__
    for sentence in (mutant.mistake, mutant.misreading):
        assert sentence.endswith(".")
        assert "  " not in sentence
    assert mutant.mistake.count(".") <= 2  # one sentence; "0.01" has a point, too
    assert str(inspect.signature(mutant.function)) == str(
        inspect.signature(getattr(reference, mutant.operation))
    )
    definition = ast.parse(mutant.code.code).body[0]
    assert definition.name.replace("_", "-") == mutant.name
    assert ast.get_docstring(definition) is None
    assert len(mutant.code.code.splitlines()) <= 12
    assert copy.copy(mutant) == mutant


def test_the_equation_that_it_violates_is_in_the_book():
    labels = labels_of_the_book()
    assert {
        mutant.name: mutant.equation for mutant in CATALOGUE if mutant.equation not in labels
    } == {}


@functools.cache
def results(mutant):
    """Return what a mutant makes of every call that suits it, beside the right gradients."""
    return [
        (gradient_of(mutant.function(*arguments, **options)), expected)
        for arguments, options, sizes, expected in calls_with_gradients(mutant.operation)
        if sizes.get(mutant.needs, True)
    ]


@every_mutant
def test_accepts_every_call_of_its_operation_and_has_the_right_shape(mutant):
    """No check of shapes can find it; nor does it write into its arguments, which would fail."""
    assert len(results(mutant)) >= 2
    for result, expected in results(mutant):
        assert result.shape == expected.shape
        assert result.dtype == expected.dtype
        assert np.isfinite(result).all()
    for arguments, options, sizes, _ in calls_with_gradients(mutant.operation):
        if not sizes.get(mutant.needs, True):
            with pytest.raises((IndexError, ValueError)):
                mutant.function(*arguments, **options)


@every_mutant
def test_is_wrong_on_integers(mutant):
    """Not by rounding: by at least one part in ten thousand of the largest entry."""
    errors = [
        np.abs(result - expected).max() / (np.abs(expected).max() or 1)
        for result, expected in results(mutant)
        if expected.size
    ]
    assert max(errors) > 1e-4


@every_mutant
def test_float32_stays_float32_and_arguments_go_by_name(mutant):
    operation = getattr(reference, mutant.operation)
    arguments, options, _, _ = next(
        call for call in calls_with_gradients(mutant.operation) if call[2].get(mutant.needs, True)
    )
    single = [
        value.astype(np.float32) if getattr(value, "dtype", None) == np.float64 else value
        for value in arguments
    ]
    named = inspect.signature(operation).bind(*single, **options).arguments
    result = gradient_of(mutant.function(**named))
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, gradient_of(mutant.function(*single, **options)))


@every_mutant
def test_wrong_shapes_are_refused_in_the_words_of_the_operation(mutant):
    with pytest.raises((TypeError, ValueError)) as expected:
        getattr(reference, mutant.operation)(*[["a"]] * 2)
    with pytest.raises(expected.type) as error:
        mutant.function(*[["a"]] * 2)
    if "argument" not in str(expected.value):  # Python's own words name the function
        assert str(error.value) == str(expected.value)


def test_an_unknown_name():
    with pytest.raises(ValueError, match="^find: no mutant 'dX'; choose one of dX-pattern-not"):
        mutants.find("dX")


# ------------------------------------------------------------------------------- as a backend


@pytest.mark.parametrize("base", [reference, fast])
def test_all_gradients_at_once_hold_the_wrong_one(base, rng):
    X, dY, w = *rng.standard_normal((2, 2, 3, 4, 5)), np.array([2.0, 3.0, 4.0])
    given = dY, X, w, *rng.standard_normal((2, 3))
    right = base.batch_norm2d_backward(*given)
    for mutant in CATALOGUE:
        found = mutants.ops(mutant, base).batch_norm2d_backward(*given)
        argument = mutant.operation.removeprefix("batch_norm2d_")
        for name, one, other in zip(right._fields, found, right, strict=True):
            same = np.allclose(one, other, rtol=1e-9)
            assert same == (name != argument or mutant.name == "batch-norm-never-fixed"), mutant


@pytest.mark.parametrize("base", [reference, fast])
def test_ops_replaces_one_function_and_no_other(base):
    for mutant in CATALOGUE:
        wrong = mutants.ops(mutant, base)
        together = {"batch_norm2d_backward"} if mutant.forward == "batch_norm2d" else set()
        for name in set(reference.__all__) - together:
            replaced = name == mutant.operation
            assert getattr(wrong, name) is (mutant.function if replaced else getattr(base, name))
    assert repr(wrong) == f"<{base.__name__} with {mutant.name}>"
    assert mutants.ops(mutant.name).squared_error is reference.squared_error
    with pytest.raises(AttributeError, match="conv3d"):
        wrong.conv3d
    assert copy.copy(wrong)._mutant is mutant
    with pytest.raises((pickle.PicklingError, TypeError, AttributeError)):
        pickle.dumps(wrong)


@pytest.mark.parametrize("base", [reference, fast])
def test_a_network_learns_with_one(base):
    """Later chapters train with them."""
    wrong = mutants.ops("dw-mean-over-positions", base)
    layers = [Conv2D(2, (2, 3), ops=wrong), Sigmoid(ops=wrong), Flatten(), DenseLayer(3, ops=wrong)]
    model = Sequential(layers, input_shape=(1, 4, 6), seed=0)
    X = np.random.default_rng(0).random((3, 1, 4, 6))
    _, dY = wrong.cross_entropy(model.forward(X), [0, 1, 2])
    model.backward(dY)
    reports = gradcheck.check_model(model, X)
    assert [report.name for report in reports if not report.passed] == ["0.Conv2D.w"]


# ------------------------------------------------------------------------------- who finds them


@functools.cache
def left_by(check):
    return mutants.survivors(check, fast)


@each(check=[*WEAK, mutants.every_entry], name=FORWARD)
def test_no_check_accuses_what_is_right(check, name):
    assert check(fast, name)


@each(name=[name for name in FORWARD if name != "conv2d"])
def test_the_loops_pass_as_well(name):
    assert mutants.every_entry(reference, name)


@each(method=["adjoint", "central"], call=dict(enumerate(mutants.calls("conv2d"))))
def test_the_loops_of_a_convolution_pass_as_well(method, call):
    """Along random directions, which see every entry: one by one, its loops take ten seconds."""
    arguments, options = call
    reports = gradcheck.check_operation(
        reference, "conv2d", *arguments, method=method, by="direction", **options
    )
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


def test_every_entry_leaves_none():
    assert left_by(mutants.every_entry) == []


def as_the_page_prints_it():
    """Return how many mutants each check leaves, by the name of the check; nbval keeps it true."""
    cells = read(ROOT / "book" / "gradient-checks.ipynb").cells
    (cell,) = [cell for cell in cells if cell.source.startswith("checks = {")]
    checks = re.findall(r'"(.)": mutants\.(\w+)', cell.source)
    numbers = dict(re.findall(r"(\w): (\d+)", cell.outputs[0].text))
    return {check: int(numbers[letter]) for letter, check in checks}


@each(check=[*WEAK, mutants.every_entry])
def test_a_check_leaves_as_many_as_the_page_says(check):
    left = left_by(check)
    assert len(left) == as_the_page_prints_it()[check.__name__], left
    assert set(left) <= {mutant.name for mutant in CATALOGUE}


def test_the_page_tries_every_check():
    assert set(as_the_page_prints_it()) == {
        check.__name__ for check in [*WEAK, mutants.every_entry]
    }


def test_what_the_weak_checks_leave_is_what_they_cannot_see():
    by_sum = left_by(mutants.sum_of_outputs)
    assert {"dX-dZ-turned", "dw-dZ-turned", "db-upstream-forgotten"} <= set(by_sum)
    plain = left_by(mutants.plain_shapes)
    assert {"dX-last-pattern-only", "dw-last-sample-only", "dX-stride-ignored"} <= set(plain)
    # Weak in three ways, it leaves at least what each way leaves, but for where it looks.
    assert set(by_sum) <= set(left_by(mutants.all_three))


@pytest.mark.parametrize("method", ["central", "adjoint"])
def test_each_half_of_the_last_check_finds_almost_all(method):
    """Neither is there for show: the one sees what is not linear, the other is exact."""

    def half(ops, name):
        if method == "adjoint" and not find(name).linear:
            return True
        return all(
            report.passed
            for arguments, options in mutants.calls(name)
            for report in gradcheck.check_operation(ops, name, *arguments, method=method, **options)
        )

    left = set(mutants.survivors(half, fast))
    if method == "central":
        assert left == set()
    else:  # three digits are enough for the integers that it draws
        unseen = {m.name for m in CATALOGUE if not find(m.forward).linear}
        assert left == unseen | {"dw-half-precision"}


def test_in_no_call_is_anything_square():
    for arguments, options in mutants.calls("conv2d"):
        X, w, b = arguments
        Z = fast.conv2d(X, w, b, **options)
        for array in (X, w, Z):
            assert array.shape[2] != array.shape[3]
        assert len({len(X), len(w), X.shape[1]}) == 3
        assert min(*X.shape, *w.shape, *Z.shape) > 1
        gradcheck.check_operation(fast, "conv2d", *arguments, method="adjoint", **options)
    used = {key for _, options in mutants.calls("conv2d") for key in options}
    assert used == {"stride", "padding", "dilation", "groups"}
    for (X, size), options in mutants.calls("avg_pool2d"):
        Y = fast.avg_pool2d(X, size, **options)
        assert len({*X.shape[2:]}) == len({*Y.shape[2:]}) == len({*size}) == 2
    for name in [operation.name for operation in OPERATIONS]:
        first, again = (mutants.calls(name)[-1][0][0] for _ in range(2))
        np.testing.assert_array_equal(first, again)


def test_what_is_measured_once_is_not_mistaken_for_something_else():
    """Neither another forward pass, nor another call, nor another upstream gradient."""

    class Doubled:
        conv2d = staticmethod(lambda X, w, b, **options: 2 * fast.conv2d(X, w, b, **options))

        def __getattr__(self, name):
            return getattr(fast, name)

    def measure(ops, call, upstream=np.ones):
        return [numerical for _, numerical in mutants.compared(ops, "conv2d", call, upstream)]

    first, second = mutants.calls("conv2d")[:2]
    once = measure(fast, first)
    once[0][...] = 0  # what is handed out may be written to
    once = measure(fast, first)
    for other, factor in (
        (measure(fast, first), 1),
        (measure(Doubled(), first), 2),
        (measure(fast, first, lambda shape: np.full(shape, 3)), 3),
    ):
        for given, expected in zip(other, once, strict=True):
            np.testing.assert_allclose(given, factor * expected, rtol=1e-6, atol=1e-8)
    assert measure(fast, second)[0].shape == second[0][0].shape
    for seed in range(300):
        draw = np.random.default_rng(seed).standard_normal
        list(mutants.compared(fast, "sigmoid", ((draw(2),), {}), np.ones))
    assert len(checks._MEASURED) <= 256
