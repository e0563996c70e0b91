import pytest
import torch

from refnets.data.toy_regression import function
from refnets.figures.approximation import bound, error, interpolate
from refnets.operations.joints import joints


def test_the_network_meets_the_function_at_its_joints():
    network, at = interpolate(7), torch.linspace(0, 1, 8, dtype=torch.float64)[:, None]
    assert torch.allclose(network(at)[:, 0], function(at[:, 0]), atol=1e-12)
    assert joints(network, torch.zeros(1), torch.ones(1)) == pytest.approx(at[1:-1], abs=1e-12)


def test_the_curvature_of_the_bound_is_that_of_the_function():
    step, x = 1e-4, torch.linspace(0, 1, 2001, dtype=torch.float64)
    curvature = (function(x + step) - 2 * function(x) + function(x - step)) / step**2
    assert 8 * bound() == pytest.approx(curvature.abs().max().item(), rel=1e-5)


@pytest.mark.parametrize("units", [5, 50])
def test_the_error_keeps_to_the_bound(units):
    assert 0.5 < error(units) / (bound() / units**2) <= 1
