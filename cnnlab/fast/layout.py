"""Packing: rows of images are written one after the other, padding included, for the tiles.

The sizes here also decide how many products are added in a row before their sum is added to others:
with another size, or another number of images, a result may have other last digits.
"""

from cnnlab.fast.addresses import copy_rows
from cnnlab.fast.jit import part_of_kernel

# What is laid out at a time should stay in the second cache of a processor.
LAID_OUT_BYTES = 2**18

# So much may be laid out at a time in any case: it stays in the first cache.
FEW_BYTES = 2**14

# Rough time of copying a row, in multiply-adds of vectors.
ROW = 20


def steps(geometry):
    """Return stride, (top, left) and dilation: what a kernel needs to find a pixel."""
    (top, _), (left, _) = geometry.padding
    return geometry.stride, (top, left), geometry.dilation


@part_of_kernel
def lay_out(
    tile, pixels, first_plane, planes, size, top, pace, residues, lefts, slots, count, pitch, out
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
                    tile,
                    pixels,
                    row * width + lefts[v] + begin * pace[1],
                    (width * pace[0], pace[1]),
                    out,
                    place + above * pitch + begin,
                    (pitch, 1),
                    (below - above) * together,
                    end - begin,
                )


@part_of_kernel
def copy_strided_rows(tile, source, begin, paces, target, place, steps, rows, count):
    """Copy rows; paces and steps are those from row to row and from entry to entry."""
    if paces[1] <= 2 and steps[1] == 1:
        copy_rows(tile, source, begin, paces[0], paces[1], target, place, steps[0], rows, count)
        return
    for i in range(rows):
        ours, theirs = max(begin + i * paces[0], 0), max(place + i * steps[0], 0)
        for j in range(count):
            target[theirs + j * steps[1]] = source[ours + j * paces[1]]
