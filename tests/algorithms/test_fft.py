"""The FFT: what it rounds, and what its transforms cost."""

import math
from types import SimpleNamespace

import numpy as np
from support.algorithms import CASE, arrays
from support.cases import CONV
from support.counting import Counting, counted, counting
from support.failures import each

from cnnlab import reference
from cnnlab.algorithms import find


def test_the_fft_is_not_exact_on_integers(rng):
    X, w, b = arrays(CASE, rng)
    assert (find("fft").conv2d(X, w, b) != reference.conv2d(X, w, b)).any()


@each(case=[CONV[2], CONV[3], CONV[7], CONV[11]])
def test_operations_of_the_fft_beside_its_transforms(case, monkeypatch):
    def forward(array, size=None, norm=None):
        rows, columns = size or array.shape[2:]
        return counting((*array.shape[:2], rows, columns // 2 + 1), is_complex=True)

    fake = SimpleNamespace(
        rfft2=forward, irfft2=lambda array, size, norm: counting((*array.shape[:2], *size))
    )
    monkeypatch.setattr(np, "fft", fake)
    multiplications, additions = counted(find("fft"), case)
    planes = case.B * case.D + case.P * case.D + case.B * case.P
    pixels = case.M * case.N
    cost = find("fft").cost(case.X_shape, case.w_shape, 8)
    # Half of 2 S log2(S) and of 3 S log2(S) for each plane.
    transforms = planes * pixels * math.log2(pixels)
    assert cost.multiplications == multiplications + math.ceil(transforms)
    assert cost.additions == additions + math.ceil(1.5 * transforms)


@each(S=[1, 2, 8, 64])
def test_the_model_of_the_transform_is_a_plain_transform(S):
    def transform(numbers, factors):
        if len(numbers) == 1:
            return numbers
        even, odd = transform(numbers[::2], factors[::2]), transform(numbers[1::2], factors[::2])
        turned = odd * factors[: len(odd)]
        return np.concatenate([even + turned, even - turned])

    Counting.done = SimpleNamespace(multiplications=0, additions=0)
    transform(counting(S, is_complex=True), counting(S, is_complex=True))
    assert Counting.done.multiplications == 2 * S * math.log2(S)
    assert Counting.done.additions == 3 * S * math.log2(S)
    # And it is the Fourier transform.
    x = np.arange(S) + 1j * np.arange(S)[::-1]
    factors = np.exp(-2j * np.pi * np.arange(S) / S)
    np.testing.assert_allclose(transform(x, factors), np.fft.fft(x), atol=1e-9)
