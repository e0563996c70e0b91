import pytest
import torch
from torch import nn

from refnets.models.darknet import Darknet, Residual


def test_darknet_53_has_52_convolutions_and_a_linear_layer():
    with torch.device("meta"):
        channels, blocks = [32, 64, 128, 256, 512, 1024], [0, 1, 2, 8, 8, 4]
        model = Darknet((3, 256, 256), 1000, channels=channels, blocks=blocks, stem_stride=1, init="he_normal")
        sizes, x = [], torch.empty(1, 3, 256, 256)
        for stage in model.stages:
            x = stage(x)
            sizes.append(x.shape[-1])
    assert sum(isinstance(each, nn.Conv2d | nn.Linear) for each in model.modules()) == 53
    assert sizes == [256, 128, 64, 32, 16, 8]  # table 1


def test_a_block_whose_branch_ends_in_zero_is_the_identity():
    block, x = Residual(8).eval(), torch.randn(2, 8, 5, 5)
    nn.init.zeros_(block.branch[-2].weight)  # of the last batch normalization
    assert torch.equal(block(x), x)


def test_a_block_may_have_a_single_channel():
    assert Residual(1)(torch.randn(2, 1, 5, 5)).shape == (2, 1, 5, 5)


def test_every_stage_needs_its_number_of_blocks():
    with pytest.raises(ValueError, match=r"model.blocks=\[1\] gives 1 stages, model.channels=\[8, 16\] another number"):
        Darknet((3, 32, 32), 10, channels=[8, 16], blocks=[1], stem_stride=2, init="he_normal")
