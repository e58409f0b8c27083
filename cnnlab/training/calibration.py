"""Whether a network is right as often as it says."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnlab import shapes
from cnnlab.typing import ArrayLike, Integer

SLACK = 1e-3  # by which the probabilities of a sample may miss a sum of 1


class Calibration(NamedTuple):
    """How sure a network is and how often it is right, as `calibration` returns it.

    Attributes
    ----------
    confidence : ndarray
        The mean confidence in each bin, 0 to 1. Shape (R,). NaN in an empty bin.
    accuracy : ndarray
        Which part of the samples of each bin was read correctly. Shape (R,), as above.
    counts : ndarray of int
        How many samples are in each bin. Shape (R,).
    error : float
        The calibration error: the mean of the distances between the two, each bin counted as often
        as it has samples. 0 to 1.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    error: float


def calibration(probabilities: ArrayLike, labels: ArrayLike, *, bins: Integer = 10) -> Calibration:
    """Compare how sure a network is with how often it is right.

    The confidence of a sample is the largest of its probabilities. Samples of about the same
    confidence are put into one bin: bin r holds those above r / R and up to (r + 1) / R.

    Equation (eq-calibration-error)::

        error = sum_r counts[r] / S * |accuracy[r] - confidence[r]|

    It is known as expected calibration error. Source: Guo, Pleiss, Sun and Weinberger (2017).

    Parameters
    ----------
    probabilities : array_like
        As from `model.predict_proba`. Shape (S, C), every row adds up to 1.
    labels : array_like of int
        True classes. Shape (S,).
    bins : int
        R, how many bins there are.

    Returns
    -------
    calibration : Calibration
        Confidence, accuracy and count of each bin, and the error.

    Raises
    ------
    ValueError
        If there are no samples, their numbers differ, a label is no class, or a row is no list of
        probabilities.
    TypeError
        If `probabilities` are not numbers or `labels` no integers.

    Examples
    --------
    >>> found = calibration([[0.9, 0.1], [0.3, 0.7], [0.8, 0.2]], [0, 1, 1], bins=2)
    >>> found.confidence, found.counts, round(found.error, 3)
    (array([nan, 0.8]), array([0, 3]), 0.133)
    """
    p = shapes.as_array(probabilities, "calibration", "probabilities")
    if p.ndim != 2 or 0 in p.shape:
        raise ValueError(
            f"calibration: probabilities.shape={p.shape}, but a probability of each class is "
            f"needed for one sample or more, (S, C); pass model.predict_proba(X)."
        )
    if not ((p >= 0).all() and (np.abs(p.sum(axis=1) - 1) < SLACK).all()):  # NaN neither
        raise ValueError(
            "calibration: some rows of probabilities are none: they are negative or do not add up "
            "to 1; pass model.predict_proba(X), or fast.softmax(Z) of scores."
        )
    true = shapes.as_labels(
        labels, "calibration", classes=p.shape[1], more="probabilities of {} classes"
    )
    if len(true) != len(p):
        raise ValueError(
            f"calibration: {len(p)} rows of probabilities but {len(true)} labels came; pass one of "
            f"each per sample."
        )
    R = shapes.as_count(bins, "calibration", "bins")
    sure, right = p.max(axis=1), p.argmax(axis=1) == true
    edges = (np.arange(1, R) / R).astype(p.dtype)
    places = np.searchsorted(edges, sure)  # r, for r / R < sure <= (r + 1) / R
    counts, hits = np.bincount(places, minlength=R), np.bincount(places, right, minlength=R)
    promised = np.bincount(places, sure, minlength=R)
    some = np.maximum(counts, 1)
    return Calibration(
        np.where(counts > 0, promised / some, np.nan),
        np.where(counts > 0, hits / some, np.nan),
        counts,
        float(np.abs(hits - promised).sum() / len(p)),
    )
