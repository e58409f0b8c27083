"""Who computes a convolutional layer: `cnnlab.fast`, and what one would use instead of it."""

from __future__ import annotations

import ctypes
import importlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from benchmarks.layers import Array, Data, Layer
from benchmarks.timing import Call

FAST, TORCH, NUMPY, LOOPS = "cnnlab.fast", "PyTorch", "NumPy windows", "C++ loops"


class MissingError(Exception):
    """A peer is not installed; the message says how to get it."""


class Peer(Protocol):
    """One way to compute a layer."""

    name: str
    version: str
    serial: bool  # whether it uses one thread, whatever it may

    def calls(self, layer: Layer, data: Data) -> dict[str, Call]:
        """Return a function without arguments for each operation; it returns the result."""


def find(makers: Iterable[Callable[[], Peer]]) -> tuple[list[Peer], list[str]]:
    """Return the peers that are installed, and a line for each that is not."""
    peers, missing = [], []
    for make in makers:
        try:
            peers.append(make())
        except MissingError as reason:
            missing.append(str(reason))
    return peers, missing


def load_torch() -> Any:
    """Import PyTorch; it must come before Numba, to choose for itself how its threads wait."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        raise MissingError(
            f"{TORCH} is not installed; to compare with it:"
            f" .venv/bin/python -m pip install -c constraints.txt torch"
        ) from None


class TorchPeer:
    """PyTorch, its gradients one by one."""

    name = TORCH
    serial = False

    def __init__(self) -> None:
        self.torch = load_torch()
        self.version = self.torch.__version__

    def calls(self, layer: Layer, data: Data) -> dict[str, Call]:
        """Return the operations as ATen computes them, without autograd's bookkeeping."""
        X, w, dZ = map(self.torch.from_numpy, data)
        stride, margin, no_step = [layer.stride] * 2, [layer.margin] * 2, [1, 1]
        forward = self.torch.nn.functional.conv2d
        backward = self.torch.ops.aten.convolution_backward.default
        options = (None, stride, margin, no_step, False, [0, 0], layer.groups)
        return {
            "forward": lambda: forward(X, w, None, stride, margin, no_step, layer.groups),
            "dX": lambda: backward(dZ, X, w, *options, [True, False, False])[0],
            "dw": lambda: backward(dZ, X, w, *options, [False, True, False])[1],
        }


def torch_of(those: Iterable[Peer]) -> Any:
    """Return the module PyTorch, or None when it is not among the peers."""
    return next((peer.torch for peer in those if isinstance(peer, TorchPeer)), None)


class FastPeer:
    """The compiled twin of this package."""

    name = FAST
    serial = False

    def __init__(self) -> None:
        import cnnlab

        self.ops = cnnlab.fast
        self.version = cnnlab.__version__

    def calls(self, layer: Layer, data: Data) -> dict[str, Call]:
        """Return the operations as a user calls them, checks included."""
        X, w, dZ = data
        ops = self.ops
        options: dict[str, Any] = {}
        for option, usual in {"stride": 1, "padding": 0, "groups": 1}.items():
            if getattr(layer, option) != usual:
                options[option] = getattr(layer, option)
        return {
            "forward": lambda: ops.conv2d(X, w, **options),
            "dX": lambda: ops.conv2d_dX(dZ, w, X.shape, **options),
            "dw": lambda: ops.conv2d_dw(dZ, X, w.shape, **options),
        }


class NumpyPeer:
    """Windows of the image as a view, and one product of tensors."""

    name = NUMPY
    serial = False  # the product belongs to BLAS, which has threads
    version = np.__version__

    def calls(self, layer: Layer, data: Data) -> dict[str, Call]:
        """Return the operations; `dX` searches the spread gradients for the turned patterns."""
        X, w, dZ = data
        return {
            "forward": lambda: _by_group(layer, _windows_forward, (X, w), (1, 0), 1),
            "dX": lambda: _by_group(layer, _windows_dX, (dZ, w), (1, 0), 1),
            "dw": lambda: _by_group(layer, _windows_dw, (dZ, X), (1, 1), 0),
        }


