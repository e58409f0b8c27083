"""Tiles for pooling: the largest entry, or the sum of the entries, of many windows at a time.

The pixels of windows lie in lines, one window beside the other: entry e of the window in slot t is
``lines[offsets[e] + t]`` (`cnnlab.fast.pool` lays them out). A tile holds the slots of some vectors
in registers while it goes through the entries of their windows.
"""

import functools

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from cnnlab.fast.jit import function_of_python
from cnnlab.fast.vectors import INTEGER, LANE, LOOPS, Code

# A tile does as many slots at once, or fewer; there must be as many in all.
TOGETHER = 32


def vectors_of(code):
    """Return how many vectors a tile holds: few enough for every processor's registers."""
    return min(TOGETHER // code.lanes, 4)


def for_all_slots(code, slots, do_some):
    """Write the loop over slots: `do_some(t)` does those from t on. The last ones may overlap."""
    several = vectors_of(code) * code.lanes
    last = code.builder.sub(slots, INTEGER(several))

    def step(t, _):
        do_some(t)
        return []

    code.loop(INTEGER(0), last, several, [], step)
    do_some(last)


# ------------------------------------------------------------------------------- largest


@function_of_python
def largest_loops(lines, offsets, entries, slots, best, winner):
    """Compute what `largest` computes, one number after the other."""
    for t in range(slots):
        best[t], winner[t] = lines[offsets[0] + t], 0
        for e in range(1, entries):
            pixel = lines[offsets[e] + t]
            if (not pixel <= best[t]) & (best[t] == best[t]):  # NaN is larger than every number
                best[t], winner[t] = pixel, e


@intrinsic
def _largest(typing, lines, offsets, entries, slots, best, winner):
    def write(context, builder, signature, arguments):
        lines_, offsets_, entries_, slots_, best_, winner_ = arguments
        code = Code(context, builder, lines.dtype)
        pixels, shifts = code.data(lines, lines_), code.data(offsets, offsets_)
        largest, where = code.data(best, best_), code.data(winner, winner_)
        several = range(vectors_of(code))
        number = ir.IntType(8 * code.bytes)  # as wide as a pixel, so that one mask is for both

        def step(t, e, tile):
            before, found = tile
            line = code.at(pixels, builder.add(builder.load(code.at(shifts, e)), t))
            this = code.spread(e if code.bytes == 8 else builder.trunc(e, number))
            for v in several:
                pixel = code.load(code.at(line, v * code.lanes))
                larger = builder.and_(
                    builder.fcmp_unordered("ugt", pixel, before[v]),
                    builder.fcmp_ordered("ord", before[v], before[v]),
                )
                before[v] = builder.select(larger, pixel, before[v])
                found[v] = builder.select(larger, this, found[v])
            return [before, found]

        def do_some(t):
            line = code.at(pixels, builder.add(builder.load(shifts), t))
            first = [code.load(code.at(line, v * code.lanes)) for v in several]
            nobody = [ir.Constant(ir.VectorType(number, code.lanes), [0] * code.lanes)] * len(first)
            others = functools.partial(step, t)
            before, found = code.loop(INTEGER(1), entries_, 1, [first, nobody], others)
            for v in several:
                place = builder.add(t, INTEGER(v * code.lanes))
                code.store(before[v], code.at(largest, place))
                narrow = ir.VectorType(LANE, code.lanes)
                entry = found[v] if code.bytes == 4 else builder.trunc(found[v], narrow)
                code.store(entry, code.at(where, place), LANE.width // 8)

        for_all_slots(code, slots_, do_some)
        return context.get_dummy_value()

    return types.void(lines, offsets, types.intp, types.intp, best, winner), write


# ------------------------------------------------------------------------------- sum


@function_of_python
def total_loops(lines, offsets, entries, slots, totals):
    """Compute what `total` computes, one number after the other."""
    for t in range(slots):
        totals[t] = 0.0
        for e in range(entries):
            totals[t] += lines[offsets[e] + t]


@intrinsic
def _total(typing, lines, offsets, entries, slots, totals):
    def write(context, builder, signature, arguments):
        lines_, offsets_, entries_, slots_, totals_ = arguments
        code = Code(context, builder, lines.dtype)
        pixels, shifts = code.data(lines, lines_), code.data(offsets, offsets_)
        sums = code.data(totals, totals_)
        several = range(vectors_of(code))
        wide = ir.VectorType(ir.DoubleType(), code.lanes)

        def step(t, e, tile):
            line = code.at(pixels, builder.add(builder.load(code.at(shifts, e)), t))
            for v in several:
                pixel = code.load(code.at(line, v * code.lanes))
                exact = pixel if code.bytes == 8 else builder.fpext(pixel, wide)
                tile[0][v] = builder.fadd(tile[0][v], exact)
            return tile

        def do_some(t):
            nothing = [ir.Constant(wide, [0.0] * code.lanes)] * len(several)
            entries_of = functools.partial(step, t)
            (found,) = code.loop(INTEGER(0), entries_, 1, [nothing], entries_of)
            for v in several:
                code.store(found[v], code.at(sums, builder.add(t, INTEGER(v * code.lanes))), 8)

        for_all_slots(code, slots_, do_some)
        return context.get_dummy_value()

    return types.void(lines, offsets, types.intp, types.intp, totals), write


largest = largest_loops if LOOPS else _largest
total = total_loops if LOOPS else _total
