"""What stands in the page: the box with the editor, and the table that its script loads."""

import json
import re
from html import escape
from importlib import resources

from cnnlab.page.editor.loops import LOOPS, Loop
from cnnlab.page.editor.packing import python_script
from cnnlab.page.editor.table import table
from cnnlab.page.part import Part, file_text
from cnnlab.tutor.pages import PAGES, title_of

SCRIPTS = "editing", "running", "editor"
#: Where an equation stands that `cnnlab.tutor` has no page of.
MORE_PAGES = {"eq-adam": "losses-and-optimizers", "eq-bias-correction": "losses-and-optimizers"}
BOX = """\
<div class="ed" role="group" aria-label="Editor: {title}" data-loop="{name}">
<p class="ed-ask" id="ed-{name}-ask">{ask}</p>
<noscript><p class="ed-off">Scripts are switched off here. Copy the lines below into a notebook, \
write the loop there, and compare it with the listing above.</p></noscript>
<p class="ed-off ed-paper">On paper nothing runs. Open this page in a browser, or copy the lines \
below into a notebook.</p>
<pre class="ed-paper">{code}</pre>
<div class="ed-field" style="--ed-lines:{lines}">
<div class="ed-numbers" aria-hidden="true">{numbers}</div>
<textarea class="ed-code" aria-labelledby="ed-{name}-ask" aria-describedby="ed-{name}-keys" \
rows="{lines}" wrap="off" spellcheck="false" autocomplete="off" autocapitalize="off" \
autocorrect="off" translate="no">{code}</textarea>
</div>
<div class="ed-bar">
<button type="button" class="ed-run">Run</button>
<button type="button" class="ed-copy">Copy as a cell</button>
<button type="button" class="ed-reset">Reset</button>
<span class="ed-keys" id="ed-{name}-keys">Ctrl-Enter runs. Tab indents; Esc, then Tab leaves the \
editor.</span>
</div>
<div class="ed-said" role="status"><p class="ed-before">Run compares it with the right answers \
of {cases} cases. If it is wrong, it looks for the mistake among {mistakes} known ones.</p></div>
</div>"""


def part(of: str) -> Part:
    """Return the editor of a loop.

    Parameters
    ----------
    of : str
        As in `cnnlab.page.editor.loops.LOOPS`: "conv2d_dX-scatter".

    Examples
    --------
    >>> sorted(part("conv2d_db").later)
    ['brython-license.txt', 'editor-conv2d_db.js', 'editor-python.js']
    """
    loop = LOOPS[of]
    lines = loop.skeleton.count("\n") + 1
    html = BOX.format(
        name=of,
        title=escape(of.replace("-", ", ")),
        ask=marked(loop.ask),
        code=escape(loop.skeleton),
        lines=lines,
        cases=len(loop.cases),
        mistakes=sum(len(row.mistakes) for row in table(of).rows),
        numbers="\n".join(map(str, range(1, lines + 1))),
    )
    license_text = resources.files(__package__).joinpath("brython-license.txt").read_bytes()
    return Part(
        html,
        {f"{name}.js": file_text(f"editor/{name}.js") for name in SCRIPTS},
        {"editor.css": file_text("editor/editor.css")},
        {
            "editor-python.js": python_script(),
            f"editor-{of}.js": table_script(of, loop),
            "brython-license.txt": license_text,
        },
    )


def table_script(name: str, loop: Loop) -> bytes:
    """Return the script that brings the table of a loop into a page."""
    found = table(name)
    data = {
        "function": loop.function,
        "results": loop.results,
        "cases": found.cases,
        "rows": "\n".join(row.answers for row in found.rows),
        "mistakes": [[_mistake(*one) for one in row.mistakes] for row in found.rows],
        "shapes": [_shapes(loop, case) for case in loop.cases],
        "equation": link(loop.equation),
        "check": loop.check,
    }
    return f"cnnEditor.tables[{json.dumps(name)}]={json.dumps(data)};\n".encode()


def _mistake(words: str, misreading: str, label: str) -> list[str]:
    """Return what is said of a mistake, as HTML: what it is, how it comes about, where to look."""
    return [marked(words), marked(misreading), link(label)]


def _shapes(loop: Loop, case: tuple[object, ...]) -> str:
    """Name a case by the sizes of what is given."""
    given = zip(loop.arguments, case, strict=True)
    return ", ".join(
        f"{name}.shape = {value.shape}" if hasattr(value, "shape") else f"{name} = {value}"
        for name, value in given
    )


def link(label: str) -> str:
    """Return a link to an equation, for a page of the book; empty if it stands nowhere."""
    page = PAGES.get(label) or MORE_PAGES.get(label)
    if page is None:
        return ""
    return f'<a href="{page}.html#equation-{label.lower()}">the equation</a> in {title_of(page)}'


def marked(words: str) -> str:
    """Return words as HTML; what stands between grave accents is code."""
    return re.sub(r"``?(.+?)``?", r"<code>\1</code>", escape(words, quote=False))
