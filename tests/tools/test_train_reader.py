"""The script that trains the network which reads on the page."""

import json

import numpy as np
import pytest
import safetensors.numpy

from tools import train_reader

CHAPTER = """
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU
from cnnlab.model import Sequential
searched = [Conv2D(6, 5, padding=2, bias=False), BatchNorm2D(), ReLU(), MaxPool2D(2)]
more = [Conv2D(16, 5, bias=False), BatchNorm2D(), ReLU(), MaxPool2D(2), Flatten()]
dense = [Dense(120), ReLU(), Dense(84), ReLU(), Dense(10)]
model = Sequential([*searched, *more, *dense], input_shape=(1, 28, 28), seed=3)
"""


def chapter(path, *sources):
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": source, "outputs": [],
         "execution_count": None}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    cells.insert(1, {"cell_type": "markdown", "id": "words", "metadata": {}, "source": "Words."})
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    return path


def test_the_chapter_is_run_up_to_its_training(tmp_path, capsys):
    book = chapter(
        tmp_path / "small.ipynb",
        CHAPTER,
        "history = train(model) if False else None",
        "raise AssertionError('too far')",
    )
    assert train_reader.main(book, tmp_path) == 0
    made = json.loads((tmp_path / "reader.json").read_text())
    assert made == json.loads(capsys.readouterr().out)
    assert abs(made["accuracy"]["bytes"] - made["accuracy"]["trained"]) < 0.05
    stored = safetensors.numpy.load((tmp_path / "reader.safetensors").read_bytes())
    assert stored["0.Conv2D.w"].dtype == np.int8
    assert sum(values.nbytes for values in stored.values()) == made["sizes"]["bytes"]


def test_a_chapter_without_a_training_is_told(tmp_path):
    book = chapter(tmp_path / "none.ipynb", "model = 1")
    with pytest.raises(ValueError, match=r"no cell of .*none.ipynb holds 'history = train\(model'"):
        train_reader.trained(book)


def test_the_training_of_the_book_is_found():
    assert train_reader.TRAINING in train_reader.CHAPTER.read_text(encoding="utf-8")
