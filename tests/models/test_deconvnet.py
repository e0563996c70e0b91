import pytest
import torch
from torch import nn

from refnets.models.deconvnet import DeconvNet


def deconvnet(shape=(3, 64, 64), num_outputs=21):
    torch.manual_seed(0)
    return DeconvNet(shape, num_outputs, width=2, bottleneck=8, init="he_normal")


@pytest.fixture
def paper():
    with torch.device("meta"):
        return DeconvNet((3, 224, 224), 21, width=64, bottleneck=4096, init="he_normal")


def shapes(model, kind, x):
    """Channels and rows of what layers of this kind give."""
    seen = []
    for layer in model.modules():
        if isinstance(layer, kind):
            layer.register_forward_hook(
                lambda _, inputs, output: seen.append((output[0] if isinstance(output, tuple) else output).shape[1:3])
            )
    model(x)
    return seen


def test_the_encoder_has_the_maps_of_fig_10_19(paper):
    with torch.device("meta"):
        maps = shapes(paper, nn.MaxPool2d, torch.empty(2, 3, 224, 224))
    assert maps == [(64, 112), (128, 56), (256, 28), (512, 14), (512, 7)]


def test_the_decoder_is_its_mirror_image(paper):
    with torch.device("meta"):
        maps = shapes(paper, nn.ConvTranspose2d, torch.empty(2, 3, 224, 224))
    sizes = [(512, 7), *[(512, 14)] * 3, *[(512, 28)] * 2, (256, 28), *[(256, 56)] * 2, (128, 56)]
    assert maps == [*sizes, (128, 112), (64, 112), (64, 224), (64, 224)]


def test_the_map_in_the_middle_is_one_pixel_of_4096_channels(paper):
    with torch.device("meta"):
        maps = shapes(paper.bottleneck, nn.Conv2d, torch.empty(2, 512, 7, 7))
    assert maps == [(4096, 1), (4096, 1)]


def test_each_part_has_the_parameters_that_the_comment_says(paper):
    parts = [paper.encoder, paper.bottleneck, paper.decoder, paper.head]
    counts = [sum(parameter.numel() for parameter in part.parameters()) for part in parts]
    assert counts == [14_723_136, 222_324_224, 14_756_928, 1_365]


def test_every_pixel_has_logits_of_21_classes():
    assert deconvnet().eval()(torch.randn(2, 3, 64, 64)).shape == (2, 21, 64, 64)


def test_unpooling_puts_values_where_the_maxima_were():
    model, unpooled = deconvnet().eval(), []
    model.unpool.register_forward_hook(lambda _, inputs, output: unpooled.append(output))
    x = torch.randn(2, 3, 64, 64)
    model(x)
    for stage, output in zip(model.encoder, reversed(unpooled), strict=True):
        x = stage(x)
        maxima = x == nn.functional.interpolate(nn.functional.max_pool2d(x, 2), scale_factor=2)
        assert output.any()
        assert not output[~maxima].any()
        x = nn.functional.max_pool2d(x, 2)


@pytest.mark.parametrize("size", [(32, 32), (64, 96)])
def test_the_kernel_in_the_middle_has_the_size_of_the_map(size):
    model = deconvnet((3, *size), 5)
    assert model.bottleneck[0].kernel_size == (size[0] // 32, size[1] // 32)
    assert model(torch.randn(2, 3, *size)).shape == (2, 5, *size)


def test_sides_that_are_no_multiples_of_32_are_refused():
    message = "model=deconvnet needs images whose sides are multiples of 32, the data has 64 x 80"
    with pytest.raises(ValueError, match=message):
        deconvnet((3, 64, 80))


def test_a_batch_of_one_image_cannot_be_trained_on_because_of_the_map_of_one_pixel():
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        deconvnet()(torch.randn(1, 3, 64, 64))
