"""All operations, in the order of the chapters."""

from __future__ import annotations

from cnnlab import shapes
from cnnlab.operations import (
    activations,
    conv,
    dense,
    losses,
    normalization,
    pool,
    regularization,
)
from cnnlab.operations.record import Operation

OPERATIONS: tuple[Operation, ...] = (
    *conv.OPERATIONS,
    *pool.OPERATIONS,
    *dense.OPERATIONS,
    *activations.OPERATIONS,
    *losses.OPERATIONS,
    *normalization.OPERATIONS,
    *regularization.OPERATIONS,
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def find(name: str) -> Operation:
    """Return the record of an operation by its name.

    Parameters
    ----------
    name : str
        As "conv2d".

    Returns
    -------
    operation : Operation

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> find("conv2d").functions
    ('conv2d', 'conv2d_dX', 'conv2d_dw', 'conv2d_db')
    """
    return BY_NAME[shapes.as_choice(name, "find", "operation", BY_NAME)]
