"""Shape arithmetic, every argument check and every error message.

Both backends call these functions before they compute, so a wrong call fails with the same words
in `cnnlab.reference` and in `cnnlab.fast`, and never reaches a kernel. `conv`, `pool`, `dense`,
`activations` and `losses` hold what fits the operations of the files of the same names there.

Each ``check_<operation>`` takes what the user passed and returns arrays that the operation can
work with: numbers in one dtype, with a batch axis in front. `single` says that the user passed
one sample without a batch axis, so that one result must go back. `options` (stride, padding and
so on) go on as they are to the one function that resolves them into a `Geometry`.
"""

from cnnlab.shapes.activations import check_softmax
from cnnlab.shapes.conv import (
    check_conv2d,
    check_conv2d_db,
    check_conv2d_dw,
    check_conv2d_dX,
    check_conv_transpose2d,
    conv2d_geometry,
    conv_transpose2d_geometry,
)
from cnnlab.shapes.dense import check_dense, check_dense_db, check_dense_dw, check_dense_dX
from cnnlab.shapes.geometry import Geometry, window_extent
from cnnlab.shapes.losses import as_labels, check_cross_entropy, check_squared_error
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
    as_count,
    as_counts,
    as_flag,
    as_float_dtype,
    as_integer,
    as_number,
    as_shape,
    ceil_div,
    check_same_shape,
)
from cnnlab.shapes.pool import (
    check_avg_pool2d,
    check_avg_pool2d_dX,
    check_max_pool2d,
    check_max_pool2d_dX,
    pool_geometry,
)

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
    "as_count",
    "as_counts",
    "as_flag",
    "as_float_dtype",
    "as_integer",
    "as_labels",
    "as_number",
    "as_shape",
    "ceil_div",
    "check_avg_pool2d",
    "check_avg_pool2d_dX",
    "check_conv2d",
    "check_conv2d_dX",
    "check_conv2d_db",
    "check_conv2d_dw",
    "check_conv_transpose2d",
    "check_cross_entropy",
    "check_dense",
    "check_dense_dX",
    "check_dense_db",
    "check_dense_dw",
    "check_max_pool2d",
    "check_max_pool2d_dX",
    "check_same_shape",
    "check_softmax",
    "check_squared_error",
    "conv2d_geometry",
    "conv_transpose2d_geometry",
    "pool_geometry",
    "window_extent",
]
