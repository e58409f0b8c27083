"""Kill a training at random moments, go on, and compare what it becomes with one that was let be.

    python -m support.killed 50

Half of the signals are Ctrl-C, half SIGKILL. Each training is a process of its own, a fork of this
one, which goes on in the folder of the one before it.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from support.bars import IMAGES, LABELS
from support.networks import every_layer

from cnnlab import fast, weights
from cnnlab.files import unfinished
from cnnlab.model import Sequential
from cnnlab.optimizers import Adam
from cnnlab.schedules import CosineDecay
from cnnlab.training import Augmentation, EarlyStopping, fit
from cnnlab.training.checkpoints import CHECKPOINT, LOCK, NAME

RESULT = "model.safetensors"


def everything(folder=None, epochs=4, augment=None, **options):
    """Train with all that draws and all that is remembered; return model and history."""
    model = every_layer(fast, dtype=np.float32)
    given = {
        "optimizer": Adam(0.01),
        "batch_size": 8,
        "validation": 0.2,
        "augment": augment or Augmentation(shift=1, rotation=5),
        "class_weights": "balanced",
        "clip_norm": 1.0,
        "early_stopping": EarlyStopping(99),
        "schedule": CosineDecay(0.01, steps=5),
        "drop_last": True,
        "seed": 3,
        "progress": False,
    }
    if folder is not None:
        given |= {"checkpoint": folder, "resume": True}
    return model, fit(model, IMAGES, LABELS, epochs=epochs, **given | options)


def child(folder, epochs):
    """Go on with a training in a process of its own; return its number."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until somebody catches it
    process = os.fork()
    if process:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        return process
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        warnings.simplefilter("ignore")
        model, history = everything(folder, epochs)
        if not history.interrupted:
            model.save(folder / RESULT)
        code = 0
    except KeyboardInterrupt:  # before or after the training itself
        code = 2
    finally:
        os._exit(code)


def look(folder):
    """See that there is no half file; return whether the training is over."""
    for path in folder.iterdir():
        if path.name == NAME:
            weights.read_file(path, CHECKPOINT)
        elif path.name == RESULT:
            Sequential.load(path)
        else:
            beginnings = LOCK, unfinished(folder / NAME), unfinished(folder / RESULT)
            assert path.name.startswith(beginnings)
    return (folder / RESULT).exists()


def all_of(folder):
    """Return all that a checkpoint holds, but for the time that it took."""
    text, arrays = weights.read_file(folder / NAME, CHECKPOINT)
    del arrays["history.seconds"]
    content = json.loads(text)
    return {name: array.tobytes() for name, array in arrays.items()} | content


def went_on(folder, epochs, chance, seconds, signals):
    """Train to the end in a folder, sending the signals on the way that are left."""
    while not look(folder):
        process = child(folder, epochs)
        if signals:
            time.sleep(chance.uniform(0, seconds / 2))
            os.kill(process, signals[-1])
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if code == 1:
            return False
        if signals and not look(folder):  # it came before the end
            signals.pop()
    return True


def main(count, epochs=8):
    """Send so many signals; return what was wrong."""
    expected = everything(epochs=epochs)[0].state()
    with tempfile.TemporaryDirectory() as place:
        begin = time.perf_counter()
        everything(Path(place), epochs)
        seconds = time.perf_counter() - begin
        checkpoint = all_of(Path(place))
    chance = random.Random(0)
    signals = [(signal.SIGINT, signal.SIGKILL)[number % 2] for number in range(count)]
    trainings, wrong = 0, []
    while signals:
        trainings += 1
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            if not went_on(folder, epochs, chance, seconds, signals):
                wrong.append(f"training {trainings} failed")
                break
            result, end = Sequential.load(folder / RESULT).state(), all_of(folder)
            wrong += [
                f"training {trainings}: {name}"
                for name, value in expected.items()
                if isinstance(value, np.ndarray) and not np.array_equal(value, result[name])
            ]
            wrong += [f"training {trainings}: {n}" for n in checkpoint if checkpoint[n] != end[n]]
    print(f"signals: {count - len(signals)}, trainings: {trainings}, wrong: {len(wrong)}")
    return wrong


if __name__ == "__main__":
    sys.exit("\n".join(main(int(sys.argv[1]))) or 0)
