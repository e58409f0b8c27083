"""Threads: the same bits for every number of them, several callers at a time, forks, errors."""

import copy
import os
import signal
import subprocess
import sys
import threading
import time

import numba
import numpy as np
import pytest
from support.cases import GEOMETRY
from support.everything import assert_same, drivers, every_result
from support.soak import SOAK

from cnnlab import fast
from cnnlab.fast import atomics, team, tiles
from cnnlab.fast import threads as threads_module
from cnnlab.fast.jit import kernel

compiled = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
with_tiles = pytest.mark.skipif(
    tiles.LOOPS, reason="tiles are loops, with a version for each of their sizes"
)


def test_every_operation_is_here():
    names = {name.split(",")[0] for name in every_result(B=1)}
    assert set(fast.__all__) <= names


@compiled
def test_same_bits_with_one_and_two_threads(threads):
    threads(1)
    expected = every_result()
    threads(2)
    assert_same(every_result(), expected)


@pytest.fixture
def many_portions(monkeypatch):
    """Share everything, however small, in portions of one or few items."""
    monkeypatch.setattr(threads_module, "WORTH_SHARING", -1)
    monkeypatch.setattr(threads_module, "WORTH_WAKING", -1)


@compiled
def test_same_bits_in_small_portions(many_portions, threads):
    threads(1)
    expected = every_result()
    threads(2)
    assert_same(every_result(), expected)


@kernel
def meet(first, last, started, seen, others):
    """Note for every item how many threads have begun; wait for a second one, but not for ever.

    The wait leaves the processor to whoever wants it, `others`: that may be the second one.
    """
    atomics.add(started, 0, 1)
    for _ in range(10**5):
        if atomics.load(started, 0) >= 2:
            break
        atomics.call_system(others)
    for item in range(first, last):
        seen[item] += atomics.load(started, 0)


@compiled
def test_work_is_divided(threads, many_portions):
    """Two threads are really used: what the tests above say would be empty otherwise."""
    threads(2)
    deadline = time.monotonic() + 60  # the helper may sleep, other programs have its processor
    while time.monotonic() < deadline:
        threads_module.crew.alone = 0  # a call that waited in vain is followed by some without it
        seen = np.zeros(2, np.int64)
        others = threads_module.crew.job[team.YIELD]
        threads_module.share(meet, 2, 1, np.zeros(1, np.int64), seen, others)
        if list(seen) == [2, 2]:
            return
    pytest.fail("no helper ever took part")


@compiled
def test_a_helper_that_was_woken_in_vain_still_looks_for_work(threads, many_portions, monkeypatch):
    """However often: it looks once at least, or no job would ever be shared again."""
    threads(2)
    looked = []
    serve = team.serve

    def short(job, alert, drowsy):
        looked.append(alert + drowsy)
        return serve(job, min(alert, 1), 0)  # it finds nothing in so short a time

    helper = threads_module.Helper(team.new_job())
    for _ in range(13):
        deadline = time.monotonic() + 20
        while not helper.asleep and time.monotonic() < deadline:
            time.sleep(0.001)
        monkeypatch.setattr(team, "serve", short)
        helper.asleep = False
        helper.wake()
    helper.job[team.STOP] = 1
    helper.wake()
    helper.thread.join(10)
    assert len(looked) > 10
    assert min(looked) >= 1


@kernel
def count(first, last, seen):
    for item in range(first, last):
        atomics.add(seen, item, 1)


@compiled
@pytest.mark.parametrize("items", [0, 1, 2, 3, 7, 8, 9, 100, 10_000])
def test_every_item_is_done_once(threads, many_portions, items):
    threads(2)
    for _ in range(20):
        seen = np.zeros(items, np.int64)
        threads_module.share(count, items, 1, seen)
        assert (seen == 1).all()


@compiled
def test_small_work_stays_in_the_thread_that_calls(threads):
    threads(2)
    epoch = threads_module.crew.job[team.STATE]
    threads_module.share(count, 100, threads_module.WORTH_SHARING, np.zeros(100, np.int64))
    assert threads_module.crew.job[team.STATE] == epoch


@kernel
def ask_for_memory(first, last, numbers):
    for item in range(first, last):
        numbers[item] = np.empty(2**58)[item]


@compiled
def test_no_memory_is_an_error_and_later_calls_are_right(threads, many_portions):
    for count_of_threads in (1, 2):
        threads(count_of_threads)
        with pytest.raises(MemoryError):
            threads_module.share(ask_for_memory, 8, 1, np.zeros(8))
        seen = np.zeros(8, np.int64)
        threads_module.share(count, 8, 1, seen)
        assert (seen == 1).all()


