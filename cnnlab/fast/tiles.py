"""Register tiles, written as LLVM instructions: multiply-add, dot product, copies of rows.

A processor adds products fastest when it multiplies whole vectors (16 numbers of float32 with
AVX-512) and uses each number several times once it is loaded. A *tile* does both: it holds
`rows` x `vectors` vectors of sums in registers. No compiler finds a tile in a loop nest by itself,
so it is spelled out here, one machine operation at a time. The loops that it stands for are
`multiply_add_loops` and `dot_loops`; they run when nothing is compiled or bounds are checked.
"""

import functools
import platform

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from cnnlab.fast.jit import function_of_python

# Interpreted, or with checks of array bounds, there is nothing to gain from registers.
LOOPS = bool(numba.config.DISABLE_JIT or numba.config.BOUNDSCHECK)


def _registers():
    """Return how many vector registers the processor has, and how many bytes are in one."""
    if platform.machine().lower() in ("aarch64", "arm64"):
        return 32, 16
    features = {}
    if numba.config.CPU_NAME in (None, "host") and not numba.config.CPU_FEATURES:
        features = llvmlite.binding.get_host_cpu_features()
    if features.get("avx512f") and not LOOPS:
        return 32, 64
    return (16, 32) if features.get("avx2") and not LOOPS else (16, 16)


REGISTERS, BYTES = _registers()

# So many products are added up one after the other, and then such sums: the rounding error of a sum
# grows with the number of terms in a row.
PRODUCTS_IN_A_ROW = 64

# Rough time of one product in one thread, for `share`.
NANOSECONDS = 0.0125


@functools.cache
def tile_shape(count, choice=(1, 2, 3, 4, 5, 6, 7, 8)):
    """Return (rows, vectors) of the tile that does `count` rows in the least time.

    Rows are of the `choice`; each has a tile of its own to be compiled, once on a machine.

    A tile needs rows x vectors registers for its sums, `vectors` for what it has loaded and one
    more. A step makes rows x vectors multiply-adds and loads rows + vectors times; a vector that
    starts anywhere counts as two loads, because it lies in two cache lines. A processor does two
    multiply-adds and two loads at the same time.
    """
    shapes = []
    for rows in choice:
        if rows > max(count, 1):
            break
        vectors = min((REGISTERS - 1) // (rows + 1), 8)
        time = -(-count // rows) * max(rows * vectors, rows + 2 * vectors) / vectors
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
        code = _Code(context, builder, pixels.dtype)
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
        code = _Code(context, builder, left.dtype)
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
        code = _Code(context, builder, source.dtype)
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


# ------------------------------------------------------------------------------- machine operations

INTEGER = ir.IntType(64)
LANE = ir.IntType(32)


class _Code:
    """Writes machine operations (of LLVM, the compiler behind Numba) into a function."""

    def __init__(self, context, builder, dtype):
        self.context, self.builder = context, builder
        self.number = context.get_data_type(dtype)
        self.bytes = dtype.bitwidth // 8
        self.lanes = BYTES // self.bytes
        self.vector = ir.VectorType(self.number, self.lanes)

    def data(self, array_type, array):
        """Return the address of the first entry of an array."""
        return self.context.make_array(array_type)(self.context, self.builder, array).data

    def length(self, array_type, array, axis):
        """Return the length of an axis of an array."""
        shape = self.context.make_array(array_type)(self.context, self.builder, array).shape
        return self.builder.extract_value(shape, axis)

    def at(self, address, index):
        """Return the address `index` entries further on."""
        return self.builder.gep(address, [INTEGER(index) if isinstance(index, int) else index])

    def load(self, address, lanes=None):
        """Return a vector from memory; it may start at any entry."""
        vector = ir.VectorType(self.number, lanes or self.lanes)
        address = self.builder.bitcast(address, vector.as_pointer())
        return self.builder.load(address, align=self.bytes)

    def store(self, vector, address):
        """Write a vector to memory; it may start at any entry."""
        address = self.builder.bitcast(address, vector.type.as_pointer())
        self.builder.store(vector, address, align=self.bytes)

    def multiply_add(self, x, y, total):
        """Return x y + total: one operation where the processor has it, two elsewhere."""
        name = f"llvm.fmuladd.v{self.lanes}f{8 * self.bytes}"
        function = self.builder.module.globals.get(name)
        if function is None:
            signature = ir.FunctionType(self.vector, [self.vector] * 3)
            function = ir.Function(self.builder.module, signature, name)
        return self.builder.call(function, [x, y, total])

    def lanes_of(self, vector, other, lanes):
        """Return a vector of the lanes that are named, counted through both vectors."""
        names = ir.Constant(ir.VectorType(LANE, len(lanes)), lanes)
        return self.builder.shuffle_vector(vector, other, names)

    def spread(self, number):
        """Return a vector with one number in every lane."""
        nothing = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(nothing, number, LANE(0))
        return self.lanes_of(first, nothing, [0] * self.lanes)

    def totals(self, vectors):
        """Return the sums over the lanes of each vector, in vectors, in the same order.

        Two vectors become one that holds the halves of both, added; and so on until every lane is
        a sum.
        """
        sums = []
        for first in range(0, len(vectors), self.lanes):
            group = vectors[first : first + self.lanes]
            group += [self.zero] * (self.lanes - len(group))
            part = self.lanes
            while part > 1:
                part //= 2
                lower = [lane for lane in range(2 * self.lanes) if lane // part % 2 == 0]
                upper = [lane for lane in range(2 * self.lanes) if lane // part % 2 == 1]
                group = [
                    self.builder.fadd(self.lanes_of(x, y, lower), self.lanes_of(x, y, upper))
                    for x, y in zip(group[::2], group[1::2], strict=True)
                ]
            sums += group
        return sums

    @property
    def zero(self):
        """A vector of zeros."""
        return ir.Constant(self.vector, [0.0] * self.lanes)

    def zeros(self, rows, vectors):
        """Return a tile whose sums are 0."""
        return [[self.zero] * vectors for _ in range(rows)]

    def loop(self, begin, end, step, tile, body):
        """Write `for index in range(begin, end, step): tile = body(index, tile)`; return the tile.

        The sums are values with names and no places in memory, which is what keeps them in
        registers.
        """
        builder = self.builder
        before = builder.block
        head, inside, after = (builder.append_basic_block(f"tile.{name}") for name in LOOP)
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(INTEGER)
        index.add_incoming(begin, before)
        current = [[builder.phi(self.vector) for _ in row] for row in tile]
        for names, values in zip(current, tile, strict=True):
            for name, value in zip(names, values, strict=True):
                name.add_incoming(value, before)
        builder.cbranch(builder.icmp_signed("<", index, end), inside, after)
        builder.position_at_end(inside)
        changed = body(index, [list(row) for row in current])
        index.add_incoming(builder.add(index, INTEGER(step)), builder.block)
        for names, values in zip(current, changed, strict=True):
            for name, value in zip(names, values, strict=True):
                name.add_incoming(value, builder.block)
        builder.branch(head)
        builder.position_at_end(after)
        return current


LOOP = ("head", "step", "done")
