"""From PyTorch to a model: every module as the layer that computes the same, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from cnnlab import layers, shapes
from cnnlab.layers.base import layers_in_rows
from cnnlab.pytorch import modules
from cnnlab.shapes import words
from cnnlab.typing import Backend, Seed

Model = TypeVar("Model")  # `cnnlab.model.Sequential`, which imports this file
Shape = tuple[int, ...]

# What a module does beside its own work, whoever asked for it.
HOOKS = "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"
SOFTMAX = "Softmax", "LogSoftmax", "Softmax2d"


def from_torch(
    kind: Callable[..., Model], module: Any, input_shape: Any, ops: Backend | None, seed: Seed
) -> Model:
    """Make the model that computes what a module of PyTorch does; see `Sequential.from_torch`."""
    torch = modules.load("Sequential.from_torch")
    if not _is_row(torch, module):
        raise TypeError(
            f"Sequential.from_torch: module={words.brief(module)} came, but a torch.nn.Sequential "
            f"is needed; pass torch.nn.Sequential(...) of the modules, in the order of their calls."
        )
    shape = shapes.as_shape(input_shape, "Sequential.from_torch", "input_shape", (1, 2, 3))
    seed = shapes.as_generator(seed, "Sequential.from_torch")
    found = _Import(torch, kind, ops, shape)
    parts = found.row(module, "")
    model: Any = kind(parts, input_shape=shape, seed=seed, dtype=_dtype_of(torch, module))
    values = model.state()
    for where, layer in layers_in_rows(model._row):
        for name, value in found.values.get(id(layer), {}).items():
            place = f"{where}.{name}"
            values[place] = np.array(value.detach().cpu().numpy(), values[place].dtype, order="C")
    model.set_state(values)
    return model


def _is_row(torch: Any, module: Any) -> bool:
    kind = torch.nn.Sequential
    methods = ("forward", "__call__")
    return isinstance(module, kind) and all(
        getattr(type(module), name) is getattr(kind, name) for name in methods
    )


def _dtype_of(torch: Any, module: Any) -> Any:
    """Return the dtype of all parameters; each of them stands in one place and is a number."""
    places: dict[int, str] = {}
    dtypes = set()
    for name, parameter in module.named_parameters(remove_duplicate=False):
        if id(parameter) in places:
            raise ValueError(
                f"Sequential.from_torch: {places[id(parameter)]} and {name} are one and the same "
                f"parameter, but each layer here has its own; give one of the two a copy, "
                f"module.{name.rpartition('.')[2]} = torch.nn.Parameter(tensor.clone())."
            )
        places[id(parameter)] = name
        dtypes.add(parameter.dtype)
        if parameter.is_meta:
            raise ValueError(
                f'Sequential.from_torch: {name} has no values, for it is on the device "meta"; '
                f'pass module.to_empty(device="cpu") with values loaded into it.'
            )
        if parameter.is_floating_point() and not bool(torch.isfinite(parameter).all()):
            raise ValueError(
                f"Sequential.from_torch: {name} holds NaN or infinity; pass a module from before "
                f"that."
            )
    known = {torch.float32: np.float32, torch.float64: np.float64}
    if len(dtypes) > 1 or not dtypes <= set(known):
        raise ValueError(
            f"Sequential.from_torch: the parameters have the dtypes "
            f"{', '.join(sorted(map(str, dtypes)))}, but float32 or float64 is needed for all; "
            f"pass module.float() or module.double()."
        )
    return known[(dtypes or {torch.float64}).pop()]


class _Import:
    """One module on its way to a model.

    Attributes
    ----------
    values : dict of int to dict of str to tensor
        By the id of a layer, what goes into its parameters and its state.
    """

    def __init__(self, torch: Any, kind: Any, ops: Backend | None, shape: Shape) -> None:
        self._torch, self._kind, self._ops, self._shape = torch, kind, ops, shape
        self.values: dict[int, dict[str, Any]] = {}
        nn = torch.nn
        self._makers: dict[Any, Callable[..., Any]] = {
            nn.Conv2d: self._conv2d,
            nn.ConvTranspose2d: self._conv_transpose2d,
            nn.MaxPool2d: self._max_pool2d,
            nn.AvgPool2d: self._avg_pool2d,
            nn.AdaptiveAvgPool2d: self._adaptive,
            nn.Linear: self._linear,
            nn.Flatten: self._flatten,
            nn.BatchNorm2d: self._batch_norm2d,
            nn.Dropout: lambda module, where: self._new(where, layers.Dropout, module.p),
            nn.Sigmoid: lambda module, where: self._new(where, layers.Sigmoid),
            nn.Tanh: lambda module, where: self._new(where, layers.Tanh),
            nn.ReLU: lambda module, where: self._new(where, layers.ReLU),
            nn.LeakyReLU: lambda module, where: self._new(
                where, layers.LeakyReLU, module.negative_slope
            ),
            modules.Residual: self._residual,
            modules.MeansOfWindows: lambda module, where: self._new(
                where, layers.AvgPool2D, **module.options
            ),
        }
        self._pairs: dict[tuple[Any, Any], Callable[[Any, Any, str], Any]] = {
            **{
                (pad, kind): self._padded
                for pad in (nn.ZeroPad2d, nn.ConstantPad2d)
                for kind in (nn.Conv2d, nn.AvgPool2d, nn.MaxPool2d)
            },
            (nn.ConvTranspose2d, nn.ZeroPad2d): self._cut,
            (nn.AdaptiveAvgPool2d, nn.Flatten): self._global,
        }

    def row(self, module: Any, where: str) -> list[Any]:
        """Make the layers of a ``torch.nn.Sequential``, and follow the shape through them."""
        made: list[Any] = []
        parts = [(f"{where}{name}", part) for name, part in module._modules.items()]
        _check_hooks(module, where.removesuffix("."))
        while parts:
            place, part = parts.pop(0)
            pair = self._pairs.get((type(part), type(parts[0][1]) if parts else None))
            layer = pair and pair(part, parts[0][1], place)
            if layer is not None:
                _check_hooks(part, place)
                _check_hooks(parts[0][1], parts.pop(0)[0])
                made.append(layer)
            elif _is_row(self._torch, part):
                inner = self.row(part, f"{place}.")
                together = len(inner) == 1 < len(part)  # what takes several modules in PyTorch
                made += inner if together or not inner else [self._kind(inner)]
            elif type(part) is self._torch.nn.Identity:
                _check_hooks(part, place)
            else:
                made.append(self._layer(part, place))
        return made

    def _layer(self, module: Any, where: str) -> Any:
        make = self._makers.get(type(module))
        if make is None:
            kind = type(module).__name__
            ours = [one.__name__ for one in self._makers if one.__module__.startswith("torch.")]
            known = ", ".join(sorted(ours))
            hint = (
                "leave it out, for cross_entropy has softmax in it"
                if kind in SOFTMAX
                else f"put one of these in its place: {known}"
            )
            raise ValueError(
                f"Sequential.from_torch: module {where} is {kind}, which cnnlab has no layer for; "
                f"{hint}."
            )
        _check_hooks(module, where)
        return make(module, where)

    def _new(self, where: str, kind: Any, *arguments: Any, **options: Any) -> Any:
        """Make a layer for what comes to its place."""
        try:
            layer = kind(*arguments, **options, ops=self._ops)
            self._shape = layer.output_shape(self._shape)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"Sequential.from_torch: module {where} cannot be a layer here, where inputs of "
                f"shape {self._shape} come. {error}"
            ) from error
        return layer

    def _learned(self, where: str, module: Any, kind: Any, *arguments: Any, **options: Any) -> Any:
        """Make a layer with weights and perhaps biases."""
        layer = self._new(where, kind, *arguments, bias=module.bias is not None, **options)
        self.values[id(layer)] = {"w": module.weight}
        if layer.bias:
            self.values[id(layer)]["b"] = module.bias
        return layer

    def _check_depth(self, where: str, module: Any, needed: int) -> None:
        if self._shape[0] != needed:
            raise ValueError(
                f"Sequential.from_torch: module {where} is {module}, but inputs of shape "
                f"{self._shape} come to it; pass the input_shape that the module was made for."
            )

    def _conv2d(self, module: Any, where: str, padding: Any = None) -> Any:
        self._check_depth(where, module, module.in_channels)
        self._check_zeros(where, module)
        own = module.padding if isinstance(module.padding, str) else _pair(module.padding)
        return self._learned(
            where,
            module,
            layers.Conv2D,
            *(module.out_channels, _pair(module.kernel_size)),
            **_steps(module),
            padding=own if padding is None else padding,
            groups=module.groups,
        )

    def _conv_transpose2d(self, module: Any, where: str, padding: Any = None) -> Any:
        self._check_depth(where, module, module.in_channels)
        self._check_zeros(where, module)
        return self._learned(
            where,
            module,
            layers.ConvTranspose2D,
            *(module.out_channels, _pair(module.kernel_size)),
            **_steps(module),
            padding=_pair(module.padding) if padding is None else padding,
            output_padding=_pair(module.output_padding),
            groups=module.groups,
        )

    def _check_zeros(self, where: str, module: Any) -> None:
        if module.padding_mode != "zeros":
            raise ValueError(
                f"Sequential.from_torch: module {where} has padding_mode={module.padding_mode!r}, "
                f'but here all padding is zeros; make it with padding_mode="zeros".'
            )

    def _max_pool2d(self, module: Any, where: str, padding: Any = None) -> Any:
        if module.return_indices:
            raise ValueError(
                f"Sequential.from_torch: module {where} returns indices, too, but a layer returns "
                f"one array; make it with return_indices=False."
            )
        return self._new(
            where,
            layers.MaxPool2D,
            _pair(module.kernel_size),
            **_steps(module),
            padding=_pair(module.padding) if padding is None else padding,
            ceil_mode=module.ceil_mode,
        )

    def _avg_pool2d(self, module: Any, where: str, padding: Any = None) -> Any:
        if module.divisor_override is not None:
            raise ValueError(
                f"Sequential.from_torch: module {where} has divisor_override="
                f"{module.divisor_override}, but here a mean is divided by what it counts; make it "
                f"with divisor_override=None."
            )
        return self._new(
            where,
            layers.AvgPool2D,
            _pair(module.kernel_size),
            stride=_pair(module.stride),
            padding=_pair(module.padding) if padding is None else padding,
            ceil_mode=module.ceil_mode,
            count_include_pad=padding is not None or module.count_include_pad,
        )

    def _padded(self, pad: Any, module: Any, where: str) -> Any:
        """Put what a module of its own adds into the padding of the next; None if that differs."""
        left, right, top, bottom = pad.padding
        needed = -np.inf if type(module) is self._torch.nn.MaxPool2d else 0
        own = module.padding in (0, (0, 0), "valid")
        if not own or min(pad.padding) < 0 or pad.value != needed:
            return None
        if getattr(module, "ceil_mode", False):  # where a last window may begin, is another place
            return None
        return self._makers[type(module)](module, where, ((top, bottom), (left, right)))

    def _cut(self, module: Any, pad: Any, where: str) -> Any:
        """Take what is cut off behind a transposed convolution as its padding."""
        left, right, top, bottom = (-margin for margin in pad.padding)
        if min(left, right, top, bottom) < 0 or any(_pair(module.padding)):
            return None
        return self._conv_transpose2d(module, where, ((top, bottom), (left, right)))

    def _adaptive(self, module: Any, where: str) -> Any:
        """Make windows that tile the image, if there are any."""
        if len(self._shape) != 3:
            raise ValueError(
                f"Sequential.from_torch: module {where} is {module}, which takes images, but "
                f"inputs of shape {self._shape} come to it; put it before Flatten()."
            )
        sizes = self._shape[1:]
        wanted = [
            n if m is None else m for m, n in zip(_pair(module.output_size), sizes, strict=True)
        ]
        if any(n % m for n, m in zip(sizes, wanted, strict=True)):
            raise ValueError(
                f"Sequential.from_torch: module {where} is {module}, whose windows differ in size "
                f"for inputs of shape {self._shape}; put AdaptiveAvgPool2d(1) in its place."
            )
        size = tuple(n // m for n, m in zip(sizes, wanted, strict=True))
        return self._new(where, layers.AvgPool2D, size)

    def _global(self, module: Any, flatten: Any, where: str) -> Any:
        if _pair(module.output_size) != (1, 1) or not _is_plain(flatten):
            return None
        return self._new(where, layers.GlobalAvgPool2D)

    def _flatten(self, module: Any, where: str) -> Any:
        if not _is_plain(module):
            raise ValueError(
                f"Sequential.from_torch: module {where} is {module}, but here all axes of a sample "
                f"are put in a row; make it Flatten()."
            )
        return self._new(where, layers.Flatten)

    def _linear(self, module: Any, where: str) -> Any:
        if len(self._shape) == 1:
            self._check_depth(where, module, module.in_features)
        return self._learned(where, module, layers.Dense, module.out_features)

    def _batch_norm2d(self, module: Any, where: str) -> Any:
        self._check_depth(where, module, module.num_features)
        for option, held, hint in (
            ("affine=False", module.weight is not None, "make it with affine=True"),
            (
                "track_running_stats=False",
                module.running_mean is not None,
                "make it with track_running_stats=True",
            ),
            ("momentum=None", module.momentum is not None, "write module.momentum = 0.1"),
        ):
            if not held:
                raise ValueError(
                    f"Sequential.from_torch: module {where} is a BatchNorm2d with {option}, which "
                    f"BatchNorm2D has not; {hint}."
                )
        layer = self._new(where, layers.BatchNorm2D, momentum=module.momentum, epsilon=module.eps)
        self.values[id(layer)] = {
            "w": module.weight,
            "b": module.bias,
            "mean": module.running_mean,
            "variance": module.running_var,
        }
        return layer

    def _residual(self, module: Any, where: str) -> Any:
        shape, around = self._shape, None
        inner = self.row(module.layers, f"{where}.layers.")
        if type(module.shortcut) is self._torch.nn.Identity:
            _check_hooks(module.shortcut, f"{where}.shortcut")
        else:
            self._shape = shape
            around = self.row(module.shortcut, f"{where}.shortcut.")
        self._shape = shape
        return self._new(where, layers.Residual, inner, around)


def _check_hooks(module: Any, where: str) -> None:
    """Refuse a module that does more than its kind says."""
    more = [name for name in HOOKS if getattr(module, name)]
    if more or "forward" in vars(module):
        what = more[0].strip("_").replace("_", " ") if more else "a forward of its own"
        raise ValueError(
            f"Sequential.from_torch: module {where or 'itself'} has {what}, which a layer "
            f"would not run; take it off, or pass copies of the modules without it."
        )


def _is_plain(flatten: Any) -> bool:
    return (flatten.start_dim, flatten.end_dim) == (1, -1)


def _pair(value: Any) -> Any:
    """Return the pair that one number stands for."""
    return value if isinstance(value, tuple) else (value, value)


def _steps(module: Any) -> dict[str, Any]:
    return {"stride": _pair(module.stride), "dilation": _pair(module.dilation)}
