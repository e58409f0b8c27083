"""Grade a folder of submissions, or write what Gradescope needs to do so."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnlab.cli.words import INTERRUPTED, TOLD, Examples, Finite, count, fail, say

if TYPE_CHECKING:
    from cnnlab.grading.classroom import ClassResult
    from cnnlab.grading.grading import Handout
    from cnnlab.grading.limits import Limits

NOT_A_CONTAINER = (
    "Limits of a process are not a container. For submissions that you do not trust, run this in "
    "one: see `cnnlab grade --help`."
)
VISIBILITIES = ("after_due_date", "after_published", "hidden", "visible")
LINES = 20  # files that are left out and told one by one
LONGEST = 1000  # characters of a line
AHEAD = 64  # submissions that a cluster is given at once
MB = 1024 * 1024


@click.command(
    cls=Examples,
    short_help="Grade a folder of submissions.",
    epilog="""
    cnnlab grade A4 submissions/ --out results/
    cnnlab grade A4 submissions/ --out results/ --question gather --again
    cnnlab grade B1.py submissions/ --out results/ --jobs 8 --seconds 120
    cnnlab grade A4 submissions/ --out results/ --scheduler tcp://10.0.0.1:8786
    cnnlab grade --gradescope A4 --out A4.zip
    podman run --rm --network none -v "$PWD:/c" -w /c cnnlab grade A4 submissions --out results
    """,
)
@click.argument("assignment")
@click.argument("submissions", type=click.Path(path_type=Path), required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="RESULTS",
    help="The folder of the results, which is made; with --gradescope the zip.",
)
@click.option(
    "--again", is_flag=True, help="Grade all, also what was graded before and is the same."
)
@click.option(
    "--question",
    "questions",
    multiple=True,
    metavar="NAME",
    help="Grade this question alone, as gather; may be given several times.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Decides the hidden cases; that of an earlier grading repeats them.  [default: a secret "
    "one, kept in the results]",
)
@click.option(
    "--jobs",
    type=count,
    help="Submissions graded at once.  [default: as many as processors; 1 where speed is graded]",
)
@click.option(
    "--seconds",
    type=Finite(min=0, min_open=True),
    help="Time for one submission.  [default: that of the assignment]",
)
@click.option(
    "--memory",
    type=click.IntRange(min=400),
    metavar="MB",
    help="Memory for one submission, in MB.  [default: 2048]",
)
@click.option("--cluster", is_flag=True, help="Grade on a Dask cluster started on this machine.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on the Dask cluster of this scheduler.")
@click.option(
    "--gradescope",
    is_flag=True,
    help="Grade nothing: write the zip that makes Gradescope grade this assignment.",
)
@click.option(
    "--hidden-cases",
    type=click.Choice(VISIBILITIES),
    default=VISIBILITIES[0],
    show_default=True,
    help="When Gradescope shows students the points that rest on hidden cases.",
)  # fmt: skip
def grade(
    assignment: str, submissions: Path | None, out: Path, gradescope: bool, **options: Any
) -> None:
    """Grade the notebooks and .py files of a folder SUBMISSIONS, one for each student.

    A file is named after its student, or lies alone in a folder that is. ASSIGNMENT is A1 to A8, or
    a file of your own, as B1.py. RESULTS gets a page NAME.html and a record NAME.json for each
    student, a table class.csv and a page index.html for the class. What was graded before from the
    same file is kept, so that grading goes on after Ctrl-C, or whatever ended it.

    Each submission runs in a process of its own, with limits on time, memory and files, and without
    a network where the system allows it. That is not a container: a program that sets out to attack
    your machine may find a way. For submissions that you do not trust, run all of it in a
    container, as in the last example; the guide for instructors says how to make its image.

    Exit codes: 0 every student has a score, 1 somebody has none and why was told, 2 the command was
    written wrongly, 130 Ctrl-C.
    """
    handout = _handout(assignment, options["questions"])
    if gradescope:
        if submissions is not None:
            raise click.UsageError("--gradescope grades nothing: leave the submissions out.")
        _write_zip(handout, out, options)
        return
    if submissions is None:
        raise click.UsageError("Missing argument 'SUBMISSIONS', the folder of the submissions.")
    if options["cluster"] and options["scheduler"]:
        raise click.UsageError("--cluster starts a cluster, --scheduler uses one: pass either.")
    _grade(handout, submissions, out, options)


def _handout(assignment: str, questions: tuple[str, ...]) -> Handout:
    """Return what is graded, which must be there."""
    from cnnlab.grading.grading import Handout, opened
    from cnnlab.tutor import load

    source, name = None, assignment
    if assignment.endswith(".py"):
        name = Path(assignment).name
        load(assignment)  # which says with its place what is wrong with it
        source = Path(assignment).read_bytes()
    handout = Handout(name, source, questions)
    opened(handout)
    return handout


def _limits(handout: Handout, options: dict[str, Any]) -> Limits:
    """Return what a submission may use."""
    from cnnlab.grading.grading import opened
    from cnnlab.grading.limits import Limits

    seconds, memory = options["seconds"], options["memory"]
    return Limits(
        total=opened(handout).seconds if seconds is None else seconds,
        memory=Limits.memory if memory is None else memory * MB,
    )


def _grade(handout: Handout, submissions: Path, out: Path, options: dict[str, Any]) -> None:
    """Grade a folder, and tell what came of it."""
    from cnnlab.grading import classroom, collection, executors
    from cnnlab.grading.grading import opened
    from cnnlab.machine import processors

    collected = collection.collect(submissions, apart_from=out)
    for number, one in enumerate(collected.left_out):
        if number < LINES:
            _complain(f"{one.place}: {one.reason}")
    if len(collected.left_out) > LINES:
        _complain(f"and {len(collected.left_out) - LINES} more that are left out")
    jobs = options["jobs"] or (1 if opened(handout).alone else processors())
    jobs = max(1, min(jobs, len(collected.submissions)))
    ahead, executor = _executor(executors, options, jobs)
    seed = secrets.randbits(48) if options["seed"] is None else options["seed"]
    with _progress() as told:
        try:
            result = classroom.grade_class(
                handout,
                collected,
                out,
                executor=executor,
                ahead=ahead,
                seed=seed,
                limits=_limits(handout, options),
                again=options["again"],
                visibility=options["hidden_cases"],
                told=told,
            )
        except KeyboardInterrupt:
            fail(
                f"cnnlab grade: interrupted; what is graded is in {out}, and the same command goes "
                f"on.",
                INTERRUPTED,
            )
    sys.exit(_tell(result, out))


def _executor(executors: Any, options: dict[str, Any], jobs: int) -> tuple[int, Callable[[], Any]]:
    """Return how many submissions are handed out at once, and what opens who grades them."""
    if options["cluster"] or options["scheduler"]:
        return AHEAD, lambda: executors.cluster(options["scheduler"], jobs)
    if jobs == 1:
        return 1, executors.here
    return 2 * jobs, lambda: executors.processes(jobs)


@contextmanager
def _progress() -> Iterator[Callable[[dict[str, Any], int, int], None]]:
    """Give what tells that a student is graded: on a bar in a terminal, else a line for each."""
    if not sys.stderr.isatty():
        yield lambda record, number, of: say(f"{number}/{of} {_in_words(record)}")
        return
    from tqdm import tqdm

    from cnnlab.tutor.words import cleaned

    with tqdm(desc="grading", unit="submission", file=sys.stderr) as bar:

        def told(record: dict[str, Any], number: int, of: int) -> None:
            bar.total = of
            bar.set_postfix_str(cleaned(record["extra_data"]["student"], 20), refresh=False)
            bar.update(number - bar.n)

        yield told


def _in_words(record: dict[str, Any]) -> str:
    """Return the line of a student."""
    from cnnlab.tutor.words import cleaned

    extra = record["extra_data"]
    line = f"{extra['student']}: {record['score']:g} of {extra['of']:g}"
    problems = "".join(f", {problem}" for problem in extra["problems"])
    return cleaned(f"{line}, {record['execution_time']:.1f} s{problems}", LONGEST)


def _complain(text: str) -> None:
    """Write a line to standard error."""
    from cnnlab.tutor.words import cleaned

    with suppress(BrokenPipeError):
        click.echo(cleaned(f"cnnlab grade: {text}", LONGEST), err=True)


def _tell(result: ClassResult, out: Path) -> int:
    """Say what came of it; return the exit code."""
    records, missing = result.records, [one for one in result.left_out if one.student]
    failed = [record for record in records if not record["extra_data"]["graded"]]
    for name in result.changed:
        _complain(f"{name} was changed by somebody else while grading, and was written again")
    for one in result.late:
        _complain(f"{one.place}: {one.reason}")
    kept = f", {result.kept} of them before" if result.kept else ""
    say(f"{len(records)} graded{kept}; {len(missing) + len(failed)} without a score")
    say(f"the table of the class is in {out / 'class.csv'}, its page in {out / 'index.html'}")
    for line in sorted({line for one in records for line in one["extra_data"]["isolation"]}):
        say(line)
    say(NOT_A_CONTAINER)
    return TOLD if missing or failed or result.changed else 0


def _write_zip(handout: Handout, out: Path, options: dict[str, Any]) -> None:
    """Write what Gradescope needs."""
    from cnnlab.grading import gradescope

    limits = _limits(handout, options)
    gradescope.write_zip(handout, out, limits=limits, visibility=options["hidden_cases"])
    say(f"{out} is there; on Gradescope, choose it under Configure Autograder")
