"""A small picture for each chapter: it shows the question, at its opening and on its card.

What is drawn is computed here, by the package, from the numbers that the chapters work by hand.
"""

import functools

import numpy as np
from drawing import (
    arrow,
    box,
    color,
    dot,
    frame,
    grid,
    line,
    picture,
    pixels,
    signed,
    words,
)

from cnnlab import data, reference
from cnnlab.algorithms import ALGORITHMS

IMAGE = np.array([[[1, 2, 0, 1], [0, 1, 2, 3], [2, 0, 1, 0]]])
PATTERN = np.array([[[[1, 2], [0, -1]]]])
UPSTREAM = np.array([[[3, 2, -3], [-1, 7, 0]]])


def images():
    """Take a picture of six pixels apart into its three planes."""
    planes = np.array([[[9, 0, 0], [9, 5, 2]], [[0, 9, 0], [9, 5, 4]], [[0, 0, 9], [0, 5, 6]]])
    parts = []
    for i, j in np.ndindex(2, 3):
        red, green, blue = (planes[:, i, j] * 255 // 9).tolist()
        parts.append(box(12 + 36 * j, 64 + 36 * i, 36, 36, fill=f"rgb({red} {green} {blue})"))
    parts += [box(12, 64, 108, 72, stroke=color("line")), arrow((132, 100), (170, 100))]
    for c in range(3):
        parts.append(grid(planes[c], (188 + 12 * c, 15 + 60 * c), 26, of="X"))
    return picture(*parts), (
        "A picture of six colored pixels, and the same picture as three planes of six numbers."
    )


def vanilla_network():
    """Join every input with every output."""
    x, W, c = np.array([2, 1]), np.array([[1, -1], [-2, 3]]), np.array([-1, 2])
    y = reference.sigmoid(reference.dense(x, W, c))
    places = np.array([60, 140])
    parts = []
    for o, i in np.ndindex(2, 2):
        ends = [(76, places[i]), (214, places[o])]
        parts.append(line(ends, "w", thick=1.5 * abs(W[o, i])))
        middle = 0.3 * places[i] + 0.7 * places[o]
        parts += [box(158, middle - 12, 28, 22, fill=color("surface"))]
        parts.append(words(172, middle + 5, f"{W[o, i]}".replace("-", "\N{MINUS SIGN}"), "w"))
    for i in range(2):
        parts += [
            dot(60, places[i], 20, "line"),
            words(60, places[i] + 6, f"{x[i]}"),
            dot(240, places[i], 28, "line"),
            words(240, places[i] + 6, f"{y[i]:.2f}"),
        ]
    return picture(*parts, words(60, 24, "x", "X"), words(240, 24, "y", "Y")), (
        "Two inputs, 2 and 1, each joined with both outputs by a weight."
    )


def pattern_search():
    """Search the image of the chapter, at the place where the pattern fits best."""
    Z = reference.conv2d(IMAGE, PATTERN)[0].astype(int)
    i, j = np.unravel_index(Z.argmax(), Z.shape)
    parts = [
        words(72, 32, "X", "X"),
        grid(IMAGE[0], (16, 44), 28, of="X"),
        frame((16, 44), (i, j), (2, 2), 28, "w"),
        words(72, 186, "w", "w", anchor="end"),
        grid(PATTERN[0, 0], (84, 138), 28, of="w"),
        arrow((140, 86), (196, 86)),
        words(252, 32, "Z", "Z"),
        grid(Z, (208, 58), 30, of="Z"),
        frame((208, 58), (i, j), (1, 1), 30, "w"),
    ]
    return picture(*parts), (
        "A frame of two by two pixels on an image of three rows and four columns; below it the "
        f"pattern; to the right the map of responses, with {Z.max()} where the frame stands."
    )


def delta_and_activation():
    """Draw the sigmoid and its slope at one place."""
    z = np.linspace(-5, 5, 61)
    here = np.log(3)
    height = float(reference.sigmoid(here))
    slope = float(reference.sigmoid_dZ(1.0, height))

    def place(at, value):
        return 160 + 26 * at, 160 - 120 * value

    curve = [place(a, v) for a, v in zip(z, reference.sigmoid(z), strict=True)]
    tangent = [place(here + d, height + slope * d) for d in (-1.8, 1.8)]
    parts = [
        line([(30, 160), (290, 160)], "line", thick=1.5),
        line([(160, 172), (160, 24)], "line", thick=1.5),
        line(curve, "Y", thick=3),
        line(tangent, "dZ", thick=3, dashes="7 4"),
        dot(*place(here, height), 6, "dZ"),
        words(288, 184, "Z", "Z"),
        words(142, 34, "Y", "Y"),
        words(236, 112, f"slope {slope:.2f}", "dZ"),
    ]
    return picture(*parts), (
        f"The sigmoid, Y against Z, and its tangent at one place, where the slope is {slope:.2f}."
    )


def weight_gradient():
    """Mark the pixels that one weight has met."""
    dw = reference.conv2d_dw(UPSTREAM, IMAGE, (1, 1, 2, 2))[0, 0].astype(int)
    parts = [
        words(68, 26, "X", "X"),
        grid(IMAGE[0], (12, 36), 28, of="X"),
        frame((12, 36), (0, 1), (2, 3), 28, "dw"),
        words(24, 160, "dZ", "dZ"),
        grid(UPSTREAM[0], (48, 130), 28, of="dZ"),
        arrow((150, 100), (208, 100)),
        words(256, 46, "dw", "dw"),
        grid(dw, (222, 62), 34, of="dw"),
        frame((222, 62), (0, 1), (1, 1), 34, "dw"),
    ]
    return picture(*parts), (
        "Six pixels of an image are framed: those that one weight has met. With the six numbers "
        f"of dZ they give one entry of dw, {dw[0, 1]}."
    )


def bias_gradient():
    """Add up a map."""
    db = reference.conv2d_db(UPSTREAM)
    parts = [
        words(75, 44, "dZ", "dZ"),
        grid(UPSTREAM[0], (18, 60), 38, of="dZ"),
        words(160, 108, "\N{N-ARY SUMMATION}", size=34),
        arrow((184, 98), (226, 98)),
        words(264, 44, "db", "db"),
        grid([[int(db[0])]], (240, 74), 48, of="db"),
    ]
    return picture(*parts), f"Six numbers of dZ, added up: one number, {db[0]:g}."


def input_gradient():
    """Frame the windows that contain a pixel, and turn the pattern."""
    at, cell = (20, 44), 32
    windows = [
        frame(at, place, (2, 2), cell, "dZ", inset=inset)
        for place, inset in zip([(0, 1), (0, 2), (1, 1), (1, 2)], (2, 6, 4, 8), strict=True)
    ]
    turned = [[1, 2], [3, 4]]
    parts = [
        words(84, 30, "X", "X"),
        grid(np.zeros((4, 4)), at, cell, numbers=False),
        box(at[0] + 2 * cell, at[1] + cell, cell, cell, fill=color("dX"), opacity=0.5),
        *windows,
        words(186, 30, "w", "w", anchor="start"),
        grid(turned, (170, 44), 32, of="w"),
        f'<path d="M250 62 A 40 40 0 0 1 274 108" fill="none" stroke="{color("ink")}" '
        'stroke-width="2"/>',
        arrow((274, 104), (272, 118)),
        words(288, 60, "180\N{DEGREE SIGN}"),
        grid(np.rot90(turned, 2), (226, 124), 32, of="w"),
    ]
    return picture(*parts), (
        "An image of four by four pixels: four windows contain the same pixel. Beside it a "
        "pattern, 1 2 3 4, and the same pattern turned by 180 degrees, 4 3 2 1."
    )


def gradient_checks():
    """Draw the error of central differences against the step."""
    Y = float(reference.sigmoid(1.0))
    steps = 10.0 ** -np.arange(0, 12.1, 0.25)
    up, down = reference.sigmoid(1 + steps), reference.sigmoid(1 - steps)
    errors = np.abs((up - down) / (2 * steps) - Y * (1 - Y)) + 1e-17
    points = [
        (296 - 22 * -np.log10(step), 24 + 12 * -np.log10(error))
        for step, error in zip(steps, errors, strict=True)
    ]
    parts = [
        line([(30, 20), (30, 176), (306, 176)], "line", thick=1.5),
        line(points, "dZ", thick=3),
        words(168, 194, "step"),
        words(44, 34, "error", anchor="start"),
    ]
    return picture(*parts), (
        "The error of a slope taken by a step to both sides, against the step: a letter V. Too "
        "large a step is wrong, and so is too small a one."
    )


def learning():
    """Let a pattern of three by three learn what another one answers."""
    rng = np.random.default_rng(0)
    image, goal = rng.normal(size=(1, 1, 12, 12)), np.array([[[[-1, 0, 1]] * 3]])
    target, found = reference.conv2d(image, goal), rng.normal(size=(1, 1, 3, 3))
    parts = []
    for place, steps in enumerate((0, 10, 90)):
        for _ in range(steps):
            difference = reference.conv2d(image, found) - target
            found -= 0.1 * reference.conv2d_dw(difference, image, found.shape) / target.size
        at = 14 + 104 * place
        total = (0, 10, 100)[place]
        parts += [signed(found[0, 0], (at, 56), 28), words(at + 42, 164, f"{total} steps")]
    parts += [words(160, 32, "w", "w"), arrow((99, 98), (117, 98)), arrow((203, 98), (221, 98))]
    return picture(*parts), (
        "Three by three numbers at the start, after 10 and after 100 steps: noise becomes an "
        "edge, negative on the left and positive on the right."
    )


def errata():
    """Strike out what is too much in a printed line."""
    parts = [
        words(160, 66, "X[k + c, i + a, j + b]", size=19, code=True),
        line([(55, 64), (94, 58)], "bad", thick=3),
        arrow((160, 86), (160, 116)),
        words(160, 146, "X[c, i + u, j + v]", "X", size=19, code=True),
    ]
    return picture(*parts), (
        "A line as printed, X at k plus c, i plus a, j plus b, with k plus struck out, and the "
        "line as it must be."
    )


def max_pooling():
    """Frame the winners of overlapping windows."""
    pixels_of = np.array([[[1, 6, 2, 0], [6, 3, 8, 1], [4, 5, 0, 9]]])
    Y, argmax = reference.max_pool2d(pixels_of, 2, stride=1)
    winners = {divmod(int(place), 4) for place in argmax.ravel()}
    parts = [
        words(80, 32, "X", "X"),
        grid(pixels_of[0], (16, 46), 34, of="X"),
        *(frame((16, 46), place, (1, 1), 34, "X", inset=2) for place in winners),
        arrow((162, 97), (196, 97)),
        words(259, 32, "Y", "Y"),
        grid(Y[0], (208, 63), 34, of="Y"),
    ]
    return picture(*parts), (
        f"Twelve pixels; the {len(winners)} that are the largest of a window are framed. Beside "
        "them the six numbers that are kept."
    )


def geometry():
    """Draw one window with gaps, on an image with a ring of zeros."""
    at, cell, taps = (20, 22), 26, [(2 + u, 4 + v) for u in (0, 2) for v in (0, 2)]
    parts = [
        box(at[0], at[1], 8 * cell, 6 * cell, fill=color("X"), opacity=0.25),
        box(at[0] + cell, at[1] + cell, 6 * cell, 4 * cell, fill=color("surface")),
        grid(np.zeros((6, 8)), at, cell, numbers=False),
        frame(at, (2, 4), (3, 3), cell, "w"),
        *(dot(at[0] + cell * (j + 0.5), at[1] + cell * (i + 0.5), 6, "w") for i, j in taps),
        frame(at, (0, 0), (3, 3), cell, "Z"),
        words(314, 60, "padding", "X", anchor="end"),
        words(314, 110, "window", "w", anchor="end"),
    ]
    return picture(*parts), (
        "A grid of four by six pixels with a ring of zeros around it, and two windows two rows "
        "and four columns apart, whose pattern skips every other pixel."
    )


def losses_and_optimizers():
    """Walk down a narrow valley, without and with momentum."""
    curvature, start = np.array([1.0, 12.0]), np.array([-3.4, 1.2])

    def place(at):
        return 196 + 44 * at[0], 100 + 62 * at[1]

    parts = [
        f'<ellipse cx="196" cy="100" rx="{44 * r:.0f}" ry="{62 * r / 12**0.5:.0f}" fill="none" '
        f'stroke="{color("line")}" stroke-width="1.5"/>'
        for r in (0.8, 1.6, 2.4, 3.2, 4.0)
    ]
    for momentum, rate, of in ((0.0, 0.15, "Z"), (0.7, 0.03, "w")):
        at, speed, walk = start.copy(), np.zeros(2), []
        for _ in range(26):
            walk.append(place(at))
            speed = momentum * speed - rate * curvature * at
            at = at + speed
        parts += [line(walk, of, thick=2.5), *(dot(*step, 3, of) for step in walk)]
    return picture(*parts), (
        "A narrow valley seen from above, and two ways down: one from side to side, one with "
        "momentum in a bow."
    )


def lenet():
    """Move a digit to the left."""
    digit = data.mnist_subset().X_test[3, 0]
    parts = []
    for place, columns in enumerate((0, 2, 4, 6)):
        moved = np.zeros_like(digit)
        moved[:, : 28 - columns] = digit[:, columns:]
        x, y = 52 + 116 * (place % 2), 8 + 96 * (place // 2)
        parts += [pixels(moved, (x, y), 3.2)]
    return picture(*parts), "One handwritten digit, moved to the left by 0, 2, 4 and 6 columns."


def wrong_gradients():
    """Step along the right gradient, and along wrong ones."""
    g = np.array([2, 4])

    def place(at):
        return 100 + 130 * at[0], 168 - 116 * at[1]

    parts = [
        f'<ellipse cx="100" cy="168" rx="{130 * r:.0f}" ry="{116 * r / 2**0.5:.0f}" fill="none" '
        f'stroke="{color("line")}" stroke-width="1.5"/>'
        for r in (0.4, 0.8, 1.2, 1.6)
    ]
    start = np.array([1, 1])
    for step, of in ((g, "good"), (g[::-1], "bad"), (g * [1, -1], "bad"), (g * [1, 0], "bad")):
        end = np.minimum(start - 0.18 * step, [9, 1.35])
        parts.append(arrow(place(start), place(end), of, thick=3))
    parts += [
        dot(*place(start), 5),
        words(170, 182, "right", "good"),
        words(120, 40, "wrong", "bad"),
    ]
    return picture(*parts), (
        "The lines of equal loss of a bowl, a point, and four steps from there: the right one "
        "across the lines, and three that a wrong gradient takes."
    )


def seven_algorithms():
    """Count the multiplications of one layer."""
    shapes = (1, 16, 28, 28), (32, 16, 3, 3), 4
    counts = {
        a.title.split(" F(")[0].split(",")[0]: a.cost(*shapes).multiplications
        for a in ALGORITHMS.values()
    }
    longest = max(n for n in counts.values() if n < 1e8)
    parts = []
    for place, (name, count) in enumerate(counts.items()):
        y = 8 + 27 * place
        width = 200 * min(count / longest, 1.45)
        parts += [
            box(14, y, width, 22, fill=color("Z"), opacity=0.3),
            words(20, y + 17, name, anchor="start"),
        ]
        if count > longest:
            times = f"{count / counts['Loops']:.0f}\N{MULTIPLICATION SIGN}"
            parts.append(words(300, y + 17, times, "bad", anchor="end"))
    return picture(*parts), (
        "Seven bars, the multiplications that seven algorithms need for the same layer: the "
        "Toeplitz matrix needs by far the most, Winograd the fewest."
    )


def performance():
    """Draw a tile: sums that stay in registers."""
    parts = [words(48, 28, "w", "w"), words(196, 28, "X", "X")]
    for row in range(4):
        y = 74 + 30 * row
        parts += [box(36, y, 24, 22, fill=color("w"), opacity=0.4, stroke=color("w"))]
        for vector in range(3):
            x = 82 + 78 * vector
            parts += [
                box(x, y, 70, 22, fill=color("Z"), opacity=0.3, stroke=color("Z")),
                line([(x + 8.75 * lane, y) for lane in (0, 8)], "Z", thick=1),
            ]
            if row == 0:
                parts.append(box(x, 38, 70, 22, fill=color("X"), opacity=0.35, stroke=color("X")))
                parts += [
                    line([(x + 8.75 * lane, 38), (x + 8.75 * lane, 60)], "X", thick=1)
                    for lane in range(1, 8)
                ]
    return picture(*parts), (
        "A tile: four weights beside three vectors of pixels, and twelve vectors of sums, each "
        "of one weight and one vector."
    )


def same_in_pytorch():
    """Lay one image into memory in two orders."""
    image = np.arange(1, 13).reshape(2, 2, 3)
    parts = []
    for row, axes in enumerate(((0, 1, 2), (1, 2, 0))):
        y = 50 + 80 * row
        for place, number in enumerate(image.transpose(axes).ravel().tolist()):
            x = 10 + 25 * place
            of = "X" if number <= 6 else "w"
            parts += [
                box(x, y, 25, 34, fill=color(of), opacity=0.15 if of == "X" else 0.4),
                box(x, y, 25, 34, stroke=color("line")),
                words(x + 12.5, y + 22.5, f"{number}"),
            ]
        title = ("plane by plane", "pixel by pixel")[row]
        parts.append(words(10, y - 10, title, anchor="start"))
    return picture(*parts), (
        "Twelve numbers in a row, first plane by plane, 1 2 3, then pixel by pixel, 1 7 2 8."
    )


@functools.cache
def opening_picture(name):
    """Return the picture of a chapter as SVG, and what it shows in words."""
    return globals()[name.replace("-", "_")]()
