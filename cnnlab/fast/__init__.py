"""The compiled twin: the names, signatures, results and errors of `cnnlab.reference`, with Numba.

Results are the same bits for every thread count: a thread owns whole outputs, so no sum depends
on how the work was divided.
"""

from cnnlab.fast.activations import *
from cnnlab.fast.activations import __all__ as of_activations
from cnnlab.fast.conv import *
from cnnlab.fast.conv import __all__ as of_conv
from cnnlab.fast.dense import *
from cnnlab.fast.dense import __all__ as of_dense
from cnnlab.fast.losses import *
from cnnlab.fast.losses import __all__ as of_losses
from cnnlab.fast.manual import complete_docstrings
from cnnlab.fast.normalization import *
from cnnlab.fast.normalization import __all__ as of_normalization
from cnnlab.fast.pool import *
from cnnlab.fast.pool import __all__ as of_pool
from cnnlab.fast.regularization import *
from cnnlab.fast.regularization import __all__ as of_regularization

__all__ = [
    *of_conv,
    *of_pool,
    *of_dense,
    *of_activations,
    *of_losses,
    *of_normalization,
    *of_regularization,
]

complete_docstrings(globals()[name] for name in __all__)
