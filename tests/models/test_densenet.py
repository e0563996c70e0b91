import torch

from refnets.models.densenet import DenseLayer


def test_the_input_comes_out_as_the_first_channels():
    x = torch.randn(2, 3, 8, 8)
    y = DenseLayer(3, 32)(x)
    assert y.shape == (2, 35, 8, 8)
    assert torch.equal(y[:, :3], x)
