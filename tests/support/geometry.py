"""Layers for the tests of the geometry explorer: the numbers of its sliders, and what they mean."""

from cnnlab import shapes
from cnnlab.page.explorer.windows import Layer

NAMES = ["numbers", "valid", "same", "full"]


def build(image, pattern, stride, dilation, before, after, name="numbers"):
    pairs = {"image": image, "pattern": pattern, "stride": stride, "dilation": dilation}
    pairs |= {"before": before, "after": after}
    numbers = {key: list(pair) for key, pair in pairs.items()}
    return numbers | {"name": name, "depth": 1, "patterns": 1, "groups": 1}


def random_numbers(rng):
    """Draw numbers within the limits of the sliders; the windows fit."""
    while True:
        pairs = [rng.integers(1, end, 2).tolist() for end in (9, 5, 5, 4)]
        numbers = build(*pairs, *rng.integers(0, 4, (2, 2)).tolist(), NAMES[rng.integers(4)])
        groups = int(rng.integers(1, 4))
        depths, patterns = (groups * rng.integers(1, 3, 2)).tolist()
        numbers |= {"depth": depths, "patterns": patterns, "groups": groups}
        try:
            geometry_of(numbers)
        except ValueError:
            continue
        return numbers


def options_of(numbers):
    """Return image shape, pattern shape and options, as the operations take them."""
    (top, left), (bottom, right) = numbers["before"], numbers["after"]
    named = numbers["name"] != "numbers"
    padding = numbers["name"] if named else ((top, bottom), (left, right))
    options = {"stride": numbers["stride"], "dilation": numbers["dilation"], "padding": padding}
    return (1, *numbers["image"]), (1, 1, *numbers["pattern"]), options


def geometry_of(numbers):
    """Return what cnnlab.shapes says."""
    image, w_shape, options = options_of(numbers)
    return shapes.conv2d_geometry("test", image, w_shape, **options)


def layer_of(numbers):
    """Return the layer, the name of its padding resolved by cnnlab.shapes."""
    (top, bottom), (left, right) = geometry_of(numbers).padding
    return Layer(numbers | {"before": [top, left], "after": [bottom, right]})
