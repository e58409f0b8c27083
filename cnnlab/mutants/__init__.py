"""Wrong backward passes that people really write, and checks to try on them.

Every mutant takes the place of one operation of `cnnlab.reference`: same signature, right shape,
wrong numbers. `catalogue` lists them, `ops` makes a backend of one, so that a layer or a whole
network runs with it. A check of gradients is as good as the mutants that it catches; `survivors`
counts them for the checks below, from the weakest to the one that this course uses.

A mutant's loop is written as plainly as in `cnnlab.reference`, with two differences. ``:`` stands
for all samples at once. And a decorator has checked the arguments, added the padding and split
the groups before, so that only the mistake is left to see.

`train` trains a small network with one of them, and `trained` returns what became of each.
"""

# Importing these modules fills the catalogue, in this order.
from cnnlab.mutants import (  # noqa: F401, I001
    conv,
    activations,
    pool,
    dense,
    normalization,
    regularization,
    losses,
)
from cnnlab.mutants.checks import (
    all_three,
    calls,
    compared,
    every_entry,
    loose_tolerance,
    one_entry,
    plain_call,
    plain_shapes,
    sum_of_outputs,
    survives,
    survivors,
)
from cnnlab.mutants.networks import SmallDigits, network, network_of, small_digits
from cnnlab.mutants.registry import Mutant, catalogue, find, ops
from cnnlab.mutants.stored import Trained, right_accuracies, trained
from cnnlab.mutants.training import Beside, accuracy_of, beside, train

__all__ = [
    "Mutant",
    "catalogue",
    "find",
    "ops",
    "calls",
    "plain_call",
    "compared",
    "sum_of_outputs",
    "one_entry",
    "loose_tolerance",
    "all_three",
    "plain_shapes",
    "every_entry",
    "survivors",
    "survives",
    "SmallDigits",
    "small_digits",
    "network",
    "network_of",
    "train",
    "accuracy_of",
    "Beside",
    "beside",
    "Trained",
    "trained",
    "right_accuracies",
]
