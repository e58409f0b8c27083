"""Seven ways to compute the same layer, one file each.

`loops`, `toeplitz`, `im2col`, `offsets`, `fft`, `winograd` and `direct` each hold a
``conv2d(X, w, b=None)`` with a stride of 1, no padding and one group, and a
``cost(X_shape, w_shape, itemsize)`` that says from shapes alone what it takes. All give the same
numbers, but for rounding, which `rounding_error` measures. `ALGORITHMS` holds them by name.

Each file shows the algorithm alone. A decorator has checked the arguments before as
`cnnlab.reference.conv2d` does: `X` has its batch axis, `b` its zeros, and all one dtype.
"""

from cnnlab.algorithms import table
from cnnlab.algorithms.costs import Cost
from cnnlab.algorithms.rounding import rounding_error
from cnnlab.algorithms.table import Algorithm, find

#: The table of all algorithms, an `Algorithm` for each name, from the loops to the fast twin.
#:
#: :meta hide-value:
ALGORITHMS = table.ALGORITHMS

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "Cost",
    "find",
    "rounding_error",
]
