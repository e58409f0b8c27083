"""The still picture of the part."""

import io
import re
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from cnnlab.page.digit import still
from cnnlab.page.digit.payload import ten_digits


def opened(address):
    content = b64decode(address.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(content)))


def test_a_picture_is_what_any_reader_of_pictures_reads(rng):
    values = rng.integers(0, still.SHADES + 1, (5, 9)) / still.SHADES
    np.testing.assert_array_equal(opened(still.png(values)), np.rint(255 * values))


def test_the_maps_are_those_of_the_network():
    """The first row: red where the map of the first search is positive, blue where it is not."""
    found = still.stages(ten_digits()[still.SHOWN])
    Z, top = found[1], np.abs(found[1]).max()
    pictures = dict(re.findall(r'<mask id="digit-([\w-]+)"><image href="([^"]+)"', still.still()))
    above, below = opened(pictures["above-1"]), opened(pictures["below-1"])
    for k in range(6):
        place = slice(29 * k, 29 * k + 28)
        shown = (above[:, place].astype(float) - below[:, place]) / 255
        np.testing.assert_allclose(shown, Z[k] / top, atol=0.5 / still.SHADES + 1e-9)
    assert "below-2" not in pictures  # nothing is negative behind a ReLU


@pytest.mark.parametrize("few", [False, True])
def test_it_says_what_is_read(few):
    picture = still.still(few=few)
    assert f"it is read as {still.SHOWN}, with a probability of" in picture
    assert len(re.findall(r"<text y=", picture)) == (len(still.FEW) if few else len(still.STAGES))
    ids = re.findall(r'id="([^"]+)"', picture)
    assert len(ids) == len(set(ids))
