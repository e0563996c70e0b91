import pytest
import torch
import torch.nn.functional as F
from torch import nn

from refnets.models.unet import UNet, beside


def unet(shape=(3, 32, 32), depth=2, padding=True, batch_norm=False, dropout=0.0, mirror=False, width=4):
    torch.manual_seed(0)
    options = {"padding": padding, "batch_norm": batch_norm, "dropout": dropout, "mirror": mirror, "init": "he_normal"}
    return UNet(shape, 5, width=width, depth=depth, **options)


def rows(layers, model, shape):
    """The rows of the maps that these layers of the model give."""
    seen = []
    for layer in layers:
        layer.register_forward_hook(lambda _, inputs, output: seen.append(output.shape[2]))
    with torch.device("meta"):
        model(torch.empty(1, *shape))
    return seen


@pytest.fixture
def paper():
    with torch.device("meta"):
        return UNet((1, 572, 572), 2, width=64, depth=4, padding=False, batch_norm=False, dropout=0.0, init="he_normal")


@pytest.mark.parametrize(
    ("part", "sizes"),
    [("down", [568, 280, 136, 64]), ("bottom", [28]), ("up", [56, 104, 200, 392]), ("merge", [52, 100, 196, 388])],
)
def test_the_paper_s_network_has_the_sizes_of_fig_11_10(paper, part, sizes):
    layers = paper.bottom[-1:] if part == "bottom" else getattr(paper, part)
    assert rows(layers, paper, (1, 572, 572)) == sizes


def test_the_paper_s_network_has_23_convolutional_layers(paper):
    assert sum(isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) for layer in paper.modules()) == 23


def test_the_paper_s_output_is_388_by_388(paper):
    with torch.device("meta"):
        assert paper(torch.empty(1, 1, 572, 572)).shape == (1, 2, 388, 388)


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (1, 5), (30, 3)])
@pytest.mark.parametrize("depth", [1, 3])
def test_with_padding_the_output_has_the_size_of_any_image(size, depth):
    assert unet((3, *size), depth)(torch.randn(2, 3, *size)).shape == (2, 5, *size)


@pytest.mark.parametrize(("depth", "smallest"), [(1, 18), (2, 44), (3, 92), (4, 188)])
def test_without_padding_the_smallest_image_is_named_and_leaves_something(depth, smallest):
    model = unet((3, smallest, smallest), depth, padding=False, width=1)
    assert min(model(torch.randn(1, 3, smallest, smallest)).shape) > 0
    message = f"model=unet needs images of at least {smallest} x {smallest}, the data has {smallest - 1} x 200"
    with pytest.raises(ValueError, match=message):
        unet((3, smallest - 1, 200), depth, padding=False)


@pytest.mark.parametrize("size", [(44, 48), (47, 45), (46, 51)])
def test_without_padding_the_output_is_of_the_middle(size):
    model = unet((3, *size), padding=False)
    x = torch.randn(1, 3, *size, requires_grad=True)
    y = model(x)
    border = [(outer - inner) // 2 for outer, inner in zip(size, y.shape[2:], strict=True)]
    assert [outer - outer % 4 for outer in size] == [inner + 40 for inner in y.shape[2:]]  # 44 gives 4
    y.abs()[:, :, 0, 0].sum().backward()
    reach = x.grad.abs().sum((0, 1)).nonzero()  # pixels that the output's first corner depends on
    first, last = reach.amin(0), reach.amax(0)
    off_centre = (first + last) / 2 - torch.tensor(border)
    assert (off_centre.abs() <= 2).all()


def test_without_padding_a_pixel_more_at_the_edge_changes_nothing():
    model = unet((3, 44, 44), padding=False)
    x = torch.randn(1, 3, 47, 47)
    assert torch.equal(model(x), model(x[..., 1:45, 1:45]))


def test_what_comes_from_the_way_down_comes_first_and_is_cropped():
    skip, x = torch.randn(1, 2, 6, 8), torch.randn(1, 3, 4, 4)
    assert torch.equal(beside(skip, x), torch.cat([skip[:, :, 1:5, 2:6], x], 1))


def test_of_an_odd_size_the_last_row_that_was_added_goes():
    skip, x = torch.randn(1, 2, 5, 4), torch.randn(1, 3, 6, 4)
    assert torch.equal(beside(skip, x), torch.cat([skip, x[:, :, :5]], 1))


def test_dropout_is_at_the_bottom_alone():
    model = unet(dropout=0.5)
    drops = [name for name, layer in model.named_modules() if isinstance(layer, nn.Dropout)]
    assert drops == ["bottom.4"]
    assert model.bottom[4].p == 0.5


@pytest.mark.parametrize(("padding", "size"), [(True, (13, 21)), (False, (47, 45))])
def test_mirrored_outputs_are_the_mean_of_those_of_the_image_and_its_mirror_image(padding, size):
    shape = {"shape": (3, *size), "padding": padding}
    plain, mirrored, x = unet(**shape).eval(), unet(**shape, mirror=True).eval(), torch.randn(2, 3, *size)
    seen = x if padding else x[..., 1:45, :44]  # the part that gives an output, in both the same
    expected = (plain(x) + plain(seen.flip(-1)).flip(-1)) / 2
    assert torch.allclose(mirrored(x), expected, atol=1e-5)


def test_it_is_mirrored_only_in_use():
    x = torch.randn(2, 3, 12, 12)
    assert torch.equal(unet(mirror=True).train()(x), unet().train()(x))


def test_it_is_the_network_written_out():
    model, x = unet((3, 20, 20), depth=1, padding=False, batch_norm=True), torch.randn(2, 3, 20, 20)

    def twice(layers, h):
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                h = F.batch_norm(layer(h), None, None, training=True).relu()
        return h

    skip = twice(model.down[0], x)  # 16 rows
    up = model.up[0](twice(model.bottom, F.max_pool2d(skip, 2)))  # 8
    expected = model.head(twice(model.merge[0], torch.cat([skip[..., 4:12, 4:12], up], 1)))  # 4
    assert torch.allclose(model(x), expected, atol=1e-5)


def test_beside_batch_normalization_convolutions_have_no_bias():
    how = {"width": 2, "depth": 1, "padding": True, "batch_norm": True, "dropout": 0.0, "init": "default"}
    network = UNet((1, 8, 8), 2, **how)
    assert [each.bias for each in network.down.modules() if isinstance(each, nn.Conv2d)] == [None, None]
