"""Both directions at large: right models and operations of every size, and every known mistake.

A short form runs always. `make soak` runs 200 right models and operations, and each mistake of the
catalogue in every way. Mistakes as they stand in the catalogue are tried in `test_mutants`, too.
"""

import functools

import numpy as np
import pytest
from support import right
from support.failures import each
from support.gradients import METHODS, WAYS, text
from support.soak import SOAK

from cnnlab import fast, gradcheck, mutants
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, LeakyReLU
from cnnlab.model import Sequential
from cnnlab.operations import find

SEEDS = range(200 if SOAK else 24)
IN_PLACE = [False, True] if SOAK else [True]
CATALOGUE = mutants.catalogue()
LEAVE_DY = ["relu-at-least-zero", "dropout-passed-through"]  # their dX is dY as it came


def few_of_each(catalogue):
    """Return the first and the last mistake of each function.

    Gradients of a pair of functions, and of layers, come from elsewhere than those of an operation,
    but are looked at in the same way.
    """
    first = {mutant.operation: mutant for mutant in reversed(catalogue)}
    last = {mutant.operation: mutant for mutant in catalogue}
    return [m for m in catalogue if m in (first[m.operation], last[m.operation])]


FEW = CATALOGUE if SOAK else few_of_each(CATALOGUE)


@pytest.mark.slow
@each(seed=SEEDS)
def test_right_models_are_not_accused(seed, rng):
    """Pixels of 1e-3 to 1e4, both dtypes, all layers; in turns every method, way and mode."""
    rng = np.random.default_rng(seed)
    size = 10 ** rng.uniform(-3, 4)
    model = right.model(rng, dtype=[np.float64, np.float32][seed % 2], ops=fast)
    X = right.pixels(rng, (2, *model.input_shape), size)
    reports = gradcheck.check_model(
        model,
        X,
        method=METHODS[seed // 2 % 2],
        by=WAYS[seed // 4 % 2],
        training=bool(seed // 8 % 2),
        seed=seed,
    )
    assert all(report.passed for report in reports), text(reports)


@pytest.mark.slow
@each(seed=SEEDS)
def test_right_operations_are_not_accused(seed, rng):
    rng = np.random.default_rng(seed)
    name, arguments, options = right.operation(rng, 10 ** rng.uniform(-3, 4))
    reports = gradcheck.check_operation(
        fast, name, *arguments, method=METHODS[seed // 2 % 2], by=WAYS[seed % 2], **options
    )
    assert all(report.passed for report in reports), text(reports)


def names_what_is_wrong(reports):
    """Tell whether a value is found to be wrong, whatever else is found."""
    return any(report.wrong > 0 or "raised" in report.note for report in reports)


@pytest.mark.slow
@each(mutant=CATALOGUE)
def test_a_mistake_in_place_is_found_by_its_values_and_as_a_change(mutant):
    """Where the mistake is made in the very array that is compared."""
    operation = find(mutant.forward)
    methods = ["adjoint"] if operation.linear else []
    if mutant in FEW or not operation.linear:
        methods.append("central")  # `test_mutants` tries it with every mistake
    if SOAK:
        methods.append("complex")
    ops = mutants.ops(mutant, fast, in_place=True)
    for method in methods:
        for by in WAYS if SOAK else ["direction"]:
            for arguments, options in mutants.calls(mutant.forward):
                reports = gradcheck.check_operation(
                    ops, mutant.forward, *arguments, method=method, by=by, **options
                )
                if names_what_is_wrong(reports):
                    break
            # The integers of the adjoint test have no more digits than half precision holds.
            if (mutant.name, method) != ("dw-half-precision", "adjoint"):
                assert names_what_is_wrong(reports), reports
            if mutant.name not in LEAVE_DY:
                assert "changed its argument" in str(reports) or mutant.needs


def check_functions(mutant, call, *, in_place):
    """Check a mutant as somebody does who has a forward and a backward function, and no names."""
    operation = find(mutant.forward)
    ops = mutants.ops(mutant, fast, in_place=in_place)
    given = operation.bind(*call[0], **call[1])
    letters = [letter for letter in operation.gradients if letter in given]

    def all_of(arrays):
        return {**given, **dict(zip(letters, arrays, strict=True))}

    def backward(dY, *arrays):
        gradients = operation.back(ops, dY, all_of(arrays))
        return [gradients[letter] for letter in letters]

    return gradcheck.check_gradients(
        lambda *arrays: operation.output(fast, all_of(arrays)),
        backward,
        [given[letter] for letter in letters],
        by="direction",
    )


@pytest.mark.slow
@each(mutant=FEW, in_place=IN_PLACE)
def test_no_mistake_passes_as_a_pair_of_functions(mutant, in_place):
    assert any(
        names_what_is_wrong(check_functions(mutant, call, in_place=in_place))
        for call in mutants.calls(mutant.forward)
    )


def layer_of(mutant, call):
    """Return what makes the layer of a call, and images for it."""
    operation = find(mutant.forward)
    (X, *rest), options = call
    if operation.layer is Conv2D:
        arguments = len(rest[0]), rest[0].shape[2:]
        X = 20 * X  # so that the gradient of a pattern is larger than 10
    elif operation.layer is Dense:
        arguments = (len(rest[0]),)
    elif operation.layer is BatchNorm2D:
        arguments, options = (), {"epsilon": options.get("epsilon", 1e-5)}
    elif operation.layer is Dropout:  # it draws itself what is kept
        arguments = (options.get("rate", 0.5),)
        options = {}
    else:
        arguments = rest
    return functools.partial(operation.layer, *arguments, **options), X


@pytest.mark.slow
@each(mutant=[m for m in FEW if find(m.forward).layer], in_place=IN_PLACE)
def test_no_mistake_passes_in_a_model(mutant, in_place):
    ops = mutants.ops(mutant, fast, in_place=in_place)
    for call in mutants.calls(mutant.forward):
        make, X = layer_of(mutant, call)
        layers = [make(ops=ops), Flatten(), LeakyReLU(0.5), Dense(2)]
        model = Sequential(layers, input_shape=X.shape[1:], seed=1)
        reports = gradcheck.check_model(model, X, by="direction")
        if names_what_is_wrong(reports):
            return
    pytest.fail(f"{mutant.name} passed")
