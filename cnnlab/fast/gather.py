"""Weights in the order in which tiles use them, gathered once for a call."""

import numpy as np

from cnnlab.fast.jit import kernel
from cnnlab.fast.threads import share


def gather(w, b, rows, taps, entries, pitches, groups=1):
    """Return weights and biases in the order in which tiles of `rows` patterns use them.

    Weights have shape (phases, groups blocks, taps, rows) with room for all taps in every phase,
    biases (groups blocks, rows), where a block has `rows` patterns of one group; there are zeros
    behind the last pattern. `taps` says how many there are in each phase, `entries` where they are
    in the first pattern of the first group, `pitches` how far it is to the next pattern and group.
    """
    phases, room = entries.shape
    blocks = groups * -(-len(b) // groups // rows)
    weights = np.empty(phases * blocks * room * rows, w.dtype)
    biases = np.empty(blocks * rows, w.dtype)
    share(
        collect_weights,
        phases * blocks,
        w.size,
        rows,
        w.reshape(-1),
        b,
        taps,
        entries,
        pitches,
        groups,
        weights,
        biases,
    )
    return weights, biases


@kernel
def collect_weights(first, last, rows, w, b, taps, entries, pitches, groups, weights, biases):
    """Write weights and biases, see `gather`."""
    # An item is a block of one group of one phase.
    patterns = len(b) // groups
    blocks = -(-patterns // rows)
    room = entries.shape[1] * rows
    for item in range(first, last):
        part, place = item // (groups * blocks), item % (groups * blocks)
        group, block = place // blocks, place % blocks
        begin = part * groups * blocks * room + place * taps[part] * rows
        for row in range(rows):
            k = block * rows + row
            exists = k < patterns
            if part == 0:
                biases[place * rows + row] = b[group * patterns + k] if exists else 0
            pattern = k * pitches[0] + group * pitches[1]
            for tap in range(taps[part]):
                weight = w[pattern + entries[part, tap]] if exists else 0
                weights[begin + tap * rows + row] = weight
