"""Cross-correlation as an implicit product of matrices: packed rows, tiles in registers.

Forward, it searches a source for patterns; transposed, it lays patterns on a target. Weights are
gathered once, rows of the source are laid out a band at a time (`cnnlab.fast.layout`), added up in
tiles (`cnnlab.fast.tiles`) and put down.
"""

import numpy as np

from cnnlab.fast.addresses import copy_rows, multiply_add, multiply_add_tile
from cnnlab.fast.gather import find_taps, gather
from cnnlab.fast.jit import kernel, part_of_kernel
from cnnlab.fast.layout import FEW_BYTES, LAID_OUT_BYTES, ROW, copy_strided_rows, lay_out, steps
from cnnlab.fast.threads import share
from cnnlab.fast.tiles import PRODUCTS_IN_A_ROW, nanoseconds, tile_shape
from cnnlab.fast.vectors import BYTES


def run_search(source, w, b, geometry, transposed, target):
    """Share a pattern search, or a transposed one, among threads."""
    stride, corner, dilation = steps(geometry)
    groups = geometry.groups
    B, K, M, N = target.shape
    m, n = w.shape[2:]
    patterns, depth = K // groups, source.shape[1] // groups
    # A band of rows at a time, so that what is laid out and its sums stay in the cache.
    chunk = min(max(PRODUCTS_IN_A_ROW // (m * n), 1), depth)
    row_bytes = (chunk * n + patterns) * N * target.itemsize
    band = max(LAID_OUT_BYTES // row_bytes, 4)
    if B < 8:  # few images: threads share their rows
        band = min(band, max(M // 8, 8))
    phases, phase_rows = (stride[0] * stride[1], -(-M // stride[0])) if transposed else (1, M)
    bands = -(-phase_rows // band)
    rows, vectors = tile_shape(patterns)
    arrangement = (m, n), transposed, stride, corner, dilation, groups
    weights, biases = gather(w, b, rows, *arrangement)
    share(
        search,
        phases * groups * B * bands,
        nanoseconds(target.size * depth * m * n / phases, rows) + 0.1 * (source.size + target.size),
        multiply_add_tile(rows, vectors, source.dtype),
        multiply_add_tile(rows, 1, source.dtype),
        source.reshape(-1),
        source.shape,
        weights,
        biases,
        *arrangement,
        min(band, phase_rows),
        bands,
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
    window,
    transposed,
    stride,
    corner,
    dilation,
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
    the stride: pixels whose row (or column) leaves the same rest when divided by the stride meet
    the same entries of the pattern, and are one phase.
    """
    # An item is a band of rows of one phase of one group of one image of the target.
    B, K, M, N = target_shape
    _, C, height, width = source_shape
    m, n = window
    patterns, depth = K // groups, C // groups
    rows, vectors = tile[:2]
    blocks = -(-patterns // rows)
    lanes = BYTES // source.itemsize
    wide = vectors * lanes
    pace = (1, 1) if transposed else stride
    step = stride if transposed else (1, 1)
    row_entry, row_shift = np.empty(m, np.intp), np.empty(m, np.intp)
    column_entry, column_shift = np.empty(n, np.intp), np.empty(n, np.intp)
    offsets = np.empty(depth * m * n, np.intp)
    rests = np.empty(blocks * rows * wide, source.dtype)
    sums, laid_out = np.empty(0, source.dtype), np.empty(0, source.dtype)
    lefts = np.empty(max(n, 1), np.intp)
    prepared = -1
    for item in range(first, last):
        begin = item % bands * band
        group = item // bands % groups
        s = item // (bands * groups) % B
        part = item // (bands * groups * B)
        phase = part // step[1], part % step[1]
        positions = -(-(M - phase[0]) // step[0]), -(-(N - phase[1]) // step[1])
        count = min(positions[0] - begin, band)
        if count <= 0 or positions[1] <= 0:
            continue

        if part != prepared:
            prepared = part
            down = find_taps(
                stride[0], corner[0], dilation[0], transposed, phase[0], row_entry, row_shift
            )
            across = find_taps(
                stride[1],
                corner[1],
                dilation[1],
                transposed,
                phase[1],
                column_entry,
                column_shift,
            )
            taps = depth * down * across
            weights_begin = part * groups * blocks * depth * m * n * rows
            top, bottom = extent(row_shift[:down])
            left, right = extent(column_shift[:across])
            # Rows are laid out once, and positions that reach from one row into the next are
            # computed and dropped; or they are laid out once for each column of the pattern,
            # with the pixels that this column meets and no others. The shorter way is taken;
            # shortest is to read an image where it is.
            lost = (right - left) * depth * down * across * patterns // lanes + patterns * ROW
            fewest = (positions[0] - 1) % band + 1  # rows, in the last band
            in_place = (
                pace == (1, 1)
                and min(top, left) >= 0
                and bottom + positions[0] <= height
                and right + positions[1] <= width
                and lost < depth * across * ROW
                and (fewest - 1) * width + positions[1] >= wide
            )
            once = in_place or (pace[1] == 1 and lost + depth * ROW < depth * across * ROW)
            copies = 1 if once else across
            for v in range(copies):
                lefts[v] = left if once else column_shift[v]
            pitch = positions[1] + right - left if once else positions[1]
            residues = min(pace[0], bottom - top + 1)
            slots = band + (bottom - top) // pace[0]
            if in_place:
                pitch, slots = width, height
            # So many planes are laid out, and so many products added, at a time.
            plane_bytes = copies * residues * slots * pitch * source.itemsize
            chunk = max(
                PRODUCTS_IN_A_ROW // max(down * across, 1), FEW_BYTES // max(plane_bytes, 1), 1
            )
            chunk = min(chunk, depth)
            together = chunk * down * across
            portion = max(-(-together // max(-(-together // PRODUCTS_IN_A_ROW), 1)), 1)
            tap = 0
            for c in range(depth):
                for u in range(down):
                    slot = (row_shift[u] - top) // pace[0]
                    rest = (row_shift[u] - top) % pace[0]
                    for v in range(across):
                        copy = rest if once else v * residues + rest
                        plane = c if in_place else copy * chunk + c % chunk
                        column = column_shift[v] - left if once else 0
                        offsets[tap] = (plane * slots + slot) * pitch + column
                        tap += 1
            if not in_place:
                # A little more, because tiles may read beyond the end.
                size = chunk * copies * residues * slots * pitch + wide
                if len(laid_out) < size:
                    laid_out = np.empty(size, source.dtype)
                laid_out[:size] = 0

        length = (count - 1) * pitch + positions[1]
        # Tiles that are full, and one for the rest, which ends with the last position.
        full = length // wide * wide
        narrow = length - full <= lanes
        rest_begin = max(length - (lanes if narrow else wide), 0)
        # Sums go to their places at once where positions lie side by side there.
        at_once = not once and step == (1, 1) and patterns % rows == 0
        if not at_once and len(sums) < blocks * rows * length:
            sums = np.empty(blocks * rows * length, source.dtype)
        found = source if in_place else laid_out
        out = target if at_once else sums
        out_pitch = M * N if at_once else length
        plane = s * K + group * patterns
        place = (plane * M + begin) * N if at_once else 0
        first_plane = s * C + group * depth
        start = ((first_plane * height + begin + top) * width + left) if in_place else 0
        for c in range(0, depth, chunk):
            planes = min(chunk, depth - c)
            if not in_place:
                lay_out(
                    tile,
                    source,
                    first_plane + c,
                    (planes, chunk),
                    (height, width),
                    begin * pace[0] + top,
                    pace,
                    residues,
                    lefts[:copies],
                    slots,
                    count + slots - band,
                    pitch,
                    laid_out,
                )
            last_tap = (c + planes) * down * across
            # Without any tap, the sums are the biases.
            for tap in range(c * down * across, max(last_tap, 1), portion):
                end = min(tap + portion, last_tap)
                for t in range(0, full, wide):
                    for block in range(blocks):
                        multiply_add(
                            tile,
                            found,
                            start + t,
                            offsets,
                            (weights, weights_begin + (group * blocks + block) * taps * rows),
                            (biases, (group * blocks + block) * rows),
                            taps,
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
                        offsets,
                        (weights, weights_begin + (group * blocks + block) * taps * rows),
                        (biases, (group * blocks + block) * rows),
                        taps,
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
                    positions[1],
                )


@part_of_kernel
def extent(shift):
    """Return the least and the largest shift; 0 and 0 if there is none."""
    if len(shift) == 0:
        return 0, 0
    least = most = shift[0]
    for reach in shift:
        least, most = min(least, reach), max(most, reach)
    return least, most
