"""Modules of PyTorch as models: the same outputs and gradients, or a refusal that says where."""

import warnings

import numpy as np
import pytest
from support.failures import each

from cnnlab import reference
from cnnlab.layers import AvgPool2D, Conv2D, ConvTranspose2D, GlobalAvgPool2D, MaxPool2D, Residual
from cnnlab.layers.base import layers_within
from cnnlab.model import Sequential
from cnnlab.pytorch import modules

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed: python -m pip install -c constraints.txt torch"
)
nn = torch.nn
row = nn.Sequential

IMAGES = (4, 6, 7)
CONV = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}
MODULES = {
    "Conv2d": lambda: row(nn.Conv2d(4, 6, (2, 3), **CONV)),
    "Conv2d without bias": lambda: row(nn.Conv2d(4, 6, 3, padding=1, bias=False)),
    "Conv2d same": lambda: row(nn.Conv2d(4, 3, (2, 3), padding="same", dilation=(1, 2))),
    "Conv2d valid": lambda: row(nn.Conv2d(4, 3, 3, padding="valid", stride=2)),
    "Conv2d on padding of its own": lambda: row(
        nn.ZeroPad2d((1, 0, 2, 1)), nn.Conv2d(4, 3, 3, stride=2)
    ),
    "ConvTranspose2d": lambda: row(nn.ConvTranspose2d(4, 6, 3, output_padding=(1, 0), **CONV)),
    "ConvTranspose2d without bias": lambda: row(nn.ConvTranspose2d(4, 2, 2, bias=False)),
    "ConvTranspose2d that is cut": lambda: row(
        nn.ConvTranspose2d(4, 2, 3, stride=2, output_padding=1), nn.ZeroPad2d((-1, 0, -2, -1))
    ),
    "MaxPool2d": lambda: row(nn.MaxPool2d(2)),
    "MaxPool2d with options": lambda: row(
        nn.MaxPool2d((2, 3), stride=(1, 2), padding=1, dilation=(2, 1), ceil_mode=True)
    ),
    "MaxPool2d on padding of its own": lambda: row(
        nn.ConstantPad2d((0, 1, 1, 1), -np.inf), nn.MaxPool2d(2, stride=1)
    ),
    "AvgPool2d": lambda: row(nn.AvgPool2d((2, 3))),
    "AvgPool2d with options": lambda: row(
        nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)
    ),
    "AvgPool2d on padding of its own": lambda: row(
        nn.ZeroPad2d((0, 1, 2, 1)), nn.AvgPool2d(2, count_include_pad=False)
    ),
    "AdaptiveAvgPool2d": lambda: row(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "AdaptiveAvgPool2d that keeps its axes": lambda: row(nn.AdaptiveAvgPool2d(1)),
    "AdaptiveAvgPool2d that divides": lambda: row(nn.AdaptiveAvgPool2d((3, None))),
    "Linear": lambda: row(nn.Flatten(), nn.Linear(168, 3), nn.Linear(3, 2, bias=False)),
    "BatchNorm2d": lambda: row(nn.BatchNorm2d(4, momentum=0.3, eps=0.01)),
    "Dropout of nothing": lambda: row(nn.Dropout(0.0)),
    "activations": lambda: row(
        nn.ReLU(inplace=True), nn.LeakyReLU(0.2), nn.Sigmoid(), nn.Tanh(), nn.Identity()
    ),
    "rows in rows": lambda: row(
        nn.Conv2d(4, 4, 1), row(nn.ReLU(), row(nn.Conv2d(4, 2, 2)), nn.Identity()), nn.Flatten()
    ),
    "one activation in many places": lambda: row(
        relu := nn.ReLU(), nn.Conv2d(4, 3, 2), relu, nn.Flatten(), relu
    ),
}


@each(module=MODULES, dtype=[torch.float32, torch.float64])
def test_every_module_computes_the_same_here(module, dtype, rng):
    with warnings.catch_warnings():  # of PyTorch, about the copies that "same" costs
        warnings.filterwarnings("ignore", "Using padding='same'")
        compare(module().to(dtype), dtype, rng)


