"""What the tests of the explorer read out of a figure."""

import json
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np

from cnnlab.page.explorer import explore_pooling

MODES = ["forward", "weight", "gather", "scatter"]
X = np.arange(1, 7).reshape(1, 2, 3)
W = np.array([[[[1, 2], [3, -4]]], [[[0, 1], [-1, 2]]]])


class Reader(HTMLParser):
    """The tags, attributes and texts of a figure."""

    def __init__(self, html):
        """Read `html`."""
        super().__init__()
        self.tags, self.texts = [], {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Remember a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Remember a text under the last tag."""
        self.texts.setdefault(self.tags[-1][0], []).append(data)

    def one(self, tag):
        """Return the attributes of the only such tag."""
        (attributes,) = [found for name, found in self.tags if name == tag]
        return attributes


def data_of(figure):
    return json.loads(Reader(figure._repr_html_()).one("cnnlab-explorer")["data-values"])


def still_of(figure):
    """Return the still picture as XML."""
    source = Reader(figure._repr_html_()).one("img")["src"]
    kind, _, text = source.partition(",")
    assert kind == "data:image/svg+xml"
    return ElementTree.fromstring(unquote(text))


def random_arrays(rng, D, M, N, P, m, n):
    return (
        rng.integers(-9, 10, (D, M, N)),
        rng.integers(-9, 10, (P, D, m, n)),
        rng.integers(-9, 10, P),
        rng.integers(-9, 10, (P, M - m + 1, N - n + 1)),
    )


# Image, size, stride, gradient: the chapter's example, many ties in several planes, and gaps.
POOLINGS = {
    "chapter": (
        *([[[1, 6, 2, 0], [6, 3, 8, 1], [4, 5, 0, 9]]], 2, 1),
        [[[2, 3, 1], [-4, 2, 5]]],
    ),
    "ties": ((2, 8, 7), (3, 2), (1, 2), (2, 6, 3)),
    "large": ((3, 8, 8), 4, 1, (3, 5, 5)),
    "gaps": ((1, 5, 8), (2, 2), 3, (1, 2, 3)),
    "flat": (np.zeros((1, 4, 5), int), (3, 3), 1, [[[20, -19, 17], [-20, 7, 3]]]),
    "one": ([[[-7]]], 1, None, [[[0]]]),
}


def pooling_figure(case, **options):
    """Return the figure of a case; a shape stands for random numbers, few for X."""
    rng = np.random.default_rng(0)
    X, size, stride, dY = POOLINGS[case]
    X = rng.integers(-2, 3, X) if isinstance(X, tuple) else X
    dY = rng.integers(-9, 10, dY) if isinstance(dY, tuple) else dY
    return explore_pooling(X, size, stride=stride, dY=dY, **options)


def pooling_values(case):
    """Return what the figure of a case shows."""
    return pooling_figure(case).values
