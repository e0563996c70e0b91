import numpy as np
import pytest
import torch

from refnets.figures.finite_steps import descent, flow, implicit, valley


def bowl(phi):
    """Curvatures 1 and 3."""
    return (phi.square() * torch.tensor([1.0, 3.0], dtype=torch.float64)).sum(-1) / 2


def test_the_flow_of_a_bowl_decays_exponentially():
    assert flow(bowl, (2.0, -1.0), 1.5)[-1] == pytest.approx([2 * np.exp(-1.5), -np.exp(-4.5)], abs=1e-7)


def test_steps_shrink_by_one_minus_rate_times_curvature():
    assert descent(bowl, (2.0, -1.0), 0.1, 0.5)[-1] == pytest.approx([2 * 0.9**5, -(0.7**5)])


def test_the_implicit_term_is_a_quarter_of_the_rate_times_the_squared_gradient():
    phi = torch.tensor([2.0, -1.0], dtype=torch.float64)
    assert (implicit(bowl, 0.1)(phi) - bowl(phi)).item() == pytest.approx(0.1 / 4 * (4 + 9))


def test_the_loss_of_the_notebook():
    assert valley(torch.tensor([0.5, 1.0])).item() == pytest.approx(1 - np.exp(-0.5 * np.e))
