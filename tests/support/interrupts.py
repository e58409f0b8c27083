"""Interrupt everything at random moments; afterwards all results must be what they were.

    python -m support.interrupts 2000

Half of the interrupts are alarms, as Ctrl-C is one; half are exceptions that another thread puts
into this one. They come while operations run, and while a model is trained.
"""

import ctypes
import random
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress

import numpy as np
from support.everything import assert_same, every_result

from cnnlab.fast import threads
from cnnlab.layers import Conv2D, Dense, Flatten, MaxPool2D, Sigmoid
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import fit


class Interrupt(BaseException):
    """Ends what is running."""


@contextmanager
def usual_ctrl_c():
    """Handle Ctrl-C as Python does; started in the background, it would be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def ring(signum, frame):
    raise Interrupt


def after_an_alarm(seconds, work):
    """Run `work`; an alarm rings after so many seconds."""
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            work()
        finally:  # the alarm may ring here, too
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Interrupt:
        return True
    return False


def after_an_exception(seconds, work):
    """Run `work`; another thread puts an exception into this one after so many seconds."""
    own, done = ctypes.c_ulong(threading.get_ident()), threading.Event()

    def put():
        if not done.wait(seconds):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(own, ctypes.py_object(Interrupt))

    other = threading.Thread(target=put)
    came = False
    try:
        other.start()
        work()
    except Interrupt:
        came = True
    while other.is_alive() or not done.is_set():
        with suppress(Interrupt):  # put in when the work was over
            done.set()
            other.join()
            time.sleep(0)
    return came


def operations():
    return every_result(B=9, M=33, N=41)


def training():
    """Return what a few steps make of a model."""
    rng = np.random.default_rng(0)
    X, labels = rng.standard_normal((48, 1, 20, 20)).astype(np.float32), rng.integers(0, 4, 48)
    layers = [Conv2D(6, 5), Sigmoid(), MaxPool2D(2), Flatten(), Dense(4)]
    model = Sequential(layers, input_shape=(1, 20, 20), dtype=np.float32)
    fit(model, X, labels, optimizer=SGD(0.1), batch_size=16, progress=False)
    return {parameter.name: parameter.value.copy() for parameter in model.parameters()}


def main(count):
    threads.WORTH_SHARING = threads.WORTH_WAKING = -1
    signal.signal(signal.SIGALRM, ring)
    chance = random.Random(0)
    rounds = []
    for work in (operations, training):
        expected = work()
        begin = time.perf_counter()
        work()
        rounds.append((work, expected, time.perf_counter() - begin))
    came = wrong = 0
    for number in range(count):
        work, expected, seconds = rounds[number % 2]
        interrupted = (after_an_alarm, after_an_exception)[number // 2 % 2]
        try:
            came += interrupted(chance.uniform(1e-6, seconds), work)
        except Interrupt:  # on the way back from there
            came += 1
        if number % 10 < 2 or number > count - 3:
            try:
                assert_same(work(), expected)
            except AssertionError as error:
                print(error)
                wrong += 1
    print(f"interrupts: {came} of {count}, wrong: {wrong}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
