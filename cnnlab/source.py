"""Show the code that runs, in the page that explains it.

A chapter prints a function with `loops` instead of repeating its code, so that page and package
cannot drift apart.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["Loops", "loops"]

LINE = 100  # so many characters has a line of this package


class Loops:
    """Code of a function, shown highlighted where the reader's tool can do that.

    Parameters
    ----------
    code : str
        Python code.
    """

    def __init__(self, code: str) -> None:
        self.code = code

    def __repr__(self) -> str:
        """Give the plain code, for a terminal.

        Returns
        -------
        code : str
            The code as it is.
        """
        return self.code

    def _repr_markdown_(self) -> str:
        """Give the code as a fenced block, for Jupyter and the website.

        Returns
        -------
        markdown : str
            A block of the language ``python``.
        """
        return f"```python\n{self.code}\n```"


def loops(function: Callable[..., Any]) -> Loops:
    """Show the code of a function without its decorators, its docstring and the types of arguments.

    Everything else is shown as it stands in the file: the checks, the loops, the comments.

    Parameters
    ----------
    function : callable
        A function or method written in Python, or one compiled by Numba.

    Returns
    -------
    code : Loops
        Displays itself as a highlighted block in Jupyter and on the website; `str` gives the
        plain text.

    Raises
    ------
    TypeError
        If `function` is not a function (a class, a value, a function written in C).
    ValueError
        If its source is not in a file or cell, or if it is a lambda.

    Examples
    --------
    >>> import textwrap
    >>> print(loops(textwrap.dedent).code.splitlines()[0])
    def dedent(text):
    """
    # What a decorator or Numba made of it leads back to the function in the file.
    plain = inspect.unwrap(function)
    if not (inspect.isfunction(plain) or inspect.ismethod(plain)):
        raise TypeError(
            f"loops: got {function!r} of type {type(function).__name__}, which has no Python "
            "source; pass a function or method written in Python, without calling it."
        )
    if plain.__name__ == "<lambda>":
        raise ValueError("loops: got a lambda; give the function a name with def.")
    try:
        source = inspect.getsource(plain)
    except OSError as error:
        raise ValueError(
            f"loops: the source of {plain.__qualname__} is not to be found; define the function "
            "in a file or a notebook cell, not with exec."
        ) from error

    # A method is indented. Not textwrap.dedent: a text inside may reach to the left margin.
    indentation = source[: len(source) - len(source.lstrip())]
    lines = [line.removeprefix(indentation) for line in source.rstrip().splitlines()]
    definition = ast.parse("\n".join(lines)).body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    first = definition.body[0]
    has_docstring = ast.get_docstring(definition, clean=False) is not None
    # Line numbers start at 1. The header begins at `def`: decorators stand before it.
    header = lines[definition.lineno - 1 : first.lineno - 1]
    body = lines[first.lineno - 1 :]
    if header and _drop_types(definition):
        header = _header(definition)
    if has_docstring and len(definition.body) > 1 and header:
        assert first.end_lineno is not None
        body = lines[first.end_lineno :]
        while not body[0].strip():
            body = body[1:]
    return Loops("\n".join(header + body))


def _drop_types(definition: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Take the types out of a signature; tell whether there were any."""
    given = definition.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    had = definition.returns is not None
    definition.returns = None
    for argument in arguments:
        if argument is not None and argument.annotation is not None:
            argument.annotation, had = None, True
    return had


def _header(definition: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Write a signature anew, on one line or, if it is too long for that, on three."""
    word = "async def" if isinstance(definition, ast.AsyncFunctionDef) else "def"
    start, arguments = f"{word} {definition.name}(", ast.unparse(definition.args)
    if '"' not in arguments:
        arguments = arguments.replace("'", '"')  # as it is written in this package
    line = f"{start}{arguments}):"
    return [line] if len(line) <= LINE else [start, f"    {arguments}", "):"]
