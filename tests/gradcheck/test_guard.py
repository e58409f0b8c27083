"""What functions under test are given, what they change, and how they fail."""

import numpy as np
import pytest
from support.failures import each
from support.gradients import METHODS, WAYS, Changed, text

from cnnlab import gradcheck, reference
from cnnlab.layers import Dense, Layer, ReLU, Tanh
from cnnlab.model import Sequential

NOISE = np.random.default_rng(2)
x = NOISE.standard_normal((2, 3))
IMAGES = NOISE.standard_normal((2, 2, 3, 4))
PATTERNS = NOISE.standard_normal((3, 2, 2, 2))


def square(x):
    return x**2


# ------------------------------------------------------------------------------- what they change


def five_times(dY, x):
    dY *= 5
    return [dY * 2 * x]


def into_dY(dY, x):
    dY *= 2 * x
    return [dY]


def clears(dY, x):
    gradient = 2 * x * dY
    x[...] = 0
    return [gradient]


def mean_in_place(dZ, x):
    dZ /= len(x)
    return [2 * x * dZ]


@each(
    case={
        "five times": (five_times, "dY", False),
        "into dY": (into_dY, "dY", True),
        "clears x": (clears, "x", True),
        "a mean": (mean_in_place, "dZ", False),
    },
    by=WAYS,
    method=METHODS,
)
def test_to_change_an_argument_is_a_finding_and_hides_nothing(case, by, method):
    backward, argument, right = case
    (report,) = gradcheck.check_gradients(square, backward, [x], by=by, method=method)
    assert not report.passed
    words = f"backward changed its argument {argument}, copy it first: {argument} = {argument}.copy"
    assert words in str(report)
    assert (report.wrong == 0) == right
    assert ("every entry is right, but" in report.note) == (right and report.by == "entry")


def test_its_advice_is_good():
    def copied(dY, x):
        dY = dY.copy()
        dY *= 2 * x
        return [dY]

    (report,) = gradcheck.check_gradients(square, copied, [x])
    assert report.passed, report


def test_to_return_what_was_given_is_no_finding():
    for forward, backward in (
        (lambda x: x, lambda dY, x: [dY]),
        (lambda x: x + 1, lambda dY, x: [dY]),
        (lambda x: x.ravel(), lambda dY, x: [dY.reshape(x.shape)]),
        (lambda x: x.T, lambda dY, x: [dY.T]),
        (lambda x: x[:, ::-1], lambda dY, x: [dY[:, ::-1]]),
    ):
        (report,) = gradcheck.check_gradients(forward, backward, [x])
        assert report.passed, report


def test_a_forward_that_changes_its_input_is_named():
    def forward(x):
        x[x < 0] = 0
        return x

    (report,) = gradcheck.check_gradients(forward, lambda dY, x: [np.where(x > 0, dY, 0)], [x])
    assert not report.passed
    assert "forward changed its argument x" in str(report)


def test_one_buffer_for_all_results_changes_nothing():
    """What is compared is no array that the functions can reach."""
    buffer, gradient = np.zeros(x.shape), np.zeros(x.shape)

    def forward(x):
        buffer[...] = x**2
        return buffer

    def backward(dY, x):
        gradient[...] = 2 * x * dY
        return [gradient]

    (report,) = gradcheck.check_gradients(forward, backward, [x])
    assert report.passed, report
    value = np.zeros(())

    def total(x):
        value[...] = (x**3).sum()
        return value

    np.testing.assert_allclose(gradcheck.numerical_gradient(total, x), 3 * x**2, atol=1e-8)


def test_what_forward_returned_may_not_be_changed_by_backward():
    kept = {}

    def forward(x):
        kept["Y"] = np.tanh(x)
        return kept["Y"]

    def backward(dY, x):
        Y = kept["Y"]
        Y *= Y
        return [dY * (1 - Y)]

    (report,) = gradcheck.check_gradients(forward, backward, [x])
    assert "backward changed the array that forward had returned" in str(report)
    assert not report.passed
    assert report.wrong == 0


