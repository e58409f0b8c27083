"""Functions that kernels call by their address: compiled once, and not again in every kernel.

A tile (`cnnlab.fast.tiles`, `cnnlab.fast.lines`) is a function of its own for every shape. Kernels
get a tile as four numbers: rows, vectors, the address of its machine code, and that of the copies
of rows. So there is one version of a kernel for each dtype, whatever tiles it uses. That of a
transposition is two numbers: rows, and the address of its machine code.
"""

import functools

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from cnnlab.fast import lines, tiles
from cnnlab.fast import transpose as transposing
from cnnlab.fast.jit import callback, part_of_kernel
from cnnlab.fast.vectors import LOOPS

# The length of an array that is known by its address alone.
ANY = 2**40


@functools.cache
def multiply_add_tile(rows, vectors, dtype):
    """Return the tile of `multiply_add`: rows, vectors, its address and that of `copy_rows`."""

    def run(pixels, offsets, weights, taps, biases, begin, end, out, pitch):
        tiles.multiply_add(
            rows,
            vectors,
            numba.carray(pixels, ANY),
            0,
            numba.carray(offsets, ANY),
            numba.carray(weights, (1, taps, rows)),
            numba.carray(biases, (1, rows)),
            0,
            begin,
            end,
            numba.carray(out, ANY),
            0,
            pitch,
        )

    array, index = types.CPointer(numba.from_dtype(dtype)), types.intp
    indices = types.CPointer(index)
    arguments = array, indices, array, index, array, index, index, array, index
    name = f"multiply_add-{rows}x{vectors}-{dtype}"
    return rows, vectors, address(run, arguments, name), copying(dtype)


@functools.cache
def dot_tile(rows, vectors, dtype):
    """Return the tile of `dot`: rows, vectors, its address and that of `copy_rows`."""

    def run(left, pitch, right, offsets, runs, ours, theirs, length, out, add):
        tiles.dot(
            rows,
            vectors,
            numba.carray(left, ANY),
            0,
            pitch,
            numba.carray(right, ANY),
            0,
            numba.carray(offsets, ANY),
            0,
            runs,
            (ours, theirs),
            length,
            numba.carray(out, ANY),
            0,
            add != 0,
        )

    array, index = types.CPointer(numba.from_dtype(dtype)), types.intp
    indices = types.CPointer(index)
    arguments = array, index, array, indices, *[index] * 4, array, index
    name = f"dot-{rows}x{vectors}-{dtype}"
    return rows, vectors, address(run, arguments, name), copying(dtype)


@functools.cache
def largest_tile(dtype):
    """Return the tile of `lines.largest`, as kernels read it."""

    def run(pixels, offsets, entries, slots, best, winner):
        lines.largest(
            numba.carray(pixels, ANY),
            numba.carray(offsets, ANY),
            entries,
            slots,
            numba.carray(best, ANY),
            numba.carray(winner, ANY),
        )

    array, index = types.CPointer(numba.from_dtype(dtype)), types.intp
    winners = types.CPointer(types.int32)
    arguments = array, types.CPointer(index), index, index, array, winners
    return 1, 1, address(run, arguments, f"largest-{dtype}"), copying(dtype)


@functools.cache
def total_tile(dtype):
    """Return the tile of `lines.total`, as kernels read it."""

    def run(pixels, offsets, entries, slots, totals):
        lines.total(
            numba.carray(pixels, ANY),
            numba.carray(offsets, ANY),
            entries,
            slots,
            numba.carray(totals, ANY),
        )

    array, index = types.CPointer(numba.from_dtype(dtype)), types.intp
    arguments = array, types.CPointer(index), index, index, types.CPointer(types.float64)
    return 1, 1, address(run, arguments, f"total-{dtype}"), copying(dtype)


@functools.cache
def copying(dtype):
    """Return the address of `copy_rows`."""

    def run(source, source_pitch, pace, target, target_pitch, rows, count):
        tiles.copy_rows(
            numba.carray(source, ANY),
            0,
            source_pitch,
            pace,
            numba.carray(target, ANY),
            0,
            target_pitch,
            rows,
            count,
        )

    array, index = types.CPointer(numba.from_dtype(dtype)), types.intp
    arguments = array, index, index, array, *[index] * 3
    return address(run, arguments, f"copy_rows-{dtype}")


@functools.cache
def transpose_tile(rows, dtype):
    """Return how many rows become columns, and the address of `transpose` for so many."""

    def run(source, pitch, columns, target, step):
        transposing.transpose(
            rows, numba.carray(source, ANY), 0, pitch, columns, numba.carray(target, ANY), 0, step
        )

    array, index = types.CPointer(numba.from_dtype(dtype)), types.intp
    return rows, address(run, (array, index, index, array, index), f"transpose-{rows}-{dtype}")


