"""One record per operation: the table that every list of operations is made from.

Gradient checks (`cnnlab.gradcheck`), wrong gradients (`cnnlab.mutants`), the benchmarks, the tests
of contract, layouts, dtypes, threads and accuracy, and the page *The operations* read this table.
So an operation that stands here is tried everywhere, and a test names every place that still
lacks it. An operation has one file name on all floors: ``operations/conv.py`` says what there is to
know of it, ``shapes/conv.py`` what fits, ``reference/conv.py`` what it is, ``fast/conv.py`` how it
is fast.
"""

from cnnlab.operations.record import Call, Entrywise, Example, Operation, Special
from cnnlab.operations.table import BY_NAME, OPERATIONS, find

__all__ = [
    "BY_NAME",
    "OPERATIONS",
    "Call",
    "Entrywise",
    "Example",
    "Operation",
    "Special",
    "find",
]
