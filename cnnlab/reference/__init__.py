"""The specification: every operation as one loop per index of its equation.

Slow on purpose, and the same names and signatures as `cnnlab.fast`. Complex numbers are accepted
here, and only here, so that `cnnlab.gradcheck` can take complex steps.
"""

from cnnlab.reference.activations import *
from cnnlab.reference.activations import __all__ as of_activations
from cnnlab.reference.conv import *
from cnnlab.reference.conv import __all__ as of_conv
from cnnlab.reference.dense import *
from cnnlab.reference.dense import __all__ as of_dense
from cnnlab.reference.losses import *
from cnnlab.reference.losses import __all__ as of_losses
from cnnlab.reference.normalization import *
from cnnlab.reference.normalization import __all__ as of_normalization
from cnnlab.reference.pool import *
from cnnlab.reference.pool import __all__ as of_pool
from cnnlab.reference.regularization import *
from cnnlab.reference.regularization import __all__ as of_regularization

__all__ = [
    *of_conv,
    *of_pool,
    *of_dense,
    *of_activations,
    *of_losses,
    *of_normalization,
    *of_regularization,
]
