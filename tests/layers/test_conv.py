"""Convolutional layers: starting values, what PyTorch says, and what a wrong use is told."""

import numpy as np
import pytest
from support.failures import each
from support.layers import LAYERS, backward_with, built

from cnnlab import reference, shapes
from cnnlab.layers import Conv2D, ConvTranspose2D, Flatten
from cnnlab.model import Sequential


def test_an_initializer_sees_what_is_connected(rng):
    seen = []

    def initializer(shape, rng):
        seen.append(shape)
        return np.full(shape, len(seen))

    convolution = Conv2D(6, (2, 3), groups=2, initializer=initializer)
    convolution.build((4, 5, 5), rng)
    transposed = ConvTranspose2D(6, (2, 3), groups=2, initializer=initializer)
    transposed.build((4, 5, 5), rng)
    # A group: (P // groups, D // groups, m, n), outputs first, for both.
    assert seen == 4 * [(3, 2, 2, 3)]
    assert convolution.parameters["w"].shape == (6, 2, 2, 3)
    np.testing.assert_array_equal(convolution.parameters["w"][:, 0, 0, 0], [1, 1, 1, 2, 2, 2])
    assert transposed.parameters["w"].shape == (4, 3, 2, 3)
    np.testing.assert_array_equal(transposed.parameters["w"][:, 0, 0, 0], [3, 3, 4, 4])
    assert transposed.parameters["b"].shape == (6,)


