"""PyTorch itself, and the modules that it lacks; loaded when they are first used."""

from __future__ import annotations

import functools
import importlib
from typing import Any

OURS = "MeansOfWindows", "Residual"


def load(function: str) -> Any:
    """Import PyTorch.

    Parameters
    ----------
    function : str
        Name for the error.

    Returns
    -------
    torch : module

    Raises
    ------
    ImportError
        If it is not installed; names the line that installs it.
    """
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise ImportError(
            f"{function}: needs PyTorch, which cannot be imported here ({error}); run\n"
            "    pip install torch"
        ) from error


def __getattr__(name: str) -> Any:
    """Return a module that PyTorch lacks, by the name under which a pickle looks for it."""
    if name not in OURS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _made()[name]


@functools.cache
def _made() -> dict[str, Any]:
    torch = load("cnnlab.pytorch.modules")
    base: Any = torch.nn.Module

    class Residual(base):
        """What `cnnlab.layers.Residual` computes: the layers, and a way around them."""

        def __init__(self, layers: Any, shortcut: Any) -> None:
            super().__init__()
            self.layers, self.shortcut = layers, shortcut

        def forward(self, X: Any) -> Any:
            """Return what both ways make, added."""
            return self.layers(X) + self.shortcut(X)

    class MeansOfWindows(base):
        """What `cnnlab.layers.AvgPool2D` computes, with padding that ``AvgPool2d`` has not.

        `padding` is that of ``torch.nn.functional.pad``; `counts` holds how many entries of each
        window count, `options` the arguments of the layer.
        """

        def __init__(self, padding: Any, counts: Any, options: dict[str, Any]) -> None:
            super().__init__()
            self.padding, self.options = padding, options
            self.register_buffer("counts", counts, persistent=False)

        def forward(self, X: Any) -> Any:
            """Return the sum of each window, divided by what counts there."""
            pad, pool = torch.nn.functional.pad, torch.nn.functional.avg_pool2d
            size, stride = self.options["size"], self.options["stride"]
            return pool(pad(X, self.padding), size, stride, divisor_override=1) / self.counts

    made = Residual, MeansOfWindows
    for kind in made:
        kind.__module__, kind.__qualname__ = __name__, kind.__name__
    return {kind.__name__: kind for kind in made}
