"""What stands on the page: a still picture, the words below it, and the files of the part."""

from __future__ import annotations

from cnnlab.page.digit.payload import script
from cnnlab.page.digit.still import still
from cnnlab.page.digit.weights import made
from cnnlab.page.part import Part, file_text

PLACES = ("lenet", "start")  # all maps at once, or folded: the start page has more to show
# In the order in which each needs those before it.
SCRIPTS = ("prepare", "network", "pad", "maps", "sum", "player")
EQUATIONS = ("eq-pattern-search", "eq-relu", "eq-max-pool", "eq-vanilla", "eq-softmax")
TESTED = 1000  # test digits
CAPTION = (
    "Draw a digit, and the network of the chapter {chapter} reads it after every movement. It "
    "reads {right} of {tested:,} test digits."
)
DETAILS = (
    " Its weights are rounded to one byte each, and each batch normalization is multiplied into "
    "the patterns and biases of the search before it."
)
WITHOUT = (
    "<noscript><p>This is a still picture: one test digit, and what the layers make of it. Where "
    "scripts run, you draw a digit here.</p></noscript>"
)


def part(of: str) -> Part:
    """Return the part for a place: ``"lenet"`` or ``"start"``.

    Raises
    ------
    ValueError
        If there is no such place.
    """
    if of not in PLACES:
        raise ValueError(f"digit: there is no place {of!r}; pass one of {', '.join(PLACES)}.")
    links = "".join(f'<a data-equation="{label}"></a>' for label in EQUATIONS)
    caption = CAPTION.format(
        chapter="<i>LeNet</i>" if of == "lenet" else '<a href="lenet.html">LeNet</a>',
        right=round(TESTED * made()["accuracy"]["bytes"]),
        tested=TESTED,
    )
    details = DETAILS if of == "lenet" else ""
    html = (
        f'<figure class="digit" data-of="{of}">'
        f'<div class="digit-room">{still(few=of == "start")}{WITHOUT}</div>'
        f'<div class="digit-equations" hidden>{links}</div>'
        f"<figcaption>{caption}{details}</figcaption></figure>"
    )
    player = "".join(file_text(f"digit/{name}.js") for name in SCRIPTS)
    return Part(
        html=html,
        scripts={"digit/near.js": file_text("digit/near.js")},
        styles={"digit/digit.css": file_text("digit/digit.css")},
        later={"digit/reader.js": script().encode(), "digit/player.js": player.encode()},
    )
