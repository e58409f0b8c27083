"""Train the network that reads what is drawn on the website, and store it.

``.venv/bin/python -m tools.train_reader`` runs the cells of the chapter *LeNet* up to its training,
so that what reads on the page is what the chapter trains, stores its weights as bytes in
``cnnlab/page/digit/reader.safetensors``, and beside them its accuracy and how it was made. It takes
half a minute. Another processor rounds otherwise, and finds another network that is as good.
"""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import safetensors.numpy

import cnnlab
from cnnlab import data
from cnnlab.files import write_whole
from cnnlab.model import Sequential
from cnnlab.page.digit import weights
from tools.notebooks.files import read
from tools.one_run import only_run

ROOT = Path(__file__).parents[1]
CHAPTER = ROOT / "book" / "lenet.ipynb"
FOLDER = Path(cnnlab.__file__).parent / "page" / "digit"
TRAINING = "history = train(model"


def trained(chapter: Path) -> Sequential:
    """Run the cells of a chapter up to its training, and return the model."""
    matplotlib.use("Agg")
    names: dict[str, Any] = {}
    for cell in read(chapter)["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        exec(compile(source, f"{chapter.name}, {cell['id']}", "exec"), names)
        if TRAINING in source:
            model: Sequential = names["model"]
            return model
    raise ValueError(f"no cell of {chapter} holds {TRAINING!r}")


def accuracy_of(model: Sequential) -> float:
    """Return which part of the test digits a model reads."""
    digits = data.mnist_subset(dtype=np.float32)
    return float((model.predict(digits.X_test) == digits.labels_test).mean())


def store(model: Sequential, folder: Path) -> dict[str, Any]:
    """Write the weights of a model, its accuracy and how it was made."""
    state = weights.folded(model)
    stored = weights.in_bytes(state)
    halves = {name: values.astype(np.float16) for name, values in state.items()}
    sizes = {
        name: sum(values.nbytes for values in arrays.values())
        for name, arrays in (("bytes", stored), ("float16", halves))
    }
    made = {
        "made": "python -m tools.train_reader",
        "training": f"book/{CHAPTER.name}, its cells up to {TRAINING!r}",
        "accuracy": {
            "trained": accuracy_of(model),
            "bytes": accuracy_of(weights.network_of(weights.out_of_bytes(stored))),
            "float16": accuracy_of(weights.network_of(weights.out_of_bytes(halves))),
        },
        "sizes": sizes,
        "versions": {
            "cnnlab": cnnlab.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "numba")},
        },
    }
    write_whole(folder / weights.WEIGHTS, safetensors.numpy.save(stored))
    write_whole(folder / weights.MADE, (json.dumps(made, indent=1) + "\n").encode())
    return made


def main(chapter: Path = CHAPTER, folder: Path = FOLDER) -> int:
    """Train, store, and say how well it reads."""
    with only_run("tools.train_reader", folder / weights.MADE):
        print(json.dumps(store(trained(chapter), folder), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
