"""The loops that chapters print: those of the equation, and equal to what the operation gives."""

import inspect

import numpy as np
import pytest
from support.cases import CONV, integers
from support.failures import each

from cnnlab import reference, source
from cnnlab.reference import plain


def both(case, rng, dtype=np.float64):
    """Return what each of the three is given."""
    shapes = case.X_shape, case.w_shape, (case.P,), case.Z_shape
    X, w, b, dZ = (integers(rng, shape, dtype) for shape in shapes)
    return {
        "conv2d": (X, w, b),
        "conv2d_dX": (dZ, w, case.X_shape),
        "conv2d_dw": (dZ, X, case.w_shape),
    }


@each(case=CONV, dtype=[np.float64, np.float32, complex])
def test_equal_to_the_operation_to_the_bit(case, dtype, rng):
    for name, arguments in both(case, rng, dtype).items():
        expected = getattr(reference, name)(*arguments)
        found = getattr(plain, name)(*arguments)
        np.testing.assert_array_equal(found, expected, strict=True, err_msg=name)


def test_one_image_is_taken_without_its_axis(rng):
    X, w, dZ = (integers(rng, shape) for shape in ((2, 4, 5), (3, 2, 2, 3), (3, 3, 3)))
    assert plain.conv2d(X, w).shape == (3, 3, 3)
    assert plain.conv2d_dX(dZ, w, X_shape=(2, 4, 5)).shape == (2, 4, 5)
    np.testing.assert_array_equal(
        plain.conv2d_dw(dZ=dZ, X=X, w_shape=w.shape), reference.conv2d_dw(dZ, X, w.shape)
    )


@each(name=plain.__all__)
def test_what_is_printed_has_seven_loops_and_no_options(name):
    code = source.loops(getattr(plain, name)).code
    assert code.count("for ") == 7
    options = {"stride", "padding", "dilation", "groups", "geometry", "keep_complex", "single"}
    assert not {word for word in options if word in code}
    assert list(inspect.signature(getattr(plain, name)).parameters) == [
        parameter.name
        for parameter in inspect.signature(getattr(reference, name)).parameters.values()
        if parameter.kind is not parameter.KEYWORD_ONLY
    ]


def test_what_does_not_fit_is_refused_as_by_the_operation():
    with pytest.raises(ValueError, match=r"^conv2d: X has depth D=3 but w expects 1"):
        plain.conv2d(np.ones((3, 4, 4)), np.ones((2, 1, 2, 2)))
    with pytest.raises(TypeError, match="unexpected keyword argument 'stride'"):
        plain.conv2d(np.ones((1, 4, 4)), np.ones((2, 1, 2, 2)), stride=2)