def compare(net, dtype, rng):
    torch.manual_seed(0)
    for parameter in net.parameters():
        nn.init.normal_(parameter)
    model = Sequential.from_torch(net, input_shape=IMAGES)
    X = torch.randn((2, *IMAGES), dtype=model_dtype(model), requires_grad=True)
    for training in (True, False):
        Y = net.train(training)(X.clone())
        dY = torch.randn(Y.shape, dtype=Y.dtype)
        X.grad = None
        net.zero_grad()
        Y.backward(dY)
        found = [model.forward(X.detach().numpy(), training=training), model.backward(dY.numpy())]
        found += [parameter.gradient for parameter in model.parameters()]
        wanted = [Y, X.grad, *(parameter.grad for parameter in net.parameters())]
        for array, tensor in zip(found, wanted, strict=True):
            other = tensor.detach().numpy()
            atol = 64 * np.finfo(other.dtype).eps * np.abs(other).max()
            np.testing.assert_allclose(array, other, rtol=0, atol=atol, strict=True)


def model_dtype(model):
    return torch.float64 if model.dtype == np.float64 else torch.float32


def test_what_takes_two_modules_in_pytorch_is_one_layer():
    model = Sequential(
        [
            Residual(
                [Conv2D(4, (2, 3), stride=2, padding="same")], shortcut=Conv2D(4, 1, stride=2)
            ),
            ConvTranspose2D(4, 2, padding=((1, 0), (0, 1))),
            MaxPool2D(2, padding=((1, 0), (0, 0))),
            AvgPool2D(2, stride=1, padding=((1, 0), (0, 1)), count_include_pad=False),
            Sequential([GlobalAvgPool2D()]),
        ],
        input_shape=IMAGES,
    )
    again = Sequential.from_torch(model.to_torch(), input_shape=IMAGES, ops=reference)
    assert list(again.state()) == list(model.state())
    kinds = [[layer.name for layer in layers_within(one).values()] for one in (again, model)]
    assert kinds[0] == kinds[1]
    assert all(layer.ops is reference for layer in layers_within(again).values())


def test_values_are_copies(rng):
    net = row(nn.Flatten(), nn.Linear(4, 2)).double()
    model = Sequential.from_torch(net, input_shape=(4,))
    before = model[1].parameters["w"].copy()
    with torch.no_grad():
        net[1].weight += 1
    np.testing.assert_array_equal(model[1].parameters["w"], before)
    other = model.to_torch()
    model[1].parameters["w"][...] = 7
    np.testing.assert_array_equal(other[1].weight.detach().numpy(), before)


def test_weights_alone():
    """Into a model that is there, by way of a module that loads them."""
    model = Sequential([Conv2D(2, 3, padding="same")], input_shape=IMAGES, seed=1)
    weights = Sequential([Conv2D(2, 3, padding=1)], input_shape=IMAGES, seed=2).to_torch()
    net = model.to_torch()
    net.load_state_dict(weights.state_dict())
    model.set_state(Sequential.from_torch(net, input_shape=IMAGES).state())
    np.testing.assert_array_equal(model[0].parameters["w"], weights[0].weight.detach().numpy())


def test_the_numbers_that_pytorch_draws_stay_the_same():
    model = Sequential([Conv2D(2, 3)], input_shape=IMAGES)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    Sequential.from_torch(model.to_torch(), input_shape=IMAGES)
    assert torch.equal(torch.rand(3), expected)


class Doubles(nn.ReLU):
    """A kind of one's own."""

    def forward(self, X):
        return 2 * X


class Calls(row):
    """A row that is called in a way of its own."""

    def __call__(self, X):
        return 2 * super().__call__(X)


def hooked_identity(net):
    net[-1].register_forward_hook(lambda *_: None)
    return net


def with_values(net):
    net = net.to_empty(device="cpu")
    net.load_state_dict({name: torch.ones_like(value) for name, value in net.state_dict().items()})
    return net


def hooked():
    net = row(nn.Conv2d(4, 2, 1), nn.ReLU())
    net[1].register_forward_hook(lambda *_: None)
    return net


