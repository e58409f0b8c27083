"""Register tiles, written as LLVM instructions: multiply-add, dot product, copies of rows.

A processor adds products fastest when it multiplies whole vectors (16 numbers of float32 with
AVX-512) and uses each number several times once it is loaded. A *tile* does both: it holds
`rows` x `vectors` vectors of sums in registers. No compiler finds a tile in a loop nest by itself,
so it is spelled out here, one machine operation at a time. The loops that it stands for are
`multiply_add_loops` and `dot_loops`; they run when nothing is compiled or bounds are checked.
"""

import functools

from numba import types
from numba.extending import intrinsic

from cnnlab.fast.jit import function_of_python
from cnnlab.fast.vectors import BYTES, INTEGER, LOOPS, REGISTERS, Code

# So many products are added up one after the other, and then such sums: the rounding error of a sum
# grows with the number of terms in a row.
PRODUCTS_IN_A_ROW = 64

# Rough time of one product in one thread, for `share`, where a tile has many rows.
NANOSECONDS = 0.0125


def nanoseconds(products, rows):
    """Return about how long one thread takes; a tile of few rows waits for its pixels."""
    return NANOSECONDS * (1 + 3 / rows) * products


def time_of_step(rows, vectors):
    """Return how long a step of a tile takes, in units of half a cycle.

    It makes rows x vectors multiply-adds and loads rows + vectors times; a vector that starts
    anywhere counts as two loads, because it lies in two cache lines. A processor does two
    multiply-adds and two loads at the same time.
    """
    return max(rows * vectors, rows + 2 * vectors)


