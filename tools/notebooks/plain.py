r"""From the markup of the website (MyST) to Markdown that every Jupyter shows, as files hold it.

A writer may use either; the run of a notebook writes the plain one, with the numbers of today.
`tools.notebooks.myst` is the way back, which the website takes.

- ``{term}`maps <response map>` ``: ``[maps](glossary.md#response-map)``
- ``{eq}`eq-dw` ``: ``[(5.3)](weight-gradient.ipynb#eq-dw)``
- ``{cite}`lecun1998` ``: ``([LeCun et al., 1998](bibliography.md#lecun1998))``
- ``{cite:t}`lecun1998` ``: ``[LeCun et al. (1998)](bibliography.md#lecun1998)``
- ``[](images)``, ``[x](images#why)``: ``[Images](images.ipynb)``, ``[x](images.ipynb#Why)``
- ``$$``, formula, ``$$ (eq-dw)``: the same, below an anchor and with ``\tag{5.3}``
- ``{exercise} Title`` with ``:label: ex-a``: a quotation that begins ``**Exercise 5.1** (Title)``
- ``{solution} ex-a``, ``{dropdown} Hint``: ``<details>`` with a ``<summary>``
- ``{note}``: a quotation that begins ``**Note.**``
- ``{glossary}``, ``{bibliography}``: headings, and a list
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from html import escape
from typing import NamedTuple

from tools.notebooks.book import Book, web_fragment

OPEN = re.compile(r"(`{3,}|:{3,})\{([\w:-]+)\}\s*(.*)")
CODE = re.compile(r"\s*(?:> ?)?(`{3,}|~{3,})")
ROLE = re.compile(r"\{(term|eq|cite|cite:t)\}`([^`]+)`")
LINK = re.compile(r"(?<!!)\[((?:[^\[\]`]|`[^`]*`)*)\]\(([\w./-]*)(?:#([^)\s]+))?\)")
FORMULA = re.compile(
    r"^([ \t]*)\$\$((?:(?!\$\$).)+)\$\$[ \t]*\((eq-[\w-]+)\)[ \t]*$", re.MULTILINE | re.DOTALL
)
DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
TARGET = re.compile(r"^\(([\w-]+)\)=\n", re.MULTILINE)

# What only the website understands. Code in the text is not looked at.
ONLY_MYST = [
    (re.compile(r"\{([\w:-]+)\}`[^`]*`"), "a role"),
    (re.compile(r"^\s*(?:`{3,}|:{3,})\{[\w:-]+\}.*$", re.MULTILINE), "a directive"),
    (re.compile(r"^:::.*$", re.MULTILINE), "a fence of colons"),
    (re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE), "a target"),
    (re.compile(r"(?<!\\)\[\]\([^)]*\)"), "a link without words"),
    (re.compile(r"\[\^[\w-]+\]"), "a footnote"),
    (re.compile(r"\{\{.*?\}\}"), "a substitution"),
]


def to_plain(text: str, page: str, book: Book) -> str:
    """Write a text in plain Markdown.

    Parameters
    ----------
    text : str
        In the markup of the website; plain parts stay as they are.
    page : str
        The page on which it stands, from the folder of the book, such as ``images`` or
        ``assignments/A1``. Links to other pages begin there.
    book : Book
        The pages that it may name.

    Returns
    -------
    plain : str
        The same for every Jupyter. What names nothing in the book is left; see `left_over`.
    """
    text = blocks(text.split("\n"), book)
    return outside_code(text, lambda part: inline(part, page, book))


def left_over(text: str) -> list[str]:
    """Find what plain Jupyter would show raw.

    Parameters
    ----------
    text : str
        What `to_plain` gave.

    Returns
    -------
    problems : list of str
        What it is and how to write it, one entry for each.
    """
    found: list[str] = []

    def look(part: str) -> str:
        without = re.sub(r"(?<![`}])`[^`\n]+`", "", part)  # code within a line
        for pattern, kind in ONLY_MYST:
            found.extend(
                f"{kind} that plain Jupyter shows raw, {match[0].strip()[:60]!r}"
                for match in pattern.finditer(without)
            )
        return part

    outside_code(text, look)
    return found


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change everything but the listings of a text."""
    parts: list[str] = []
    lines: list[str] = []
    directives: list[str] = []  # the fences of those that are open
    fence = ""
    for line in text.split("\n"):
        mark, bare = CODE.match(line), line.strip().lstrip("> ")
        if fence:
            parts[-1] += "\n" + line
            fence = "" if bare == fence else fence
        elif found := OPEN.fullmatch(bare):
            directives.append(found[1])
            lines.append(line)
        elif directives and bare == directives[-1]:
            directives.pop()
            lines.append(line)
        elif mark:
            parts += [change("\n".join(lines)), line] if lines else [line]
            lines, fence = [], mark[1]
        else:
            lines.append(line)
    return "\n".join([*parts, *([change("\n".join(lines))] if lines else [])])


