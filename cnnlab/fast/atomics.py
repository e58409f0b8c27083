"""Atomic operations on an array of integers that several threads see, and pauses between them."""

import platform

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

INTEGER = ir.IntType(64)
IN_ORDER = "seq_cst"  # all threads see all of these operations in one and the same order


def _place(context, builder, array_type, array, slot):
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [slot])


@intrinsic
def load(typing, array, slot):
    """Return what is in a slot now."""

    def write(context, builder, signature, arguments):
        place = _place(context, builder, array, *arguments)
        return builder.load_atomic(place, IN_ORDER, align=8)

    return types.int64(array, types.intp), write


@intrinsic
def store(typing, array, slot, value):
    """Put a value into a slot."""

    def write(context, builder, signature, arguments):
        place = _place(context, builder, array, *arguments[:2])
        builder.store_atomic(arguments[2], place, IN_ORDER, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), write


@intrinsic
def add(typing, array, slot, value):
    """Add to a slot; return what was in it before."""

    def write(context, builder, signature, arguments):
        place = _place(context, builder, array, *arguments[:2])
        return builder.atomic_rmw("add", place, arguments[2], IN_ORDER)

    return types.int64(array, types.intp, types.int64), write


@intrinsic
def keep_bits(typing, array, slot, bits):
    """Clear all bits of a slot but these."""

    def write(context, builder, signature, arguments):
        place = _place(context, builder, array, *arguments[:2])
        builder.atomic_rmw("and", place, arguments[2], IN_ORDER)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), write


@intrinsic
def replace(typing, array, slot, expected, new):
    """Put `new` into a slot if `expected` is in it; return whether it was."""

    def write(context, builder, signature, arguments):
        place = _place(context, builder, array, *arguments[:2])
        pair = builder.cmpxchg(place, *arguments[2:], IN_ORDER, IN_ORDER)
        return builder.extract_value(pair, 1)

    return types.boolean(array, types.intp, types.int64, types.int64), write


@intrinsic
def pause(typing):
    """Tell the processor that a thread waits in a loop, so that its other thread runs faster."""

    def write(context, builder, signature, arguments):
        machine = platform.machine().lower()
        if machine in ("x86_64", "amd64"):
            name, hint = "llvm.x86.sse2.pause", []
        elif machine in ("arm64", "aarch64"):
            name, hint = "llvm.aarch64.hint", [ir.Constant(ir.IntType(32), 1)]
        else:
            return context.get_dummy_value()
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in hint])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, name), hint)
        return context.get_dummy_value()

    return types.void(), write


@intrinsic
def ticks(typing):
    """Return the count of the processor's clock; always 0 where it cannot be read cheaply."""

    def write(context, builder, signature, arguments):
        if platform.machine().lower() not in ("x86_64", "amd64"):
            return ir.Constant(INTEGER, 0)
        kind = ir.FunctionType(INTEGER, [])
        name = "llvm.readcyclecounter"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])

    return types.int64(), write


@intrinsic
def call_system(typing, address):
    """Call a function of the operating system that takes nothing, by its address."""

    def write(context, builder, signature, arguments):
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), [])
        return context.get_dummy_value()

    return types.void(types.intp), write


@intrinsic
def hand_out(typing, kernel, arguments):
    """Return two addresses: of code that does items of a kernel, and of the arguments it needs.

    Both are good while the function that asks has not returned.
    """
    index = types.intp
    call = kernel.get_call_type(typing, (index, index, *arguments.types), {})

    def write(context, builder, signature, values):
        compiled = kernel.dispatcher.overloads[call.args]
        context.active_code_library.add_linking_library(compiled.library)
        function = context.declare_function(builder.module, compiled.fndesc)
        packed = values[1]
        name = builder.module.get_unique_name("portion")
        kind = ir.FunctionType(INTEGER, [INTEGER] * 3)
        portion = ir.Function(builder.module, kind, name)
        portion.linkage = "internal"
        inside = ir.IRBuilder(portion.append_basic_block())
        where, first, last = portion.args
        given = inside.load(inside.inttoptr(where, packed.type.as_pointer()))
        each = [inside.extract_value(given, position) for position in range(len(arguments))]
        status, _ = context.call_conv.call_function(
            inside, function, types.none, call.args, [first, last, *each]
        )
        inside.ret(inside.zext(status.is_error, INTEGER))
        place = cgutils.alloca_once_value(builder, packed)
        addresses = [builder.ptrtoint(pointer, INTEGER) for pointer in (portion, place)]
        return context.make_tuple(builder, signature.return_type, addresses)

    return types.UniTuple(types.int64, 2)(kernel, arguments), write


@intrinsic
def do_items(typing, code, data, first, last):
    """Do items of a kernel that was handed out; return 0, or 1 if it failed."""

    def write(context, builder, signature, arguments):
        kind = ir.FunctionType(INTEGER, [INTEGER] * 3)
        code, *others = arguments
        return builder.call(builder.inttoptr(code, kind.as_pointer()), others)

    return types.int64(*[types.int64] * 4), write
