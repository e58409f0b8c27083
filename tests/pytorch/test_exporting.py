"""Models in PyTorch: outputs, gradients and steps are the same, there and back again."""

import copy
import io
import sys

import numpy as np
import pytest
from support.failures import each
from support.layers import LAYERS
from support.networks import every_layer

from cnnlab import fast
from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    Layer,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.pytorch import modules

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed: python -m pip install -c constraints.txt torch"
)

DTYPES = [np.float32, np.float64]


def draw_values(model, rng):
    """Give a model other values than those that it starts with."""
    state = model.state()
    for name, value in state.items():
        if isinstance(value, np.ndarray):
            low = 0.5 if name.endswith("variance") else -0.5
            state[name] = rng.uniform(low, 1, value.shape).astype(value.dtype)
    model.set_state(state)


def assert_close(result, tensor, dtype, *, roundings=64):
    """Within so many roundings of the largest number; PyTorch adds up in another order."""
    other = tensor.detach().numpy()
    atol = roundings * np.finfo(dtype).eps * max(np.abs(other).max(initial=0), 1e-3)
    np.testing.assert_allclose(result, other, rtol=0, atol=atol, strict=True)


def assert_alike(model, net, rng, *, training):
    """Compare outputs and all gradients of a batch."""
    net.train(training)
    X = rng.standard_normal((3, *model.input_shape)).astype(model.dtype)
    X_ = torch.tensor(X, requires_grad=True)
    Y, Y_ = model.forward(X, training=training), net(X_)
    assert_close(Y, Y_, model.dtype)
    dY = rng.standard_normal(Y.shape).astype(model.dtype)
    dX = model.backward(dY)
    Y_.backward(torch.tensor(dY))
    assert_close(dX, X_.grad, model.dtype)
    gradients = [parameter.grad for parameter in net.parameters()]
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert_close(parameter.gradient, gradient, model.dtype)


@each(case=[case for case in LAYERS if "Dropout" not in repr(case.layer())], dtype=DTYPES)
def test_every_layer_computes_the_same_in_pytorch(case, dtype, rng):
    model = case.model(fast, dtype=dtype)
    draw_values(model, rng)
    for training in (False, True):
        net = model.to_torch()
        assert not net.training
        assert_alike(model, net, rng, training=training)


@each(case=LAYERS, dtype=DTYPES)
def test_every_layer_comes_back(case, dtype, rng):
    model = case.model(fast, dtype=dtype)
    draw_values(model, rng)
    again = Sequential.from_torch(model.to_torch(), input_shape=case.input_shape)
    assert again.dtype == (model.dtype if list(model.parameters()) else np.float64)
    assert list(again.state()) == list(model.state())
    for parameter, other in zip(again.parameters(), model.parameters(), strict=True):
        np.testing.assert_array_equal(parameter.value, other.value, strict=True)
    X = rng.random((2, *case.input_shape))
    np.testing.assert_allclose(again(X), model(X), rtol=10 * np.finfo(dtype).eps)


# ------------------------------------------------------------------- random architectures


def draw_images(rng, shape):
    """Return some layers that take images and make images."""
    layers = []
    for _ in range(rng.integers(2, 5)):
        layer = draw_layer(rng, shape)
        layers.append(layer)
        shape = Sequential([copy.deepcopy(layer)], input_shape=shape).output_shape
    return layers


def draw_layer(rng, shape):
    D, M, N = shape
    flag = bool(rng.integers(2))
    fits = min(M, N) >= 4
    convolution = Conv2D(
        2 * D,
        (2, 3),
        stride=(1, 2) if fits else 1,
        padding=["same", 1, ((1, 0), (0, 2)), "full"][rng.integers(4)],
        dilation=(1, 2) if fits else 1,
        groups=D if flag else 1,
        bias=not flag,
    )
    kinds = [
        convolution,
        ConvTranspose2D(2, (3, 2), stride=(1, 2), padding=(1, 0), output_padding=(0, int(flag))),
        ConvTranspose2D(3, 3, padding=((1, 0), (0, 1)), bias=flag),
        BatchNorm2D(momentum=0.3, epsilon=0.01),
        MaxPool2D((2, 3), stride=1, padding=1, ceil_mode=flag),
        MaxPool2D(2, stride=1, padding=((0, 1), (1, 1))),
        AvgPool2D(2, stride=(2, 1), padding="same", ceil_mode=flag, count_include_pad=flag),
        [Sigmoid, Tanh, ReLU, LeakyReLU][rng.integers(4)](),
        Dropout(0),
        Residual([Conv2D(D, 3, padding="same"), Tanh()]),
        Residual(
            [Conv2D(4, 3, stride=2, padding=1, bias=False), BatchNorm2D()],
            shortcut=Conv2D(4, 1, stride=2),
        ),
        Sequential([Conv2D(3, 2, padding="same"), Sequential([ReLU()])]),
    ]
    return kinds[rng.integers(len(kinds))]


def draw_model(seed, dtype):
    """Return a network of a random architecture, for images in three classes."""
    rng = np.random.default_rng(seed)
    layers = draw_images(rng, (2, 6, 7))
    end = [Flatten()] if rng.integers(2) else [Conv2D(6, 1), GlobalAvgPool2D()]
    layers += [*end, Residual([Dense(5), Tanh()], shortcut=Dense(5, bias=False)), Dense(3)]
    return Sequential(layers, input_shape=(2, 6, 7), seed=seed, dtype=dtype)


STEPS = 10
OPTIMIZERS = {
    "SGD with momentum": (
        lambda: SGD(0.05, momentum=0.9),
        lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9),
    ),
    # With a large epsilon: a gradient of nothing but rounding errors makes no step of full length.
    "Adam": (
        lambda: Adam(0.01, epsilon=0.01),
        lambda parameters: torch.optim.Adam(parameters, lr=0.01, eps=0.01),
    ),
}


