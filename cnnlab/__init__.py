"""Convolutional networks, equation by equation.

`cnnlab.reference` holds one loop per index of each equation, `cnnlab.fast` the same functions
compiled with Numba. Everything else builds on either. Submodules load when they are first used:
``import cnnlab`` alone loads neither Numba nor matplotlib.
"""

import lazy_loader

__version__ = "0.4.0"

# Also in `__init__.pyi`, for type checkers and editors.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "algorithms",
        "cli",
        "data",
        "fast",
        "features",
        "files",
        "gradcheck",
        "grading",
        "initializers",
        "inspection",
        "layers",
        "machine",
        "model",
        "mutants",
        "operations",
        "optimizers",
        "page",
        "plots",
        "presets",
        "pytorch",
        "reference",
        "results",
        "runs",
        "schedules",
        "shapes",
        "source",
        "training",
        "tutor",
        "typing",
        "weights",
    ],
    submod_attrs={"page": ["explorer"]},
)
