"""A submission in a process of its own: what it gives, what it uses, how it ends."""

import dataclasses
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from grading.submissions import SHORT, ask_once, assignment, function, isolated, points, written
from support.failures import each

from cnnlab.grading import isolation, process
from cnnlab.grading.channel import Channel
from cnnlab.grading.isolation import Isolated, check_size, isolation_words
from cnnlab.grading.limits import Limits
from cnnlab.operations import Call

ROOMS = [room for room in process.ROOMS if room in (process.system().room, "same")]
GOOD = function("return 2 * X")

#: Each is right, and does something at the top of its file.
HONEST = {
    "prints": "print('hello' * 1000)",
    "warnings": "import warnings; warnings.warn('careful'); np.log(-1.0)",
    "a failing experiment": "assert 1 == 2\nunknown",
    "the end of a script": "import sys; sys.exit()",
    "arguments": "import argparse; p = argparse.ArgumentParser(); p.add_argument('file'); "
    "p.parse_args()",
    "main": "if __name__ == '__main__': raise RuntimeError",
    "somebody to ask": "name = input('name?')",
    "a progress bar": "from tqdm import tqdm\nfor _ in tqdm(range(3)): pass",
    "the tutor": "from cnnlab import tutor\nfrom cnnlab.tutor import check\n"
    "assert not check('A4.gather', print).right\nrepr(tutor.check('A4.gather', print))",
    "a package that is not there": "import torch",
    "a data set": "from cnnlab import data\nassert data.mnist_subset().train_images.ndim > 2",
    "a seed": "np.random.seed(0); rng = np.random.default_rng(0)",
    "a name of the class": "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    "@dataclass\nclass Pair:\n    first: int",
    "a training": "import time\ntime.sleep(60)",
    "a training in C": "import re; re.match('(a+)+$', 'a' * 50 + 'b')",
    "an older alphabet": "# größer",
}


def test_honest_and_noisy_submissions_get_their_points(tmp_path):
    """One file does it all; the function stands in the middle."""
    texts = list(HONEST.values())
    first = [text for text in texts if "__future__" in text]
    text = "\n".join([*first, *texts[::2], GOOD, *texts[1::2]])
    path = tmp_path / "student.py"
    path.write_bytes(f"{text}\n".replace("np.", "__import__('numpy').").encode("latin-1"))
    with isolated(path) as ask:
        assert points(ask) == 100


def test_a_notebook_is_run_cell_by_cell(tmp_path):
    # It does not end in .ipynb there, or it would be executed as a notebook of the course.
    notebook = tmp_path / "noisy.ipynb"
    notebook.write_bytes(Path(__file__).with_name("noisy.json").read_bytes())
    with Isolated(notebook, assignment(), dataclasses.replace(SHORT, step=5.0)) as ask:
        assert points(ask) == 100
        answer = ask("fails", Call((np.ones(2),), {}))
    assert answer.problem.place == "cell 6"
    assert (answer.problem.number, answer.problem.line) == (3, "return X[7]")


@pytest.mark.parametrize("room", ROOMS)
def test_in_every_room_of_this_system(tmp_path, room):
    """Values, what is said of arguments, a limit, an end, and a new beginning."""
    text = GOOD + function("X[0] = 9\nreturn X", "changes") + function("while True: pass", "loop")
    path = written(tmp_path, text + function("import os; os._exit(3)", "leaves"))
    X = np.array([1.0, -2.0])
    with isolated(path, room=room) as ask:
        answer = ask("twice", Call((), {"X": X}))
        assert type(answer.value) is np.ndarray
        np.testing.assert_array_equal(answer.value, 2 * X)
        assert answer.problem is None
        assert 0 < answer.seconds < 5
        assert ask("changes", Call((X,), {})).changed == ("X",)
        assert ask("changes", Call((X,), {})).shared == ("X",)
        assert ask("loop", Call((X,), {})).problem.kind == "time"
        assert ask("leaves", Call((X,), {})).problem.words == "it ended its process (exit 3)"
        assert ask("twice", Call((X,), {})).problem is None
        assert ask("nothing", Call((X,), {})).problem.kind == "missing"
        assert ask.in_force[0].startswith(f"In force: {isolation.FORCE[room][0]}")


def test_seconds_are_those_of_the_first_call(tmp_path):
    """The grader's clock is read when the value has come."""
    text = function("import time; time.sleep(0.2)\nreturn X") + function("return X", "quick")
    with isolated(written(tmp_path, text)) as ask:
        assert ask("quick", Call((np.ones(3),), {})).seconds < 0.2
        assert 0.2 <= ask("twice", Call((np.ones(3),), {})).seconds < 0.4


