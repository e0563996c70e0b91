import numpy as np
import pytest
import torch
import torch.nn.functional as F

from refnets.figures.equivariance import circular, nearest

RNG = np.random.default_rng(0)
X, KERNEL = RNG.normal(size=12), RNG.normal(size=5)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_circular_padding_is_torchs(stride):
    x = F.pad(torch.tensor(X)[None], (2, 2), mode="circular")
    expected = F.conv1d(x, torch.tensor(KERNEL)[None, None], stride=stride)[0].numpy()
    assert np.allclose(circular(X, KERNEL, stride), expected, atol=1e-12)


@pytest.mark.parametrize("by", range(-12, 13))
def test_every_shift_goes_through_without_a_stride(by):
    assert np.allclose(circular(np.roll(X, by), KERNEL, 1), np.roll(circular(X, KERNEL, 1), by), atol=1e-12)


@pytest.mark.parametrize(("stride", "by", "passes"), [(2, 4, True), (2, 3, False), (3, 3, True), (3, 4, False)])
def test_with_a_stride_its_multiples_go_through(stride, by, passes):
    assert (nearest(X, KERNEL, stride, by) < 1e-12) == passes


def test_a_multiple_of_the_stride_moves_the_outputs_by_its_quotient():
    assert np.allclose(circular(np.roll(X, 6), KERNEL, 3), np.roll(circular(X, KERNEL, 3), 2), atol=1e-12)
