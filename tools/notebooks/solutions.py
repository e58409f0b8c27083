"""Solutions in a notebook, between two marks: what is handed out without them, and what is left.

The marks are comments that stand alone on their lines; users of otter and nbgrader know them::

    def dX_gather(dZ, w, X_shape):
        # BEGIN SOLUTION
        dX = np.zeros(X_shape)
        ...
        # END SOLUTION

A stub comes in the place of a solution: in a function it raises `NotImplementedError`, elsewhere
it is an Ellipsis. ``# BEGIN SOLUTION NO PROMPT`` puts nothing there. What stands in a string below
it, whose quotation marks are followed by ``# BEGIN PROMPT`` and ``# END PROMPT``, is handed out as
code. In a cell of text the marks may be hidden, ``<!-- BEGIN SOLUTION -->``, and a line asks for an
answer. A cell of which nothing is left is left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode

from tools.notebooks.cells import NotebookError, named_cells

MARKS = {
    "begin": re.compile(r"(\s*)(?:#+|<!--) BEGIN SOLUTION( NO PROMPT)?(?: -->)?\s*"),
    "end": re.compile(r"\s*(?:#+|<!--) END SOLUTION(?: -->)?\s*"),
    "begin prompt": re.compile(r'\s*"""\s*# BEGIN PROMPT\s*'),
    "end prompt": re.compile(r'\s*""";?\s*# END PROMPT\s*'),
}
# What may follow, and what to do if it does not.
FOLLOWED_BY = {"": ("begin", "begin prompt"), "begin": ("end",), "begin prompt": ("end prompt",)}
ADVICE = {
    "": "nothing is open here: write # BEGIN SOLUTION above the first line of the solution.",
    "begin": "the solution of line {} is open: write # END SOLUTION below its last line.",
    "begin prompt": 'the prompt of line {} is open: write """ # END PROMPT below its last line.',
}
# A mark that is written in another way would hand its solution out.
LIKE_A_MARK = re.compile(r"(?i:\b(?:begin|end)[ _-]+(?:solution|prompt|hidden)s?\b)|\bSOLUTIONS?\b")
FUNCTION = re.compile(r"(\s*)(?:async )?def (\w+)\(")
CHECKED = re.compile(r"""\bcheck\(\s*["'](\w+\.\w+)["'],\s*(\w+)\s*[,)]""")
ANSWER = "*Write your answer here.*"
TELLING = 12  # characters: a shorter line, as "else:" or "return dX", tells nothing


class Cut(NamedTuple):
    """A cell without its solutions, its solutions, and marks that do not fit, with their lines."""

    rest: str
    solutions: list[str]
    problems: list[str]


def cut(source: str, *, text: bool = False) -> Cut:
    """Take the solutions out of a cell.

    Parameters
    ----------
    source : str
        What the cell holds.
    text : bool
        Whether it is a cell of text.

    Returns
    -------
    cut : Cut
        With a stub in the place of each solution.
    """
    rest: list[str] = []
    solutions: list[list[str]] = []
    problems: list[str] = []
    opened, since = "", 0
    for number, line in enumerate(source.split("\n"), start=1):
        kind, mark = kind_of(line)
        if kind and kind not in FOLLOWED_BY[opened]:
            advice = ADVICE[opened].format(since)
            problems.append(f"line {number}: {line.strip()!r} does not fit, {advice}")
        elif kind:
            opened, since = (kind, number) if kind.startswith("begin") else ("", 0)
            if mark and kind == "begin":
                solutions.append([])
                rest += [] if mark[2] else [ANSWER if text else stub(rest, mark[1])]
        elif opened == "begin":
            solutions[-1].append(line)
        else:
            rest.append(line)
        if not kind and LIKE_A_MARK.search(line):
            problems.append(f"line {number}: {line.strip()!r} is not a mark; {SPELLING}")
    if opened:
        problems.append(f"line {since}: never closed; {ADVICE[opened].format(since)}")
    return Cut("\n".join(rest).strip("\n"), ["\n".join(lines) for lines in solutions], problems)