@pytest.mark.parametrize(
    "case", [case for case in LAYERS if case.kind is ConvTranspose2D], ids=lambda case: case.name
)
def test_transposed_convolution_goes_as_pytorch(case, ops, rng):
    torch = pytest.importorskip("torch")
    model, options = case.model(ops), dict(case.options)
    layer = model.layers[0]
    X = rng.standard_normal((2, *case.input_shape))
    Y = model.forward(X)
    # PyTorch knows neither the words nor two sides that differ: take all, and cut it by hand.
    (top, _), (left, _) = shapes.conv_transpose2d_geometry(
        "test", X.shape, layer.parameters["w"].shape, **layer.options
    )[1].padding
    if options.pop("padding", 0) == "same":
        options["output_padding"] = [stride - 1 for stride in options["stride"]]
    X_, *learned = (
        torch.tensor(array, requires_grad=True) for array in (X, *layer.parameters.values())
    )
    w, b = learned if options.pop("bias", True) else (*learned, None)
    Z = torch.nn.functional.conv_transpose2d(X_, w, b, **options)
    Z = Z[..., top : top + Y.shape[2], left : left + Y.shape[3]]
    dY = rng.standard_normal(Y.shape)
    Z.backward(torch.tensor(dY))
    np.testing.assert_allclose(Y, Z.detach().numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(model.backward(dY), X_.grad.numpy(), rtol=1e-12, atol=1e-12)
    for gradient, tensor in zip(layer.gradients.values(), learned, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-12, atol=1e-12)


WRONG = {
    "convolution on vectors": (
        lambda: Sequential([Flatten(), Conv2D(3, 2)], input_shape=(1, 28, 28)),
        ValueError,
        r"Conv2D: input_shape=\(784,\) has length 1, but needs 3",
    ),
    "pattern too large": (
        lambda: Sequential([Conv2D(3, 9)], input_shape=(1, 8, 8)),
        ValueError,
        "Conv2D: a pattern of 9 x 9 does not fit into an image of 8 x 8",
    ),
    "no patterns": (
        lambda: Conv2D(0, 3),
        ValueError,
        "Conv2D: patterns=0, but at least 1 is needed; pass 1 or more.",
    ),
    "half a pattern": (
        lambda: Conv2D(1.5, 3),
        TypeError,
        "Conv2D: patterns=float 1.5 came, but an integer is needed; pass 1 or more.",
    ),
    "three sizes": (
        lambda: Conv2D(1, (3, 3, 3)),
        ValueError,
        r"Conv2D: size=\(3, 3, 3\) has 3 entries, but needs 2; pass \(rows, columns\)",
    ),
    "stride of zero": (
        lambda: Conv2D(1, 3, stride=0),
        ValueError,
        "Conv2D: stride=0, but at least 1 is needed; pass 1 or more.",
    ),
    "unknown padding": (
        lambda: Conv2D(1, 3, padding="some"),
        ValueError,
        "Conv2D: padding='some' came, but an integer, a pair",
    ),
    "half a dilation": (
        lambda: Conv2D(1, 3, dilation=0.5),
        TypeError,
        "Conv2D: dilation=float 0.5 came, but an integer is needed",
    ),
    "no groups": (
        lambda: Conv2D(1, 3, groups=0),
        ValueError,
        "Conv2D: groups=0, but at least 1 is needed; pass 1 or more.",
    ),
    "groups of patterns": (
        lambda: Conv2D(3, 3, groups=2),
        ValueError,
        "Conv2D: groups=2 does not divide patterns=3; pass a divisor.",
    ),
    "groups of depths": (
        lambda: Sequential([Conv2D(4, 3, groups=4)], input_shape=(2, 5, 5)),
        ValueError,
        r"Conv2D: groups=4 does not divide depth D=2 and P=4 patterns \(X.shape=\(1, 2, 5, 5\)",
    ),
    "not built": (
        lambda: Conv2D(1, 2).forward(np.zeros((1, 1, 3, 3))),
        RuntimeError,
        "Conv2D.forward: the layer has not been built yet; put it into Sequential",
    ),
    "transposed, no patterns": (
        lambda: ConvTranspose2D(0, 3),
        ValueError,
        "ConvTranspose2D: patterns=0, but at least 1 is needed; pass 1 or more.",
    ),
    "transposed, three sizes": (
        lambda: ConvTranspose2D(1, (3, 3, 3)),
        ValueError,
        r"ConvTranspose2D: size=\(3, 3, 3\) has 3 entries",
    ),
    "transposed, stride": (
        lambda: ConvTranspose2D(1, 3, stride=(1, 0)),
        ValueError,
        "ConvTranspose2D: stride=0, but at least 1 is needed; pass 1 or more.",
    ),
    "transposed, too much output_padding": (
        lambda: ConvTranspose2D(1, 3, stride=2, output_padding=2),
        ValueError,
        r"ConvTranspose2D: output_padding=\(2, 2\), but it must be smaller than stride",
    ),
    "transposed, groups of patterns": (
        lambda: ConvTranspose2D(3, 3, groups=2),
        ValueError,
        "ConvTranspose2D: groups=2 does not divide patterns=3; pass a divisor.",
    ),
    "transposed, groups of depths": (
        lambda: Sequential([ConvTranspose2D(4, 3, groups=2)], input_shape=(3, 5, 5)),
        ValueError,
        "ConvTranspose2D: groups=2 does not divide depth D=3",
    ),
    "transposed, all cut off": (
        lambda: Sequential([ConvTranspose2D(4, 3, padding=2)], input_shape=(3, 1, 2)),
        ValueError,
        "ConvTranspose2D: padding=2 ",
    ),
    "transposed, on vectors": (
        lambda: Sequential([ConvTranspose2D(4, 3)], input_shape=(3,)),
        ValueError,
        r"ConvTranspose2D: input_shape=\(3,\) has length 1, but needs 3",
    ),
    "transposed, not built": (
        lambda: ConvTranspose2D(1, 2).forward(np.zeros((1, 1, 3, 3))),
        RuntimeError,
        "ConvTranspose2D.forward: the layer has not been built yet; put it into Sequential",
    ),
    "transposed, gradient of another shape": (
        lambda: backward_with(ConvTranspose2D(2, 2, ops=reference), (1, 1, 3, 3), (1, 2, 5, 4)),
        ValueError,
        r"ConvTranspose2D.backward: dY.shape=\(1, 2, 5, 4\), but forward returned shape "
        r"\(1, 2, 4, 4\); dY must have the same shape.",
    ),
    "transposed, a table": (
        lambda: built(ConvTranspose2D(2, 2), (1, 3, 3)).forward(np.zeros((3, 3))),
        ValueError,
        "conv_transpose2d: X has 2 axes",
    ),
}


@each(case=WRONG)
def test_message(case):
    wrong_use, kind, words = case
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()
