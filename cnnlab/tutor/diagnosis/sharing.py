"""The mistakes in each step of a max-pooling whose ties share, see `recipes`."""

from __future__ import annotations

import numpy as np

from cnnlab import reference
from cnnlab.tutor.diagnosis.edits import Edit

__all__ = ["MAX_POOL_SPLIT_BACK"]

_edit = Edit


def _one_share(window: np.ndarray, at: int) -> np.ndarray:
    """Give all to the first or last of the largest pixels."""
    winners = np.flatnonzero(window == window.max())
    share = np.zeros(window.size)
    share[winners[at]] = 1
    return share.reshape(window.shape)


#: The mistakes of a max-pooling whose ties share.
MAX_POOL_SPLIT_BACK: list[Edit] = [
    _edit("split-whole-to-each", "Every one of equal largest pixels gets all of the gradient.",
          "The mask of the winners was not divided by their number.", "eq-subgradient", "share",
          lambda window, mask, number: mask.astype(float)),
    _edit("split-first-winner-only", "The first of equal largest pixels gets all.",
          "argmax was used, which names one.", "eq-subgradient", "share",
          lambda window, mask, number: _one_share(window, 0)),
    _edit("split-last-winner-only", "The last of equal largest pixels gets all.",
          ">= was written for >.", "eq-subgradient", "share", lambda window, mask,
          number: _one_share(window, -1)),
    _edit("split-over-window", "The gradient is divided by the size of the window.",
          "The share of average pooling was used.", "eq-subgradient", "share",
          lambda window, mask, number: mask / window.size),
    _edit("split-as-average", "Every pixel of the window gets the same.", "It is the gradient "
          "of average pooling.", "eq-subgradient", "share",
          lambda window, mask, number: np.full(window.shape, 1 / window.size)),
    _edit("split-overwrites", "Where windows overlap, only the last one counts.",
          "``=`` was written for ``+=``.", "eq-subgradient", "put",
          lambda there, share: share),
    _edit("split-overwrites-winners", "A pixel that wins several windows gets the gradient of "
          "the last one only.", "``dX[mask] = ...`` assigns.", "eq-subgradient", "put",
          lambda there, share: np.where(share != 0, share, there)),
    *(
        _edit(f"split-{name}", words, "Size and stride were mixed up.", "eq-subgradient", stage,
              change)
        for name, words, stage, change in (
            ("size-transposed", "Height and width of the window have changed places.", "size",
             lambda size, stride: size[::-1]),
            ("size-is-stride", "The window is as large as the stride.", "size",
             lambda size, stride: stride),
            ("stride-swapped", "The strides of rows and columns have changed places.", "stride",
             lambda size, stride: stride[::-1]),
            ("stride-is-size", "The windows stand side by side, whatever the stride.", "stride",
             lambda size, stride: size),
            ("stride-of-rows", "The stride of the rows is used for both.", "stride",
             lambda size, stride: (stride[0], stride[0])),
            ("stride-of-columns", "The stride of the columns is used for both.", "stride",
             lambda size, stride: (stride[1], stride[1])),
            ("stride-of-1", "The windows stand one pixel apart, whatever the stride.", "stride",
             lambda size, stride: (1, 1)))
    ),
    *(
        _edit(f"split-{name}", words, "R is the number of the largest pixels of the window.",
              "eq-subgradient", "number", change)
        for name, words, change in (
            ("one-winner-too-many", "The share is 1 / (R + 1).", lambda mask, window: mask.sum()
             + 1),
            ("by-different-numbers", "The gradient is divided by how many different numbers are "
             "in the window.", lambda mask, window: len(np.unique(window))),
            ("by-squared-number", "The share is 1 / R squared.",
             lambda mask, window: mask.sum() ** 2),
            ("by-root", "The share is 1 divided by the root of R.",
             lambda mask, window: np.sqrt(mask.sum())))
    ),
    *(
        _edit(f"split-{name}", words, "The largest pixels of the window share, and no others.",
              "eq-subgradient", "winners", change)
        for name, words, change in (
            ("largest-of-plane", "The largest pixel of the plane is looked for, not of the window.",
             lambda window, plane: window == plane.max()),
            ("smallest", "The smallest pixels of the window share.",
             lambda window, plane: window == window.min()),
            ("positive", "All pixels above 0 share.", lambda window, plane: window > 0),
            ("above-mean", "All pixels above the mean of the window share.",
             lambda window, plane: window >= window.mean()))
    ),
    _edit("split-softmax", "The pixels share as by a softmax: larger ones get more, and all "
          "something.", "A smooth maximum was taken.", "eq-subgradient", "share",
          lambda window, mask, number: reference.softmax(window.reshape(1, -1)).reshape(
          window.shape)),
]  # fmt: skip
