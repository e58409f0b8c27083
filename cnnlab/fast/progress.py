"""One line for whoever waits: kernels are being compiled."""

import sys
from functools import cache


@cache  # says it once
def say_that_it_compiles():
    """Tell somebody who sits in front of a terminal or a notebook, and nobody else."""
    if somebody_is_there():
        print(
            "cnnlab: compiling for this processor, once for each kind of call; the next time it is "
            "there at once.",
            file=sys.stderr,
        )


def somebody_is_there():
    """Whether messages reach a person: not in a script's log, nor when a book is executed."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        # What executes notebooks by itself (for a book, for a test) says that nobody can answer.
        return bool(getattr(kernel, "_allow_stdin", False))
    return sys.stderr is not None and sys.stderr.isatty()
