"""As much of NumPy as a loop needs, in plain Python: what the page runs a reader's code with.

In a browser this file is the module ``numpy`` of the code that is written there; there is no other.
Arrays hold whole numbers and floats of Python. Indices are whole numbers, slices, ``...`` and
``None``; a part of an array is a view, as in NumPy. The words of errors are those of NumPy.
"""

# It imports nothing: the Python of a browser has no standard library here. And it is written as
# NumPy is called, names of builtins included.
# mypy: ignore-errors
# ruff: noqa: A001, D102, D103, D105, N801

inf, nan, pi = float("inf"), float("nan"), 3.141592653589793
newaxis = None
float64, float32, int64, int32, bool_ = float, float, int, int, bool
DTYPE = "float64"
INTEGERS = "only whole numbers, slices, ... and None are indices here: write a loop"


class ndarray:
    """An array: a list of numbers that views share, a shape, and how far apart its entries are."""

    dtype = DTYPE

    def __init__(self, data, shape, strides=None, offset=0):
        if strides is None:
            strides, stride = [], 1
            for size in reversed(shape):
                strides.insert(0, stride)
                stride *= size
        self.data, self.shape, self.offset = data, tuple(shape), offset
        self.strides = tuple(strides)

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return prod(self.shape)

    @property
    def T(self):
        return self.transpose()

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __repr__(self):
        return f"array({self.tolist()})"

    def __bool__(self):
        if self.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. "
                "Use a.any() or a.all()"
            )
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __getitem__(self, key):
        at = self._entry(key)
        if at is not None:
            return self.data[at]
        return self._view(key)

    def __setitem__(self, key, value):
        at = self._entry(key)
        if at is None:
            part = self._view(key)
            values = _stretched(asarray(value), part.shape).flat()
            for at, value in zip(part.places(), values, strict=True):
                self.data[at] = value
        else:
            if isinstance(value, ndarray):
                if value.size != 1:
                    raise ValueError("setting an array element with a sequence.")
                value = value.item()
            elif not isinstance(value, int | float):
                raise TypeError(f"float() argument must be a number, not {type(value).__name__!r}")
            self.data[at] = value

    def _entry(self, key):
        """Return where an entry stands in the list; None if the key names a part."""
        keys = key if type(key) is tuple else (key,)
        if len(keys) != len(self.shape):
            return None
        at = self.offset
        for axis, index in enumerate(keys):
            if type(index) is not int:
                return None
            at += _checked(index, axis, self.shape[axis]) * self.strides[axis]
        return at

    def _view(self, key):
        keys = list(key) if type(key) is tuple else [key]
        used = len([index for index in keys if index is not None and index is not ...])
        if used > len(self.shape):
            raise IndexError(
                f"too many indices for array: array is {len(self.shape)}-dimensional, "
                f"but {used} were indexed"
            )
        rest = [slice(None)] * (len(self.shape) - used)
        if ... in [index for index in keys if index is ...]:
            at = [index is ... for index in keys].index(True)
            keys[at : at + 1] = rest
        else:
            keys += rest
        shape, strides, offset, axis = [], [], self.offset, 0
        for index in keys:
            if index is None:
                shape.append(1)
                strides.append(0)
                continue
            size, stride = self.shape[axis], self.strides[axis]
            if isinstance(index, slice):
                start, stop, step = index.indices(size)
                shape.append(len(range(start, stop, step)))
                strides.append(stride * step)
                offset += start * stride
            elif isinstance(index, int) and not isinstance(index, bool):
                offset += _checked(index, axis, size) * stride
            else:
                raise IndexError(INTEGERS)
            axis += 1
        return ndarray(self.data, shape, strides, offset)

    def places(self):
        """Return where the entries stand in the list, row by row."""
        found = [self.offset]
        for size, stride in zip(self.shape, self.strides, strict=True):
            found = [at + index * stride for at in found for index in range(size)]
        return found

    def flat(self):
        """Return the entries, row by row."""
        return [self.data[at] for at in self.places()]

    def item(self):
        if self.size != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        return self.flat()[0]

    def tolist(self):
        return [part.tolist() if isinstance(part, ndarray) else part for part in self]

    def copy(self):
        return ndarray(self.flat(), self.shape)

    def astype(self, kind):
        made = int if kind in (int, "int", "int64") else float
        return ndarray([made(value) for value in self.flat()], self.shape)

    def fill(self, value):
        self[...] = value

    def reshape(self, *shape):
        shape = list(_shape(shape[0] if len(shape) == 1 else shape))
        if -1 in shape:
            others = prod(size for size in shape if size != -1)
            shape[shape.index(-1)] = self.size // others if others else 0
        if prod(shape) != self.size:
            raise ValueError(f"cannot reshape array of size {self.size} into shape {tuple(shape)}")
        own = ndarray([], self.shape).strides == self.strides
        return ndarray(self.data, shape, None, self.offset) if own else ndarray(self.flat(), shape)

    def ravel(self):
        return self.reshape(-1)

    def flatten(self):
        return self.copy().reshape(-1)

    def transpose(self, *axes):
        if len(axes) == 1 and not isinstance(axes[0], int):
            axes = axes[0] or ()
        axes = axes or range(len(self.shape) - 1, -1, -1)
        shape, strides = [self.shape[axis] for axis in axes], [self.strides[axis] for axis in axes]
        return ndarray(self.data, shape, strides, self.offset)

    def swapaxes(self, one, other):
        axes = list(range(len(self.shape)))
        axes[one], axes[other] = axes[other], axes[one]
        return self.transpose(axes)

    def _reduced(self, function, axis, keepdims):
        if axis is None:
            axis = range(len(self.shape))
        given = [axis] if isinstance(axis, int) else axis
        axes = [_checked(one, 0, len(self.shape), "axis") for one in given]
        kept = [one for one in range(len(self.shape)) if one not in axes]
        moved = self.transpose([*kept, *axes])
        count = prod(self.shape[one] for one in axes)
        flat = moved.flat()
        groups = [flat[start : start + count] for start in range(0, len(flat), count or 1)]
        values = [function(group) for group in groups]
        if not keepdims and not kept:
            return values[0] if values else function([])
        whole = [1 if one in axes else size for one, size in enumerate(self.shape)]
        return ndarray(values, whole if keepdims else [self.shape[one] for one in kept])

    def sum(self, axis=None, keepdims=False):
        return self._reduced(sum_of, axis, keepdims)

    def mean(self, axis=None, keepdims=False):
        return self._reduced(lambda values: sum_of(values) / len(values), axis, keepdims)

    def max(self, axis=None, keepdims=False):
        return self._reduced(largest, axis, keepdims)

    def min(self, axis=None, keepdims=False):
        return self._reduced(lambda values: -largest([-x for x in values]), axis, keepdims)

    def any(self):
        return True in [bool(value) for value in self.flat()]

    def all(self):
        return False not in [bool(value) for value in self.flat()]

    def dot(self, other):
        return self @ other

    def __matmul__(self, other):
        one, two = self, asarray(other)
        if one.shape[-1] != two.shape[0] or len(two.shape) > 2:
            raise ValueError(f"matmul: shapes {one.shape} and {two.shape} do not fit")
        if len(two.shape) == 1:
            return (one * two).sum(-1)
        columns = [(one * two[:, column]).sum(-1) for column in range(two.shape[1])]
        if len(one.shape) == 1:
            return array(columns)
        axes = [*range(1, len(one.shape)), 0]
        return array(columns).transpose(axes).copy()

    def __neg__(self):
        return ndarray([-value for value in self.flat()], self.shape)

    def __pos__(self):
        return self.copy()

    def __abs__(self):
        return absolute(self)


