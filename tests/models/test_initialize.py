import pytest
import torch
from torch import nn

from refnets.models.initialize import initialize


@pytest.mark.parametrize("init", ["he_uniform", "he_normal"])
@pytest.mark.parametrize("layer", [nn.Linear(300, 400), nn.Conv1d(100, 400, 3)], ids=["linear", "conv"])
def test_he_has_variance_two_over_fan_in_and_no_bias(layer, init):
    torch.manual_seed(0)
    initialize(layer, init)
    assert layer.weight.var().item() == pytest.approx(2 / 300, rel=0.02)  # fan_in 300 both times
    assert not layer.bias.any()


def test_fan_out_is_for_convolutions_and_their_gradients():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(30, 400, 3), nn.Linear(300, 400))
    before = network[1].weight.clone()
    initialize(network, "he_fan_out")
    assert network[0].weight.var().item() == pytest.approx(2 / (9 * 400), rel=0.02)
    assert not network[0].bias.any()
    assert torch.equal(network[1].weight, before)


@pytest.mark.parametrize("init", ["he_uniform", "he_normal", "he_fan_out"])
def test_a_layer_without_bias_stays_so(init):
    layer = nn.Conv2d(3, 4, 3, bias=False)
    initialize(layer, init)
    assert layer.bias is None


def test_he_uniform_is_bounded_and_he_normal_is_not():
    torch.manual_seed(0)
    layer, bound = nn.Linear(300, 400), (6 / 300) ** 0.5
    initialize(layer, "he_uniform")
    assert layer.weight.abs().max() <= bound
    initialize(layer, "he_normal")
    assert layer.weight.abs().max() > bound


def test_default_leaves_pytorchs_own():
    torch.manual_seed(0)
    layer = nn.Linear(300, 400)
    before = layer.weight.clone()
    initialize(layer, "default")
    assert torch.equal(layer.weight, before)
    assert layer.weight.var().item() == pytest.approx(1 / (3 * 300), rel=0.02)


@pytest.mark.parametrize(("kernel_size", "stride", "fan_in"), [(3, 1, 450), (2, 2, 50), (4, 2, 200)])
def test_the_fan_in_of_a_transposed_convolution_is_what_meets_in_an_output(kernel_size, stride, fan_in):
    torch.manual_seed(0)
    layer = nn.ConvTranspose2d(50, 400, kernel_size, stride)
    initialize(layer, "he_normal")
    assert layer.weight.var().item() == pytest.approx(2 / fan_in, rel=0.02)
    assert not layer.bias.any()


def test_the_fan_out_of_a_transposed_convolution_is_what_an_input_reaches():
    torch.manual_seed(0)
    layer = nn.ConvTranspose2d(50, 400, 2, 2)
    initialize(layer, "he_fan_out")
    assert layer.weight.var().item() == pytest.approx(2 / 1600, rel=0.02)