# --- Blocks: what stands between two fences -----------------------------------


class Directive(NamedTuple):
    """A directive and its parts."""

    name: str
    argument: str
    options: dict[str, str]
    body: list[str]


def blocks(lines: list[str], book: Book) -> str:
    """Write the directives of a text as quotations and `<details>`."""
    written: list[str] = []
    position = 0
    while position < len(lines):
        found = OPEN.fullmatch(lines[position].rstrip())
        mark = CODE.match(lines[position])
        fence = found[1] if found else mark[1] if mark else ""
        end = closing(lines, position, fence) if fence else position
        if found and end < len(lines):
            directive = take_apart(found, lines[position + 1 : end])
            block = write_block(directive, book)
            written += block if block else lines[position : end + 1]
        else:
            written += lines[position : end + 1]
        position = end + 1
    return "\n".join(written)


def closing(lines: list[str], position: int, fence: str) -> int:
    """Find the line that closes a fence."""
    for number in range(position + 1, len(lines)):
        if lines[number].strip().lstrip("> ") == fence:
            return number
    return len(lines)


def take_apart(found: re.Match[str], lines: list[str]) -> Directive:
    """Separate the options of a directive from what it holds."""
    options = {}
    while lines and (option := re.fullmatch(r":([\w-]+):\s*(.*)", lines[0])):
        options[option[1]] = option[2]
        lines = lines[1:]
    body = "\n".join(lines).strip("\n").split("\n")
    return Directive(found[2], found[3].strip(), options, body)


def write_block(directive: Directive, book: Book) -> list[str]:
    """Write one directive; an empty list if it has no plain form."""
    name, argument, options, body = directive
    inner = blocks(body, book).split("\n")
    if name == "dropdown" and argument:
        return details(summary(argument), inner)
    if name == "note" and not argument:
        return quotation(["**Note.** " + inner[0], *inner[1:]])
    if name == "glossary":
        return entries(body)
    if name == "bibliography":
        return references(book)
    exercise = book.exercises.get(options.get("label", argument))
    if exercise is None:
        return []
    title = f" ({exercise.title})" if exercise.title else ""
    if name == "solution":
        head = summary(f"Solution to Exercise {exercise.number}{title}")
        return details(head, inner, f' id="{argument}-solution"')
    if name == "exercise":
        anchor = f'<a id="{options["label"]}"></a>'
        return quotation([f"{anchor}**Exercise {exercise.number}**{title}", "", *inner])
    return []


def entries(lines: list[str]) -> list[str]:
    """Write a glossary: each word as a heading, which addresses can name."""
    written = []
    for line in lines:
        word = bool(line.strip()) and not line.startswith(" ")
        written += [f"### {line.strip()}", ""] if word else [line.removeprefix("  ")]
    return written


def references(book: Book) -> list[str]:
    """Write the sources in the order of their authors."""
    ordered = sorted(book.sources.items(), key=lambda item: (item[1]["author"], item[1]["year"]))
    return [f'- <a id="{key}"></a>{reference(source)}' for key, source in ordered]


def reference(source: dict[str, str]) -> str:
    """Write who wrote a source, what, where and when, and its address."""
    names = [" ".join(reversed(name.split(", "))) for name in source["author"].split(" and ")]
    places = ("journal", "booktitle", "publisher", "howpublished")
    where = next((f" {source[place]}," for place in places if place in source), "")
    link = f"https://doi.org/{source['doi']}" if "doi" in source else source.get("url", "")
    return f"{', '.join(names)}: *{source['title']}*.{where} {source['year']}." + (
        f" <{link}>" if link else ""
    )


