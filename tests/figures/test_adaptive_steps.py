import pytest
import torch

from refnets.figures.adaptive_steps import apart, ravine


def test_the_ravine_is_steeper_across_than_along():
    """At its lowest point, 4 and 1/4 are the second derivatives of 2 phi1^2 + (phi0 - 0.7)^2 / 8."""
    curvature = torch.func.hessian(ravine)(torch.tensor([0.7, 0.0], dtype=torch.float64))
    assert curvature.tolist() == [[pytest.approx(0.25), 0], [0, pytest.approx(4)]]


def test_every_published_dot_is_compared_with_its_own_step():
    path = torch.tensor([[0.0, 0.0], [9.0, 9.0], [1.0, 0.0], [9.0, 9.0], [2.0, 0.0]], dtype=torch.float64)
    assert apart(path, [(0, 0), (1, 0.5), (2, 0)]) == pytest.approx(0.5)
