"""What the pages of the book know of each other: numbers, headings, words, sources.

The numbers are those of the website: equations and exercises are counted page by page, behind the
number of the chapter in the order of ``_toc.yml``, or the letter of a page without a number.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

PAGE = re.compile(r"(?:file|root): book/(\S+)")
EQUATION = re.compile(r"\$\$\s*\((eq-[\w-]+)\)\s*$", re.MULTILINE)
EXERCISE = re.compile(
    r"\{exercise\}(?P<title>.*)\n:label: (?P<label>ex-[\w-]+)"
    r'|<a id="(?P<plain>ex-[\w-]+)"></a>\*\*Exercise [A-Z\d.]+\*\*(?: \((?P<words>.*)\))?'
)
HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
CODE = re.compile(r"^(`{3,})(?!\{).*?^\1\s*$", re.MULTILINE | re.DOTALL)
GLOSSARY = re.compile(r"^```\{glossary\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^@\w+\{(\w+),\n(.*?)\n\}", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*)\},?$", re.MULTILINE)


@dataclass(frozen=True)
class Numbered:
    """An equation or an exercise.

    Parameters
    ----------
    page : str
        The page that it stands on.
    number : str
        Such as ``5.3``, or ``N.2`` on a page without a number.
    title : str
        What an exercise is called.
    """

    page: str
    number: str
    title: str = ""


@dataclass
class Book:
    """What one page needs to know of the others.

    Parameters
    ----------
    files : dict
        The name of a page, such as ``images`` or ``A1``, and its file in the folder of the book,
        ``images.ipynb`` or ``assignments/A1.ipynb``.
    titles : dict
        The name of a page and its first heading.
    headings : dict
        The name of a page, and for each heading the fragment of the website and of JupyterLab.
    equations, exercises : dict
        By label.
    terms : dict
        The words of the glossary by their fragment.
    sources : dict
        Fields of the bibliography by key.
    """

    files: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    headings: dict[str, dict[str, str]] = field(default_factory=dict)
    equations: dict[str, Numbered] = field(default_factory=dict)
    exercises: dict[str, Numbered] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)


def read_book(root: Path) -> Book:
    """Read the book below a folder.

    Parameters
    ----------
    root : Path
        The folder of ``_toc.yml``.

    Returns
    -------
    book : Book
        Everything in it.
    """
    book = Book()
    chapter, numbered = 0, False
    for line in (root / "_toc.yml").read_text(encoding="utf-8").splitlines():
        if "caption:" in line:
            numbered = False
        elif "numbered:" in line:
            numbered = True
        found = PAGE.search(line)
        path = find_page(root / "book", found[1]) if found else None
        if path is None:
            continue
        text = text_of_page(path)
        page = path.stem
        book.files[page] = path.relative_to(root / "book").as_posix()
        headings = HEADING.findall(CODE.sub("", text))
        book.titles[page] = headings[0] if headings else page
        book.headings[page] = {web_fragment(title): lab_fragment(title) for title in headings}
        chapter += numbered
        for kind, pattern in (("equations", EQUATION), ("exercises", EXERCISE)):
            for count, match in enumerate(pattern.finditer(text), start=1):
                number = f"{chapter if numbered else letter_of(page)}.{count}"
                add_numbered(getattr(book, kind), match, page, number)
    book.terms = {web_fragment(term): term for term in terms_of(root / "book" / "glossary.md")}
    book.sources = sources_of(root / "book" / "references.bib")
    return book


def letter_of(page: str) -> str:
    """Give what a page without a number has instead: ``N`` for notation, ``A1`` for A1."""
    name = page.rpartition("/")[2]
    return name if re.fullmatch(r"[A-Z]\d+", name) else name[0].upper()


def find_page(folder: Path, name: str) -> Path | None:
    """Find the file of a page, or None."""
    paths = (folder / f"{name}{suffix}" for suffix in (".ipynb", ".md"))
    return next((path for path in paths if path.exists()), None)


def text_of_page(path: Path) -> str:
    """Read the text of a page: a file of Markdown, or the cells of a notebook that hold it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def add_numbered(labels: dict[str, Numbered], match: re.Match[str], page: str, number: str) -> None:
    """Add what a pattern found on a page, under its label."""
    groups = match.groupdict()
    label = groups.get("label") or groups.get("plain") or match[1]
    title = groups.get("title") or groups.get("words") or ""
    labels[label] = Numbered(page, number, title.strip())


def terms_of(path: Path) -> list[str]:
    """Read the words of the glossary, from a directive or from headings."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    if found := GLOSSARY.search(text):
        return re.findall(r"^(\w.*)$", found[1], re.MULTILINE)
    return re.findall(r"^### (.*)$", text, re.MULTILINE)


def sources_of(path: Path) -> dict[str, dict[str, str]]:
    """Read the fields of a bibliography, without the marks of LaTeX."""
    if not path.exists():
        return {}
    entries = ENTRY.findall(path.read_text(encoding="utf-8"))
    return {
        key: {name: re.sub(r"[{}\\]", "", value) for name, value in FIELD.findall(fields)}
        for key, fields in entries
    }


def lab_fragment(heading: str) -> str:
    """Give what JupyterLab calls a heading in an address: ``Max-pooling``."""
    return re.sub(r"[`*$]", "", heading).strip().replace(" ", "-")


def web_fragment(heading: str) -> str:
    """Give what the website calls a heading in an address: ``max-pooling``."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