@functools.cache
def tile_shape(count, choice=(1, 2, 3, 4, 5, 6, 7, 8)):
    """Return (rows, vectors) of the tile that does `count` rows in the least time.

    Rows are of the `choice`; each has a tile of its own to be compiled, once on a machine.

    A tile needs rows x vectors registers for its sums, `vectors` for what it has loaded and one
    more.
    """
    shapes = []
    for rows in choice:
        if rows > max(count, 1):
            break
        vectors = min((REGISTERS - 1) // (rows + 1), 8)
        time = -(-count // rows) * time_of_step(rows, vectors) / vectors
        shapes.append((time, -rows, vectors))
    _, rows, vectors = min(shapes)
    return -rows, vectors


# ------------------------------------------------------------------------------- pattern search


@function_of_python
def multiply_add_loops(
    rows, vectors, pixels, start, offsets, weights, biases, block, begin, end, out, place, pitch
):
    """Compute what `multiply_add` computes, one number after the other."""
    for k in range(rows):
        for t in range(vectors * (BYTES // pixels.itemsize)):
            index = place + k * pitch + t
            total = pixels.dtype.type(0)
            for tap in range(begin, end):
                total += weights[block, tap, k] * pixels[start + offsets[tap] + t]
            out[index] = total + (biases[block, k] if begin == 0 else out[index])


@intrinsic
def _multiply_add(
    typing,
    rows,
    vectors,
    pixels,
    start,
    offsets,
    weights,
    biases,
    block,
    begin,
    end,
    out,
    place,
    pitch,
):
    if not isinstance(rows, types.Literal) or not isinstance(vectors, types.Literal):
        return None  # Numba then asks again, with the values of constants
    height, width = rows.literal_value, vectors.literal_value

    def write(context, builder, signature, arguments):
        _, _, pixels_, start_, offsets_, *others = arguments
        weights_, biases_, block_, begin_, end_, out_, place_, pitch_ = others
        code = Code(context, builder, pixels.dtype)
        image = code.at(code.data(pixels, pixels_), start_)
        shifts = code.data(offsets, offsets_)
        taps = code.length(weights, weights_, 1)
        entry = builder.mul(block_, builder.mul(taps, INTEGER(height)))
        patterns = code.at(code.data(weights, weights_), entry)
        constants = code.at(code.data(biases, biases_), builder.mul(block_, INTEGER(height)))
        totals = code.at(code.data(out, out_), place_)

        def step(tap, tile):
            window = code.at(image, builder.load(code.at(shifts, tap)))
            loaded = [code.load(code.at(window, v * code.lanes)) for v in range(width)]
            pattern = code.at(patterns, builder.mul(tap, INTEGER(height)))
            for k in range(height):
                weight = code.spread(builder.load(code.at(pattern, k)))
                tile[k] = [
                    code.multiply_add(weight, vector, total)
                    for vector, total in zip(loaded, tile[k], strict=True)
                ]
            return tile

        tile = code.loop(begin_, end_, 1, code.zeros(height, width), step)
        lines = [code.at(totals, builder.mul(pitch_, INTEGER(k))) for k in range(height)]
        with builder.if_else(builder.icmp_signed(">", begin_, INTEGER(0))) as (later, at_first):
            for branch, is_later in ((later, True), (at_first, False)):
                with branch:
                    for k in range(height):
                        bias = (
                            None if is_later else code.spread(builder.load(code.at(constants, k)))
                        )
                        for v in range(width):
                            address = code.at(lines[k], v * code.lanes)
                            before = code.load(address) if is_later else bias
                            code.store(builder.fadd(tile[k][v], before), address)
        return context.get_dummy_value()

    index = types.intp
    signature = types.void(
        rows,
        vectors,
        pixels,
        index,
        offsets,
        weights,
        biases,
        index,
        index,
        index,
        out,
        index,
        index,
    )
    return signature, write


# ------------------------------------------------------------------------------- rows with rows


@function_of_python
def dot_loops(
    rows,
    vectors,
    left,
    begin,
    pitch,
    right,
    start,
    offsets,
    first,
    runs,
    strides,
    length,
    out,
    place,
    add,
):
    """Compute what `dot` computes, one number after the other."""
    for k in range(rows):
        for tap in range(vectors):
            total = left.dtype.type(0)
            for run in range(runs):
                ours = begin + k * pitch + run * strides[0]
                theirs = start + offsets[first + tap] + run * strides[1]
                for t in range(length):
                    total += left[ours + t] * right[theirs + t]
            index = place + k * vectors + tap
            out[index] = out[index] + total if add else total


@intrinsic
def _dot(
    typing,
    rows,
    vectors,
    left,
    begin,
    pitch,
    right,
    start,
    offsets,
    first,
    runs,
    strides,
    length,
    out,
    place,
    add,
):
    if not isinstance(rows, types.Literal) or not isinstance(vectors, types.Literal):
        return None
    height, width = rows.literal_value, vectors.literal_value

    def write(context, builder, signature, arguments):
        _, _, left_, begin_, pitch_, right_, start_, offsets_, first_, *others = arguments
        runs_, strides_, length_, out_, place_, add_ = others
        code = Code(context, builder, left.dtype)
        ours = code.at(code.data(left, left_), begin_)
        image = code.at(code.data(right, right_), start_)
        shifts = code.at(code.data(offsets, offsets_), first_)
        lines = [code.at(ours, builder.mul(pitch_, INTEGER(k))) for k in range(height)]
        windows = [code.at(image, builder.load(code.at(shifts, v))) for v in range(width)]
        steps = [builder.extract_value(strides_, side) for side in (0, 1)]

        def run(index, tile):
            mine, other = (builder.mul(index, step) for step in steps)

            def step(t, tile):
                loaded = [code.load(code.at(window, builder.add(other, t))) for window in windows]
                for k in range(height):
                    vector = code.load(code.at(lines[k], builder.add(mine, t)))
                    tile[k] = [
                        code.multiply_add(vector, pixel, total)
                        for pixel, total in zip(loaded, tile[k], strict=True)
                    ]
                return tile

            return code.loop(INTEGER(0), length_, code.lanes, tile, step)

        tile = code.loop(INTEGER(0), runs_, 1, code.zeros(height, width), run)
        sums = code.totals([total for row in tile for total in row])
        address = code.at(code.data(out, out_), place_)
        for index, vector in enumerate(sums):
            target = code.at(address, index * code.lanes)
            with builder.if_else(add_) as (more, new):
                with more:
                    code.store(builder.fadd(code.load(target), vector), target)
                with new:
                    code.store(vector, target)
        return context.get_dummy_value()

    index = types.intp
    signature = types.void(
        rows,
        vectors,
        left,
        index,
        index,
        right,
        index,
        offsets,
        index,
        index,
        types.UniTuple(index, 2),
        index,
        out,
        index,
        types.boolean,
    )
    return signature, write


# ------------------------------------------------------------------------------- copies


@function_of_python
def copy_rows_loops(source, begin, source_pitch, pace, target, place, target_pitch, rows, count):
    """Do what `copy_rows` does, one number after the other."""
    for i in range(rows):
        for j in range(count):
            entry = source[begin + i * source_pitch + j * pace]
            target[place + i * target_pitch + j] = entry


@intrinsic
def _copy_rows(typing, source, begin, source_pitch, pace, target, place, target_pitch, rows, count):
    def write(context, builder, signature, arguments):
        source_, begin_, source_pitch_, pace_, target_, place_, target_pitch_, *sizes = arguments
        rows_, count_ = sizes
        code = Code(context, builder, source.dtype)
        ours = code.at(code.data(source, source_), begin_)
        theirs = code.at(code.data(target, target_), place_)

        def move(row, line, j, lanes, twice):
            """Write the copy of `lanes` entries from entry j of the target on."""
            address = code.at(row, builder.mul(j, INTEGER(2)) if twice else j)
            vector = code.load(address, lanes)
            if twice:
                # The second vector begins one entry early, so that it reads nothing in vain.
                other = code.load(code.at(address, lanes - 1), lanes)
                every_second = [*range(0, lanes, 2), *range(lanes + 1, 2 * lanes, 2)]
                vector = code.lanes_of(vector, other, every_second)
            code.store(vector, code.at(line, j))
            return []

        def copy(lanes, twice):
            """Write the loop over rows with vectors of `lanes`, or half as many if rows are short.

            The last vector of a row ends where the row ends, and may overlap the one before.
            """
            last = builder.sub(count_, INTEGER(lanes))

            def one_row(i, _):
                row = code.at(ours, builder.mul(i, source_pitch_))
                line = code.at(theirs, builder.mul(i, target_pitch_))
                if lanes == 1:
                    builder.store(builder.load(row), line)
                    return []
                code.loop(
                    INTEGER(0), last, lanes, [], lambda j, _: move(row, line, j, lanes, twice)
                )
                move(row, line, last, lanes, twice)
                return []

            enough = builder.icmp_signed(">=", last, INTEGER(0))
            with builder.if_else(enough) as (then, otherwise):
                with then:
                    code.loop(INTEGER(0), rows_, 1, [], one_row)
                with otherwise:
                    if lanes > 1:
                        copy(lanes // 2, twice)

        with builder.if_else(builder.icmp_signed("==", pace_, INTEGER(1))) as (one, two):
            for branch, twice in ((one, False), (two, True)):
                with branch:
                    copy(code.lanes, twice)
        return context.get_dummy_value()

    index = types.intp
    signature = types.void(source, index, index, index, target, index, index, index, index)
    return signature, write


multiply_add = multiply_add_loops if LOOPS else _multiply_add
dot = dot_loops if LOOPS else _dot
copy_rows = copy_rows_loops if LOOPS else _copy_rows
