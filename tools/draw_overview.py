"""Draw the picture of the README: one digit on its way through the network of the book.

The numbers are real: the network is trained here, on the digits that the book uses.

Usage: python tools/draw_overview.py [output.png]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from cnnlab import data, plots, training
from cnnlab.optimizers import SGD
from cnnlab.presets import preset

OUTPUT = Path(__file__).parents[1] / "book" / "_static" / "overview.png"
PIXELS = 1200
DIGIT = 3


def main(output: Path) -> None:
    """Train, take one test digit through the layers, draw, save."""
    digits = data.mnist_subset()
    model = preset("post", dtype="float64")
    conv, sigmoid, flatten, dense = model.layers
    training.fit(
        model,
        digits.X_train,
        digits.labels_train,
        optimizer=SGD(0.1),
        epochs=10,
        progress=sys.stderr.isatty(),
    )
    X = digits.X_test[(digits.labels_test == DIGIT).argmax()]
    Z = conv.forward(X[None])
    Y = sigmoid.forward(Z)
    scores = dense.forward(flatten.forward(Y))
    if scores.argmax() != DIGIT:
        raise SystemExit(f"draw_overview: the network reads this {DIGIT} as {scores.argmax()}")

    plots.use_style()
    axes = plots.show_network(X, conv.parameters["w"], Z[0], Y[0], scores[0], label=DIGIT)
    figure = axes[0].figure
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=PIXELS / figure.get_figwidth())
    print(f"{output} ({output.stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT)
