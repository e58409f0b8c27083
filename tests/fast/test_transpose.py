"""Rows become columns, and nothing beside them is written."""

import numba
import numpy as np
import pytest

from cnnlab.fast import transpose
from cnnlab.fast.vectors import BYTES

FENCE = 99.0  # stands around what may be written


def transposing(rows):
    """Return a compiled caller; a tile is no function that Python can call."""

    @numba.njit
    def run(source, begin, pitch, columns, target, place, step):
        transpose.transpose(rows, source, begin, pitch, columns, target, place, step)

    return run


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [1, 3, 4, 8, 9, 16])
def test_rows_become_columns(rows, dtype, rng):
    lanes = BYTES // np.dtype(dtype).itemsize
    if rows > lanes:
        pytest.skip(f"a vector has {lanes} entries here")
    run = transposing(rows)
    pitch = lanes + 3
    source = rng.standard_normal(rows * pitch + 5).astype(dtype)
    matrix = source[2 : 2 + rows * pitch].reshape(rows, pitch)
    for columns in {1, lanes // 2, lanes}:
        for step in rows + 2, -rows - 2:
            target = np.full((lanes + 2) * (rows + 2), FENCE, dtype)
            place = rows + 2 if step > 0 else (columns + 1) * (rows + 2)
            expected = target.copy()
            for column in range(columns):
                begin = place + column * step
                expected[begin : begin + rows] = matrix[:, column]
            run(source, 2, pitch, columns, target, place, step)
            np.testing.assert_array_equal(target, expected)
