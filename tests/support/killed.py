"""Kill a training at random moments, go on, and compare what it becomes with one that was let be.

    python -m support.killed 50

Half of the signals are Ctrl-C, half SIGKILL. Each training is a process of its own, a fork of this
one, which goes on in the folder of the one before it.
"""

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
from cnnlab.training.checkpoints import CHECKPOINT, NAME

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
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
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
            assert path.name.startswith((unfinished(folder / NAME), unfinished(folder / RESULT)))
    return (folder / RESULT).exists()


def main(count, epochs=8):
    """Send so many signals; return what was wrong, and how often a training ended before."""
    expected = everything(epochs=epochs)[0].state()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        everything(Path(place), epochs)
    seconds = time.perf_counter() - begin
    chance = random.Random(0)
    came, trainings, wrong = 0, 0, []
    while came < count:
        trainings += 1
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            while not look(folder):
                process = child(folder, epochs)
                kind = (signal.SIGINT, signal.SIGKILL)[came % 2]
                if came < count:
                    time.sleep(chance.uniform(0, seconds / 2))
                    os.kill(process, kind)
                code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
                came += (folder / RESULT).exists() is False
                if code == 1:
                    wrong.append(f"training {trainings} failed")
                    break
            else:
                result = Sequential.load(folder / RESULT, layers=[]).state()
                wrong += [
                    f"training {trainings}: {name}"
                    for name, value in expected.items()
                    if isinstance(value, np.ndarray) and not np.array_equal(value, result[name])
                ]
    print(f"signals: {came}, trainings: {trainings}, wrong: {len(wrong)}")
    return wrong


if __name__ == "__main__":
    sys.exit("\n".join(main(int(sys.argv[1]))) or 0)
