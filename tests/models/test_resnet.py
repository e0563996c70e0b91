import pytest
import torch
import torch.nn.functional as F
from torch import nn

from refnets.models.resnet import PreactivationBlock, ResNet, basic, bottleneck, projection


def test_resnet_200_has_the_layers_and_maps_of_fig_11_8():
    with torch.device("meta"):
        model, x = (
            ResNet((3, 224, 224), 1000, depth=200, preactivation=True, init="he_fan_out"),
            torch.empty(1, 3, 224, 224),
        )
        shortcuts = sum(isinstance(getattr(each, "shortcut", None), nn.Conv2d) for each in model.modules())
        layers = sum(isinstance(each, nn.Conv2d | nn.Linear) for each in model.modules())
        assert layers - shortcuts == 200
        sizes = []
        for stage in model.stages:
            x = stage(x)
            sizes.append(tuple(x.shape[1:]))
    assert sizes == [(64, 112, 112), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]


@pytest.mark.parametrize(("fan_in", "stride", "activated"), [(16, 1, False), (8, 1, True), (16, 2, True)])
def test_only_a_shortcut_that_changes_the_shape_starts_from_the_activated_input(fan_in, stride, activated):
    convolutions = bottleneck(fan_in, 4, stride)
    block, seen = PreactivationBlock(convolutions, projection(convolutions, normalized=False)), []
    block.shortcut.register_forward_hook(lambda _, inputs, output: seen.append(inputs[0]))
    x = torch.randn(2, fan_in, 6, 6)
    block(x)
    assert torch.equal(seen[0], block.activate(x) if activated else x)


def test_normalization_and_then_relu_precede_every_convolution():
    convolutions = basic(4, 4, 1)
    block, x = PreactivationBlock(convolutions, nn.Identity()), torch.randn(2, 4, 6, 6)

    def active(h):
        return F.batch_norm(h, None, None, training=True).relu()

    first, second = convolutions
    assert torch.allclose(block(x), x + second(active(first(active(x)))), atol=1e-5)
