"""A world: an array, a number or a function behind every letter of a page."""

import numpy as np

STEP = 2.0**-100  # of the complex step: a power of two, so that integers stay exact


class WrongError(Exception):
    """The equation does not hold, or says something about an entry that does not exist."""


class UnknownError(WrongError):
    """A letter has no meaning in this world."""


class World:
    r"""What the letters of an equation mean.

    sizes      numbers: `M`, `\eta`; they may be used as a value and as a bound
    ranges     for each index letter its values: a range, or how many from 0 on
    arrays     by name, `dL/dZ` for a derivative; a function without arguments is called when needed
    functions  by name
    lets       letters that the prose around the equation defines, from a function of a look-up
    where      the condition that the prose states for a sum without limits, in the same form
    inputs     arrays that depend on no other one
    """

    def __init__(
        self,
        *,
        sizes,
        ranges,
        arrays,
        functions=(),
        zero=(),
        absent=(),
        lets=(),
        where=None,
        inputs=(),
    ):
        self.sizes, self.ranges, self.arrays = dict(sizes), dict(ranges), dict(arrays)
        self.functions, self.lets = dict(functions), dict(lets)
        self.zero, self.absent, self.where = set(zero), set(absent), where
        self.inputs = set(inputs)

    def values(self, letter):
        """Return all values of an index letter."""
        values = self.ranges[letter]
        return np.asarray(values if isinstance(values, range) else range(values), float)

    def array(self, name, count=None):
        """Return the array of a name; `L:1` is the `L` that has one index."""
        key = f"{name}:{count}" if f"{name}:{count}" in self.arrays else name
        if key not in self.arrays:
            raise UnknownError(f"{name} is unknown")
        if callable(self.arrays[key]):
            self.arrays[key] = self.arrays[key]()
        return np.asarray(self.arrays[key])

    def knows(self, name, count=None):
        return name in self.arrays or f"{name}:{count}" in self.arrays
