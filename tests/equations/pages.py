"""Find the equations on the pages of the book, in the order of the table of contents."""

import re
from typing import NamedTuple

from support.book import ROOT, markdown

TABLE = "| Step | Why |"
LABEL = re.compile(r"\((eq-[\w-]+)\)")
INLINE = re.compile(r"(?<![\\$`])\$([^$`]+?)\$(?!\$)")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)


class Equation(NamedTuple):
    page: str
    latex: str
    label: str = ""

    @property
    def name(self):
        """Its page, and its label or the whole formula, for messages."""
        words = " ".join(self.latex.replace("\\begin{aligned}", "").replace("&", "").split())
        return f"{self.page} {self.label or words}"


def pages():
    """Return the name of every notebook, in reading order."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    names = re.findall(r"(?:root|file): book/(\S+)", toc)
    return [name for name in names if (ROOT / "book" / f"{name}.ipynb").exists()]


def prose(page):
    """Return the Markdown cells of a page, one after the other, in the markup of the website."""
    return markdown(ROOT / "book" / f"{page}.ipynb")


def displayed(page, text):
    """Return what the text displays between two `$$`, and the tables of its derivations."""
    found, table = [], []
    parts = re.split(r"^(\s*\$\$.*)$", text, flags=re.MULTILINE)
    inside = None
    for part in parts:
        if part.strip().startswith("$$"):
            whole = re.fullmatch(r"\s*\$\$(.+?)\$\$\s*(?:\((eq-[\w-]+)\))?\s*", part)
            if whole:
                found.append(Equation(page, whole[1], whole[2] or ""))
            elif inside is None:
                inside = ""
            else:
                label = LABEL.search(part)
                found.append(Equation(page, inside.strip(), label[1] if label else ""))
                inside = None
        elif inside is not None:
            inside += part
        else:
            table = derivations(page, part)
            found.extend(table)
    if inside is not None:
        raise ValueError(f"{page}: a $$ is never closed: {inside[:60]}")
    return found


def derivations(page, text):
    """Return one chain for each table of steps; a row with `=` in front goes on with the last."""
    chains, lines = [], iter(text.splitlines())
    for line in lines:
        if line.strip() != TABLE:
            continue
        next(lines)
        first = True
        for row in lines:
            if not row.strip().startswith("|"):
                break
            steps = INLINE.findall(row.strip().strip("|").split("|")[0])
            step = " ".join(steps).replace("\\displaystyle", "").strip()
            if not step:
                first = True
            elif first or not step.startswith(("=", "{}=", "{} =")):
                chains.append(step)
                first = False
            else:
                chains[-1] += " \\\\ " + step
    return [Equation(page, chain) for chain in chains]


def inline(page, text):
    """Return the equations within lines; one that begins with = goes on with the one before."""
    text = re.sub(r"^\s*\$\$.*?\$\$.*?$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^(```+|~~~+)(?:\{code-cell\}|\w+).*?^\1", "", text, flags=re.M | re.S)
    found, end = [], 0
    for match in INLINE.finditer(CODE.sub(lambda code: " " * len(code[0]), text)):
        latex = match[1].strip()
        if found and latex.startswith(("=", "{} =")) and not text[end : match.start()].strip():
            found[-1] = found[-1]._replace(latex=found[-1].latex + " " + latex)
        else:
            found.append(Equation(page, latex))
        end = match.end()
    steps = ("\\displaystyle", "=")  # of a derivation, which is read as a whole
    found = [equation for equation in found if not equation.latex.startswith(steps)]
    return [equation for equation in found if re.search(r"=|\\approx", equation.latex)]
