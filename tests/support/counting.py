"""Numbers that count what is done with them."""

from types import SimpleNamespace

import numpy as np


class Counting:
    """A number, real or complex, that counts in `Counting.done` what is done with its kind."""

    done = SimpleNamespace(multiplications=0, additions=0)

    def __init__(self, is_complex=False):
        self.is_complex = is_complex

    def add(self, other):
        is_complex = self.is_complex or getattr(other, "is_complex", False)
        self.done.additions += 2 if is_complex else 1
        return Counting(is_complex)

    def multiply(self, other):
        """(a + bi) (c + di) = (ac - bd) + (ad + bc) i: four products and two sums."""
        is_complex = self.is_complex and getattr(other, "is_complex", False)
        self.done.multiplications += 4 if is_complex else 1
        self.done.additions += 2 if is_complex else 0
        return Counting(self.is_complex or getattr(other, "is_complex", False))

    def conjugate(self):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = add
    __mul__ = __rmul__ = __truediv__ = multiply


class Array(np.ndarray):
    """An array of such numbers; zeros that pad it are such numbers, too."""

    def __array_function__(self, function, types, arguments, options):
        result = super().__array_function__(function, types, arguments, options)
        return counting(result.shape) if function is np.pad else result


def counting(shape, is_complex=False):
    numbers = np.empty(shape, object)
    numbers.ravel()[:] = [Counting(is_complex) for _ in range(numbers.size)]
    return numbers.view(Array)


def counted(algorithm, case):
    """Run the algorithm itself, without its checks, on numbers that count."""
    Counting.done = SimpleNamespace(multiplications=0, additions=0)
    body = algorithm.conv2d.__wrapped__
    Z = body(counting(case.X_shape), counting(case.w_shape), counting((case.P,)))
    assert Z.shape == case.Z_shape
    return Counting.done.multiplications, Counting.done.additions
