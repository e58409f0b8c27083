"""Convolutional networks, equation by equation.

`cnnlab.reference` holds one loop per index of each equation, `cnnlab.fast` the same functions
compiled with Numba. Everything else builds on either. Submodules load when they are first used:
``import cnnlab`` alone loads neither Numba nor matplotlib. Their list is in `__init__.pyi`, where
type checkers and editors look.
"""

import lazy_loader

__version__ = "0.4.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
