"""Wrong gradients of dropout."""

# mypy: allow-untyped-defs
# ruff: noqa: D401

from cnnlab.mutants.registry import instead_of


@instead_of("dropout_dX", "eq-dropout-dX")
def dropout_not_enlarged(dY, kept, factor):
    """The gradient of what was kept is not enlarged.

    The factor 1 / (1 - rate) was taken for a matter of the forward pass.
    """
    return dY * kept


@instead_of("dropout_dX", "eq-dropout-dX")
def dropout_made_smaller(dY, kept, factor):
    """The gradient of what was kept is multiplied by 1 - rate.

    What is divided forward was multiplied backward.
    """
    return dY * kept / factor


@instead_of("dropout_dX", "eq-dropout-dX")
def dropout_mask_forgotten(dY, kept, factor):
    """What was dropped gets a gradient, too.

    The mask was not kept for the way back.
    """
    return dY * factor


@instead_of("dropout_dX", "eq-dropout-dX")
def dropout_turned_round(dY, kept, factor):
    """What was dropped gets the gradient, and what was kept gets none.

    The mask was taken for the entries to drop.
    """
    return dY * ~kept * factor


@instead_of("dropout_dX", "eq-dropout-dX")
def dropout_passed_through(dY, kept, factor):
    """The gradient goes through unchanged.

    The layer was taken for one that does nothing, as in use.
    """
    return dY.copy()
