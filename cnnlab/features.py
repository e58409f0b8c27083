"""The maps of all convolutions of a network, for one image: found, and drawn into a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.files import write_whole
from cnnlab.layers import Conv2D
from cnnlab.layers.base import AsLayer, as_layer
from cnnlab.model import Sequential

__all__ = ["maps_of", "save_features"]


def maps_of(model: Sequential, X: np.ndarray) -> dict[str, np.ndarray]:
    """Return the maps of each convolution, as the layers behind it leave them at the same size.

    Convolutions are found in a `Sequential` and a `Residual` inside the model, too. What a
    `Residual` adds up belongs to none of them: there the maps are those before the sum.

    Parameters
    ----------
    model : Sequential
        A network that is only used.
    X : ndarray
        One image. Shape `model.input_shape`.

    Returns
    -------
    maps : dict of str to ndarray
        By the place of the convolution, as ``"2.Residual.0.Conv2D"``. Shape (P, M', N') each.
    """
    found: dict[str, np.ndarray] = {}
    _follow(model.layers, X[np.newaxis], "", "", found)
    return found


def _follow(
    layers: Sequence[Any], X: np.ndarray, before: str, latest: str, found: dict[str, np.ndarray]
) -> tuple[np.ndarray, str]:
    """Send a batch of one image through layers in a row, and collect the maps on the way.

    `latest` is the place of the convolution whose maps `X` holds, "" if they are of none. Returns
    what comes out, and whose maps that is.
    """
    for position, part in enumerate(layers):
        layer = as_layer(part)
        place = f"{before}{position}.{layer.name}"
        if isinstance(part, AsLayer):
            X, latest = _follow(layer.layers, X, f"{place}.", latest, found)
            continue
        for name, row in layer._rows().items():
            _follow(row.layers, X, f"{place}.{name}." if name else f"{place}.", "", found)
        is_sum = bool(layer._rows())
        X = layer.forward(X, training=False)
        if isinstance(layer, Conv2D):
            latest = place
        if latest and not is_sum and (latest == place or X[0].shape == found[latest].shape):
            found[latest] = X[0]
        else:
            latest = ""
    return X, latest


def save_features(model: Sequential, X: np.ndarray, place: Path) -> None:
    """Draw an image and the maps of every convolution, see `maps_of`, into a PNG file.

    Parameters
    ----------
    model : Sequential
        A network that is only used.
    X : ndarray
        One image. Shape `model.input_shape`.
    place : Path
        The file. It is written as a whole.

    Raises
    ------
    ValueError
        If the network has no convolution.
    OSError
        If the file cannot be written.
    """
    maps = maps_of(model, X)
    if not maps:
        raise ValueError(
            "predict: --features came, but this network has no convolution, and so no maps; pass a "
            "RUN of --model post, lenet or modern."
        )
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from cnnlab import plots

    plots.use_style()
    figure, buffer = plots.show_features(maps, image=X)[0].figure, io.BytesIO()
    figure.savefig(buffer, format="png", dpi=200)
    pyplot.close(figure)
    try:
        write_whole(place, buffer.getvalue())
    except OSError as error:
        raise OSError(
            f"predict: {place} cannot be written ({error.strerror or error}); pass the path of a "
            f"file in a folder that exists."
        ) from error
