"""Convolutional layer, compiled.

The forward pass, the gradient with respect to the images and the transposed convolution are one
computation, `search`: every entry of a target is a sum of weighted, shifted entries of a source.
The gradient with respect to the patterns, `correlate`, sums over positions instead. Both work in
the same moves.

1. Lay out: rows of the source are written one after the other into a short array, padding included,
   so that a weight meets the pixels of a whole run of positions side by side.
2. Add up: tiles of sums stay in the registers of the processor (`cnnlab.fast.tiles`).
3. Put down: the sums go to their places in the result.
"""

import functools

import numpy as np

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel
from cnnlab.fast.threads import share
from cnnlab.fast.tiles import (
    BYTES,
    NANOSECONDS,
    PRODUCTS_IN_A_ROW,
    copy_rows,
    dot,
    multiply_add,
    tile_shape,
)

# So many positions are added up one after the other, vector by vector, as PRODUCTS_IN_A_ROW are.
POSITIONS_IN_A_ROW = 1024

# What is laid out at a time should stay in the second cache of a processor.
LAID_OUT_BYTES = 2**18

# So much may be laid out at a time in any case: it stays in the first cache.
FEW_BYTES = 2**14

# Rough time of copying a row, in multiply-adds of vectors.
ROW = 20

# The sums of dL/dw are taken for so many blocks of images, and then added in their order. The
# number does not depend on the threads, and so the result does not.
BLOCKS = 8