def test_the_arrays_of_the_caller_stay():
    """Whatever holds them, a closure or a list."""
    X = x.copy()
    given = [X]

    def backward(dY, Z):
        X[...] = 7
        return [2 * Z * dY]

    (report,) = gradcheck.check_gradients(square, backward, given)
    assert report.passed, report


@each(method=[*METHODS, "adjoint"])
def test_an_operation_that_changes_an_argument_is_named(method):
    def conv2d_dX(dZ, w, X_shape, **options):
        dX = reference.conv2d_dX(dZ, w, X_shape, **options)
        w *= 0
        dZ[...] = 1
        return dX

    def conv2d_dw(dZ, X, w_shape, **options):
        return reference.conv2d_dw(dZ, X, w_shape, **options)

    ops = Changed(reference, conv2d_dX=conv2d_dX, conv2d_dw=conv2d_dw)
    reports = gradcheck.check_operation(ops, "conv2d", IMAGES, PATTERNS, method=method)
    assert [report.passed for report in reports] == [False, True], text(reports)
    assert "conv2d_dX changed its argument dZ, copy it" in str(reports[0])
    assert "conv2d_dX changed its argument w, copy it" in str(reports[0])


def test_a_transposed_convolution_names_the_gradient_of_the_function_that_changed_something():
    def conv2d_dw(dZ, X, w_shape, **options):
        result = reference.conv2d_dw(dZ, X, w_shape, **options)
        X *= 2
        return result

    reports = gradcheck.check_operation(
        Changed(reference, conv2d_dw=conv2d_dw), "conv_transpose2d", IMAGES, PATTERNS[:2]
    )
    assert [report.passed for report in reports] == [True, False]


def test_an_adjoint_that_changes_its_argument_is_named():
    def adjoint(g):
        g *= 2
        return g

    report = gradcheck.check_adjoint(lambda x: 2 * x, adjoint, (3,))
    assert not report.passed
    assert report.left == report.right
    assert "adjoint changed its argument g, copy it first: g = g.copy()" in str(report)

    def linear(x):
        x *= 2
        return x

    report = gradcheck.check_adjoint(linear, lambda g: 2 * g, (3,))
    assert not report.passed
    assert "linear changed its argument x" in str(report)


# ------------------------------------------------------------------------------- layers


class Halves(ReLU):
    def backward(self, dY):
        dY *= 0.5
        return super().backward(dY)


class Eats(ReLU):
    def forward(self, X, *, training=True):
        X[X < 0] = 0
        return super().forward(X, training=training)


class Shrinks(Dense):
    def backward(self, dY):
        dX = super().backward(dY)
        self.parameters["w"] *= 0.9
        return dX


class Scribbles(Tanh):
    def backward(self, dY):
        Y = self._remembered
        Y *= Y
        return dY * (1 - Y)


@each(
    case={
        "dY": (Halves, "1.Halves.backward changed its argument dY, copy it first: dY = dY.copy()"),
        "X": (Eats, "1.Eats.forward changed its argument X, copy it first: X = X.copy()"),
        "w": (lambda: Shrinks(4), "Shrinks.backward changed the parameter w; only the optimizer"),
        "Y": (Scribbles, "1.Scribbles.backward changed the array that forward had returned"),
    },
    method=METHODS,
)
def test_a_layer_that_changes_what_it_holds_has_a_report_of_its_own(case, method):
    layer, words = case
    model = Sequential([Dense(4, ops=reference), layer(), Dense(2)], input_shape=(3,), seed=1)
    reports = gradcheck.check_model(model, x, method=method)
    finding = reports[-1]
    assert finding.name == f"1.{model.layers[1].name}"
    assert not finding.passed
    assert words in str(finding)
    wrong = [report.name for report in reports[:-1] if not report.passed]
    assert wrong == (["0.Dense.w", "0.Dense.b", "X"] if layer is Halves else [])


# ------------------------------------------------------------------------------- how they fail


