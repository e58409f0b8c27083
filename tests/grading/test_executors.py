"""Who grades: each is an executor, ends at once when it must, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from types import SimpleNamespace

import pytest

import cnnlab
from cnnlab.grading import executors


def running(pid):
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid, seconds=10):
    """Wait until a process has ended; tell whether it did."""
    last = time.monotonic() + seconds
    while running(pid) and time.monotonic() < last:
        time.sleep(0.02)
    return not running(pid)


def test_here_is_an_executor():
    with executors.here() as workers:
        assert workers.submit(divmod, 7, 2).result() == (3, 1)
        assert isinstance(workers.submit(divmod, 7, 0).exception(), ZeroDivisionError)


def test_a_worker_that_is_lost_breaks_the_executor():
    with executors.processes(1) as workers:
        assert workers.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(BrokenExecutor):
            workers.submit(os._exit, 1).result()
        with pytest.raises(BrokenExecutor):
            workers.submit(divmod, 7, 2)


def test_an_interrupt_ends_what_is_at_work():
    begin = time.monotonic()
    seen = []

    def interrupted():
        with executors.processes(1) as workers:
            seen.append(workers.submit(os.getpid).result())
            workers.submit(time.sleep, 60)
            workers.submit(time.sleep, 60)
            time.sleep(0.3)  # the second one is on its way to the process, too
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begin < 30
    assert ends(seen[0])


PROGRAM = """
import os, time
import cnnlab
from cnnlab.grading import executors
if __name__ == "__main__":
    with executors.processes(1) as workers:
        print(workers.submit(os.getpid).result(), flush=True)
        workers.submit(time.sleep, 60)
        time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")
def test_workers_end_with_a_grader_that_is_killed(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    program = [sys.executable, str(tmp_path / "program.py")]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as grader:
        pid = int(grader.stdout.readline())
        grader.send_signal(signal.SIGKILL)
    assert ends(pid)


def test_a_cluster_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ImportError, match=r'pip install "cnnlab\[cluster\]"'),
        executors.cluster(None, 1),
    ):
        pass


def test_nobody_answers(monkeypatch):
    pytest.importorskip("distributed", reason="Dask is not installed: extra cluster")
    monkeypatch.setattr(executors, "SECONDS", 0.3)
    with (
        pytest.raises(OSError, match="no scheduler answers at tcp://127.0.0.1:9 "),
        executors.cluster("tcp://127.0.0.1:9", 1),
    ):
        pass


class Client:
    """Stand for a client of Dask whose workers have these versions."""

    def __init__(self, versions):
        self.versions, self.closed = versions, False

    def __call__(self, address, timeout):
        assert address == "tcp://there:8786"
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.closed = True

    def run(self, function, on_error):
        assert (function(), on_error) == (cnnlab.__version__, "return")
        return self.versions

    def get_executor(self, pure):
        assert not pure, "each submission is graded, also one that is the same as another"
        return "the executor"


def test_workers_of_a_scheduler_have_the_same_version(monkeypatch):
    def opened(versions):
        client = Client(versions)
        module = SimpleNamespace(Client=client, LocalCluster=None)
        monkeypatch.setitem(sys.modules, "distributed", module)
        with executors.cluster("tcp://there:8786", 1) as workers:
            assert workers == "the executor"
            assert not client.closed
        assert client.closed

    opened({"a": cnnlab.__version__, "b": cnnlab.__version__})
    with pytest.raises(ValueError, match="the worker b has '0.1' where cnnlab .* is needed"):
        opened({"a": cnnlab.__version__, "b": "0.1"})
    with pytest.raises(ValueError, match="the scheduler has no workers; start some"):
        opened({})
