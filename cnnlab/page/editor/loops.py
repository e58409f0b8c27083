"""The loops that a reader can write in the page: what is given, what is asked, on which cases."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnnlab import reference
from cnnlab.page.editor import adam

SEED = 17


class Loop(NamedTuple):
    """A loop to write.

    Attributes
    ----------
    function : str
        Its name, for an operation that of `cnnlab.reference`.
    arguments, results : tuple of str
        Names of what it is given and of what it returns.
    ask : str
        What is to be done.
    skeleton : str
        What stands in the editor at first.
    right : callable
        The right function.
    cases : sequence of tuple
        Arguments, the smallest case first.
    check : str
        A check for a notebook: code that may use `right`.
    equation : str
        Label of the equation that is written.
    """

    function: str
    arguments: tuple[str, ...]
    results: tuple[str, ...]
    ask: str
    skeleton: str
    right: Callable[..., Any]
    cases: Sequence[tuple[Any, ...]]
    check: str
    equation: str


#: Sizes B, D, M, N, P, m, n: nothing is square, unless a mistake exists for square patterns alone.
SIZES = (
    (1, 1, 3, 4, 1, 2, 2),
    (1, 2, 4, 3, 3, 3, 2),
    (2, 2, 3, 4, 2, 2, 2),
    (3, 2, 3, 4, 1, 2, 3),
)
CHECK = """\
# The check, on random whole numbers that no case of the page has.
from cnnlab import reference

draw = np.random.default_rng().integers
given = {given}
np.testing.assert_allclose({name}(*given), reference.{name}(*given))
"""


def _drawn() -> Callable[..., np.ndarray]:
    """Return a function that draws whole numbers from -9 to 9, none of them 0, as floats."""
    rng = np.random.default_rng(SEED)
    numbers = [*range(-9, 0), *range(1, 10)]
    return lambda *shape: rng.choice(numbers, shape).astype(float)


def _searches() -> list[tuple[Any, ...]]:
    draw = _drawn()
    return [(draw(B, D, M, N), draw(P, D, m, n), draw(P)) for B, D, M, N, P, m, n in SIZES]


def _maps(B: int, D: int, M: int, N: int, P: int, m: int, n: int) -> tuple[int, ...]:
    return B, P, M - m + 1, N - n + 1


def _patterns() -> list[tuple[Any, ...]]:
    draw = _drawn()
    return [(draw(*_maps(*sizes)), draw(*sizes[:4]), (sizes[4], sizes[1], *sizes[5:]))
            for sizes in SIZES]  # fmt: skip


def _images() -> list[tuple[Any, ...]]:
    draw = _drawn()
    return [(draw(*_maps(*sizes)), draw(sizes[4], sizes[1], *sizes[5:]), sizes[:4])
            for sizes in SIZES]  # fmt: skip


def _biases() -> list[tuple[Any, ...]]:
    draw = _drawn()
    return [(draw(*shape),) for shape in ((1, 2, 2, 3), (2, 3, 3, 4), (3, 2, 4, 2))]


def _pools() -> list[tuple[Any, ...]]:
    """Return winners of windows that overlap, with ties, and of some that have no pixel."""
    draw, found = _drawn(), []
    for shape, size, options in (
        ((1, 1, 3, 4), 2, {"stride": 1}),
        ((2, 3, 4, 3), (2, 2), {"stride": 1}),
        ((1, 2, 2, 3), 1, {"stride": 1, "padding": 1}),
    ):
        pooled = reference.max_pool2d(draw(*shape) // 2, size, **options)  # type: ignore[arg-type]
        found.append((draw(*pooled.Y.shape), pooled.argmax, shape))
    return found


def _steps() -> list[tuple[Any, ...]]:
    draw, found = _drawn(), []
    for shape, t, beta1, beta2 in (
        ((2,), 1, 0.9, 0.75),
        ((2, 3), 2, 0.5, 0.9),
        ((4,), 5, 0.75, 0.99),
    ):
        a, u = (np.zeros(shape), np.zeros(shape)) if t == 1 else (draw(*shape), draw(*shape) ** 2)
        found.append((draw(*shape), draw(*shape), a, u, t, 0.5, beta1, beta2, 0.125))
    return found


SEARCH = '''\
def conv2d(X, w, b):
    """Z[s,k,i,j] = b[k] + the sum over c, u, v of
                   X[s, c, i+u, j+v] w[k,c,u,v]

    X: (B, D, M, N), w: (P, D, m, n), b: (P,)
    Z: (B, P, M - m + 1, N - n + 1)
    """
    B, D, M, N = X.shape
    P, D, m, n = w.shape
    Z = np.zeros((B, P, M - m + 1, N - n + 1))
    # Your loops.
    return Z'''
WEIGHTS = '''\
def conv2d_dw(dZ, X, w_shape):
    """dw[k,c,u,v] = the sum over s, i, j of
                  dZ[s,k,i,j] X[s, c, i+u, j+v]

    dZ: (B, P, M', N'), X: (B, D, M, N)
    w_shape = (P, D, m, n), the shape of dw
    """
    B, P, rows, columns = dZ.shape  # M' and N'
    P, D, m, n = w_shape
    dw = np.zeros(w_shape)
    # Your loops.
    return dw'''
BIASES = '''\
def conv2d_db(dZ):
    """db[k] = the sum over s, i, j of dZ[s,k,i,j]

    dZ: (B, P, M', N'), db: (P,)
    """
    B, P, rows, columns = dZ.shape  # M' and N'
    db = np.zeros(P)
    # Your loops.
    return db'''
GATHER = '''\
def conv2d_dX(dZ, w, X_shape):
    """dX[s,c,p,q] = the sum over k, u, v of
                  dZ[s, k, p-u, q-v] w[k,c,u,v],
    without terms where dZ has no entry.

    dZ: (B, P, M', N'), w: (P, D, m, n)
    X_shape = (B, D, M, N), the shape of dX
    """
    B, D, M, N = X_shape
    P, D, m, n = w.shape
    rows, columns = dZ.shape[2:]  # M' and N'
    dX = np.zeros(X_shape)
    for s in range(B):
        for c in range(D):
            for p in range(M):
                for q in range(N):
                    # Which windows contain the pixel?
                    pass
    return dX'''
SCATTER = '''\
def conv2d_dX(dZ, w, X_shape):
    """dX[s, c, i+u, j+v] gets dZ[s,k,i,j] w[k,c,u,v],
    for all s, k, i, j and c, u, v.

    dZ: (B, P, M', N'), w: (P, D, m, n)
    X_shape = (B, D, M, N), the shape of dX
    """
    P, D, m, n = w.shape
    B, P, rows, columns = dZ.shape  # M' and N'
    dX = np.zeros(X_shape)
    for s in range(B):
        for k in range(P):
            for i in range(rows):
                for j in range(columns):
                    # Which pixels did the window read?
                    pass
    return dX'''
POOL = '''\
def max_pool2d_dX(dY, argmax, X_shape):
    """dX[s,c,p,q] gets dY[s,c,i,j] where
    argmax[s,c,i,j] = p N + q.

    -1 in argmax: a window without a pixel, gives nothing.
    dY and argmax: (B, D, M', N')
    X_shape = (B, D, M, N), the shape of dX
    """
    B, D, rows, columns = dY.shape  # M' and N'
    N = X_shape[3]
    dX = np.zeros(X_shape)
    # Your loops.
    return dX'''
ADAM = '''\
def adam_step(
    w, dw, a, u, t, learning_rate, beta1, beta2, epsilon
):
    """Step t = 1, 2, ... of Adam, with g = dw.

    w, dw, a, u have one shape. Returns the new w, a, u.
    """
    # Your step.
    return w, a, u'''
ADAM_CHECK = """\
# The check: three steps beside those of cnnlab.
from types import SimpleNamespace

