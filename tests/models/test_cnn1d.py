import pytest
import torch
import torch.nn.functional as F

from refnets.models.cnn1d import CNN1d

PLAIN = {"padding": 0, "activation": "relu", "init": "default"}


def test_it_is_the_composition_of_its_layers():
    model, x = CNN1d((1, 40), 10, channels=15, depth=3, kernel_size=3, stride=2, **PLAIN), torch.randn(7, 1, 40)
    h, positions = x, []
    for stage in model.stages:
        h = F.conv1d(h, stage[0].weight, stage[0].bias, stride=2).relu()
        positions.append(h.shape[-1])
    assert positions == [19, 9, 4]  # book section 10.2.7
    assert torch.allclose(model(x), h.flatten(1) @ model.head.weight.T + model.head.bias, atol=1e-6)


def test_sizes_and_padding_are_those_of_the_layers():
    model = CNN1d((1, 40), 10, channels=25, depth=3, kernel_size=[5, 3, 3], stride=2, **PLAIN | {"padding": 1})
    h, shapes = torch.randn(7, 1, 40), []
    for stage in model.stages:
        h = stage(h)
        shapes.append((stage[0].kernel_size[0], h.shape[-1]))
    assert shapes == [(5, 19), (3, 10), (3, 5)]  # the benchmark of MNIST-1D's authors


def test_sizes_and_depth_must_agree():
    with pytest.raises(ValueError, match=r"model.kernel_size=\[5, 3\] gives 2 sizes for model.depth=3 layers"):
        CNN1d((1, 40), 10, channels=2, depth=3, kernel_size=[5, 3], stride=2, **PLAIN)


def test_it_says_where_the_positions_ran_out():
    with pytest.raises(
        ValueError, match="model.depth=4: convolution 4 of kernel_size=5 has no position left of the data's 40"
    ):
        CNN1d((1, 40), 10, channels=2, depth=4, kernel_size=5, stride=2, **PLAIN)


def test_it_refuses_inputs_that_are_no_signals():
    with pytest.raises(ValueError, match=r"takes inputs of shape \(channels, positions\), the data has \(3, 32, 32\)"):
        CNN1d((3, 32, 32), 10, channels=2, depth=1, kernel_size=3, stride=1, **PLAIN)