def spied():
    net = row(nn.ReLU())
    net[0].forward = torch.tanh
    return net


def tied():
    net = row(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1))
    net[1].weight = net[0].weight
    return net


def untied():
    net = tied()
    net[1].weight = nn.Parameter(net[1].weight.clone())
    return net


def spoilt():
    net = row(nn.Conv2d(4, 4, 1))
    nn.init.constant_(net[0].bias, np.nan)
    return net


def with_momentum(momentum):
    return row(nn.BatchNorm2d(4, momentum=momentum))


PLAIN = nn.Conv2d(4, 2, 1)
# What comes, what is said, and what is right after one did as it says.
REFUSED = {
    "no row": (lambda: nn.Conv2d(4, 2, 1), "pass torch.nn.Sequential", lambda: row(PLAIN)),
    "an unknown kind": (
        lambda: row(nn.ReLU(), nn.ELU()),
        "module 1 is ELU, .*: .*LeakyReLU",
        lambda: row(nn.ReLU(), nn.LeakyReLU()),
    ),
    "further in": (
        lambda: row(nn.ReLU(), row(nn.ELU())),
        "module 1.0 is ELU, .*: .*Tanh",
        lambda: row(nn.ReLU(), row(nn.Tanh())),
    ),
    "a kind of one's own": (
        lambda: row(Doubles()),
        "module 0 is Doubles, .* put one",
        lambda: row(nn.ReLU()),
    ),
    "a kind that waits for its input": (
        lambda: row(nn.LazyConv2d(2, 1)),
        "module 0 is LazyConv2d, .*Conv2d",
        lambda: row(PLAIN),
    ),
    "softmax": (
        lambda: row(PLAIN, nn.Softmax(1)),
        "leave it out, for cross_entropy",
        lambda: row(PLAIN),
    ),
    "a hook": (hooked, "module 1 has forward hooks, .*take it off", lambda: row(PLAIN, nn.ReLU())),
    "a hook on what does nothing": (
        lambda: hooked_identity(row(PLAIN, nn.Identity())),
        "module 1 has forward hooks, .*take it off",
        lambda: row(PLAIN, nn.Identity()),
    ),
    "a hook on the way around": (
        lambda: row(modules.Residual(row(nn.ReLU()), hooked_identity([nn.Identity()])[0])),
        "module 0.shortcut has forward hooks, .*take it off",
        lambda: row(modules.Residual(row(nn.ReLU()), nn.Identity())),
    ),
    "another call": (
        lambda: row(Calls(nn.ReLU())),
        "module 0 is Calls, .* put one",
        lambda: row(row(nn.ReLU())),
    ),
    "no values": (
        lambda: row(nn.Conv2d(4, 2, 1, device="meta")),
        '0.weight has no values, .*module.to_empty\\(device="cpu"\\) with values loaded into it',
        lambda: with_values(row(nn.Conv2d(4, 2, 1, device="meta"))),
    ),
    "another forward": (
        spied,
        "module 0 has a forward of its own, .*take it off",
        lambda: row(nn.ReLU()),
    ),
    "one parameter twice": (
        tied,
        "0.weight and 1.weight are one and the same .*give one of the two a copy",
        untied,
    ),
    "NaN": (spoilt, "0.bias holds NaN or infinity; pass a module from before", lambda: row(PLAIN)),
    "half precision": (
        lambda: row(nn.Conv2d(4, 2, 1)).half(),
        r"module.float\(\)",
        lambda: row(nn.Conv2d(4, 2, 1)).half().float(),
    ),
    "two precisions": (
        lambda: row(nn.Conv2d(4, 2, 1), nn.Conv2d(2, 2, 1).double()),
        r"torch.float32, torch.float64, .* module.double\(\)",
        lambda: row(nn.Conv2d(4, 2, 1), nn.Conv2d(2, 2, 1)).double(),
    ),
    "another depth": (
        lambda: row(nn.Conv2d(3, 2, 1)),
        "module 0 is Conv2d.*pass the input_shape",
        lambda: row(PLAIN),
    ),
    "another number of depths": (
        lambda: row(nn.BatchNorm2d(3)),
        "is BatchNorm2d.*pass the input_shape",
        lambda: row(nn.BatchNorm2d(4)),
    ),
    "another length": (
        lambda: row(nn.Flatten(), nn.Linear(9, 2)),
        r"inputs of shape \(168,\) come .*pass the input_shape",
        lambda: row(nn.Flatten(), nn.Linear(168, 2)),
    ),
    "a forgotten Flatten": (
        lambda: row(nn.Linear(7, 2)),
        r"put Flatten\(\) before",
        lambda: row(nn.Flatten(), nn.Linear(168, 2)),
    ),
    "padding that repeats": (
        lambda: row(nn.Conv2d(4, 2, 3, padding=1, padding_mode="reflect")),
        "padding_mode='reflect'.*make it with",
        lambda: row(nn.Conv2d(4, 2, 3, padding=1, padding_mode="zeros")),
    ),
    "zeros that a maximum would see": (
        lambda: row(nn.ZeroPad2d(1), nn.MaxPool2d(2)),
        "module 0 is ZeroPad2d, .*MaxPool2d",
        lambda: row(nn.MaxPool2d(2, padding=1)),
    ),
    "zeros and windows that hang over": (
        lambda: row(nn.ZeroPad2d(1), nn.AvgPool2d(2, ceil_mode=True)),
        "module 0 is ZeroPad2d, .*AvgPool2d",
        lambda: row(nn.AvgPool2d(2, padding=1, ceil_mode=True)),
    ),
    "indices": (
        lambda: row(nn.MaxPool2d(2, return_indices=True)),
        "make it with return_indices=False",
        lambda: row(nn.MaxPool2d(2, return_indices=False)),
    ),
    "another divisor": (
        lambda: row(nn.AvgPool2d(2, divisor_override=3)),
        "divisor_override=3.*make it with divisor_override=None",
        lambda: row(nn.AvgPool2d(2, divisor_override=None)),
    ),
    "windows of many sizes": (
        lambda: row(nn.AdaptiveAvgPool2d(4)),
        r"differ in size .*put AdaptiveAvgPool2d\(1\)",
        lambda: row(nn.AdaptiveAvgPool2d(1)),
    ),
    "means of a vector": (
        lambda: row(nn.Flatten(), nn.AdaptiveAvgPool2d(1)),
        "takes images, .*put it before Flatten",
        lambda: row(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    ),
    "flattened in part": (
        lambda: row(nn.Flatten(2)),
        r"all axes of a sample .*make it Flatten\(\)",
        lambda: row(nn.Flatten()),
    ),
    "no weights": (
        lambda: row(nn.BatchNorm2d(4, affine=False)),
        "make it with affine=True",
        lambda: row(nn.BatchNorm2d(4, affine=True)),
    ),
    "no running values": (
        lambda: row(nn.BatchNorm2d(4, track_running_stats=False)),
        "make it with track_running_stats=True",
        lambda: row(nn.BatchNorm2d(4, track_running_stats=True)),
    ),
    "a mean of all": (
        lambda: with_momentum(None),
        "write module.momentum = 0.1",
        lambda: with_momentum(0.1),
    ),
    "a mean that stays": (
        lambda: with_momentum(0.0),
        "BatchNorm2D: momentum=0.*try 0.1",
        lambda: with_momentum(0.1),
    ),
    "everything dropped": (
        lambda: row(nn.Dropout(1.0)),
        "Dropout: rate=1.*try 0.5",
        lambda: row(nn.Dropout(0.5)),
    ),
}


@each(case=REFUSED)
def test_what_no_layer_computes_is_refused(case):
    """And the next step leads to a model."""
    make, says, followed = case
    with pytest.raises((ValueError, TypeError), match=f"(?s)^Sequential.from_torch: .*{says}"):
        Sequential.from_torch(make(), input_shape=IMAGES)
    Sequential.from_torch(followed(), input_shape=IMAGES)(np.zeros(IMAGES))
