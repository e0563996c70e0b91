from types import SimpleNamespace

import pytest
import torch

from refnets.figures.likelihood import _measure, correlation
from refnets.losses.count import Poisson
from refnets.losses.robust import Laplace

X = torch.linspace(0, 1, 201)


def test_the_output_that_is_fitted_worst_decides():
    true = torch.stack([X, X**2], -1)
    fitted = torch.stack([3 * X + 1, -(X**2)], -1)
    assert correlation(fitted, true) == pytest.approx(-1)


def test_parameters_of_another_distribution_than_the_data_s_are_not_compared():
    runs, data = {"fit": [SimpleNamespace(loss=Laplace)]}, SimpleNamespace(likelihood=Poisson())
    with pytest.raises(ValueError, match="loss and data must agree"):
        _measure(runs, data)


def test_constant_outputs_have_no_correlation_and_are_left_out():
    true = torch.stack([X, torch.full_like(X, 0.1)], -1)
    assert correlation(torch.stack([2 * X, torch.randn(201)], -1), true) == pytest.approx(1)
