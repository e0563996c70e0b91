import pytest
import torch
import torch.nn.functional as F

from refnets.models.cnn2d import CNN2d


def cnn(shape, dropout=0.5):
    return CNN2d(shape, 10, channels=[10, 20], kernel_size=5, width=50, dropout=dropout, init="default")


def test_it_is_the_network_of_notebook_10_5_written_out():
    model, x = cnn((1, 28, 28)).eval(), torch.randn(7, 1, 28, 28)
    (conv1, conv2), (fc1, fc2) = (stage[0] for stage in model.stages), (model.head[1], model.head[3])
    h = F.max_pool2d(conv1(x), 2).relu()
    assert h.shape[1:] == (10, 12, 12)
    h = F.max_pool2d(conv2(h), 2).relu()
    assert h.shape[1:] == (20, 4, 4)
    assert torch.allclose(model(x), fc2(fc1(h.flatten(1)).relu()), atol=1e-6)


def test_in_training_whole_channels_of_the_last_convolution_are_dropped():
    model = cnn((1, 28, 28))
    torch.manual_seed(0)
    assert len(model.stages[0]) == 3  # no dropout
    dropped = model.stages[1][1](torch.ones(100, 20, 8, 8)).flatten(2)  # (n, channels, pixels)
    assert (dropped == dropped[..., :1]).all()
    assert 0.4 < (dropped == 0).float().mean() < 0.6


def test_the_smallest_image_leaves_one_pixel():
    assert cnn((1, 16, 16)).eval()(torch.randn(2, 1, 16, 16)).shape == (2, 10)
    with pytest.raises(ValueError, match="model=cnn2d needs images of at least 16 x 16, the data has 15 x 40"):
        cnn((1, 15, 40))