@compiled
def test_number_of_threads_is_that_of_numba():
    """Before and after Numba has started threads of its own, which `cnnlab.fast` does not do."""
    code = """if True:
        import numba
        from cnnlab import fast
        from cnnlab.fast import threads
        from numba.np.ufunc import parallel
        import numpy as np
        fast.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)))
        print(threads.thread_count(), parallel._is_initialized)
        numba.set_num_threads(1)
        print(threads.thread_count())
    """
    env = {**os.environ, "NUMBA_NUM_THREADS": "2"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["2", "False", "1"]


# ------------------------------------------------------------------------------- callers


def run_at_the_same_time(callers=2, rounds=3):
    """Call every kernel from several Python threads; raise unless all results are right."""
    # Copies: memory that calls share must not change what is expected.
    expected = [copy.deepcopy(every_result(seed=caller)) for caller in range(callers)]
    failures, start = [], threading.Barrier(callers)

    def call(caller):
        try:
            start.wait()
            for _ in range(rounds):
                assert_same(every_result(seed=caller), expected[caller])
        except BaseException as error:  # an exception in a thread is only printed otherwise
            failures.append(error)

    workers = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []


@compiled
def test_two_python_threads_at_the_same_time(threads):
    threads(2)
    run_at_the_same_time()


@compiled
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_threads_of_its_own():
    code = """if True:
        import os, warnings
        import numpy as np
        from cnnlab import fast
        from cnnlab.fast import threads
        warnings.simplefilter("ignore")
        threads.WORTH_SHARING = threads.WORTH_WAKING = -1
        X, w = np.arange(96.0).reshape(4, 1, 4, 6), np.ones((1, 1, 2, 2))
        expected = fast.conv2d(X, w)
        child = os.fork()
        if child:
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        else:
            os._exit(7 if (fast.conv2d(X, w) == expected).all() else 1)
    """
    env = {**os.environ, "NUMBA_NUM_THREADS": "2"}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert ran.stdout.strip() == "7"


def run_apart(module, *arguments, timeout=400):
    """Run a module of the tests in a process of its own; return what it printed."""
    env = {**os.environ, "NUMBA_NUM_THREADS": "2", "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@compiled
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
def test_after_an_interrupt_everything_is_right():
    """Alarms and exceptions from another thread at random moments; `make soak` has 2,000."""
    said = run_apart("support.interrupts", 2000 if SOAK else 40, timeout=6000)
    assert "wrong: 0" in said


@compiled
def test_helpers_end_before_python_does():
    """They would look into memory that is gone. Here each of them would be awake for a minute."""
    code = """if True:
        import atexit, os
        import numpy as np

        def look():  # registered first, it is called last
            alive = [helper.thread.is_alive() for helper in threads.crew.helpers]
            os._exit(7 if alive == [False] else 1)

        atexit.register(look)
        from cnnlab import fast
        from cnnlab.fast import threads
        threads.WORTH_SHARING = threads.WORTH_WAKING = -1
        threads.how_often(1, 1, 0)  # the helper has nothing to compile, and is awake soon
        threads.ALERT = 60_000_000_000
        fast.conv2d(np.ones((4, 1, 40, 60)), np.ones((1, 1, 2, 2)))
    """
    env = {**os.environ, "NUMBA_NUM_THREADS": "2"}
    ran = subprocess.run([sys.executable, "-c", code], env=env, timeout=100)
    assert ran.returncode == 7


# ------------------------------------------------------------------------------- compiled versions


@with_tiles
def test_few_versions_whatever_the_geometry(rng):
    """One for float32 and one for float64; options and layouts are no types of their own."""
    for dtype in (np.float32, np.float64):
        for case in GEOMETRY:
            X, w = rng.random(case.X_shape).astype(dtype), rng.random(case.w_shape).astype(dtype)
            dZ = rng.random(case.Z_shape).astype(dtype)
            for order in ("C", "F"):
                X, w, dZ = (np.asarray(array, order=order) for array in (X, w, dZ))
                fast.conv2d(X, w, **case.options)
                fast.conv2d_dX(dZ, w, case.X_shape, **case.options)
                fast.conv2d_dw(dZ, X, case.w_shape, **case.options)
                fast.conv_transpose2d(dZ, w, stride=case.stride, groups=case.groups)
                options = {"stride": case.stride, "padding": case.padding}
                fast.max_pool2d(X, case.w_shape[2:], **options, dilation=case.dilation)
                fast.avg_pool2d(X, 1, **options, count_include_pad=False)
                fast.avg_pool2d(X, 1, **options)
    every_result()
    counts = [len(driver.signatures) for driver in drivers()]
    assert len(counts) > 20
    assert max(counts) == 2
