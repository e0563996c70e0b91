import pytest
import torch

from refnets.operations.backpropagation import forward
from refnets.operations.random_networks import notebook_network, propagate


def test_the_network_of_notebook_7_2_answers_1_907():
    weights, biases = notebook_network(depth=5, width=6, seed=0)
    f, _ = forward(torch.full((1, 1), 1.2, dtype=torch.float64), weights, biases)
    assert round(f[-1].item(), 3) == 1.907


def test_the_variances_do_not_touch_each_other():
    alone, _ = propagate(torch.tanh, [0.02], 3, 10, networks=2, seed=0, loss=torch.sum)
    among, _ = propagate(torch.tanh, [1.0, 0.02], 3, 10, networks=2, seed=0, loss=torch.sum)
    assert among[1] == pytest.approx(alone[0], rel=1e-12)