def _checked(index, axis, size, kind="index"):
    if not -size <= index < size:
        raise IndexError(
            f"index {index} is out of bounds for axis {axis} with size {size}"
            if kind == "index"
            else f"axis {index} is out of bounds for array of dimension {size}"
        )
    return index + size if index < 0 else index


def _shape(shape):
    if isinstance(shape, int):
        return (shape,)
    for size in shape:
        if not isinstance(size, int):
            raise TypeError(f"{type(size).__name__!r} object cannot be interpreted as an integer")
    return tuple(shape)


def _common(one, two):
    """Return the shape that two shapes are stretched to."""
    length = max_of(len(one), len(two))
    ones = [1] * (length - len(one)) + list(one)
    twos = [1] * (length - len(two)) + list(two)
    for a, b in zip(ones, twos, strict=True):
        if a != b and 1 not in (a, b):
            raise ValueError(f"operands could not be broadcast together with shapes {one} {two}")
    return tuple(b if a == 1 else a for a, b in zip(ones, twos, strict=True))


def _stretched(given, shape):
    if given.shape == shape:
        return given
    own = [1] * (len(shape) - len(given.shape)) + list(given.shape)
    while len(own) > len(shape) and own[0] == 1:
        own = own[1:]
    if len(own) != len(shape) or [a for a, b in zip(own, shape, strict=True) if a not in (1, b)]:
        raise ValueError(
            f"could not broadcast input array from shape {given.shape} into shape {shape}"
        )
    strides = list(ndarray([], own).strides)
    strides = [0 if size == 1 else stride for size, stride in zip(own, strides, strict=True)]
    return ndarray(given.flat(), shape, strides)