def address(function, arguments, name):
    """Return where the machine code of a function is; 0 where loops take its place."""
    return 0 if LOOPS else callback(function, arguments, name)


@intrinsic
def call(typing, address, arguments):
    """Call what is at an address, with numbers and with addresses.

    An array becomes the address of its first entry, a pair (array, index) that of another entry.
    """

    def write(context, builder, signature, values):
        def entry(kind, array, *index):
            data = context.make_array(kind)(context, builder, array).data
            return builder.gep(data, index) if index else data

        where, packed = values
        given = []
        for position, kind in enumerate(arguments.types):
            value = builder.extract_value(packed, position)
            if isinstance(kind, types.BaseTuple):
                value = entry(kind[0], *(builder.extract_value(value, side) for side in (0, 1)))
            elif isinstance(kind, types.Array):
                value = entry(kind, value)
            given.append(value)
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in given])
        builder.call(builder.inttoptr(where, kind.as_pointer()), given)
        return context.get_dummy_value()

    return types.void(address, arguments), write


@part_of_kernel
def multiply_add_at(
    tile, pixels, start, offsets, weights, biases, taps, begin, end, out, place, pitch
):
    """Compute `tiles.multiply_add` with a tile; `weights` and `biases` are pairs, array and begin.

    There are weights of `taps` entries for each row of the tile.
    """
    call(
        tile[2],
        ((pixels, start), offsets, weights, taps, biases, begin, end, (out, place), pitch),
    )


@part_of_kernel
def dot_at(
    tile, left, begin, pitch, right, start, offsets, first, runs, steps, length, out, place, add
):
    """Compute `tiles.dot` with a tile."""
    ours, theirs = steps
    more = 1 if add else 0
    mine, other, shifts, sums = (left, begin), (right, start), (offsets, first), (out, place)
    call(tile[2], (mine, pitch, other, shifts, runs, ours, theirs, length, sums, more))


@part_of_kernel
def copy_rows_at(tile, source, begin, source_pitch, pace, target, place, target_pitch, rows, count):
    """Do what `tiles.copy_rows` does, which comes with every tile."""
    ours, theirs = (source, begin), (target, place)
    call(tile[3], (ours, source_pitch, pace, theirs, target_pitch, rows, count))


@part_of_kernel
def largest_at(tile, pixels, offsets, entries, slots, best, winner):
    """Compute `lines.largest` with a tile."""
    call(tile[2], (pixels, offsets, entries, slots, best, winner))


@part_of_kernel
def total_at(tile, pixels, offsets, entries, slots, totals):
    """Compute `lines.total` with a tile."""
    call(tile[2], (pixels, offsets, entries, slots, totals))


@part_of_kernel
def transpose_at(tile, source, begin, pitch, columns, target, place, step):
    """Compute `transpose.transpose` with a tile."""
    call(tile[1], ((source, begin), pitch, columns, (target, place), step))


@part_of_kernel
def multiply_add_in_loops(
    tile, pixels, start, offsets, weights, biases, taps, begin, end, out, place, pitch
):
    """Compute what the tile computes, one number after the other."""
    rows, vectors = tile[:2]
    w = weights[0][weights[1] : weights[1] + taps * rows].reshape((1, taps, rows))
    b = biases[0][biases[1] : biases[1] + rows].reshape((1, rows))
    tiles.multiply_add_loops(
        rows, vectors, pixels, start, offsets, w, b, 0, begin, end, out, place, pitch
    )


@part_of_kernel
def dot_in_loops(tile, *arguments):
    """Compute what the tile computes, one number after the other."""
    tiles.dot_loops(tile[0], tile[1], *arguments)


@part_of_kernel
def copy_rows_in_loops(tile, *arguments):
    """Copy, one number after the other."""
    tiles.copy_rows_loops(*arguments)


@part_of_kernel
def largest_in_loops(tile, *arguments):
    """Compute what the tile computes, one number after the other."""
    lines.largest_loops(*arguments)


@part_of_kernel
def total_in_loops(tile, *arguments):
    """Compute what the tile computes, one number after the other."""
    lines.total_loops(*arguments)


@part_of_kernel
def transpose_in_loops(tile, *arguments):
    """Compute what the tile computes, one number after the other."""
    transposing.transpose_loops(tile[0], *arguments)


multiply_add = multiply_add_in_loops if LOOPS else multiply_add_at
dot = dot_in_loops if LOOPS else dot_at
copy_rows = copy_rows_in_loops if LOOPS else copy_rows_at
largest = largest_in_loops if LOOPS else largest_at
total = total_in_loops if LOOPS else total_at
transpose = transpose_in_loops if LOOPS else transpose_at