def _by_group(
    layer: Layer,
    operation: Callable[..., Array],
    arrays: tuple[Array, Array],
    axes: tuple[int, int],
    axis: int,
) -> Array:
    """Call the operation for each group, which has its share of `axes`, and join along `axis`."""
    if layer.groups == 1:
        return operation(layer, *arrays)
    shares = [
        np.split(array, layer.groups, axis=own) for array, own in zip(arrays, axes, strict=True)
    ]
    results = [operation(layer, *share) for share in zip(*shares, strict=True)]
    return np.concatenate(results, axis=axis)


def _windows(layer: Layer, X: Array) -> Array:
    margin, stride, size = layer.margin, layer.stride, layer.size
    if margin:
        X = np.pad(X, [(0, 0), (0, 0), (margin, margin), (margin, margin)])
    windows = np.lib.stride_tricks.sliding_window_view(X, (size, size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride]


def _windows_forward(layer: Layer, X: Array, w: Array) -> Array:
    Z = np.tensordot(_windows(layer, X), w, axes=((1, 4, 5), (1, 2, 3)))
    return np.ascontiguousarray(Z.transpose(0, 3, 1, 2))


def _windows_dX(layer: Layer, dZ: Array, w: Array) -> Array:
    stride, size, margin = layer.stride, layer.size, layer.margin
    # Every pixel of the padded image sees the window of `dZ` in which it took part; between the
    # gradients lie the positions that the stride left out.
    height, width = layer.height + 2 * margin, layer.width + 2 * margin
    spread = np.zeros((*dZ.shape[:2], height + size - 1, width + size - 1), dZ.dtype)
    i, j = (slice(size - 1, size + (count - 1) * stride, stride) for count in layer.positions)
    spread[:, :, i, j] = dZ
    seen = spread[:, :, margin : height + size - 1 - margin, margin : width + size - 1 - margin]
    windows = np.lib.stride_tricks.sliding_window_view(seen, (size, size), axis=(2, 3))
    dX = np.tensordot(windows, w[:, :, ::-1, ::-1], axes=((1, 4, 5), (0, 2, 3)))
    return np.ascontiguousarray(dX.transpose(0, 3, 1, 2))


def _windows_dw(layer: Layer, dZ: Array, X: Array) -> Array:
    return np.tensordot(dZ, _windows(layer, X), axes=((0, 2, 3), (0, 2, 3)))


class LoopsPeer:
    """Plain loops in C++, compiled here and now."""

    name = LOOPS
    serial = True

    def __init__(self) -> None:
        compiler = shutil.which("g++")
        if compiler is None:
            raise MissingError(
                f"{LOOPS}: there is no g++; to compare with them: sudo apt install g++"
            )
        source = Path(__file__).with_name("loops.cpp")
        with tempfile.TemporaryDirectory(prefix="loops-") as folder:
            library = Path(folder) / "loops.so"
            options = ["-O3", "-march=native", "-std=c++17", "-shared", "-fPIC"]
            command = [compiler, *options, "-o", str(library), str(source)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise MissingError(f"{LOOPS}: g++ could not compile loops.cpp:\n{done.stderr}")
            self.library = ctypes.CDLL(str(library))
        words = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, text=True)
        self.version = f"g++ {words.stdout.strip()} -O3 -march=native"

    def calls(self, layer: Layer, data: Data) -> dict[str, Call]:
        """Return the operations; their results are allocated as the other peers' are."""
        patterns = (layer.patterns, layer.size, layer.size)
        options = (layer.stride, layer.margin, layer.groups)
        numbers = (*layer.X_shape, *patterns, *layer.positions, *options)
        sizes = (ctypes.c_int64 * len(numbers))(*numbers)

        def call(name: str, first: Array, second: Array, shape: tuple[int, ...]) -> Array:
            result = np.empty(shape, np.float32)
            pointers = [ctypes.c_void_p(array.ctypes.data) for array in (first, second, result)]
            self.library[name](*pointers, sizes)
            return result

        X, w, dZ = data
        return {
            "forward": lambda: call("forward", X, w, layer.Z_shape),
            "dX": lambda: call("dX", dZ, w, layer.X_shape),
            "dw": lambda: call("dw", dZ, X, layer.w_shape),
        }


# PyTorch first, see `load_torch`.
PEERS: tuple[Callable[[], Peer], ...] = (TorchPeer, FastPeer, NumpyPeer, LoopsPeer)
