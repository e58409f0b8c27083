"""Wrong gradients of batch normalization."""

# The bodies are like those of `cnnlab.reference`, which carry no types either, and their docstrings
# say what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

import numpy as np

from cnnlab.mutants.registry import instead_of

PIXELS = (0, 2, 3)  # over the batch, rows and columns
PER_DEPTH = (slice(None), np.newaxis, np.newaxis)


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_batch_forgotten(dY, x, w, scale, fixed):
    """Mean and variance are taken for constants.

    The two lines that compute them were not gone back through.
    """
    return (w * scale)[PER_DEPTH] * dY


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_no_variance(dY, x, w, scale, fixed):
    """The way through the mean is there, that through the variance is not.

    The variance was computed in a line of its own, which was not gone back through.
    """
    level = 0 if fixed else dY.mean(PIXELS, keepdims=True)
    return (w * scale)[PER_DEPTH] * (dY - level)


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_mean_forgotten(dY, x, w, scale, fixed):
    """The way through the variance is there, that through the mean is not.

    X - mean was taken for a shift by a constant.
    """
    bend = 0 if fixed else x * (dY * x).mean(PIXELS, keepdims=True)
    return (w * scale)[PER_DEPTH] * (dY - bend)


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_unbiased(dY, x, w, scale, fixed):
    """The sums are divided by one less than the number of pixels.

    That is the variance that the running values follow, not the one of the forward pass.
    """
    count = dY[:, 0].size - 1
    level, bend = (g.sum(PIXELS, keepdims=True) / count for g in (dY, dY * x))
    change = dY if fixed else dY - level - x * bend
    return (w * scale)[PER_DEPTH] * change


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_pixels_alone(dY, x, w, scale, fixed):
    """Each pixel has means of its own, over the batch.

    ``axis=0`` is right for the rows of a dense layer, where a depth has one pixel.
    """
    level, bend = (g.mean(0, keepdims=True) for g in (dY, dY * x))
    change = dY if fixed else dY - level - x * bend
    return (w * scale)[PER_DEPTH] * change


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_each_image_alone(dY, x, w, scale, fixed):
    """Each image has means of its own, over rows and columns.

    That is the gradient of instance normalization.
    """
    level, bend = (g.mean((2, 3), keepdims=True) for g in (dY, dY * x))
    change = dY if fixed else dY - level - x * bend
    return (w * scale)[PER_DEPTH] * change


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_spread_forgotten(dY, x, w, scale, fixed):
    """The gradient is that of the normalized pixels, without the factor w.

    The two lines normalized = ... and Y = w * normalized + b were gone back through as one.
    """
    level, bend = (g.mean(PIXELS, keepdims=True) for g in (dY, dY * x))
    change = dY if fixed else dY - level - x * bend
    return scale[PER_DEPTH] * change


@instead_of("batch_norm2d_dX", "eq-batch-norm-dX")
def batch_norm_never_fixed(dY, x, w, scale, fixed):
    """A given mean and variance are taken for those of the batch.

    The way back of training was used for a network in use, too.
    """
    level, bend = (g.mean(PIXELS, keepdims=True) for g in (dY, dY * x))
    return (w * scale)[PER_DEPTH] * (dY - level - x * bend)


@instead_of("batch_norm2d_dw", "eq-batch-norm-dw")
def batch_norm_dw_of_images(dY, X, mean, scale):
    """The gradient of the spread is taken with the images instead of the normalized ones.

    In a dense layer it is the input that stands there.
    """
    return (dY * X).sum(PIXELS)


@instead_of("batch_norm2d_dw", "eq-batch-norm-dw")
def batch_norm_dw_not_centered(dY, X, mean, scale):
    """The mean was not subtracted from the images.

    They were divided by the deviation, and that was taken for normalizing.
    """
    return (dY * X * scale[PER_DEPTH]).sum(PIXELS)


@instead_of("batch_norm2d_dw", "eq-batch-norm-dw")
def batch_norm_dw_mean(dY, X, mean, scale):
    """The gradient of the spread is a mean over the pixels.

    ``mean`` was written for ``sum``, because means are everywhere else in this layer.
    """
    return (dY * (X - mean[PER_DEPTH]) * scale[PER_DEPTH]).mean(PIXELS)


@instead_of("batch_norm2d_db", "eq-batch-norm-db")
def batch_norm_db_mean(dY):
    """The gradient of the mean b is a mean over the pixels.

    b is the mean of the output, so its gradient was taken for a mean.
    """
    return dY.mean(PIXELS)


@instead_of("batch_norm2d_db", "eq-batch-norm-db")
def batch_norm_db_zero(dY):
    """The gradient of the mean b is zero.

    What the layer before adds is taken away by the mean; so it was thought of b, too.
    """
    return np.zeros(dY.shape[1], dY.dtype)