def test_a_function_among_the_arguments_stays_here(tmp_path):
    """It is called here, with what comes from there; so are its errors."""
    text = """
        def twice(f):
            total = f(np.ones(3), k=2).sum()
            for wrong in ("a" * 5, None):
                try: f(wrong, k=1)
                except TypeError: total += 1
            return float(total), f.__name__
        """
    given = []

    def right(X, k):
        given.append(X)
        if X is None:
            raise TypeError
        return X * k

    answer = ask_with(written(tmp_path, text), right)
    assert answer.problem is None, answer.problem
    assert answer.value[0] == 6 + 1
    np.testing.assert_array_equal(given[0], np.ones(3))


def ask_with(path, *arguments, limits=SHORT):
    with isolated(path, limits) as ask:
        return ask("twice", Call(arguments, {}))


def test_a_function_that_stays_here_is_called_so_often_and_not_more(tmp_path):
    text = function("while True: X(1)")
    answer = ask_with(written(tmp_path, text), lambda k: k, limits=Limits(questions=5))
    assert answer.problem.words == "ValueError: one test may call it 5 times"


@each(
    given={
        "entries": (np.ones(30_000),),
        "shape": (np.ones(3), (10**6, 10**6)),
        "work": (np.ones(9000), np.ones(9000)),
        "integer": (np.ones(3), 10**9),
        "an array as integer": (np.ones(3), np.array(6000)),
        "an array as shape": (np.ones(3), np.array([1, 1, 90, 6000])),
        "a shape of arrays": (np.ones(3), [np.array(1), np.array(90), np.array(90), np.array(90)]),
        "a large array as shape": (np.ones(3), np.array([1, 90, 90, 90])),
        "a shape as work": (np.ones(9000), (1, 9, 30, 30)),
    }
)
def test_a_function_that_stays_here_is_called_with_little(given):
    with pytest.raises(ValueError, match="a test may use"):
        check_size(given, 20_000)


def test_the_environment_is_empty_and_the_folder_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    text = function("import os, sys\nreturn [sorted(os.environ), os.getcwd(), sys.stdin.read()]")
    names, folder, read = ask_once(written(tmp_path, text)).value
    assert not {"PYTHONPATH", "USER", "LOGNAME"} & set(names)
    assert "HOME" in names
    assert not Path(folder).exists()
    assert read == ""


def test_an_integer_that_no_float_holds_is_infinite_here(tmp_path):
    assert ask_once(written(tmp_path, function("return 10**390, 10**30"))).value == (math.inf, 1e30)


def test_memory_is_a_limit(tmp_path):
    problem = ask_once(written(tmp_path, function("return np.ones((50_000, 50_000))"))).problem
    assert problem.kind == "memory"


def test_time_of_a_processor_is_a_limit(tmp_path):
    path = written(tmp_path, function("while True: pass"))
    limits = dataclasses.replace(SHORT, cpu=1.0, call=9.0)
    problem = ask_once(path, limits=limits).problem
    assert (problem.kind, problem.words) == ("time", "it used more than 1 seconds of a processor")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is asked")
def test_processes_and_files_are_counted_without_namespaces(tmp_path):
    """What the kernel does not bound for this user is looked at, and ended."""
    forks = "import os, time\nfor _ in range(20):\n    if not os.fork(): break\ntime.sleep(60)"
    files = "import time\nfor n in range(9): open(f'{n}', 'wb').write(bytes(10**6))\ntime.sleep(60)"
    path = written(tmp_path, function(forks) + function(files, "files"))
    limits = dataclasses.replace(SHORT, call=9.0, processes=8, folder=5_000_000)
    with isolated(path, limits, room="same") as ask:
        problem = ask("twice", Call((np.ones(1),), {})).problem
        assert problem.words == "it had more than 8 processes and threads"
        problem = ask("files", Call((np.ones(1),), {})).problem
        assert problem.words.startswith("it wrote more than 5000000 bytes")


def test_time_for_all_is_a_limit(tmp_path):
    """It ends what is asked, and then nothing is asked any more."""
    path = written(tmp_path, function("import time\nwhile True: time.sleep(0.01)"))
    limits = dataclasses.replace(SHORT, total=1.0, call=9.0)
    begin = time.monotonic()
    with isolated(path, limits) as ask:
        problems = [ask("twice", Call((np.ones(2),), {})).problem for _ in range(4)]
    assert {problem.kind for problem in problems} == {"time"}
    assert problems[3].words == "the time for the whole submission is over"
    assert time.monotonic() - begin < 4


