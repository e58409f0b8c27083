"""What the tests of the explorer read out of a figure."""

import json
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np

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
