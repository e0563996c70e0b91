import pytest
import torch

from refnets.config.build import build
from refnets.models.densenet import DenseLayer, DenseNet


def test_the_input_comes_out_as_the_first_channels():
    x = torch.randn(2, 3, 8, 8)
    y = DenseLayer(3, 32)(x)
    assert y.shape == (2, 35, 8, 8)
    assert torch.equal(y[:, :3], x)


def test_a_transition_that_leaves_no_channels_is_refused(job):
    cfg, _ = job("experiment=mnist1d_mlp", "model=densenet_cifar", "model.compression=0.001")
    with pytest.raises(ValueError, match="model.compression=0.001 leaves none of 216 channels"):
        build("model", cfg.model, (3, 32, 32), 10)


def test_a_transition_rounds_down():
    model = DenseNet((3, 8, 8), 2, stem="3x3", blocks=[1, 1], growth=5, compression=0.5, init="default")
    assert model.channels == [15, 12]  # (10 + 5) / 2 = 7.5 -> 7, and 5 more
