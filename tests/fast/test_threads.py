"""Threads: the same bits for every number of them, several callers at a time, forks, errors."""

import copy
import gc
import os
import subprocess
import sys
import threading

import numba
import numpy as np
import pytest
from support.cases import GEOMETRY

from cnnlab import fast
from cnnlab.fast import threads as threads_module
from cnnlab.fast import tiles
from cnnlab.operations import OPERATIONS

compiled = pytest.mark.skipif(
    tiles.LOOPS, reason="tiles are loops, with a version for each of their sizes"
)
# Large enough that every thread gets a share of images, depths, patterns and rows, and that
# shares differ in size.
OPTIONS = {
    "no options": {},
    "stride, a rest": {"stride": (2, 3)},
    "uneven padding": {"padding": ((2, 1), (0, 3))},
    "same": {"padding": "same", "stride": (3, 2)},
    "dilation": {"dilation": (2, 3)},
    "groups": {"groups": 3},
    "everything": {"stride": 2, "padding": ((2, 1), (0, 3)), "dilation": (3, 2), "groups": 3},
}
POOLING = {
    "side by side": {},
    "overlap": {"stride": (1, 2), "padding": 1},
    "over the end": {"stride": (2, 3), "ceil_mode": True, "padding": ((1, 0), (0, 2))},
}


def every_result(B=5, D=6, M=13, N=17, P=9, m=3, n=2, seed=0):
    """Compute everything with `fast` on float32 noise; return arrays by name."""
    rng = np.random.default_rng(seed)

    def noise(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    X, b = noise(B, D, M, N), noise(P)
    results = {}
    for words, options in OPTIONS.items():
        groups = options.get("groups", 1)
        w = noise(P, D // groups, m, n)
        Z = fast.conv2d(X, w, b, **options)
        dZ = noise(*Z.shape)
        results[f"conv2d, {words}"] = Z
        results[f"conv2d_dX, {words}"] = fast.conv2d_dX(dZ, w, X.shape, **options)
        results[f"conv2d_dw, {words}"] = fast.conv2d_dw(dZ, X, w.shape, **options)
        results[f"conv2d_db, {words}"] = fast.conv2d_db(dZ)
        results[f"conv_transpose2d, {words}"] = fast.conv_transpose2d(dZ, w, noise(D), **options)
    for words, options in POOLING.items():
        Y, argmax = fast.max_pool2d(X, (2, 3), **options)
        results[f"max_pool2d, {words}"] = Y
        results[f"argmax, {words}"] = argmax
        results[f"max_pool2d_dX, {words}"] = fast.max_pool2d_dX(noise(*Y.shape), argmax, X.shape)
        for include in (True, False):
            given = {**options, "count_include_pad": include}
            Y = fast.avg_pool2d(X, (2, 3), **given)
            results[f"avg_pool2d, {words}, {include}"] = Y
            dX = fast.avg_pool2d_dX(noise(*Y.shape), X.shape, (2, 3), **given)
            results[f"avg_pool2d_dX, {words}, {include}"] = dX
    rows, weights, drows = noise(33, 70), noise(21, 70), noise(33, 21)
    results["dense"] = fast.dense(rows, weights, noise(21))
    results["dense_dX"] = fast.dense_dX(drows, weights)
    results["dense_dw"] = fast.dense_dw(drows, rows)
    results["dense_db"] = fast.dense_db(drows)
    for f in (fast.softmax, fast.log_softmax):
        results[f.__name__] = f(X)
    for operation in OPERATIONS:
        if operation.entrywise:
            value, slope = (getattr(fast, name) for name in operation.functions)
            results[operation.name] = value(X)
            results[f"{operation.name}_dZ"] = slope(rows, rows * rows)
    results["squared_error"] = fast.squared_error(rows, -rows).dY
    results["cross_entropy"] = fast.cross_entropy(rows, np.arange(33)).dZ
    return results


def assert_same(results, expected):
    assert results.keys() == expected.keys()
    for name, result in results.items():
        # Bits and not numbers, so that -0.0 is not 0.0.
        assert result.shape == expected[name].shape
        assert result.tobytes() == expected[name].tobytes(), name


def test_every_operation_is_here():
    names = {name.split(",")[0] for name in every_result(B=1)}
    assert set(fast.__all__) <= names


@pytest.fixture
def threads():
    """Set the number of threads in a test; afterwards it is what it was before."""
    before = numba.get_num_threads()
    yield lambda count: numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    numba.set_num_threads(before)


def test_same_bits_with_one_and_two_threads(threads):
    threads(1)
    expected = every_result()
    threads(2)
    assert_same(every_result(), expected)


@pytest.fixture
def many_portions(monkeypatch):
    """Share everything, however small, in portions of one or few items."""
    monkeypatch.setattr(threads_module, "WORTH_SHARING", -1)


def test_same_bits_in_small_portions(many_portions, threads):
    threads(1)
    expected = every_result()
    threads(2)
    assert_same(every_result(), expected)


class Kernel:
    """Notes who did which items."""

    def __init__(self):
        self.done, self.both_started = [], threading.Barrier(2, timeout=30)

    def __call__(self, first, last, wait):
        if wait:
            self.both_started.wait()  # passes only if two threads work at the same time
        self.done += [(item, threading.get_ident()) for item in range(first, last)]


def test_work_is_divided(threads, many_portions):
    """Two threads are really used: what the tests above say would be empty otherwise."""
    assert numba.config.NUMBA_NUM_THREADS == 2, "set in conftest.py, before Numba is imported"
    threads(2)
    kernel = Kernel()
    threads_module.share(kernel, 8, 1, True)
    assert sorted(item for item, _ in kernel.done) == list(range(8))
    assert len({thread for _, thread in kernel.done}) == 2


@pytest.mark.parametrize("items", [0, 1, 2, 3, 7, 8, 9, 100])
def test_every_item_is_done_once(threads, many_portions, items):
    threads(2)
    kernel = Kernel()
    threads_module.share(kernel, items, 1, False)
    assert sorted(item for item, _ in kernel.done) == list(range(items))


def test_small_work_stays_in_the_thread_that_calls(threads):
    threads(2)
    kernel = Kernel()
    threads_module.share(kernel, 100, threads_module.WORTH_SHARING, False)
    assert {thread for _, thread in kernel.done} == {threading.get_ident()}


def test_errors_of_other_threads_are_raised(threads, many_portions):
    threads(2)

    def kernel(first, last):
        raise ArithmeticError(f"items {first} to {last}")

    with pytest.raises(ArithmeticError, match="items"):
        threads_module.share(kernel, 8, 1)


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


def test_two_python_threads_at_the_same_time():
    run_at_the_same_time()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_threads_of_its_own():
    code = """if True:
        import os, warnings
        import numpy as np
        from cnnlab import fast
        from cnnlab.fast import threads
        warnings.simplefilter("ignore")
        threads.WORTH_SHARING = -1
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


# ------------------------------------------------------------------------------- compiled versions


def kernels():
    """Return every compiled kernel of the package, those that functions have made included."""
    return [
        value
        for value in gc.get_objects()
        if issubclass(type(value), numba.core.dispatcher.Dispatcher)  # not of what it refers to
        and value.py_func.__module__.startswith("cnnlab.fast.")
    ]


@compiled
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
    counts = {kernel.py_func: len(kernel.signatures) for kernel in kernels()}
    assert any(function.__qualname__.startswith("search.") for function in counts)
    # What kernels call themselves may have a version with a constant besides.
    assert max(counts.values()) <= 4, counts
    assert max(count for function, count in counts.items() if function.__name__ == "run") == 2
