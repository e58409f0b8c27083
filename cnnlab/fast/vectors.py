"""Vector registers of the processor, and machine operations with them, written with LLVM.

LLVM is the compiler behind Numba. What is written here becomes part of the tiles
(`cnnlab.fast.tiles`, `cnnlab.fast.lines`), which say what they compute.
"""

import platform

import llvmlite.binding
import numba
from llvmlite import ir

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

INTEGER = ir.IntType(64)
LANE = ir.IntType(32)
LOOP = ("head", "step", "done")


class Code:
    """Writes machine operations into a function."""

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

    def store(self, vector, address, align=None):
        """Write a vector to memory; it may start at any entry (of `align` bytes)."""
        address = self.builder.bitcast(address, vector.type.as_pointer())
        self.builder.store(vector, address, align=align or self.bytes)

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
        nothing = ir.Constant(ir.VectorType(number.type, self.lanes), ir.Undefined)
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
        current = [[builder.phi(value.type) for value in row] for row in tile]
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
