"""Words of the command: lines out, errors in one line, examples in the help, options of many."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import click

TOLD, WRONG_USE, INTERRUPTED = 1, 2, 130


def say(text: str = "") -> None:
    """Write a line to standard output; nobody who reads it is no error."""
    try:
        click.echo(text)
    except BrokenPipeError:
        _forget_output()


def _forget_output() -> None:
    """Send what is still to be written nowhere."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(text: str, code: int) -> NoReturn:
    """End with a line on standard error."""
    with suppress(BrokenPipeError):
        click.echo(" ".join(text.split()), err=True)
    sys.exit(code)


class Examples(click.Command):
    """A command whose help shows its epilog as examples, line by line."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section("Examples"):
            for line in (self.epilog or "").split("\n"):
                if line.strip():
                    formatter.write(f"{'':{formatter.current_indent}}{line.strip()}\n")


class Commands(Examples, click.Group):
    """Commands whose errors are one line, with exit codes for scripts."""

    command_class = Examples

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command, and end the process with its exit code."""
        run = partial(super().main, args, prog_name, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, ValueError):  # names of files that it cannot write
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        try:
            code: Any = run()
        except click.Abort:
            fail("cnnlab: interrupted.", INTERRUPTED)
        except click.UsageError as error:
            name = error.ctx.command_path if error.ctx else "cnnlab"
            fail(f"{name}: {error.format_message()} See `{name} --help`.", WRONG_USE)
        except MemoryError:
            fail("cnnlab: there is not enough memory; pass fewer --samples.", TOLD)
        except (ValueError, OSError, ImportError, ArithmeticError) as error:
            fail(f"cnnlab: {error}", TOLD)
        except Exception as error:  # one that nobody has thought of
            fail(f"cnnlab: {type(error).__name__}: {error}", TOLD)
        try:
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:
            _forget_output()
        sys.exit(code if isinstance(code, int) else 0)


class Finite(click.FloatRange):
    """A number in a range, which infinity and NaN are not in."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number; pass one as 0.1.", param, ctx)
        return number


json_option = click.option("as_json", "--json", is_flag=True, help="Write JSON instead of text.")
count = click.IntRange(min=1)


def say_json(content: Any) -> None:
    """Write plain data to standard output."""
    say(json.dumps(content, indent=2, allow_nan=False))
