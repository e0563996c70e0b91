from types import SimpleNamespace

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from PIL import Image

from refnets.data.signature import Signature
from refnets.data.target import Boxes, Classes, Masks
from refnets.losses.segmentation import PixelwiseCategorical
from refnets.models.unet import middle
from refnets.predictor import Predictor, of_image, whole


@pytest.fixture
def known_predictor():
    """known_predictor(size=[20, 20]): a predictor that says class 1 where an image is red, or grey beside it."""

    def make(size):
        return Predictor(
            SimpleNamespace(
                model=lambda: lambda x: torch.stack([100.0 - x[:, 0], x[:, 0] - 100.0], 1),
                loss=lambda: PixelwiseCategorical(None),
                signature=Signature((3, 20, 20), True, Masks(("other", "red"))),
                config=OmegaConf.create({"data": {"root": "street", "size": size}}),
            )
        )

    return make


def test_a_network_without_the_border_sees_it_mirrored():
    valid = torch.nn.Conv2d(3, 2, 5, bias=False)
    x = torch.randn(1, 3, 12, 15)
    mirrored = torch.nn.functional.pad(x, [2] * 4, mode="reflect")
    assert torch.allclose(whole(valid, x), valid(mirrored), atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(21, 22), (22, 23), (23, 21)])
def test_a_network_that_cannot_halve_odd_sides_does_not_move_the_image(height, width):
    def network(x):
        even = middle(x, *(side - side % 2 for side in x.shape[2:]))  # as a U-Net without padding
        return even[..., 2:-2, 2:-2]

    x = torch.rand(1, 3, height, width)
    assert torch.equal(whole(network, x), x)


def test_boxes_of_a_fitted_image_are_cut_to_the_image():
    boxes = torch.tensor([[0, 0.9, 0.5, 0.11, 1, 0.22], [1, 0.8, 0, 0.2, 0.5, 0.9], [1, 0.8, 0, 0.5, 0.5, 0.9]])
    found = of_image(boxes, (1000, 333), (100, 100))  # it has 33 rows there, not 33.3
    assert found[0].tolist() == pytest.approx([0, 0.9, 0.5, 1 / 3, 1, 2 / 3])
    assert found[1].tolist() == pytest.approx([1, 0.8, 0, 0.2 / 0.33, 0.5, 1])
    assert len(found) == 2


def test_a_mask_of_a_fitted_image_is_cut_and_scaled_back(known_predictor):
    image = Image.new("RGB", (40, 10))
    image.paste((200, 0, 0), (0, 0, 20, 10))
    mask = np.array(known_predictor(size=[20, 20]).mask(image))
    assert mask.shape == (10, 40)
    assert (mask[:, :18] == 1).all()
    assert (mask[:, 22:] == 0).all()


def predictor(shape, target, **loss):
    """Of a network that gives back the image."""
    return Predictor(
        SimpleNamespace(
            model=lambda: lambda x: x,
            loss=lambda: SimpleNamespace(**loss),
            signature=Signature(shape, True, target),
            config=OmegaConf.create({"data": {}}),
        )
    )


def test_boxes_below_the_least_score_are_left_out():
    found = torch.tensor([[[0, 0.9, 0, 0, 1, 1], [1, 0.3, 0, 0, 1, 1]]])
    asked = predictor((3, 20, 20), Boxes(("cat", "dog")), predict=lambda _: found)
    assert [len(asked.boxes(Image.new("RGB", (20, 20)), least)) for least in (0.2, 0.5)] == [2, 1]


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_to_classify_is_seen_in_the_size_and_colors_of_training(channels):
    def distribution(seen):
        return SimpleNamespace(probs=[seen.shape])

    asked = predictor((channels, 20, 30), Classes(("cat", "dog")), distribution=distribution)
    assert asked.probabilities(Image.new("RGB", (90, 80))) == (1, channels, 20, 30)


def test_scaling_a_mask_back_makes_no_class_between_two_others():
    def network(x):
        never = torch.full_like(x[:, 0], -1000, dtype=torch.float32)
        return torch.stack([100.0 - x[:, 0], never, x[:, 0] - 100.0], 1)

    run = SimpleNamespace(
        model=lambda: network,
        loss=lambda: PixelwiseCategorical(None),
        signature=Signature((3, 20, 20), True, Masks(("other", "never", "red"))),
        config=OmegaConf.create({"data": {"root": "street", "size": [20, 20]}}),
    )
    image = Image.new("RGB", (47, 10))
    image.paste((200, 0, 0), (0, 0, 20, 10))
    assert np.unique(np.array(Predictor(run).mask(image))).tolist() == [0, 2]


def test_too_little_memory_is_no_reason_for_a_coarser_mask():
    calls = []

    def network(x):
        calls.append(x.shape)
        raise torch.OutOfMemoryError("CUDA out of memory")

    run = SimpleNamespace(
        model=lambda: network,
        loss=lambda: PixelwiseCategorical(None),
        signature=Signature((3, 20, 20), True, Masks(("other", "red"))),
        config=OmegaConf.create({"data": {"root": "street", "size": None}}),
    )
    with pytest.raises(torch.OutOfMemoryError):
        Predictor(run).mask(Image.new("RGB", (40, 10)))
    assert len(calls) == 1
