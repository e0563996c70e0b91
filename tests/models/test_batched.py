import pytest
import torch
from torch import nn

from refnets.models.batched import architecture, batched


def _network(width):
    return nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 10))  # 21 width + 10 parameters


@pytest.mark.parametrize(("examples", "same"), [(100, True), (500, False), (1000, True), (10_000, False)])
def test_networks_of_two_widths_go_together_where_a_step_is_small(examples, same):
    """Of 430 and 640 parameters: in steps of 500 examples, one is on each side of a quarter of what is small."""
    assert (architecture(_network(20), examples) == architecture(_network(30), examples)) is same


@pytest.mark.parametrize(("examples", "pays"), [(10_000, True), (100_000, False)])
def test_networks_of_one_width_go_together_unless_a_step_is_large(examples, pays):
    assert (architecture(_network(100), examples) is not None) is pays


def test_layers_that_cannot_be_batched_are_found():
    assert architecture(nn.Sequential(nn.Conv1d(1, 1, 3), nn.Linear(10, 10)), 100) is None


def test_gradients_are_those_of_each_network_alone():
    networks, x = [_network(7), _network(7)], torch.randn(2, 5, 10)
    losses = [network(part).square().sum() for network, part in zip(networks, x, strict=True)]
    alone = [torch.autograd.grad(loss, list(net.parameters())) for net, loss in zip(networks, losses, strict=True)]
    together = batched(networks)
    stacked = torch.autograd.grad(together(x).square().sum(), list(together.parameters()))
    for gradient, *gradients in zip(stacked, *alone, strict=True):
        assert torch.allclose(gradient, torch.stack(gradients), rtol=1e-5, atol=1e-5)
        assert gradient.is_contiguous()
