"""Cross-correlation as an implicit product of matrices: packed rows, tiles in registers.

Forward, it searches a source for patterns; transposed, it lays patterns on a target. Weights are
gathered once, rows of the source are laid out a band at a time (`cnnlab.fast.layout`), added up in
tiles (`cnnlab.fast.tiles`) and put down.
"""

import numpy as np

from cnnlab.fast.addresses import copy_rows, multiply_add, multiply_add_tile
from cnnlab.fast.gather import gather
from cnnlab.fast.jit import kernel
from cnnlab.fast.layout import copy_strided_rows, lay_out
from cnnlab.fast.plan import (
    AT_ONCE,
    CHUNK,
    COLUMNS,
    COPIES,
    IN_PLACE,
    LEFT,
    PITCH,
    PORTION,
    RESIDUES,
    ROOM,
    ROWS,
    SLOTS,
    TAPS,
    TOP,
    plan_search,
)
from cnnlab.fast.threads import share
from cnnlab.fast.vectors import BYTES


def run_search(source, w, b, geometry, transposed, target):
    """Share a pattern search, or a transposed one, among threads."""
    plan = plan_search(source.shape, w.shape, geometry, transposed, target.shape, target.itemsize)
    rows, vectors = plan.tile
    weights, biases = gather(w, b, rows, plan.taps, plan.entries, plan.pitches, geometry.groups)
    share(
        search,
        plan.items,
        plan.nanoseconds,
        multiply_add_tile(rows, vectors, source.dtype),
        multiply_add_tile(rows, 1, source.dtype),
        source.reshape(-1),
        source.shape,
        weights,
        biases,
        plan.numbers,
        plan.offsets,
        plan.lefts,
        *(((1, 1), geometry.stride) if transposed else (geometry.stride, (1, 1))),
        geometry.groups,
        plan.band,
        plan.bands,
        target.reshape(-1),
        target.shape,
    )


@kernel
def search(
    first,
    last,
    tile,
    narrow_tile,
    source,
    source_shape,
    weights,
    biases,
    plans,
    offsets,
    lefts,
    pace,
    step,
    groups,
    band,
    bands,
    target,
    target_shape,
):
    """Search for patterns, with a tile and a narrow one of one vector.

    Computes, for phase (a, a') of the target,

        target[s, k, a + i step, a' + j step'] = b[k] + sum over c and taps of
            weight source[s, c, i pace + shift, j pace' + shift']

    Forward, pace is the stride, step is 1 and there is one phase. Transposed, pace is 1 and step is
    the stride.
    """
    # An item is a band of rows of one phase of one group of one image of the target.
    B, K, M, N = target_shape
    _, C, height, width = source_shape
    patterns, depth = K // groups, C // groups
    rows, vectors = tile[:2]
    blocks = -(-patterns // rows)
    lanes = BYTES // source.itemsize
    wide = vectors * lanes
    rests = np.empty(blocks * rows * wide, source.dtype)
    sums, laid_out = np.empty(0, source.dtype), np.empty(0, source.dtype)
    prepared = -1
    for item in range(first, last):
        begin = item % bands * band
        group = item // bands % groups
        s = item // (bands * groups) % B
        part = item // (bands * groups * B)
        plan = plans[part]
        columns, taps, pitch = plan[COLUMNS], plan[TAPS], plan[PITCH]
        in_place = plan[IN_PLACE] != 0
        count = min(plan[ROWS] - begin, band)
        if count <= 0 or columns <= 0:
            continue
        # Sums go to their places at once where positions lie side by side there.
        at_once = plan[AT_ONCE] != 0 and patterns % rows == 0
        if part != prepared:
            prepared = part
            laid_out = np.zeros(plan[ROOM], source.dtype)
            if not at_once:
                sums = np.empty(blocks * rows * ((band - 1) * pitch + columns), source.dtype)

        length = (count - 1) * pitch + columns
        # Tiles that are full, and one for the rest, which ends with the last position.
        full = length // wide * wide
        narrow = length - full <= lanes
        rest_begin = max(length - (lanes if narrow else wide), 0)
        found = source if in_place else laid_out
        out = target if at_once else sums
        out_pitch = M * N if at_once else length
        plane = s * K + group * patterns
        place = (plane * M + begin) * N if at_once else 0
        first_plane = s * C + group * depth
        start = 0
        if in_place:
            start = (first_plane * height + begin + plan[TOP]) * width + plan[LEFT]
        weights_begin = part * groups * blocks * offsets.shape[1] * rows
        for c in range(0, depth, plan[CHUNK]):
            planes = min(plan[CHUNK], depth - c)
            if not in_place:
                lay_out(
                    tile,
                    source,
                    first_plane + c,
                    (planes, plan[CHUNK]),
                    (height, width),
                    begin * pace[0] + plan[TOP],
                    pace,
                    plan[RESIDUES],
                    lefts[part, : plan[COPIES]],
                    plan[SLOTS],
                    count + plan[SLOTS] - band,
                    pitch,
                    laid_out,
                )
            last_tap = (c + planes) * taps
            # Without any tap, the sums are the biases.
            for tap in range(c * taps, max(last_tap, 1), plan[PORTION]):
                end = min(tap + plan[PORTION], last_tap)
                for t in range(0, full, wide):
                    for block in range(blocks):
                        multiply_add(
                            tile,
                            found,
                            start + t,
                            offsets[part],
                            (
                                weights,
                                weights_begin + (group * blocks + block) * depth * taps * rows,
                            ),
                            (biases, (group * blocks + block) * rows),
                            depth * taps,
                            tap,
                            end,
                            out,
                            place + block * rows * out_pitch + t,
                            out_pitch,
                        )
                if full == length:
                    continue
                for block in range(blocks):
                    multiply_add(
                        narrow_tile if narrow else tile,
                        found,
                        start + rest_begin,
                        offsets[part],
                        (weights, weights_begin + (group * blocks + block) * depth * taps * rows),
                        (biases, (group * blocks + block) * rows),
                        depth * taps,
                        tap,
                        end,
                        rests,
                        block * rows * wide,
                        wide,
                    )
        if full < length:
            copy_rows(
                tile,
                rests,
                0,
                wide,
                1,
                out,
                place + rest_begin,
                out_pitch,
                patterns,
                length - rest_begin,
            )
        if not at_once:
            phase = part // step[1], part % step[1]
            for k in range(patterns):
                copy_strided_rows(
                    tile,
                    sums,
                    k * length,
                    (pitch, 1),
                    target,
                    ((plane + k) * M + phase[0] + begin * step[0]) * N + phase[1],
                    (step[0] * N, step[1]),
                    count,
                    columns,
                )