def _entry_by_entry(function, one, two):
    one, two = asarray(one), asarray(two)
    shape = _common(one.shape, two.shape)
    pairs = zip(_stretched(one, shape).flat(), _stretched(two, shape).flat(), strict=True)
    values = [function(x, y) for x, y in pairs]
    return ndarray(values, shape) if shape else values[0]


def _operators():
    """Give arrays the signs of arithmetic."""
    table = {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "truediv": lambda x, y: x / y,
        "floordiv": lambda x, y: x // y,
        "mod": lambda x, y: x % y,
        "pow": lambda x, y: x**y,
        "eq": lambda x, y: x == y,
        "ne": lambda x, y: x != y,
        "lt": lambda x, y: x < y,
        "le": lambda x, y: x <= y,
        "gt": lambda x, y: x > y,
        "ge": lambda x, y: x >= y,
        "and": lambda x, y: x & y,
        "or": lambda x, y: x | y,
    }

    def forward(function):
        return lambda self, other: _entry_by_entry(function, self, other)

    def backward(function):
        return lambda self, other: _entry_by_entry(function, other, self)

    def in_place(function):
        def method(self, other):
            self[...] = _entry_by_entry(function, self, other)
            return self

        return method

    for name, function in table.items():
        setattr(ndarray, f"__{name}__", forward(function))
        if name not in ("eq", "ne", "lt", "le", "gt", "ge"):
            setattr(ndarray, f"__r{name}__", backward(function))
            setattr(ndarray, f"__i{name}__", in_place(function))


_operators()
max_of = max


def sum_of(values):
    total = 0
    for value in values:
        total = total + value
    return total


def largest(values):
    best = values[0]
    for value in values:
        if not value <= best:
            best = value
    return best


def prod(values):
    product = 1
    for value in values.flat() if isinstance(values, ndarray) else values:
        product *= value
    return product


def array(values, dtype=None):
    if isinstance(values, ndarray):
        return values.copy()
    if not isinstance(values, list | tuple | range):
        if not isinstance(values, int | float):
            raise TypeError(f"an array cannot be made of {type(values).__name__!r} here")
        return ndarray([values], ())
    parts = [array(value) for value in values]
    shapes = [part.shape for part in parts]
    if [shape for shape in shapes if shape != shapes[0]]:
        raise ValueError("setting an array element with a sequence: the rows differ in length")
    flat = [value for part in parts for value in part.flat()]
    return ndarray(flat, (len(parts), *(shapes[0] if shapes else ())))


