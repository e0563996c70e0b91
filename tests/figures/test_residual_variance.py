import numpy as np
import pytest
import torch

from refnets.figures.residual_variance import measure

X = torch.randn(300, 40, generator=torch.Generator().manual_seed(0))
SETTING = {"width": 100, "depth": 3, "batch": 200, "networks": 30}


@pytest.mark.parametrize(("scale", "factor"), [(1, 2), (0.5**0.5, 1)])
def test_a_block_doubles_the_second_moment_unless_scaled(scale, factor):
    moments, _ = measure(X, **SETTING, scale=scale)
    assert moments.shape == (30, 4)
    assert np.log2(moments[:, -1] / moments[:, 0]).mean() / 3 == pytest.approx(np.log2(factor), abs=0.06)


def test_with_batch_norm_a_block_adds_the_variance_of_a_rectified_normal_times_two():
    _, variances = measure(X, **SETTING, batch_norm=True)
    assert np.diff(variances).mean() == pytest.approx(1 - 1 / np.pi, abs=0.03)


def test_the_callers_random_numbers_are_left_alone():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    measure(X, width=5, depth=1, batch=10, networks=1)
    assert torch.rand(1) == expected