def quotation(lines: list[str]) -> list[str]:
    """Quote lines. A formula gets one line: JupyterLab takes it out before it reads the marks."""
    text = DISPLAYED.sub(lambda formula: " ".join(formula[0].split("\n")), "\n".join(lines))
    return [f"> {line}".rstrip() for line in text.split("\n")]


def details(head: str, lines: list[str], name: str = "") -> list[str]:
    """Fold lines under a head."""
    return [
        f"<details{name}>",
        f"<summary>{head}</summary>",
        "",
        *lines,
        "",
        "</details>",
    ]


def summary(title: str) -> str:
    """Write a title as HTML, in which Markdown is not read: its code has tags."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(title, quote=False))


# --- Within lines -------------------------------------------------------------


def inline(text: str, page: str, book: Book) -> str:
    """Write formulas with their numbers, and roles and links as links with words."""

    def numbered(found: re.Match[str]) -> str:
        space, formula, label = found.groups()
        formula = re.sub(r"\s*\\tag\{[^}]*\}", "", formula).rstrip()
        equation = book.equations.get(label)
        tag = f"\\tag{{{equation.number}}}" if equation else ""
        several = "\n" in found[2]
        tag = f"\n{space}{tag}\n{space}" if several else f" {tag} "
        return f'{space}<a id="{label}"></a>\n{space}$${formula}{tag}$$ ({label})'

    def role(found: re.Match[str]) -> str:
        link = {"term": term, "eq": equation, "cite": cite, "cite:t": cite_in_text}[found[1]]
        return link(found[2], page, book) or found[0]

    def link(found: re.Match[str]) -> str:
        words, target, fragment = found.groups()
        name = name_of(re.sub(r"\.(ipynb|md)$", "", target) or page)
        if name not in book.files or (not target and not fragment):
            return found[0]
        if fragment:
            here = book.headings[name]
            fragment = "#" + here.get(web_fragment(fragment), fragment)
        file = way(page, name, book) if target else ""
        return f"[{words or book.titles[name]}]({file}{fragment or ''})"

    text = TARGET.sub("", text)
    text = FORMULA.sub(numbered, text)
    return ROLE.sub(role, LINK.sub(link, text))


def address(page: str, other: str, fragment: str, book: Book) -> str:
    """Give the address of a place on another page, or on this one."""
    return f"#{fragment}" if other == name_of(page) else f"{way(page, other, book)}#{fragment}"


def name_of(page: str) -> str:
    """Give the name of a page without the folders in front."""
    return page.rpartition("/")[2]


def way(page: str, other: str, book: Book) -> str:
    """Give the way from the folder of one page to the file of another."""
    folder = posixpath.dirname(posixpath.join("book", page))
    return posixpath.relpath(posixpath.join("book", book.files[other]), folder)


def term(content: str, page: str, book: Book) -> str:
    """Link a word of the glossary."""
    found = re.fullmatch(r"(.*?)\s*<(.*)>", content, re.DOTALL)
    words, word = (found[1], found[2]) if found else (content, content)
    known = book.terms.get(web_fragment(" ".join(word.split())))
    if known is None or "glossary" not in book.files:
        return ""
    return f"[{words}]({address(page, 'glossary', known.replace(' ', '-'), book)})"


def equation(label: str, page: str, book: Book) -> str:
    """Link an equation by its number."""
    found = book.equations.get(label)
    if found is None:
        return ""
    return f"[({found.number})]({address(page, found.page, label, book)})"


def cite(keys: str, page: str, book: Book) -> str:
    """Cite sources in parentheses."""
    names = [key.strip() for key in keys.split(",")]
    if not all(name in book.sources for name in names):
        return ""
    links = (
        f"[{authors(book.sources[name])}, {book.sources[name]['year']}]"
        f"({address(page, 'bibliography', name, book)})"
        for name in names
    )
    return f"({'; '.join(links)})"


def cite_in_text(key: str, page: str, book: Book) -> str:
    """Name a source as a part of the sentence."""
    source = book.sources.get(key)
    if source is None:
        return ""
    words = f"{authors(source)} ({source['year']})"
    return f"[{words}]({address(page, 'bibliography', key, book)})"


def authors(source: dict[str, str]) -> str:
    """Name one or two authors, or the first of many."""
    names = [name.split(",")[0].strip() for name in source["author"].split(" and ")]
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
