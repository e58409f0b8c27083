"""The command: networks that are trained and tried, assignments that are graded.

Exit codes: 0 all went well, 1 something went wrong and was told, 2 the command was written wrongly,
130 Ctrl-C. What went wrong is one line on standard error. Results go to standard output; a pipe
that is closed early is no error.
"""

from __future__ import annotations

import sys

import click

import cnnlab
from cnnlab.cli.grade import grade
from cnnlab.cli.networks import evaluate, predict, train
from cnnlab.cli.words import WRONG_USE, Commands, json_option, say, say_json


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""
    cnnlab train --out first
    cnnlab evaluate first --data mnist
    cnnlab predict first seven.png --features maps.png
    cnnlab grade A4 submissions/ --out results/
    cnnlab COMMAND --help
    """,
)
@click.version_option(cnnlab.__version__, prog_name="cnnlab", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Train networks of the course, let them read pictures of digits, grade assignments.

    Exit codes: 0 all went well, 1 something went wrong and was told in a line on standard error, 2
    the command was written wrongly, 130 Ctrl-C.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        sys.exit(WRONG_USE)


@main.command(
    short_help="Say what is installed and found.",
    epilog="""
    cnnlab info
    cnnlab info --json
    """,
)
@json_option
def info(as_json: bool) -> None:
    """Say which versions, processor, threads, caches and data there are. Nothing is downloaded."""
    from cnnlab.machine import information

    found = information()
    if as_json:
        say_json(found)
        return
    for title, value in found.items():
        if not isinstance(value, dict):
            say(f"{title}: {value}")
            continue
        say(f"{title}:")
        for name, one in value.items():
            if isinstance(one, dict):
                one = f"{one['folder']} ({one['bytes'] / 1e6:.1f} MB)"
            say(f"    {name}: {'not found' if one is None else one}")


main.add_command(train)
main.add_command(grade)
main.add_command(evaluate)
main.add_command(predict)
