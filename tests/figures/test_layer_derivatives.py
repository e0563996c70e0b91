import torch

from refnets.figures.layer_derivatives import notebook_network
from refnets.operations.backpropagation import forward


def test_the_network_of_notebook_7_2_answers_1_907():
    weights, biases = notebook_network(depth=5, width=6, seed=0)
    f, _ = forward(torch.full((1, 1), 1.2, dtype=torch.float64), weights, biases)
    assert round(f[-1].item(), 3) == 1.907
