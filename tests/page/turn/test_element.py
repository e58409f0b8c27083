"""The turn as a part of a page."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from cnnlab.page import turn
from cnnlab.page.turn import element, frames


def test_three_still_frames_say_their_sums():
    part = turn.part("1.1")
    still = re.findall(r"<figure>.*?</figure>", part.html)
    assert len(still) == 3
    for figure, angle in zip(still, frames.RIGHT_ANGLES, strict=True):
        turned = frames.turned(angle, (1, 1))
        words = "".join(ElementTree.fromstring(figure).find("figcaption").itertext())
        sum_, total = re.match(r"(.*) = (\S+) ", words).groups()
        sum_ = sum_.replace("\N{MIDDLE DOT}", "*").replace("\N{MINUS SIGN}", "-")
        assert eval(sum_) == turned.total == int(total)
        assert f"{turned.angle}°" in figure
        assert f": {turned.total}," in element.spoken(turned)


def test_what_the_script_is_given():
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append(dict(attributes))

    Reader().feed(turn.part("2.1").html)
    values = json.loads(found[0]["data-values"])
    x, y = frames.middle((2, 1))
    assert values["middle"] == [frames.TURNING, y]
    assert values["lay"] == x - frames.TURNING
    assert values["threads"] == frames.threads((2, 1))
    assert list(values["spoken"]) == ["0", "90", "180"]


def test_it_is_light():
    part = turn.part("1.1")
    assert len(part.html) < 40_000
    assert sum(map(len, [*part.scripts.values(), *part.styles.values()])) < 9_000