def test_a_gradient_that_raises_has_a_report_and_the_others_too():
    def conv2d_dw(dZ, X, w_shape, **options):
        return dZ.nonsense

    class Mine:
        conv2d = staticmethod(reference.conv2d)
        conv2d_dX = staticmethod(reference.conv2d_dX)

    Mine.conv2d_dw = staticmethod(conv2d_dw)
    for method in [*METHODS, "adjoint"]:
        reports = gradcheck.check_operation(
            Mine, "conv2d", IMAGES, PATTERNS, np.ones(3), method=method
        )
        assert [report.passed for report in reports] == [True, False, False][: len(reports)]
        assert "conv2d_dw raised AttributeError: 'numpy.ndarray' object" in str(reports[1])
        assert "of test_guard.py)" in str(reports[1])
        assert "the backend has no function 'conv2d_db', which conv2d needs;" in str(reports[2])
    with pytest.raises(AttributeError, match="^check_operation: the backend has no function 'tan"):
        gradcheck.check_operation(Mine, "tanh", x)


def test_a_backward_that_raises_is_said_for_every_input():
    def backward(dY, x, y):
        raise KeyError("w")

    reports = gradcheck.check_gradients(lambda x, y: x * y, backward, [x, x])
    assert [report.passed for report in reports] == [False, False]
    assert "backward raised KeyError: 'w' (line" in str(reports[0])


def test_a_layer_that_raises_leaves_reports_of_those_behind_it():
    class Raises(ReLU):
        def backward(self, dY):
            raise RuntimeError("not yet written")

    model = Sequential([Dense(4), Raises(), Dense(2)], input_shape=(3,))
    reports = gradcheck.check_model(model, x)
    passed = {report.name: report.passed for report in reports}
    assert passed == {
        "0.Dense.w": False, "0.Dense.b": False, "2.Dense.w": True, "2.Dense.b": True, "X": False,
    }  # fmt: skip
    assert "1.Raises.backward raised RuntimeError: not yet written" in str(reports[0])


def test_a_layer_that_fills_no_gradient_is_told():
    class Forgets(Dense):
        def backward(self, dY):
            dX = super().backward(dY)
            del self.gradients["b"]
            return dX

    reports = gradcheck.check_model(Sequential([Forgets(2)], input_shape=(3,)), x)
    assert [report.passed for report in reports] == [True, False, True]
    assert 'left no gradient for it; fill self.gradients["b"]' in str(reports[1])


class Block(Layer):
    """A layer made of layers, as people write them."""

    def __init__(self):
        super().__init__()
        self.parts = [Dense(4), Tanh(), Dense(3)]

    def build(self, input_shape, rng, dtype=np.float64):
        for part in self.parts:
            input_shape = part.build(input_shape, rng, dtype)
        self._gather("parameters")
        return input_shape

    def _gather(self, kind):
        for place, part in enumerate(self.parts):
            for key, value in getattr(part, kind).items():
                getattr(self, kind)[f"{place}.{key}"] = value

    def forward(self, X, *, training=True):
        for part in self.parts:
            X = part.forward(X, training=training)
        return X

    def backward(self, dY):
        for part in reversed(self.parts):
            dY = part.backward(dY)
        self._gather("gradients")
        return dY


@each(method=METHODS, by=WAYS)
def test_a_layer_made_of_layers_is_checked(method, by):
    model = Sequential([Block(), Dense(2)], input_shape=(3,))
    reports = gradcheck.check_model(model, x, method=method, by=by)
    assert len(reports) == 7
    assert all(report.passed for report in reports), text(reports)
    inside = model.layers[0].parts[0]
    assert inside.parameters["w"] is model.layers[0].parameters["0.w"]
    assert inside.parameters["w"].dtype == np.float64


