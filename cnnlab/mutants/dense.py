"""Wrong gradients of the dense layer."""

# The bodies are loops like those of `cnnlab.reference`, which carry no types either, and their
# docstrings say what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

from cnnlab.mutants.registry import instead_of


@instead_of("dense_dX", "eq-vanilla-dX", needs="O = I")
def dense_dX_not_transposed(dZ, w):
    """The sum runs over the inputs, not over the outputs.

    Forward multiplies by the transpose of w, and so did backward.
    """
    return dZ @ w.T


@instead_of("dense_dX", "eq-vanilla-dX")
def dense_dX_weights_reshaped(dZ, w):
    """The weights are in another order than they should be.

    ``w.reshape(I, O)`` was written for the transpose: it has its shape, but moves no axis.
    """
    outputs, inputs = w.shape
    return dZ @ w.reshape(inputs, outputs).T


@instead_of("dense_dw", "eq-vanilla-dw")
def dense_dw_mean_over_batch(dZ, X):
    """The sum over the batch is divided by B.

    The loss is a mean over the batch, but its gradient dZ has been divided by B already.
    """
    return dZ.T @ X / max(len(X), 1)


@instead_of("dense_dw", "eq-vanilla-dw")
def dense_dw_batch_reshaped(dZ, X):
    """Samples meet the gradients of other samples and outputs.

    ``dZ.reshape(O, B)`` was written for the transpose: it has its shape, but moves no axis.
    """
    batch, outputs = dZ.shape
    return dZ.reshape(outputs, batch) @ X


@instead_of("dense_db", "eq-vanilla-db")
def dense_db_last_sample_only(dZ):
    """Only the last sample of the batch counts.

    The gradient was assigned in the loop over the samples, not added.
    """
    return dZ[-1:].sum(axis=0)
