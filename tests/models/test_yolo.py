import pytest
import torch
from torch import nn

from refnets.models.yolo import YOLO


def yolo(shape, num_outputs=30, width=2, hidden=8):
    torch.manual_seed(0)
    return YOLO(shape, num_outputs, width=width, hidden=hidden, dropout=0.5, init="he_normal")


@pytest.fixture
def paper():
    with torch.device("meta"):
        return yolo((3, 448, 448), width=64, hidden=4096)


def test_the_output_is_a_grid_of_7_by_7_with_30_numbers_each(paper):
    with torch.device("meta"):
        assert paper(torch.empty(1, 3, 448, 448)).shape == (1, 30, 7, 7)


def test_the_layers_are_those_of_fig_3_of_the_paper(paper):
    convolutions = [layer for layer in paper.modules() if isinstance(layer, nn.Conv2d)]
    table = [(7, 64), (3, 192), (1, 128), (3, 256), (1, 256), (3, 512), *[(1, 256), (3, 512)] * 4, (1, 512), (3, 1024)]
    table += [*[(1, 512), (3, 1024)] * 2, (3, 1024), (3, 1024), (3, 1024), (3, 1024)]
    assert [(each.kernel_size[0], each.out_channels) for each in convolutions] == table
    assert [number for number, each in enumerate(convolutions, start=1) if each.stride == (2, 2)] == [1, 22]


def test_the_stages_have_the_sizes_of_fig_3_of_the_paper(paper):
    sizes = []
    with torch.device("meta"):
        x = torch.empty(1, 3, 448, 448)
        for stage in paper.stages:
            x = stage(x)
            sizes.append(tuple(x.shape[1:]))
    assert sizes == [(64, 224, 224), (192, 112, 112), (512, 56, 56), (1024, 28, 28), (1024, 14, 14), (1024, 7, 7)]


def test_the_convolutions_have_as_many_parameters_as_those_of_the_paper(paper):
    assert sum(parameter.numel() for parameter in paper.stages.parameters()) == 60_155_968


def test_every_cell_is_predicted_from_the_whole_image():
    model, x = yolo((3, 64, 128)).eval(), torch.randn(1, 3, 64, 128, requires_grad=True)
    y = model(x)
    assert y.shape == (1, 30, 1, 2)
    y[0, :, 0, 0].square().sum().backward()
    assert (x.grad.abs().sum(1) > 0).float().mean() > 0.99


def test_sides_that_are_no_multiples_of_64_are_refused():
    with pytest.raises(
        ValueError, match="model=yolo needs images whose sides are multiples of 64, the data has 64 x 96"
    ):
        yolo((3, 64, 96))


def test_units_are_leaky_as_in_eq_2_of_the_paper(paper):
    assert [each.negative_slope for each in paper.modules() if isinstance(each, nn.LeakyReLU)] == [0.1] * 25


def test_hidden_units_are_dropped(paper):
    (dropout,) = [place for place, layer in enumerate(paper.head) if isinstance(layer, nn.Dropout)]
    assert paper.head[dropout].p == 0.5
    assert isinstance(paper.head[dropout + 1], nn.Linear)
