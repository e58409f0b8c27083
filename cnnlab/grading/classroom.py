"""Grade all submissions of a folder: each once, kept when it is done, and gone on with later."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnlab.files import BusyError, held, write_whole
from cnnlab.grading import results
from cnnlab.grading.collection import Collected, LeftOut, Submission, result_name
from cnnlab.grading.grading import Content, Graded, Handout, grade_one, made_from
from cnnlab.grading.limits import Limits
from cnnlab.grading.pages import class_page

__all__ = ["ClassResult", "grade_class"]

LOCK = "grading.lock"  # there while a grading is at work, and held by its process
PAGE = "index.html"
TRIES = 3  # how often a submission is given to a worker that is lost

Opened = Callable[[], AbstractContextManager[Executor]]
Lost = tuple[Submission, Exception]
Told = Callable[[dict[str, Any], int, int], None]


@dataclass
class ClassResult:
    """What came of grading a class.

    Attributes
    ----------
    records : list of dict
        One for each submission, by student.
    left_out : list of LeftOut
        What could not be graded.
    late : list of LeftOut
        Those of them that were found out while grading.
    kept : int
        How many of the records were there before.
    changed : list of str
        Files of results that somebody else changed meanwhile; they were written again.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    late: list[LeftOut] = field(default_factory=list)
    kept: int = 0
    changed: list[str] = field(default_factory=list)


def grade_class(
    handout: Handout,
    collected: Collected,
    out: Path,
    *,
    executor: Opened,
    ahead: int,
    seed: int,
    limits: Limits,
    again: bool = False,
    visibility: str = results.AFTER_DUE_DATE,
    told: Told = lambda record, number, of: None,
) -> ClassResult:
    """Grade what was collected; keep what was graded before from the same.

    Parameters
    ----------
    handout : Handout
        The assignment.
    collected : Collected
        The submissions.
    out : Path
        The folder of the results. It is made.
    executor : callable
        Returns a context manager that gives an executor, each time it is called: when workers
        are lost, another one is opened.
    ahead : int
        How many submissions are handed out at once, so that not all are held in memory.
    seed : int
        Decides the hidden cases.
    limits : Limits
        What a submission may use.
    again : bool
        Whether to grade what was graded before.
    visibility : str
        When students see on Gradescope what rests on hidden cases.
    told : callable
        ``told(record, number, of)`` is called after each.

    Returns
    -------
    result : ClassResult
        Records of all, also of those kept.
    """
    with only_grading(out):
        folder = _Folder(out, visibility)
        result = ClassResult(left_out=list(collected.left_out))
        todo: list[Submission] = []
        for one in collected.submissions:
            origin = made_from(handout, one.digest, limits) | {"hidden_cases": visibility}
            record = None if again else results.kept(out, one.student, origin)
            if record is None:
                todo.append(one)
            else:
                result.records.append(record)
        result.kept = len(result.records)
        try:
            task = handout, seed, limits
            with closing(_graded(todo, result.late, executor, ahead, task)) as done:
                for number, (one, graded) in enumerate(done, start=1):
                    result.records.append(folder.write(one.student, graded))
                    told(result.records[-1], number, len(todo))
        finally:
            result.records.sort(key=lambda record: str(record["extra_data"]["student"]))
            result.left_out += result.late
            result.changed = folder.mend()
            results.write_class(out, result.records, result.left_out)
            page = class_page(result.records, result.left_out)
            write_whole(out / PAGE, page.encode("utf-8", "backslashreplace"))
    return result


def _graded(
    todo: list[Submission],
    left_out: list[LeftOut],
    executor: Opened,
    ahead: int,
    task: tuple[Handout, int, Limits],
) -> Generator[tuple[Submission, Graded]]:
    """Give each submission once with what came of it, in the order in which they are done.

    Those that were with workers when some were lost are tried again alone, so that one that kills
    its worker takes no other along. After `TRIES` it is left out.
    """
    waiting, lost = deque(todo), list[Lost]()
    while waiting:
        with executor() as workers:
            yield from _together(workers, waiting, lost, left_out, ahead, task)
    for one, _ in lost:
        for _ in range(TRIES - 1):
            again: list[Lost] = []
            with executor() as workers:
                yield from _together(workers, deque([one]), again, left_out, 1, task)
            if not again:
                break
        else:
            error = again[0][1]
            reason = f"was given to {TRIES} workers, and none could grade it ({error!r})"
            left_out.append(LeftOut(one.file, reason, one.student))


def _together(
    workers: Executor,
    waiting: deque[Submission],
    lost: list[Lost],
    left_out: list[LeftOut],
    ahead: int,
    task: tuple[Handout, int, Limits],
) -> Iterator[tuple[Submission, Graded]]:
    """Grade until nothing waits, or the executor is broken; add to `lost` who must try again."""
    handout, seed, limits = task
    running: dict[Future[Graded], Submission] = {}
    broken = False
    while running or (waiting and not broken):
        while waiting and len(running) < ahead and not broken:
            one = waiting.popleft()
            try:
                content = Content(one.file, one.read())
                future = workers.submit(grade_one, handout, one.student, content, seed, limits)
            except BrokenExecutor:
                waiting.appendleft(one)
                broken = True
            except (OSError, ValueError) as error:  # it changed since it was collected
                left_out.append(LeftOut(one.file, str(error), one.student))
            else:
                running[future] = one
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            one = running.pop(future)
            try:
                graded = future.result()
            except Exception as error:  # the worker's, for `grade_one` tells its own
                broken = broken or isinstance(error, BrokenExecutor)
                lost.append((one, error))
            else:
                yield one, graded


class _Folder:
    """The results of students: written whole, and still there when grading ends."""

    def __init__(self, out: Path, visibility: str) -> None:
        self.out, self.visibility = out, visibility
        self.written: dict[Path, bytes] = {}
        for path in out.glob(".*-unfinished-*"):  # what a killed process left
            path.unlink(missing_ok=True)

    def write(self, student: str, graded: Graded) -> dict[str, Any]:
        """Write the page and then the record of a student; return the record."""
        record = results.shown_as(graded.record, self.visibility)
        page = graded.page.encode("utf-8", "backslashreplace")
        for ending, content in (("html", page), ("json", results.as_json(record))):
            path = self.out / f"{result_name(student)}.{ending}"
            write_whole(path, content)
            self.written[path] = content
        return record

    def mend(self) -> list[str]:
        """Write again what is not what was written; return the names of these files."""
        changed = []
        for path, content in self.written.items():
            with suppress(OSError):
                if not path.is_symlink() and path.read_bytes() == content:
                    continue
            path.unlink(missing_ok=True)
            write_whole(path, content)
            changed.append(path.name)
        return changed


@contextmanager
def only_grading(out: Path) -> Iterator[None]:
    """Make a folder, and keep other gradings out of it; a process that ends lets go of it."""
    with ExitStack() as stack:
        try:
            out.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(out / LOCK))
        except BusyError as error:
            raise ValueError(
                f"grade: another grading is at work in {out}; wait until it has ended, or pass "
                f"--out and another folder."
            ) from error
        except OSError as error:
            raise OSError(
                f"grade: nothing can be written into {out} ({error.strerror or error}); pass --out "
                f"FOLDER with a folder that takes files."
            ) from error
        yield
