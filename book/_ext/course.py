"""What the pages of the course say of each other: parts, chapters, questions, goals, minutes.

Order and parts are those of `_toc.yml`; the rest is read from the first cells of the notebooks,
which say it once for the website and for every Jupyter:

    # Title

    **The question?**

    After this chapter you can:

    - three goals
"""

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

GOALS = "After this chapter you can:"
OPENING = re.compile(
    r"# (?P<title>.+)\n\n\*\*(?P<question>[^*\n]+\?)\*\*\n\n"
    + re.escape(GOALS)
    + r"\n\n(?P<goals>- .+;\n- .+;\n- .+\.)(?:\n\n|$)"
)
# How long a reader takes, in minutes, from what can be counted on a page: of prose 200 words in
# a minute, a formula within a line being one; what is folded is read by few, and not counted.
WORD, DISPLAY, CODE, EXERCISE = 1 / 200, 0.2, 0.2, 2
ROUNDED_TO = 5
FOLDED = re.compile(r"<details.*?</details>", re.DOTALL)
DISPLAYED = re.compile(r"\$\$.+?\$\$|\\displaystyle", re.DOTALL)
IN_LINE = re.compile(r"(?<![$\\])\$[^$\n]+\$(?!\$)")
ADDRESS = re.compile(r"\]\([^)\s]*\)")


@dataclass(frozen=True)
class Chapter:
    """A numbered page, and the part in which it stands."""

    name: str
    number: int
    part: str
    title: str
    question: str
    goals: tuple[str, ...]
    minutes: int


def cells(path):
    """Return the cells of a notebook which the website shows."""
    shown = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", []))
        for cell in shown
        if "remove-cell" not in cell["metadata"].get("tags", [])
    ]


def minutes(shown):
    """Estimate how long it takes to read cells, in steps of five minutes."""
    text = "\n\n".join(source for kind, source, _ in shown if kind == "markdown")
    text = FOLDED.sub("", text)
    displays = len(DISPLAYED.findall(text))
    words = len(IN_LINE.sub("formula", ADDRESS.sub("]", DISPLAYED.sub("", text))).split())
    code = sum(kind == "code" and "hide-cell" not in tags for kind, _, tags in shown)
    exercises = text.count('<a id="ex-')
    total = WORD * words + DISPLAY * displays + CODE * code + EXERCISE * exercises
    return ROUNDED_TO * max(1, round(total / ROUNDED_TO))


@functools.cache
def chapters(root):
    """Read the chapters of the book below a folder, in their order, by name."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    found = {}
    for part in toc["parts"]:
        for entry in part["chapters"] if part.get("numbered") else []:
            name = Path(entry["file"]).name
            shown = cells(root / f"{entry['file']}.ipynb")
            opening = OPENING.match(shown[0][1])
            if opening is None:
                raise ValueError(f"{name} does not open with its question and three goals")
            found[name] = Chapter(
                name=name,
                number=len(found) + 1,
                part=part["caption"],
                title=opening["title"],
                question=opening["question"],
                goals=tuple(goal[2:] for goal in opening["goals"].split("\n")),
                minutes=minutes(shown),
            )
    return found
