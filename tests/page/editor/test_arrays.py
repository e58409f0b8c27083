"""The arrays of the page do what those of NumPy do, for what a loop needs."""

import numpy as np
import pytest

from cnnlab.page.editor import arrays

# Each is computed with both. A is (2, 3, 4), B (3, 4), C (4,); all hold small whole numbers.
EXPRESSIONS = """\
A[1, 2, 3]
A[-1, -3, 0]
A[1]
A[:, 1:, ::2]
A[..., 0]
A[0, ..., 1:3]
A[:, None, 0]
A[::-1, :, ::-1]
A + B
A * C
C - A
2 * A - 1
A / 4
B // 2 % 3
-B
abs(B)
B ** 2
A == 3
(A > 2).any()
(A > -99).all()
A.sum()
A.sum(axis=1)
A.sum(axis=(0, 2))
A.sum(axis=-1, keepdims=True)
A.mean()
A.mean(axis=0)
A.max(axis=2)
A.min()
B @ C
C @ C
B @ B.T
B.T
A.transpose(2, 0, 1)
A.swapaxes(0, 2)
A.reshape(6, -1)
A[:, ::2].reshape(-1)
A.ravel()
A.size + A.ndim + len(A)
float(C[1]) + int(C[2])
[row.tolist() for row in B]
[k + c for k, c in enumerate(C)]
np.zeros((2, 3))
np.zeros(3)
np.ones_like(B) + np.zeros_like(B)
np.full((2, 2), 7)
np.array([[1, 2], [3, 4]])
np.array([B[0], B[1]])
np.arange(2, 8, 2)
np.sum(A[0] * B)
np.sum(A, axis=(1, 2))
np.mean(B, axis=1)
np.max(B)
np.min(B, axis=0)
np.maximum(B, 0)
np.minimum(B, C)
np.abs(C)
np.sqrt(np.square(C))
np.where(B > 0, B, 0)
np.multiply(B, C) + np.add(B, C) - np.subtract(B, C)
np.dot(C, C)
np.vdot(B, B)
np.flip(A, (1, 2))
np.flip(C)
np.transpose(A, (2, 1, 0))
np.reshape(B, (2, 6))
np.stack([B, B + 1])
np.pad(B, ((1, 2), (0, 1)))
np.isnan(C)
np.prod(C)
list(np.ndindex(2, 3))
list(np.ndindex(B.shape))
np.unravel_index(7, (3, 4))""".splitlines()
RAISING = """\
A[2, 0, 0]
A[0, 0, -5]
A[0, 0, 0, 0]
B + np.zeros((2, 4))
A.reshape(5, 5)
B @ B
if_true(B)
np.array([[1, 2], [3]])""".splitlines()
DEEDS = """\
A[0, 0, 0] = 5
A[1] = B
A[:, 1:3, ::2] += 10
A[..., 0] = 0
A[0] += B
A *= 2
A[0, :, 1:] -= C[1:]
A[:, 1] = 3
A[0, 0] = A[1, 1]""".splitlines()


def if_true(array):
    """Ask whether an array is true."""
    return 1 if array else 0


def given(np):
    """Return the names of an expression, for one of the two."""
    rng = iter([3, -1, 4, 1, -5, 9, 2, 6, -3, 7, 8, -2] * 4)
    values = [[[next(rng) - s for _ in range(4)] for _ in range(3)] for s in range(2)]
    A = np.array(values)
    return {"np": np, "A": A, "B": np.array(values[0]), "C": np.array(values[1][2]),
            "if_true": if_true}  # fmt: skip


def plain(value):
    """Return the same for an array of either kind."""
    if hasattr(value, "shape") and value.shape != ():
        return value.shape, value.tolist()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_as_numpy_computes(expression):
    ours, theirs = (eval(expression, given(numpy)) for numpy in (arrays, np))
    assert plain(ours) == plain(theirs)


@pytest.mark.parametrize("expression", RAISING)
def test_as_numpy_raises(expression):
    kinds = []
    for numpy in arrays, np:
        with pytest.raises((IndexError, ValueError)) as caught:
            eval(expression, given(numpy))
        kinds.append(caught.type)
    assert kinds[0] is kinds[1]


@pytest.mark.parametrize("deed", DEEDS)
def test_as_numpy_writes(deed):
    spaces = [given(numpy) for numpy in (arrays, np)]
    for space in spaces:
        exec(deed, space)
    assert plain(spaces[0]["A"]) == plain(spaces[1]["A"])
    assert plain(spaces[0]["A"]) != plain(given(arrays)["A"])


def test_parts_are_views_and_copies_are_not():
    A = arrays.zeros((2, 3))
    A[1][2] = 5
    A.copy()[0, 0] = 9
    A.T[0, 1] = 7
    assert A.tolist() == [[0, 0, 0], [7, 0, 5]]


def test_what_is_not_there_is_told():
    with pytest.raises(IndexError, match="write a loop"):
        arrays.zeros((2, 3))[[0, 1]]
    with pytest.raises(TypeError, match="must be a number"):
        arrays.zeros(2)[0] = "1"


def test_what_is_not_filled_is_seen():
    assert arrays.isnan(arrays.empty((2, 2))).all()