from cnnlab.model import Parameter
from cnnlab.optimizers import Adam

draw = np.random.default_rng().normal
w, a, u, theirs = draw(size=(2, 3)), np.zeros((2, 3)), np.zeros((2, 3)), Adam(0.01)
value = w.copy()
for t in 1, 2, 3:
    dw = draw(size=(2, 3))
    theirs.step(SimpleNamespace(parameters=lambda: [Parameter("w", value, dw)]))
    w, a, u = adam_step(w, dw, a, u, t, 0.01, 0.9, 0.999, 1e-8)
    np.testing.assert_allclose(w, value)
"""
IMAGES_GIVEN = "draw(-9, 10, (2, 3, 4, 3)), draw(-9, 10, (3, 2, 2, 3)), (2, 2, 5, 5)"
DX = ("dZ", "w", "X_shape"), ("dX",)
PIXELS = ("dY", "argmax", "X_shape"), ("dX",)


def _check(name: str, given: str) -> str:
    return CHECK.format(name=name, given=given)


def _loops() -> dict[str, Loop]:
    images, gradient = _images(), _check("conv2d_dX", IMAGES_GIVEN)
    step = ("w", "dw", "a", "u", "t", "learning_rate", "beta1", "beta2", "epsilon")
    return {
        "conv2d": Loop(
            "conv2d", ("X", "w", "b"), ("Z",), "Write the loops of the pattern search.", SEARCH,
            reference.conv2d, _searches(),
            _check("conv2d",
                   "draw(-9, 10, (2, 3, 4, 6)), draw(-9, 10, (2, 3, 2, 3)), draw(-9, 10, 2)"),
            "eq-pattern-search",
        ),
        "conv2d_dw": Loop(
            "conv2d_dw", ("dZ", "X", "w_shape"), ("dw",),
            "Write the loops of the weight gradient.", WEIGHTS, reference.conv2d_dw, _patterns(),
            _check("conv2d_dw",
                   "draw(-9, 10, (2, 3, 4, 3)), draw(-9, 10, (2, 2, 5, 5)), (3, 2, 2, 3)"),
            "eq-dw",
        ),
        "conv2d_db": Loop(
            "conv2d_db", ("dZ",), ("db",), "Write the loops of the bias gradient.", BIASES,
            reference.conv2d_db, _biases(),
            _check("conv2d_db", "(draw(-9, 10, (2, 3, 4, 5)),)"), "eq-db",
        ),
        "conv2d_dX": Loop(
            "conv2d_dX", *DX, "Gather: let each pixel look for its terms.", GATHER,
            reference.conv2d_dX, images, gradient, "eq-dX",
        ),
        "conv2d_dX-scatter": Loop(
            "conv2d_dX", *DX, "Scatter: let each entry of dZ give its terms away.", SCATTER,
            reference.conv2d_dX, images, gradient, "eq-dX",
        ),
        "max_pool2d_dX": Loop(
            "max_pool2d_dX", *PIXELS, "Write the loops that send the gradient to the winners.",
            POOL, reference.max_pool2d_dX, _pools(),
            _check("max_pool2d_dX", "draw(-9, 10, (2, 3, 2, 3)), draw(-1, 20, (2, 3, 2, 3)), "
                   "(2, 3, 4, 5)"),
            "eq-max-pool-dX",
        ),
        "adam_step": Loop(
            "adam_step", step, ("w", "a", "u"), "Write one step of Adam.", ADAM, adam.right,
            _steps(), ADAM_CHECK, "eq-adam",
        ),
    }  # fmt: skip


LOOPS = _loops()
