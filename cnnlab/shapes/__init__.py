"""Shape arithmetic, every argument check and every error message.

Both backends call these functions before they compute, so a wrong call fails with the same words
in `cnnlab.reference` and in `cnnlab.fast`, and never reaches a kernel. `conv`, `pool`, `dense`,
`activations` and `losses` hold what fits the operations of the files of the same names there.

Each ``check_<operation>`` takes what the user passed and returns arrays that the operation can
work with: numbers in one dtype, with a batch axis in front. `single` says that the user passed
one sample without a batch axis, so that one result must go back. `options` (stride, padding and
so on) go on as they are to the one function that resolves them into a `Geometry`.
"""

from cnnlab.shapes.activations import *
from cnnlab.shapes.activations import __all__ as of_activations
from cnnlab.shapes.conv import *
from cnnlab.shapes.conv import __all__ as of_conv
from cnnlab.shapes.dense import *
from cnnlab.shapes.dense import __all__ as of_dense
from cnnlab.shapes.geometry import Geometry, window_extent
from cnnlab.shapes.losses import *
from cnnlab.shapes.losses import __all__ as of_losses
from cnnlab.shapes.numbers import (
    BELOW_ONE,
    LARGEST_EXACT_INTEGER,
    NOT_NEGATIVE,
    POSITIVE,
    UP_TO_ONE,
    Range,
    add_batch_axis,
    as_array,
    as_arrays,
    as_choice,
    as_count,
    as_counts,
    as_flag,
    as_float_dtype,
    as_function,
    as_generator,
    as_integer,
    as_number,
    as_pair,
    as_path,
    as_samples,
    as_shape,
    ceil_div,
    check_finite,
    check_same_shape,
)
from cnnlab.shapes.pool import *
from cnnlab.shapes.pool import __all__ as of_pool
from cnnlab.shapes.states import as_stored_array, check_state_names

__all__ = [
    "BELOW_ONE",
    "LARGEST_EXACT_INTEGER",
    "NOT_NEGATIVE",
    "POSITIVE",
    "UP_TO_ONE",
    "Geometry",
    "Range",
    "add_batch_axis",
    "as_array",
    "as_arrays",
    "as_choice",
    "as_count",
    "as_counts",
    "as_flag",
    "as_float_dtype",
    "as_function",
    "as_generator",
    "as_integer",
    "as_number",
    "as_pair",
    "as_path",
    "as_samples",
    "as_shape",
    "as_stored_array",
    "ceil_div",
    "check_finite",
    "check_same_shape",
    "check_state_names",
    "window_extent",
    *of_conv,
    *of_pool,
    *of_dense,
    *of_activations,
    *of_losses,
]
