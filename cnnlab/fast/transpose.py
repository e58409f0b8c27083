"""Transposition of small matrices in registers, written as LLVM instructions.

Whole vectors are read from each row, also where fewer columns are asked for: so much must be there.
Some rows become columns: vectors of rows are zipped, pair by pair, until one entry of each row lies
beside those of the others. One number after the other, most of the time would go into reading and
writing single numbers that lie far apart.
"""

from numba import types
from numba.extending import intrinsic

from cnnlab.fast.jit import function_of_python
from cnnlab.fast.vectors import INTEGER, LOOPS, Code


@function_of_python
def transpose_loops(rows, source, begin, pitch, columns, target, place, step):
    """Compute what `transpose` computes, one number after the other."""
    for column in range(columns):
        for row in range(rows):
            target[place + column * step + row] = source[begin + row * pitch + column]


@intrinsic
def _transpose(typing, rows, source, begin, pitch, columns, target, place, step):
    if not isinstance(rows, types.Literal):
        return None  # Numba then asks again, with the value of the constant
    height = rows.literal_value

    def write(context, builder, signature, arguments):
        _, source_, begin_, pitch_, columns_, target_, place_, step_ = arguments
        code = Code(context, builder, source.dtype)
        first = code.at(code.data(source, source_), begin_)
        out = code.at(code.data(target, target_), place_)
        lines = [
            code.load(code.at(first, builder.mul(pitch_, INTEGER(row)))) for row in range(height)
        ]
        room = 1
        while room < height:
            room *= 2
        together = zip_rows(code, lines + [code.zero] * (room - height))
        for column in range(code.lanes):
            with builder.if_then(builder.icmp_signed("<", INTEGER(column), columns_)):
                vector, lane = divmod(column * room, code.lanes)
                lanes = range(lane, lane + height)
                entries = code.lanes_of(together[vector], together[vector], list(lanes))
                code.store(entries, code.at(out, builder.mul(step_, INTEGER(column))))
        return context.get_dummy_value()

    index = types.intp
    signature = types.void(rows, source, index, index, index, target, index, index)
    return signature, write


def zip_rows(code, rows):
    """Return vectors with the first entry of all rows, then the second of all, and so on."""
    sequences = [[row] for row in rows]
    while len(sequences) > 1:
        half = len(sequences) // 2
        sequences = [
            [zipped for x, y in zip(*pair, strict=True) for zipped in zip_pair(code, x, y)]
            for pair in zip(sequences[:half], sequences[half:], strict=True)
        ]
    return sequences[0]


def zip_pair(code, x, y):
    """Return two vectors with the entries of x and y in turns."""
    lanes = [lane + part for lane in range(code.lanes) for part in (0, code.lanes)]
    return code.lanes_of(x, y, lanes[: code.lanes]), code.lanes_of(x, y, lanes[code.lanes :])


transpose = transpose_loops if LOOPS else _transpose