def asarray(values, dtype=None):
    return values if isinstance(values, ndarray) else array(values)


def full(shape, value, dtype=None):
    shape = _shape(shape)
    return ndarray([value] * prod(shape), shape)


def zeros(shape, dtype=None):
    return full(shape, 0)


def ones(shape, dtype=None):
    return full(shape, 1)


def empty(shape, dtype=None):
    return full(shape, nan)  # so that what is not filled is seen


def zeros_like(like, dtype=None):
    return zeros(asarray(like).shape)


def ones_like(like, dtype=None):
    return ones(asarray(like).shape)


def empty_like(like, dtype=None):
    return empty(asarray(like).shape)


def full_like(like, value, dtype=None):
    return full(asarray(like).shape, value)


def arange(*limits):
    return array(range(*limits))


def copy(values):
    return array(values)


def sum(values, axis=None, keepdims=False):
    return asarray(values).sum(axis, keepdims)


def mean(values, axis=None, keepdims=False):
    return asarray(values).mean(axis, keepdims)


def max(values, axis=None, keepdims=False):
    return asarray(values).max(axis, keepdims)


def min(values, axis=None, keepdims=False):
    return asarray(values).min(axis, keepdims)


def dot(one, other):
    return asarray(one) @ other


matmul = dot


def vdot(one, other):
    return (asarray(one).ravel() * asarray(other).ravel()).sum()


def multiply(one, other):
    return _entry_by_entry(lambda x, y: x * y, one, other)


def add(one, other):
    return _entry_by_entry(lambda x, y: x + y, one, other)


def subtract(one, other):
    return _entry_by_entry(lambda x, y: x - y, one, other)


def divide(one, other):
    return _entry_by_entry(lambda x, y: x / y, one, other)


def power(one, other):
    return _entry_by_entry(lambda x, y: x**y, one, other)


def maximum(one, other):
    return _entry_by_entry(lambda x, y: x if not x <= y else y, one, other)


def minimum(one, other):
    return _entry_by_entry(lambda x, y: y if not x <= y else x, one, other)


def _of_each(function, values):
    if not isinstance(values, ndarray | list | tuple):
        return function(values)
    values = asarray(values)
    return ndarray([function(value) for value in values.flat()], values.shape)


def sqrt(values):
    return _of_each(lambda x: x**0.5 if not x < 0 else nan, values)


def square(values):
    return _of_each(lambda x: x * x, values)


def absolute(values):
    return _of_each(lambda x: -x if x < 0 else x, values)


abs = absolute


def isnan(values):
    return _of_each(lambda x: x != x, values)


def where(condition, one, other):
    chosen = _entry_by_entry(lambda ask, x: (ask, x), condition, one)
    return _entry_by_entry(lambda pair, y: pair[1] if pair[0] else y, chosen, other)


def ndindex(*shape):
    shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    found = [()]
    for size in shape:
        found = [(*index, at) for index in found for at in range(size)]
    return found


def unravel_index(index, shape):
    found = []
    for size in reversed(_shape(shape)):
        index, rest = divmod(index, size)
        found.insert(0, rest)
    return tuple(found)


def flip(values, axis=None):
    values = asarray(values)
    axes = range(len(values.shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    axes = [one % len(values.shape) for one in axes]
    turned = [slice(None, None, -1 if one in axes else 1) for one in range(len(values.shape))]
    return values[tuple(turned)]


def transpose(values, axes=None):
    return asarray(values).transpose(axes or ())


def reshape(values, shape):
    return asarray(values).reshape(shape)


def stack(parts):
    return array(list(parts))


def pad(values, widths):
    """Put zeros around an array."""
    values = asarray(values)
    if isinstance(widths, int):
        widths = [(widths, widths)] * len(values.shape)
    sizes = [a + size + b for (a, b), size in zip(widths, values.shape, strict=True)]
    larger = zeros(sizes)
    places = zip(widths, values.shape, strict=True)
    larger[tuple(slice(a, a + size) for (a, _), size in places)] = values
    return larger