def batch(rng, model):
    """Return a batch of samples, and labels."""
    return rng.standard_normal((8, *model.input_shape)), rng.integers(0, 3, 8)


def our_steps(model, optimizer):
    """Return what a model and its gradients are after some steps, name by name."""
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        X, labels = batch(rng, model)
        Y = model.forward(X, training=True)
        dX = model.backward(fast.cross_entropy(Y, labels).dY)
        optimizer.step(model)
    found = {"Y": Y, "dX": dX, "used": model(X)}
    for parameter in model.parameters():
        found |= {parameter.name: parameter.value, f"d{parameter.name}": parameter.gradient}
    statistics = [name for name in model.state() if name.endswith(("mean", "variance"))]
    return found | {name: model.state()[name] for name in statistics}


def their_steps(net, model, optimizer):
    """Return the same of a module, by the names of the model."""
    rng, dtype = np.random.default_rng(0), next(net.parameters()).dtype
    net.train()
    for _ in range(STEPS):
        X, labels = batch(rng, model)
        X_ = torch.tensor(X, dtype=dtype, requires_grad=True)
        Y = net(X_)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(Y, torch.tensor(labels)).backward()
        optimizer.step()
    with torch.no_grad():
        found = {"Y": Y, "dX": X_.grad, "used": net.eval()(X_)}
    for parameter, other in zip(model.parameters(), net.parameters(), strict=True):
        found |= {parameter.name: other, f"d{parameter.name}": other.grad}
    statistics = [name for name in model.state() if name.endswith(("mean", "variance"))]
    held = [value for name, value in net.named_buffers() if "running" in name]
    found |= dict(zip(statistics, held, strict=True))
    return {name: value.detach().numpy() for name, value in found.items()}


@pytest.mark.slow
@each(seed=list(range(6)), optimizer=OPTIMIZERS)
def test_ten_steps_are_the_same_in_pytorch_and_back(seed, optimizer, rng):
    """With outputs, gradients and running statistics.

    The bound is measured: how far float32 is from float64 after these steps, says what this network
    makes of a rounding error. Two ways to add up may differ by a few of them.
    """
    ours, theirs = optimizer
    mine, others, again = {}, {}, {}
    for dtype in DTYPES:
        model = draw_model(seed, dtype)
        net = model.to_torch()
        others[dtype] = their_steps(net, model, theirs(net.parameters()))
        back = Sequential.from_torch(model.to_torch(), input_shape=model.input_shape)
        mine[dtype], again[dtype] = our_steps(model, ours()), our_steps(back, ours())
    for name, wide in mine[np.float64].items():
        errors = np.abs(mine[np.float32][name] - wide).max() / np.finfo(np.float32).eps
        for dtype in DTYPES:
            largest = np.abs(wide).max()
            bound = 64 * np.finfo(dtype).eps * max(errors, largest)
            for found in (others, again):
                np.testing.assert_allclose(
                    found[dtype][name], mine[dtype][name], rtol=0, atol=bound, err_msg=name
                )


def test_every_kind_of_layer_goes_to_pytorch():
    net = every_layer(fast).to_torch()
    assert not net.training
    assert not any(parameter.grad is not None for parameter in net.parameters())
    assert len(net) == len(every_layer(fast))


def test_modules_of_ours_can_be_copied_and_kept(tmp_path):
    """Those that PyTorch lacks are found again by their names."""
    average = AvgPool2D(2, padding="same", stride=1, count_include_pad=False)
    model = Sequential([Residual([average])], input_shape=(2, 4, 5))
    net, X = model.to_torch(), torch.ones((1, 2, 4, 5), dtype=torch.float64)
    kept = io.BytesIO()
    torch.save(net, kept)
    kept.seek(0)
    for other in (copy.deepcopy(net), torch.load(kept, weights_only=False)):
        torch.testing.assert_close(other(X), net(X))
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        modules.Nothing


class Scale(Layer):
    """A layer of one's own."""

    def forward(self, X, *, training=None):
        return 2 * X

    def backward(self, dY):
        return 2 * dY


def test_a_layer_of_ones_own_is_refused():
    model = Sequential([Tanh(), Residual([Scale()])], input_shape=(3,))
    with pytest.raises(ValueError, match="^Sequential.to_torch: 1.Residual.0.Scale is a layer of"):
        model.to_torch()
    assert len(Sequential([Tanh()], input_shape=(3,)).to_torch()) == 1  # the advice, followed


def test_without_pytorch_the_way_to_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    model = Sequential([Tanh()], input_shape=(3,))
    with pytest.raises(ImportError, match="(?s)^Sequential.to_torch: needs PyTorch.*pip install"):
        model.to_torch()
    with pytest.raises(ImportError, match="(?s)^Sequential.from_torch: needs PyTorch.*pip install"):
        Sequential.from_torch(None, input_shape=(3,))


def test_a_part_of_a_trained_model_has_its_values():
    """What the message about a layer of one's own says to do."""
    model = Sequential([Dense(4), Tanh(), Dense(2)], input_shape=(3,), seed=1)
    model[0].parameters["w"][...] = np.arange(12).reshape(4, 3)
    made = Sequential([model[0], model[2]], input_shape=(3,)).to_torch()
    np.testing.assert_array_equal(made[0].weight.detach(), np.arange(12).reshape(4, 3))
    np.testing.assert_array_equal(made[1].weight.detach(), model[2].parameters["w"])


def test_a_model_whose_list_changed_is_made_into_what_it_is_now():
    model = Sequential([Dense(4)], input_shape=(3,))
    model.layers.append(ReLU())
    assert [type(module).__name__ for module in model.to_torch()] == ["Linear", "ReLU"]
