import pytest
import torch

from refnets.models.hourglass import Hourglass, StackedHourglass


@pytest.mark.parametrize("stem", ["3x3", "7x7"])
@pytest.mark.parametrize("size", [(64, 64), (37, 50), (3, 9)])
def test_the_output_has_the_size_of_any_image(stem, size):
    model = StackedHourglass((3, *size), 5, stem=stem, stacks=2, width=8, depth=3, init="he_normal")
    assert model.eval()(torch.randn(2, 3, *size)).shape == (2, 5, *size)


def test_every_stack_halves_its_maps_depth_times():
    hourglass, sizes = Hourglass(8, 3).eval(), []
    for layer in hourglass.modules():
        if isinstance(layer, Hourglass):
            layer.down.register_forward_hook(lambda _, inputs, output: sizes.append(output.shape[2:]))
    hourglass(torch.randn(1, 8, 16, 22))
    assert sizes == [(8, 11), (4, 6), (2, 3)]


def test_the_skip_branch_is_added():
    hourglass, x = Hourglass(8, 1).eval(), torch.randn(1, 8, 6, 6)
    whole, skip = hourglass(x), hourglass.skip(x)
    for parameter in hourglass.skip.parameters():
        parameter.data.zero_()  # the skip's shortcut stays: what comes up is the rest
    assert torch.allclose(whole - skip, hourglass(x) - x, atol=1e-5)


def test_what_comes_up_is_enlarged_by_repeating_pixels():
    hourglass, x = Hourglass(8, 1).eval(), torch.randn(1, 8, 6, 6)
    up = hourglass(x) - hourglass.skip(x)
    squares = up.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)  # (1, 8, 3, 3, 4)
    assert torch.allclose(squares, squares[..., :1].expand_as(squares), atol=1e-5)