def conv2d(X, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other.
    """
    X, w, b, geometry, single = shapes.check_conv2d(
        X, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    X, w, b = contiguous(X), contiguous(w), contiguous(b)
    Z = np.empty((len(X), len(w), *geometry.positions), X.dtype)
    if geometry.padding == NO_PADDING or finite(w):
        run_search(X, w, b, geometry, False, Z)
    else:
        Z[:] = visit_all(X, w, Z, geometry, "Z") + b[:, np.newaxis, np.newaxis]
    return Z[0] if single else Z


def conv2d_dX(dZ, w, X_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d_dX`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other.
    """
    dZ, w, X_shape, geometry, single = shapes.check_conv2d_dX(
        dZ, w, X_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    dX = np.empty(X_shape, dZ.dtype)
    run_transposed(contiguous(dZ), contiguous(w), np.zeros(X_shape[1], dZ.dtype), geometry, dX)
    return dX[0] if single else dX


def conv_transpose2d(X, w, b=None, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv_transpose2d`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other.
    """
    X, w, b, Z_shape, geometry, single = shapes.check_conv_transpose2d(
        X,
        w,
        b,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
    Z = np.empty(Z_shape, X.dtype)
    run_transposed(contiguous(X), contiguous(w), contiguous(b), geometry, Z)
    return Z[0] if single else Z


def run_transposed(source, w, b, geometry, target):
    """Lay patterns on the target, each times an entry of the source."""
    if finite(w):
        run_search(source, w, b, geometry, True, target)
    else:
        target[:] = visit_all(target, w, source, geometry, "X") + b[:, np.newaxis, np.newaxis]


def conv2d_dw(dZ, X, w_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d_dw`, compiled; complex numbers are refused.

    Products of at most 1,024 positions are added up in the dtype of the arrays, vector by vector;
    the sums of images in float64.
    """
    dZ, X, w_shape, geometry = shapes.check_conv2d_dw(
        dZ, X, w_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    dZ, X = contiguous(dZ), contiguous(X)
    dw = run_correlate(dZ, X, w_shape, geometry)
    if geometry.padding != NO_PADDING and not finite(dw):
        dw = visit_all(X, dw, dZ, geometry, "w")
    return dw.astype(dZ.dtype)


def conv2d_db(dZ):
    """As `cnnlab.reference.conv2d_db`, compiled; complex numbers are refused.

    Rows are summed in the dtype of `dZ`, and the row sums in float64.
    """
    dZ = shapes.check_conv2d_db(dZ)
    db = np.empty(dZ.shape[1], dZ.dtype)
    share(add_up, len(db), 0.2 * dZ.size, contiguous(dZ), db)
    return db


@kernel
def add_up(first, last, dZ, db):
    """Write the biases `first` to `last` of db."""
    B, _, rows, columns = dZ.shape
    for k in range(first, last):
        total = 0.0
        for s in range(B):
            for i in range(rows):
                row_sum = dZ.dtype.type(0)
                for j in range(columns):
                    row_sum += dZ[s, k, i, j]
                total += np.float64(row_sum)
        db[k] = total


def steps(geometry):
    """Return stride, (top, left) and dilation: what a kernel needs to find a pixel."""
    (top, _), (left, _) = geometry.padding
    return geometry.stride, (top, left), geometry.dilation


# ------------------------------------------------------------------------------- pattern search


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
    share(
        search(*tile_shape(patterns)),
        phases * groups * B * bands,
        NANOSECONDS * target.size * depth * m * n / phases,
        source,
        w,
        b,
        transposed,
        stride,
        corner,
        dilation,
        groups,
        min(band, phase_rows),
        bands,
        target,
    )


@functools.cache
def search(rows, vectors):
    """Return the kernel of the pattern search with tiles of `rows` patterns by `vectors` vectors.

    It computes, for phase (a, a') of the target,

        target[s, k, a + i step, a' + j step'] = b[k] + sum over c and taps of
            weight source[s, c, i pace + shift, j pace' + shift']

    Forward, pace is the stride, step is 1 and there is one phase. Transposed, pace is 1 and step is
    the stride: pixels whose row (or column) leaves the same rest when divided by the stride meet
    the same entries of the pattern, and are one phase.
    """

    @kernel
    def run(
        first, last, source, w, b, transposed, stride, corner, dilation, groups, band, bands, target
    ):
        # An item is a band of rows of one phase of one group of one image of the target.
        B, K, M, N = target.shape
        _, C, height, width = source.shape
        m, n = w.shape[2:]
        patterns, depth = K // groups, C // groups
        blocks = -(-patterns // rows)
        lanes = BYTES // source.itemsize
        wide = vectors * lanes
        pace = (1, 1) if transposed else stride
        step = stride if transposed else (1, 1)
        pixels, places = source.reshape(-1), target.reshape(-1)
        row_entry, row_shift = np.empty(m, np.intp), np.empty(m, np.intp)
        column_entry, column_shift = np.empty(n, np.intp), np.empty(n, np.intp)
        offsets = np.empty(depth * m * n, np.intp)
        rests = np.empty(blocks * rows * wide, source.dtype)
        sums = np.empty(0, source.dtype)
        laid_out = np.empty(0, source.dtype)
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
                weights = np.zeros((groups * blocks, depth * down * across, rows), source.dtype)
                biases = np.zeros((groups * blocks, rows), source.dtype)
                collect_weights(
                    w,
                    b,
                    transposed,
                    groups,
                    row_entry[:down],
                    column_entry[:across],
                    weights,
                    biases,
                )
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
                lefts = np.full(1, left) if once else column_shift[:across].copy()
                pitch = positions[1] + right - left if once else positions[1]
                residues = min(pace[0], bottom - top + 1)
                slots = band + (bottom - top) // pace[0]
                if in_place:
                    pitch, slots = width, height
                # So many planes are laid out, and so many products added, at a time.
                plane_bytes = len(lefts) * residues * slots * pitch * source.itemsize
                chunk = max(
                    PRODUCTS_IN_A_ROW // max(down * across, 1), FEW_BYTES // max(plane_bytes, 1), 1
                )
                chunk = min(chunk, depth)
                taps = chunk * down * across
                portion = max(-(-taps // max(-(-taps // PRODUCTS_IN_A_ROW), 1)), 1)
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
                    size = chunk * len(lefts) * residues * slots * pitch + wide
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
            found = pixels if in_place else laid_out
            out = places if at_once else sums
            out_pitch = M * N if at_once else length
            plane = s * K + group * patterns
            place = (plane * M + begin) * N if at_once else 0
            first_plane = s * C + group * depth
            start = ((first_plane * height + begin + top) * width + left) if in_place else 0
            for c in range(0, depth, chunk):
                planes = min(chunk, depth - c)
                if not in_place:
                    lay_out(
                        pixels,
                        first_plane + c,
                        (planes, chunk),
                        (height, width),
                        begin * pace[0] + top,
                        pace,
                        residues,
                        lefts,
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
                                rows,
                                vectors,
                                found,
                                start + t,
                                offsets,
                                weights,
                                biases,
                                group * blocks + block,
                                tap,
                                end,
                                out,
                                place + block * rows * out_pitch + t,
                                out_pitch,
                            )
                    if full == length:
                        continue
                    for block in range(blocks):
                        if narrow:
                            multiply_add(
                                rows,
                                1,
                                found,
                                start + rest_begin,
                                offsets,
                                weights,
                                biases,
                                group * blocks + block,
                                tap,
                                end,
                                rests,
                                block * rows * wide,
                                wide,
                            )
                        else:
                            multiply_add(
                                rows,
                                vectors,
                                found,
                                start + rest_begin,
                                offsets,
                                weights,
                                biases,
                                group * blocks + block,
                                tap,
                                end,
                                rests,
                                block * rows * wide,
                                wide,
                            )
            if full < length:
                copy_rows(
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
                        sums,
                        k * length,
                        (pitch, 1),
                        places,
                        ((plane + k) * M + phase[0] + begin * step[0]) * N + phase[1],
                        (step[0] * N, step[1]),
                        count,
                        positions[1],
                    )

    return run


@kernel
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


@kernel
def extent(shift):
    """Return the least and the largest shift; 0 and 0 if there is none."""
    return (shift.min(), shift.max()) if len(shift) > 0 else (0, 0)


@kernel
def collect_weights(w, b, transposed, groups, row_entry, column_entry, weights, biases):
    """Write weights and biases in the order in which tiles use them.

    Shapes (groups blocks, taps, rows) and (groups blocks, rows), where a block has `rows` patterns
    of one group; zeros are there already.
    """
    rows = biases.shape[1]
    patterns = len(b) // groups
    depth = w.shape[0] // groups if transposed else w.shape[1]
    for group in range(groups):
        for k in range(patterns):
            block = group * -(-patterns // rows) + k // rows
            biases[block, k % rows] = b[group * patterns + k]
            tap = 0
            for c in range(depth):
                for u in row_entry:
                    for v in column_entry:
                        if transposed:
                            weights[block, tap, k % rows] = w[group * depth + c, k, u, v]
                        else:
                            weights[block, tap, k % rows] = w[group * patterns + k, c, u, v]
                        tap += 1


@kernel
def lay_out(
    pixels, first_plane, planes, size, top, pace, residues, lefts, slots, count, pitch, out
):
    """Write rows of images one after the other, with zeros where there is no image.

    Written are, for each of the columns `lefts`, each rest of the division of a row by the pace and
    each plane, `count` rows of length `pitch`, with room for `slots`: row i begins with pixel
    (top + rest + i pace, left) of the plane. planes are how many there are, and for how many there
    is room. Columns outside the image are zero already.
    """
    height, width = size
    many, room = planes
    for rest in range(residues):
        first = top + rest
        above = min(max(-(first // pace[0]), 0), count)
        below = max(min((height - 1 - first) // pace[0] + 1, count), above)
        for v in range(len(lefts)):
            begin = min(max(-(lefts[v] // pace[1]), 0), pitch)
            end = max(min((width - 1 - lefts[v]) // pace[1] + 1, pitch), begin)
            together = 1
            if above == 0 and below == count == slots and count * pace[0] == height:
                together = many  # rows of all planes follow each other, here and there
            for c in range(0, many, together):
                place = max(((v * residues + rest) * room + c) * slots * pitch, 0)
                for t in range(above * pitch):
                    out[place + t] = 0
                for t in range(below * pitch, count * pitch):
                    out[place + t] = 0
                row = (first_plane + c) * height + first + above * pace[0]
                copy_strided_rows(
                    pixels,
                    row * width + lefts[v] + begin * pace[1],
                    (width * pace[0], pace[1]),
                    out,
                    place + above * pitch + begin,
                    (pitch, 1),
                    (below - above) * together,
                    end - begin,
                )


@kernel
def copy_strided_rows(source, begin, paces, target, place, steps, rows, count):
    """Copy rows; paces and steps are those from row to row and from entry to entry."""
    if paces[1] <= 2 and steps[1] == 1:
        copy_rows(source, begin, paces[0], paces[1], target, place, steps[0], rows, count)
        return
    for i in range(rows):
        ours, theirs = max(begin + i * paces[0], 0), max(place + i * steps[0], 0)
        for j in range(count):
            target[theirs + j * steps[1]] = source[ours + j * paces[1]]


# ------------------------------------------------------------------------------- dL/dw


def run_correlate(dZ, X, w_shape, geometry):
    """Return dL/dw in float64, with its blocks of images shared among threads."""
    stride, corner, dilation = steps(geometry)
    B, P, rows, columns = dZ.shape
    depth, m, n = w_shape[1:]
    patterns = P // geometry.groups
    images = max(POSITIONS_IN_A_ROW // (rows * columns), 1)  # whose sums are taken together
    # As many planes, or else rows of one, as stay in the cache.
    row_bytes = n * columns * X.itemsize * images
    planes = min(LAID_OUT_BYTES // (row_bytes * (rows + m - 1) * stride[0]), depth)
    planes = -(-depth // -(-depth // planes)) if planes else 0
    band = rows if planes else max(LAID_OUT_BYTES // row_bytes // stride[0] - m + 1, 4)
    pieces = -(-B // images) * -(-rows // band)
    blocks = min(pieces, BLOCKS)
    partial = np.zeros((max(blocks, 1), *w_shape))
    rows_of_tile, vectors = tile_shape(patterns)
    if rows_of_tile == 1:  # depthwise: few taps, so that a nearly empty tile would matter
        taps = max(planes, 1) * m * n
        vectors = -(-taps // -(-taps // vectors))
    share(
        correlate(rows_of_tile, vectors),
        blocks,
        NANOSECONDS * dZ.size * depth * m * n,
        dZ,
        X,
        stride,
        corner,
        dilation,
        geometry.groups,
        images,
        max(planes, 1),
        min(band, rows),
        partial,
    )
    return partial.sum(axis=0)


@functools.cache
def correlate(rows, vectors):
    """Return the kernel of dL/dw, with tiles of `rows` patterns by `vectors` pattern entries."""

    @kernel
    def run(first, last, dZ, X, stride, corner, dilation, groups, images, chunk, band, partial):
        # An item is a block of pieces; a piece is a band of rows of some images.
        B, P, M, N = dZ.shape
        _, D, height, width = X.shape
        blocks, _, depth, m, n = partial.shape
        sums = partial.reshape(-1)
        patterns = P // groups
        lanes = BYTES // X.itemsize
        pixels, gradients = X.reshape(-1), dZ.reshape(-1)
        bands = -(-M // band)
        pieces = -(-B // images) * bands
        top, bottom = -corner[0], (m - 1) * dilation[0] - corner[0]
        lefts = np.arange(n) * dilation[1] - corner[1]
        residues = min(stride[0], bottom - top + 1)
        slots = band + (bottom - top) // stride[0]
        plane = n * residues * slots * N
        taps = chunk * m * n
        tap_tiles = -(-taps // vectors)
        tiles = -(-patterns // rows)
        # Where the pixels of a tap begin; the last tile repeats the last tap.
        offsets = np.empty(tap_tiles * vectors, np.intp)
        for tap in range(len(offsets)):
            c, u, v = (
                min(tap, taps - 1) // (m * n),
                min(tap, taps - 1) // n % m,
                min(tap, taps - 1) % n,
            )
            slot, rest = u * dilation[0] // stride[0], u * dilation[0] % stride[0]
            offsets[tap] = (((v * residues + rest) * chunk + c) * slots + slot) * N
        laid_out = np.zeros(images * chunk * plane + vectors * lanes, X.dtype)
        # Positions that fill no vector, of all images of a piece, with zeros behind them.
        most = -(-images * (lanes - 1) // lanes) * lanes
        left_rest = np.zeros(patterns * most, X.dtype)
        right_rest = np.zeros(len(offsets) * most, X.dtype)
        rest_offsets = np.arange(len(offsets)) * most
        size = rows * vectors
        room = -(-size // lanes) * lanes
        found = np.empty(tiles * tap_tiles * room, X.dtype)
        chunks = -(-depth // chunk)
        total = np.empty((groups * chunks, len(found)))
        for item in range(first, last):
            total[:] = 0
            for piece in range(item * pieces // blocks, (item + 1) * pieces // blocks):
                s = piece // bands * images
                several = min(images, B - s)
                begin = piece % bands * band
                count = min(band, M - begin)
                length = count * N
                full = length // lanes * lanes
                rest = length - full
                for part in range(groups * chunks):
                    group, c = part // chunks, part % chunks * chunk
                    planes = min(chunk, depth - c)
                    for image in range(several):
                        lay_out(
                            pixels,
                            (s + image) * D + group * depth + c,
                            (planes, chunk),
                            (height, width),
                            begin * stride[0] + top,
                            stride,
                            residues,
                            lefts,
                            slots,
                            count + slots - band,
                            N,
                            laid_out[image * chunk * plane :],
                        )
                    start = ((s * P + group * patterns) * M + begin) * N
                    image_pitch, found_pitch = P * M * N, chunk * plane
                    for t in range(0, full, POSITIONS_IN_A_ROW):
                        for tile in range(tiles):
                            k = min(tile * rows, patterns - rows)
                            for tap_tile in range(-(-planes * m * n // vectors)):
                                dot(
                                    rows,
                                    vectors,
                                    gradients,
                                    start + k * M * N + t,
                                    M * N,
                                    laid_out,
                                    t,
                                    offsets,
                                    tap_tile * vectors,
                                    several,
                                    (image_pitch, found_pitch),
                                    min(full - t, POSITIONS_IN_A_ROW),
                                    found,
                                    (tile * tap_tiles + tap_tile) * room,
                                    t > 0,
                                )
                    if rest > 0:
                        for k in range(patterns):
                            place = start + k * M * N + full
                            copy_rest(
                                gradients,
                                place,
                                image_pitch,
                                left_rest,
                                k * most,
                                several,
                                rest,
                            )
                        for tap in range(planes * m * n):
                            copy_rest(
                                laid_out,
                                offsets[tap] + full,
                                found_pitch,
                                right_rest,
                                tap * most,
                                several,
                                rest,
                            )
                        for tile in range(tiles):
                            k = min(tile * rows, patterns - rows)
                            for tap_tile in range(-(-planes * m * n // vectors)):
                                dot(
                                    rows,
                                    vectors,
                                    left_rest,
                                    k * most,
                                    most,
                                    right_rest,
                                    0,
                                    rest_offsets,
                                    tap_tile * vectors,
                                    1,
                                    (0, 0),
                                    -(-several * rest // lanes) * lanes,
                                    found,
                                    (tile * tap_tiles + tap_tile) * room,
                                    full > 0,
                                )
                    for index in range(len(found)):
                        total[part, index] += found[index]
            for part in range(groups * chunks):
                group, c = part // chunks, part % chunks * chunk
                planes = min(chunk, depth - c)
                for tile in range(tiles):
                    for row in range(rows):
                        k = group * patterns + min(tile * rows, patterns - rows) + row
                        place = ((item * P + k) * depth + c) * m * n
                        for tap_tile in range(-(-planes * m * n // vectors)):
                            index = (tile * tap_tiles + tap_tile) * room + row * vectors
                            tap = tap_tile * vectors
                            for v in range(min(vectors, planes * m * n - tap)):
                                sums[place + tap + v] = total[part, index + v]

    return run


@kernel
def copy_rest(source, begin, pitch, out, place, several, rest):
    """Write the last few positions of several images side by side, and zeros up to a vector."""
    copy_rows(source, begin, pitch, 1, out, place, rest, several, rest)
    lanes = BYTES // source.itemsize
    for t in range(several * rest, -(-several * rest // lanes) * lanes):
        out[place + t] = 0


# ------------------------------------------------------------------------------- infinite weights

NO_PADDING = ((0, 0), (0, 0))


@kernel
def finite(array):
    """Return whether an array holds neither NaN nor infinity."""
    entries, total = array.reshape(-1), array.dtype.type(0)
    for index in range(len(entries)):
        total += entries[index] * array.dtype.type(0)
    return total == 0


def visit_all(X, w, Z, geometry, wanted):
    """Return sums of products with nothing where there is no image: "Z", "X" or "w" in float64.

    Elsewhere a pixel that is laid out around the image is 0; but 0 times infinity is NaN.
    """
    sums = np.zeros({"Z": Z, "X": X, "w": w}[wanted].shape)
    visit(X, w, Z, *steps(geometry), geometry.groups, wanted == "Z", wanted == "X", sums)
    return sums


@kernel
def visit(X, w, Z, stride, corner, dilation, groups, wanted_Z, wanted_X, sums):
    """Add every product of two of X, w and Z to the entry of the third that it belongs to."""
    B, P, rows, columns = Z.shape
    depth, m, n = w.shape[1:]
    M, N = X.shape[2:]
    for s, k, i, j in np.ndindex(B, P, rows, columns):
        first = k // (P // groups) * depth
        for c, u, v in np.ndindex(depth, m, n):
            p = i * stride[0] + u * dilation[0] - corner[0]
            q = j * stride[1] + v * dilation[1] - corner[1]
            if 0 <= p < M and 0 <= q < N:
                if wanted_Z:
                    sums[s, k, i, j] += np.float64(X[s, first + c, p, q]) * w[k, c, u, v]
                elif wanted_X:
                    sums[s, first + c, p, q] += np.float64(Z[s, k, i, j]) * w[k, c, u, v]
                else:
                    sums[k, c, u, v] += np.float64(Z[s, k, i, j]) * X[s, first + c, p, q]