SPELLING = (
    "write # BEGIN SOLUTION and # END SOLUTION in capitals, each alone on a line, and nowhere "
    "else this word in capitals."
)


def kind_of(line: str) -> tuple[str, re.Match[str] | None]:
    """Tell which mark a line is; an empty string if it is none."""
    for kind, pattern in MARKS.items():
        if found := pattern.fullmatch(line):
            return kind, found
    return "", None


def stub(above: list[str], indent: str) -> str:
    """Give the line that takes the place of a solution.

    Parameters
    ----------
    above : list of str
        The lines above it in the cell.
    indent : str
        The spaces in front of it.

    Returns
    -------
    line : str
        It names the function around it, if there is one.
    """
    for line in reversed(above):
        found = FUNCTION.match(line)
        if found and len(found[1]) < len(indent):
            return f'{indent}raise NotImplementedError("{found[2]} is not written yet")'
    return f"{indent}..."


def hand_out(notebook: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Make the notebook that students get.

    Parameters
    ----------
    notebook : NotebookNode
        With its solutions; stays as it is.

    Returns
    -------
    student : NotebookNode
        Without solutions, outputs, and ids, which would tell what is missing.
    solutions : list of str
        In their order.

    Raises
    ------
    NotebookError
        If a mark does not fit or is missing, or if there is none.
    """
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    questions = {function: question for question, function in CHECKED.findall(code)}
    cells, solutions, problems = [], [], []
    for name, cell in named_cells(notebook):
        rest, parts, wrong = cut(cell.source, text=cell.cell_type != "code")
        wrong = wrong or unmarked(cell.source, rest, questions)
        problems += [f"{name}, {problem}" for problem in wrong]
        if cell.get("attachments"):
            problems.append(f"{name} has attachments, which nothing looks through; draw instead.")
        solutions += parts
        if rest.strip() or not parts:
            cells.append(nbformat.from_dict({**cell, "source": rest, "id": ""}))
    if not solutions and not problems:
        problems.append("has no # BEGIN SOLUTION: write it above the first line of each solution.")
    if problems:
        raise NotebookError(problems)
    student = nbformat.from_dict({**notebook, "cells": cells})
    for cell in student.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return student, solutions


def unmarked(source: str, rest: str, questions: dict[str, str]) -> list[str]:
    """Find functions in a cell that are checked, and of which students would get everything."""
    lines = {name: line for name, line, _ in functions(source)}
    return [
        f"line {lines[name]}: {name} answers {questions[name]}, and no part of it is marked as a "
        "solution; write # BEGIN SOLUTION above what students have to write."
        for name, _, text in functions(rest)
        if name in questions and name in lines and "NotImplementedError" not in text
    ]


def functions(source: str) -> list[tuple[str, int, str]]:
    """Return name, first line and text of each function in a cell, if it is plain Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    return [
        (node.name, node.lineno, ast.unparse(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]


def traces(student: NotebookNode, solutions: list[str]) -> list[str]:
    """Find lines of a solution in what students get: code, text, outputs, metadata, ids.

    Parameters
    ----------
    student : NotebookNode
        The notebook that is handed out.
    solutions : list of str
        What `hand_out` took out of it.

    Returns
    -------
    problems : list of str
        Each names the cell and the line.
    """
    lines = {line.strip() for solution in solutions for line in solution.split("\n")}
    told = sorted(line for line in lines if len(line) >= TELLING)
    return [
        f"{name} holds the line {line!r} of a solution; keep it out of what is handed out."
        for name, cell in named_cells(student)
        for line in told
        if any(line in text for text in strings(cell))
    ]


def strings(value: Any) -> Iterator[str]:
    """Go through all strings of what a notebook holds, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)
