"""Weights in the order in which tiles use them, gathered once for a call."""

import numpy as np

from cnnlab.fast.jit import kernel, part_of_kernel
from cnnlab.fast.threads import share


def gather(w, b, rows, *arrangement):
    """Return the weights and biases for tiles of `rows` patterns, see `collect_weights`."""
    window, transposed, stride, _, _, groups = arrangement
    blocks = groups * -(-len(b) // groups // rows)
    phases = stride[0] * stride[1] if transposed else 1
    depth = w.shape[0] // groups if transposed else w.shape[1]
    weights = np.empty(phases * blocks * depth * window[0] * window[1] * rows, w.dtype)
    biases = np.empty(blocks * rows, w.dtype)
    share(collect_weights, phases * blocks, w.size, rows, w, b, *arrangement, weights, biases)
    return weights, biases


@kernel
def collect_weights(
    first,
    last,
    rows,
    w,
    b,
    window,
    transposed,
    stride,
    corner,
    dilation,
    groups,
    weights,
    biases,
):
    """Write weights and biases in the order in which tiles use them, zeros behind the last.

    Weights have shape (phases, groups blocks, taps, rows) with room for all taps in every phase,
    biases (groups blocks, rows), where a block has `rows` patterns of one group.
    """
    m, n = window
    patterns = len(b) // groups
    blocks = -(-patterns // rows)
    depth = w.shape[0] // groups if transposed else w.shape[1]
    size = depth * m * n * rows
    row_entry, row_shift = np.empty(m, np.intp), np.empty(m, np.intp)
    column_entry, column_shift = np.empty(n, np.intp), np.empty(n, np.intp)
    for item in range(first, last):
        # An item is a block of one group of one phase.
        block, group, part = item % blocks, item // blocks % groups, item // (blocks * groups)
        phase = (part // stride[1], part % stride[1]) if transposed else (0, 0)
        down = find_taps(
            stride[0], corner[0], dilation[0], transposed, phase[0], row_entry, row_shift
        )
        across = find_taps(
            stride[1], corner[1], dilation[1], transposed, phase[1], column_entry, column_shift
        )
        taps = depth * down * across
        begin = part * groups * blocks * size + (item % (blocks * groups)) * taps * rows
        for row in range(rows):
            k = block * rows + row
            exists = k < patterns
            if part == 0:
                place = (item % (blocks * groups)) * rows + row
                biases[place] = b[group * patterns + k] if exists else 0
            place = begin + row
            for c in range(depth):
                for u in row_entry[:down]:
                    for v in column_entry[:across]:
                        if not exists:
                            weights[place] = 0
                        elif transposed:
                            weights[place] = w[group * depth + c, k, u, v]
                        else:
                            weights[place] = w[group * patterns + k, c, u, v]
                        place += rows


@part_of_kernel
def find_taps(stride, corner, dilation, transposed, phase, entry, shift):
    """Write which rows (or columns) of a pattern are used and how far they reach; return how many.

    Position i meets row `i pace + shift[u]` of the source with entry `entry[u]` of the pattern.
    """
    count = 0
    for u in range(len(entry)):
        distance = phase + corner - u * dilation if transposed else u * dilation - corner
        if not transposed or distance % stride == 0:
            entry[count] = u
            shift[count] = distance // stride if transposed else distance
            count += 1
    return count
