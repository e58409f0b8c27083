"""From plain Markdown, as files hold it, to the markup of the website (MyST).

The way back of `tools.notebooks.plain`. The website is built from it, and tests read it.
"""

from __future__ import annotations

import re
from html import unescape

from tools.notebooks.book import Book, web_fragment
from tools.notebooks.plain import CODE, LINK, closing, name_of, outside_code

FOLDED = re.compile(r'<details(?: id="(ex-[\w-]+)-solution")?>')
SUMMARY = re.compile(r"<summary>(.*)</summary>")
EXERCISE = re.compile(r'> <a id="(ex-[\w-]+)"></a>\*\*Exercise [A-Z\d.]+\*\*(?: \((.*)\))?')
NOTE = "> **Note.** "
ANCHOR = re.compile(r'^[ \t]*<a id="eq-[\w-]+"></a>\n(?=[ \t]*\$\$)', re.MULTILINE)
TAG = re.compile(r"\s*\\tag\{[A-Z\d.]+\}(\s*\$\$)")
CITED = r"\[[^\]]+, \d{4}\]\((?:[\w./-]*bibliography\.md)?#(\w+)\)"
CITATION = re.compile(rf"\({CITED}(?:; {CITED})*\)")
NUMBER = re.compile(r"\([A-Z\d.]+\)")
LETTER = re.compile(r"^(?=## )", re.MULTILINE)
WORD = re.compile(r"^### (.+)$", re.MULTILINE)
SOURCE = re.compile(r'(?:^- <a id="\w+"></a>.*\n?)+', re.MULTILINE)


def to_myst(text: str, book: Book) -> str:
    """Write a text as the website reads it.

    Parameters
    ----------
    text : str
        Plain, as `tools.notebooks.plain.to_plain` gives it; other parts stay as they are.
    book : Book
        The pages that it names.

    Returns
    -------
    myst : str
        With directives and roles.
    """
    return outside_code(blocks(text.split("\n")), lambda part: inline(part, book))


def page_to_myst(text: str, page: str, book: Book) -> str:
    """Write a file of Markdown as the website reads it: the glossary and the bibliography, too."""
    if page == "glossary":
        text = text.replace("](#", "](glossary.md#")  # the words are known by their page
        text = "".join(map(with_words, LETTER.split(text))).rstrip("\n") + "\n"
    if page == "bibliography":
        text = SOURCE.sub("```{bibliography}\n```\n", text)
    return to_myst(text, book)


def with_words(text: str) -> str:
    """Write the words below a letter of the glossary as a directive."""
    first = WORD.search(text)
    if first is None:
        return text
    words = WORD.split(text[first.start() :].rstrip("\n"))[1:]
    body = [
        line
        for word, meaning in zip(words[::2], words[1::2], strict=True)
        for line in [word, *indented(meaning.strip("\n")), ""]
    ]
    return text[: first.start()] + "\n".join(["```{glossary}", *body[:-1], "```", "\n"])


def indented(text: str) -> list[str]:
    """Indent what is not empty."""
    return [f"  {line}" if line else "" for line in text.split("\n")]


def blocks(lines: list[str]) -> str:
    """Write quotations and what is folded as directives."""
    written: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        end = position
        if found := EXERCISE.fullmatch(line):
            end = last_quoted(lines, position)
            body = unquoted(lines[position + 1 : end + 1])
            title = f" {found[2]}" if found[2] else ""
            block = fenced("exercise" + "}" + title, [f":label: {found[1]}", "", *body])
        elif line.startswith(NOTE):
            end = last_quoted(lines, position)
            block = fenced(
                "note}", unquoted([line.replace(NOTE, "> "), *lines[position + 1 : end + 1]])
            )
        elif (opened := FOLDED.fullmatch(line)) and position + 1 < len(lines):
            end = last_folded(lines, position)
            block = unfolded(opened[1], lines[position + 1 : end])
        else:
            if mark := CODE.match(line):
                end = min(closing(lines, position, mark[1]), len(lines) - 1)
            block = lines[position : end + 1]
        written += block
        position = end + 1
    return "\n".join(written)


def last_quoted(lines: list[str], position: int) -> int:
    """Find the last line of a quotation."""
    while position + 1 < len(lines) and lines[position + 1].startswith(">"):
        position += 1
    return position


def unquoted(lines: list[str]) -> list[str]:
    """Take the marks of a quotation away, and empty lines around it."""
    text = "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
    return text.strip("\n").split("\n")


def last_folded(lines: list[str], position: int) -> int:
    """Find the line that closes what is folded, which may hold more of it."""
    depth = 0
    for number in range(position, len(lines)):
        depth += bool(FOLDED.fullmatch(lines[number])) - (lines[number] == "</details>")
        if depth == 0:
            return number
    raise ValueError(f"<details> is never closed: {lines[position + 1]}")


def unfolded(label: str | None, lines: list[str]) -> list[str]:
    """Write what is folded as a directive: a solution if it names its exercise."""
    head = SUMMARY.fullmatch(lines[0])
    if head is None:
        raise ValueError(f"<details> has no line <summary>...</summary> below it: {lines[0]}")
    body = blocks(lines[1:]).strip("\n").split("\n")
    if label:
        return fenced(f"solution}} {label}", [":class: dropdown", "", *body])
    title = unescape(re.sub(r"</?code>", "`", head[1]))
    return fenced(f"dropdown}} {title}", body)


def fenced(head: str, body: list[str]) -> list[str]:
    """Put a fence around lines, longer than any in them; of colons, for heads may hold code."""
    longest = max([2, *(len(found) for found in re.findall(r"^:{3,}", "\n".join(body), re.M))])
    fence = ":" * (longest + 1)
    return [f"{fence}{{{head}", *body, fence]


def inline(text: str, book: Book) -> str:
    """Write formulas without numbers, and links that the website makes itself as roles."""

    def role(found: re.Match[str]) -> str:
        words, target, fragment = found.groups()
        if not fragment:
            return found[0]
        if fragment in book.equations and NUMBER.fullmatch(words):
            return f"{{eq}}`{fragment}`"
        if fragment in book.sources and name_of(target) in ("", "bibliography.md"):
            return f"{{cite:t}}`{fragment}`"
        in_glossary = name_of(target) == "glossary.md"
        word = book.terms.get(web_fragment(fragment)) if in_glossary else None
        if word is not None:
            same = web_fragment(" ".join(words.split())) == web_fragment(word)
            return f"{{term}}`{words}`" if same else f"{{term}}`{words} <{word}>`"
        if target.endswith((".ipynb", ".md", "")):
            return f"[{words}]({target}#{web_fragment(fragment)})"
        return found[0]

    def cite(found: re.Match[str]) -> str:
        keys = re.findall(r"#(\w+)\)", found[0])
        return f"{{cite}}`{','.join(keys)}`" if set(keys) <= set(book.sources) else found[0]

    text = TAG.sub(r"\1", ANCHOR.sub("", text))
    return LINK.sub(role, CITATION.sub(cite, text))
