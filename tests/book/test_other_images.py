"""A chapter says that one changed line makes it about other images: it is tried."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from support.book import ROOT, read

from cnnlab import data
from cnnlab.data import TrainTest

LINE = "data.mnist_subset(dtype=np.float32)"


@pytest.mark.slow
def test_lenet_runs_with_one_changed_line(monkeypatch, capsys):
    """On a few images that stand for the large sets, which are not here."""
    digits = data.mnist_subset(dtype=np.float32)
    few = TrainTest(*(array[:100] for array in digits))
    monkeypatch.setattr(data, "fashion_mnist", lambda: few)
    cells = [cell.source for cell in read(ROOT / "book/lenet.ipynb").cells
             if cell.cell_type == "code"]  # fmt: skip
    assert sum(LINE in source for source in cells) == 1
    space = {}
    for source in cells:
        exec(source.replace(LINE, "data.fashion_mnist()"), space)
        plt.close("all")
    assert not space["is_subset"]
    assert space["matrix"].sum() == len(few.X_test)
    assert "of 100 unseen digits" in capsys.readouterr().out