def test_a_layer_that_takes_no_complex_numbers_is_named():
    class Real(ReLU):
        def forward(self, X, *, training=True):
            return super().forward(np.asarray(X, np.float64))

    model = Sequential([Dense(4), Real(), Dense(2)], input_shape=(3,))
    with pytest.raises(
        TypeError,
        match=r"^check_model: 1\.Real\.forward takes no complex numbers, .* choose met",
    ):
        gradcheck.check_model(model, x, method="complex")
    assert all(report.passed for report in gradcheck.check_model(model, x, method="central"))
    with pytest.raises(TypeError, match="^check_gradients: forward takes no complex numbers, wh"):
        gradcheck.check_gradients(
            lambda x: np.asarray(x, float) ** 2, lambda dY, x: [2 * x * dY], [x], method="complex"
        )


def test_a_forward_that_means_something_else_in_complex_numbers_is_not_held_against_backward():
    (report,) = gradcheck.check_gradients(
        np.abs, lambda dY, x: [np.sign(x) * dY], [x], method="complex"
    )
    assert report.passed, report
    assert "central differences decided" in report.note
    (report,) = gradcheck.check_gradients(
        np.abs, lambda dY, x: [1.001 * np.sign(x) * dY], [x], method="complex"
    )
    assert not report.passed


WRONG_BACKWARDS = {
    "an array": (lambda dY, x: 2 * x * dY, "backward returned an array of shape (2, 3) and dtype"),
    "None": (lambda dY, x: None, "backward returned None, but a list of 1 gradients is needed"),
    "None in it": (lambda dY, x: [None], "backward returned None for gradient 0, but an array of"),
    "two": (lambda dY, x: [dY, dY], "backward returned 2 gradients for 1 inputs; it must return"),
    "a dict": (lambda dY, x: {"dx": dY}, "backward returned a dict, but a list of 1 gradients is"),
    "text": (lambda dY, x: ["a"], "backward returned a str for gradient 0, but an array of real"),
    "a row": (lambda dY, x: [dY[0]], "gradient 0 has shape (3,), but the input it belongs to has"),
    "no x": (lambda dY: [dY], "backward cannot be called with dY and inputs, 2 in all (too many"),
}


@each(case=WRONG_BACKWARDS)
def test_what_backward_must_return_is_said(case):
    backward, words = case
    with pytest.raises((TypeError, ValueError)) as error:
        gradcheck.check_gradients(square, backward, [x])
    assert str(error.value).startswith(f"check_gradients: {words}")
    assert str(error.value).endswith(".")


def test_what_else_is_refused():
    def check(forward=square, inputs=(x,), **options):
        gradcheck.check_gradients(forward, lambda dY, x: [2 * x * dY], inputs, **options)

    with pytest.raises(TypeError, match="^check_gradients: forward cannot be called with inputs, "):
        check(inputs=x)
    with pytest.raises(TypeError, match="^check_gradients: inputs must be a list of arrays of r"):
        check(inputs=3.0)
    with pytest.raises(TypeError, match="^check_gradients: forward=str 'tanh' came, but a"):
        check("tanh")
    with pytest.raises(TypeError, match="^check_gradients: forward returned a str, but an array o"):
        check(lambda x: "a")
    for step in (0, -1e-3, np.nan):
        with pytest.raises(ValueError, match="^check_gradients: step="):
            check(step=step)
        with pytest.raises(ValueError, match="^numerical_gradient: step="):
            gradcheck.numerical_gradient(np.sum, x, step=step)
        with pytest.raises(ValueError, match="^check_operation: step="):
            gradcheck.check_operation(reference, "tanh", x, step=step)
        with pytest.raises(ValueError, match="^check_model: step="):
            gradcheck.check_model(Sequential([Dense(2)], input_shape=(3,)), x, step=step)
    with pytest.raises(ValueError, match="^check_gradients: tolerance=-1"):
        check(tolerance=-1)


def test_stacked_gradients_are_a_list_of_them():
    reports = gradcheck.check_gradients(
        lambda a, b: a * b, lambda dY, a, b: np.array([dY * b, dY * a]), [x, 2 * x]
    )
    assert all(report.passed for report in reports), text(reports)
