"""Room for the formulas of a line, before a script has set them.

A page is seen before MathJax has set its formulas, and lines that break anew push down what is
being read. So each formula gets about the width that it will have (``formula-room.css``); its
source is hidden in that room. Without scripts there is no room, and the source can be read.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

STYLE_SHEET = "formula-room.css"
STEP = 0.125  # em between two widths
WIDEST = 240  # steps
STYLES = """\
@media screen and (scripting: enabled) {
  span.math[class*="room-"]:not(:has(mjx-container)) {
    display: inline-block;
    height: 1em;
    overflow: hidden;
    white-space: nowrap;
    color: transparent;
    vertical-align: -0.15em;
"""

SMALL = 0.72  # of a formula in a fraction, or in an index
FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
INDEX = re.compile(r"[_^](?:\{([^{}]*)\}|(\\?\w+|\S))")
WORDS = re.compile(r"\\(?:text|mathrm|operatorname)\{([^{}]*)\}|\\(log|exp|max|min|tanh|bmod)\b")
# Signs with the space around them, and how wide they are.
SIGNS = {
    re.compile(r"\\(?:le|ge|ne|to|in|approx|equiv|mapsto|mid)\b|[=<>]"): 1.41,
    re.compile(r"\\(?:times|pm)\b|\+|(?<=[^\s(,]) *-"): 1.3,
    re.compile(r"\\(?:[lc]?dots|sum)(?![a-z])"): 1.25,
    re.compile(r"\\(?:star|ast)\b"): 1.0,
    re.compile(r"\\cdot\b"): 0.77,
}
NOTHING = re.compile(r"\\(?:left|right|[bB]igg?[lr]?|tilde|hat|bar|lfloor|displaystyle)\b|[{}]")
COMMAND = re.compile(r"\\[a-zA-Z]+|\\.")


def width_of(tex):
    """Estimate how wide a formula is, in em: some signs are wide, fractions and indices small."""
    width = 0.0

    def fraction(found):
        nonlocal width
        width += SMALL * max(map(width_of, found.groups())) + 0.25
        return "{}"

    def index(found):
        nonlocal width
        width += SMALL * width_of(found[1] or found[2] or "")
        return ""

    tex = FRACTION.sub(fraction, tex)
    tex = INDEX.sub(index, tex)
    tex = WORDS.sub(r"\1\2", tex)
    for sign, room in SIGNS.items():
        tex, count = sign.subn(" ", tex)
        width += room * count
    letters = COMMAND.sub("x", NOTHING.sub("", tex)).replace(" ", "")
    narrow = sum(letters.count(sign) for sign in "()[]|,;.:'!ijl")
    wide = sum(letter.isupper() or letter in "mw" for letter in letters)
    width += 0.28 * sum(map(letters.count, "MW")) + 0.1 * sum(map(letters.count, ",N"))
    width += 0.07 * sum(map(letters.count, "()"))
    return width + 0.34 * narrow + 0.82 * wide + 0.54 * (len(letters) - narrow - wide)


class GiveRoom(SphinxPostTransform):
    """Name the width of each formula of a line as a class."""

    default_priority = 490
    formats = ("html",)

    def run(self, **kwargs):
        """Estimate each."""
        for formula in self.document.findall(nodes.math):
            if r"\displaystyle" in formula.astext():
                continue  # a step of a derivation, in a place of its own
            steps = min(max(round(width_of(formula.astext()) / STEP), 1), WIDEST)
            formula["classes"].append(f"room-{steps}")


def write_style_sheet(app, exception):
    """Write the widths."""
    if exception is None and app.builder.format == "html":
        widths = (f"    &.room-{n} {{ width: {n * STEP}em; }}\n" for n in range(1, WIDEST + 1))
        path = Path(app.outdir) / "_static" / STYLE_SHEET
        path.write_text(STYLES + "".join(widths) + "  }\n}\n", encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.add_css_file(STYLE_SHEET)
    app.add_post_transform(GiveRoom)
    app.connect("build-finished", write_style_sheet)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
