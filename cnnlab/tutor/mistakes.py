"""How the mistakes of a question are written down: as functions, explained by their docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from cnnlab.reference.ieee import IEEE
from cnnlab.tutor.questions import Mistake

__all__ = ["mistake"]


def mistake(equation: str) -> Callable[[Callable[..., Any]], Mistake]:
    """Make a `Mistake` of a wrong function.

    The first line of its docstring says what is wrong, the rest how it comes about.

    Parameters
    ----------
    equation : str
        Label of the equation that it violates, as "eq-max-pool".

    Returns
    -------
    decorate : callable
        What stands above the function, as ``@mistake("eq-max-pool")``. Its name becomes that of
        the mistake, with "-" between the words.
    """

    def decorate(function: Callable[..., Any]) -> Mistake:
        words, _, rest = (inspect.getdoc(function) or "").partition("\n")
        name = function.__name__.replace("_", "-")
        return Mistake(name, words, " ".join(rest.split()), equation, IEEE(function))

    return decorate
