import numpy as np
import pytest
import torch
from torch import nn

from refnets.models.cnn1d import CNN1d
from refnets.operations.receptive_field import influence, layers_of, receptive_field


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([], 1),
        ([(3, 1, 1)] * 3, 7),  # book section 10.2.6: 3, 5, 7
        ([(3, 2, 1)] * 3, 15),  # the network of fig 10.8
        ([(3, 1, 1), (3, 1, 2), (3, 1, 4)], 15),  # dilation does it without a stride
    ],
)
def test_the_formula(layers, expected):
    assert receptive_field(layers) == expected


@pytest.mark.parametrize("seed", range(10))
def test_the_gradient_reaches_as_far_as_the_formula_says(seed):
    rng = np.random.default_rng(seed)
    layers = [tuple(map(int, each)) for each in rng.integers(1, 4, size=(3, 3))]
    network = nn.Sequential(*(nn.Conv1d(1, 1, k, s, dilation=d) for k, s, d in layers))
    positions = torch.nonzero(influence(network, torch.randn(1, 1, 200), 1)).flatten()
    assert positions[-1] - positions[0] + 1 == receptive_field(layers)


def test_relus_do_not_hide_inputs_of_a_network_of_ours():
    torch.manual_seed(0)
    shape = {"channels": 15, "depth": 3, "kernel_size": 3, "stride": 2, "padding": 0}
    network = CNN1d((1, 40), 10, **shape, activation="relu", init="default")
    seen = influence(network.stages, torch.randn(100, 1, 40), 2)
    assert torch.nonzero(seen).flatten().tolist() == list(range(16, 31))
    assert receptive_field(layers_of(network)) == 15
