"""Plans: where a search finds the pixel of each tap, worked out once for each shape of layer.

A tap is an entry of the pattern at one depth. Transposed, the pixels of the target whose row (and
column) leaves the same rest when divided by the stride meet the same taps: they are one *phase*,
and have a plan of their own. Forward, there is one phase.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from cnnlab.fast.layout import FEW_BYTES, LAID_OUT_BYTES, ROW, steps
from cnnlab.fast.tiles import PRODUCTS_IN_A_ROW, nanoseconds, tile_shape
from cnnlab.fast.vectors import BYTES

# The numbers of a phase, in the order in which kernels read them.
(
    ROWS,  # positions of the phase: rows and columns
    COLUMNS,
    TAPS,  # of one depth
    TOP,  # the pixel that the first tap meets at the first position: row and column
    LEFT,
    IN_PLACE,  # whether images are read where they are, or laid out
    AT_ONCE,  # whether sums go to their places at once, or are put down later
    COPIES,  # what is laid out: so many times, in so many kinds of rows,
    RESIDUES,
    SLOTS,  # so many rows of that length
    PITCH,
    CHUNK,  # of so many depths at a time
    PORTION,  # so many products are added in a row
    ROOM,  # room for what is laid out, in numbers
) = range(14)


class Layer(NamedTuple):
    """What of a layer decides which taps there are; depth and patterns are those of one group."""

    image: tuple[int, int]
    target: tuple[int, int]
    depth: int
    patterns: int
    window: tuple[int, int]
    transposed: bool
    stride: tuple[int, int]
    corner: tuple[int, int]
    dilation: tuple[int, int]


class Plan(NamedTuple):
    """What a search needs to know; in each array, a row is a phase."""

    items: int
    nanoseconds: float  # a guess of what one thread needs
    tile: tuple[int, int]
    taps: np.ndarray  # how many there are
    entries: np.ndarray  # where they are in the first pattern
    pitches: tuple[int, int]  # from pattern to pattern, and from group to group
    numbers: np.ndarray  # those above
    offsets: np.ndarray  # where the pixels of a tap begin, in what is laid out
    lefts: np.ndarray  # the pixel with which the rows of a copy begin
    band: int
    bands: int


@functools.lru_cache(maxsize=256)
def plan_search(source, w, geometry, transposed, target, itemsize):
    """Return the plan for source, weights and target of these shapes."""
    stride, corner, dilation = steps(geometry)
    groups = geometry.groups
    B, K, M, N = target
    m, n = w[2:]
    patterns, depth = K // groups, source[1] // groups
    # A band of rows at a time, so that what is laid out and its sums stay in the cache.
    chunk = min(max(PRODUCTS_IN_A_ROW // (m * n), 1), depth)
    band = max(LAID_OUT_BYTES // ((chunk * n + patterns) * N * itemsize), 4)
    if B < 8:  # few images: threads share their rows
        band = min(band, max(M // 8, 8))
    layer = Layer(source[2:], (M, N), depth, patterns, (m, n), transposed, stride, corner, dilation)
    phases = phases_of(layer)
    rows = -(-M // stride[0]) if transposed else M
    band = min(band, rows)
    bands = -(-rows // band)
    tile = tile_shape(patterns)
    taps, entries = plan_weights(layer)
    numbers, offsets, lefts = zip(
        *(_plan_phase(layer, phase, band, itemsize, tile[1]) for phase in phases), strict=True
    )
    products = B * K * M * N * depth * m * n / len(phases)
    return Plan(
        len(phases) * groups * B * bands,
        nanoseconds(products, tile[0]) + 0.1 * (math.prod(source) + math.prod(target)),
        tile,
        taps,
        entries,
        (m * n if transposed else depth * m * n, depth * patterns * m * n),
        *(np.array(rows, np.intp) for rows in (numbers, offsets, lefts)),
        band,
        bands,
    )


def plan_weights(layer):
    """Return for each phase its number of taps, and the place of each in the first pattern."""
    m, n = layer.window
    pitch = layer.patterns * m * n if layer.transposed else m * n  # from depth to depth
    counts, entries = [], np.zeros((len(phases_of(layer)), layer.depth * m * n), np.intp)
    for phase, row in zip(phases_of(layer), entries, strict=True):
        rows, columns = (find_taps(layer, axis, phase[axis])[0] for axis in (0, 1))
        places = np.add.outer(np.arange(layer.depth) * pitch, np.add.outer(rows * n, columns))
        counts.append(places.size)
        row[: places.size] = places.reshape(-1)
    return np.array(counts, np.intp), entries


def phases_of(layer):
    """Return all phases, rows first."""
    rows, columns = layer.stride if layer.transposed else (1, 1)
    return [(i, j) for i in range(rows) for j in range(columns)]


def find_taps(layer, axis, phase):
    """Return which rows (or columns) of a pattern are used, and how far they reach.

    Position i meets row `i pace + shift[u]` of the source with entry `entry[u]` of the pattern.
    """
    entries = np.arange(layer.window[axis])
    reach = entries * layer.dilation[axis] - layer.corner[axis]
    if not layer.transposed:
        return entries, reach
    distance = phase - reach
    used = distance % layer.stride[axis] == 0
    return entries[used], distance[used] // layer.stride[axis]


def _plan_phase(layer, phase, band, itemsize, vectors):
    """Return the three rows of a phase."""
    pace, step = ((1, 1), layer.stride) if layer.transposed else (layer.stride, (1, 1))
    rows, columns = (-(-(layer.target[axis] - phase[axis]) // step[axis]) for axis in (0, 1))
    row_shift, column_shift = (find_taps(layer, axis, phase[axis])[1] for axis in (0, 1))
    down, across = len(row_shift), len(column_shift)
    (top, bottom), (left, right) = _extent(row_shift), _extent(column_shift)
    lanes = BYTES // itemsize
    wide = vectors * lanes
    # Rows are laid out once, and positions that reach from one row into the next are computed and
    # dropped; or they are laid out once for each column of the pattern, with the pixels that this
    # column meets and no others. The shorter way is taken; shortest is to read images in place.
    copied = layer.depth * across * ROW
    lost = (right - left) * layer.depth * down * across * layer.patterns // lanes
    lost += layer.patterns * ROW
    fewest = (rows - 1) % band + 1  # rows, in the last band
    in_place = (
        pace == (1, 1)
        and min(top, left) >= 0
        and bottom + rows <= layer.image[0]
        and right + columns <= layer.image[1]
        and lost < copied
        and (fewest - 1) * layer.image[1] + columns >= wide
    )
    once = in_place or (pace[1] == 1 and lost + layer.depth * ROW < copied)
    copies = 1 if once else across
    residues = min(pace[0], bottom - top + 1)
    slots, pitch = band + (bottom - top) // pace[0], columns + (right - left if once else 0)
    if in_place:
        slots, pitch = layer.image
    # So many planes are laid out, and so many products added, at a time.
    plane = copies * residues * slots * pitch
    chunk = max(
        PRODUCTS_IN_A_ROW // max(down * across, 1), FEW_BYTES // max(plane * itemsize, 1), 1
    )
    chunk = min(chunk, layer.depth)
    together = chunk * down * across
    portion = max(-(-together // max(-(-together // PRODUCTS_IN_A_ROW), 1)), 1)

    slot, rest = np.divmod(row_shift - top, pace[0])
    copy = rest[:, np.newaxis] + np.zeros(across, np.intp)
    if not once:
        copy += np.arange(across) * residues
    depths = np.arange(layer.depth)[:, np.newaxis, np.newaxis]
    planes = depths if in_place else copy * chunk + depths % chunk
    found = (planes * slots + slot[:, np.newaxis]) * pitch + (column_shift - left if once else 0)
    offsets = np.zeros(layer.depth * layer.window[0] * layer.window[1], np.intp)
    offsets[: found.size] = found.reshape(-1)
    lefts = np.zeros(layer.window[1], np.intp)
    lefts[:copies] = left if once else column_shift
    numbers = (
        *(rows, columns, down * across, top, left, in_place),
        not once and step == (1, 1),
        *(copies, residues, slots, pitch, chunk, portion),
        0 if in_place else chunk * plane + wide,  # a little more: tiles may read beyond the end
    )
    return numbers, offsets, lefts


def _extent(shift):
    """Return the least and the largest shift; 0 and 0 if there is none."""
    return (int(shift.min()), int(shift.max())) if len(shift) else (0, 0)