def test_a_slow_statement_is_run_once(tmp_path):
    """Who ends its process after a long training does not pay for the training again."""
    text = "import time\nwhile True: time.sleep(0.01)\n" + function("import os; os._exit(1)")
    limits = dataclasses.replace(SHORT, step=1.0)
    with isolated(written(tmp_path, text), limits) as ask:
        assert ask("twice", Call((np.ones(2),), {})).problem.kind == "died"
        ask("twice", Call((np.ones(2),), {}))
        assert list(ask._skip) == [2]


def test_a_submission_that_always_ends_is_given_up(tmp_path):
    path = written(tmp_path, function("import os; os._exit(1)"))
    with isolated(path, dataclasses.replace(SHORT, starts=1)) as ask:
        problems = [ask("twice", Call((np.ones(2),), {})).problem.words for _ in range(3)]
    assert problems[1] == "it ended its process (exit 1)"
    assert problems[2] == "its process ended 2 times; that is enough"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is asked")
def test_what_a_killed_grader_leaves_is_nothing(tmp_path):
    """Its submissions end with it, whatever they do."""
    path = written(tmp_path, "import os, time\nif os.fork(): time.sleep(77)\nelse: time.sleep(78)")
    program = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from grading.submissions import *\n"
        "from pathlib import Path\n"
        f"with isolated(Path({str(path)!r}), Limits(step=60., loading=60.)) as ask:\n"
        "    print(ask._start is None, flush=True)\n"
        "    ask('twice', Call((np.ones(2),), {}))\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    grader = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment
    )
    grader.stdout.readline()
    wait_for(lambda: len(marked(tmp_path)) >= 3)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    grader.stdout.close()
    wait_for(lambda: not marked(tmp_path))


def marked(folder):
    """Return the processes that have a folder in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            found += [place] if f"HOME={folder}".encode() in place.read_bytes() else []
        except OSError:
            continue
    return found


def wait_for(what):
    until = time.monotonic() + 20
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has namespaces")
def test_where_namespaces_are_refused_the_next_best_is_taken(tmp_path):
    """As in a container: here a filter refuses them to a grader without rights."""
    path = written(tmp_path, GOOD)
    program = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from cnnlab.grading import rooms, syscalls\n"
        "rooms.give_up_privileges(None)\n"
        "assert syscalls.bar_calls(True)\n"
        "from grading.submissions import *\n"
        "from pathlib import Path\n"
        f"with isolated(Path({str(path)!r})) as ask:\n"
        "    print(ask('twice', Call((np.ones(2),), {})).value, *ask.in_force)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout.startswith(f"[2. 2.] In force: {isolation.FORCE['same'][0]}"), told


def test_a_process_that_cannot_be_started_leaves_nothing(tmp_path, monkeypatch):
    """Neither a folder nor a socket: an open one would be a warning, and so an error."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(OSError, match="no-python"):
        ask_once(written(tmp_path, GOOD))
    assert [path.name for path in tmp_path.iterdir()] == ["student-001.py"]


def test_what_is_in_force_is_said():
    assert isolation_words() == isolation.words_of(process.system())
    for room in process.ROOMS:
        reached, kept = (isolation.words_of(process.System(room, n, n)) for n in (False, True))
        assert ("Not in force: " in kept) == (room != "namespaces")
        assert ("compiled code reaches files" in reached) == (room != "namespaces")
        assert "compiled code" not in kept


def test_where_processes_have_no_limits_nothing_is_run(monkeypatch):
    monkeypatch.setattr(process.os, "name", "nt")
    with pytest.raises(OSError, match="grade on Linux or macOS"):
        process.system.__wrapped__()


def test_the_clock_runs_while_arguments_are_sent(tmp_path, monkeypatch):
    """What a process does with the first numbers, while the last ones come, is its own time."""
    send, slow = Channel.send, 0.3

    def sent_slowly(channel, header, *rest):
        if header["kind"] == "call":
            time.sleep(slow)
        send(channel, header, *rest)

    monkeypatch.setattr(Channel, "send", sent_slowly)
    with isolated(written(tmp_path, GOOD)) as ask:
        assert ask("twice", Call((np.ones(2),), {})).seconds >= slow
