import pytest
import torch

from refnets.config.build import build
from refnets.data.batches import Split
from refnets.data.images import change

COLOR = torch.tensor([10, 20, 30], dtype=torch.uint8)[:, None, None]


@pytest.fixture
def images():
    """Sixty-four images of 3 x 12 x 9 bytes, none of them of the mean color."""
    return torch.randint(40, 256, (64, 3, 12, 9), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def _change(images, padding=0, flip=False, cutout=0, seed=0):
    return change(images, COLOR, padding, flip, cutout, torch.Generator().manual_seed(seed))


def _crops(image, padding):
    """All crops of one padded image."""
    height, width = image.shape[1:]
    padded = COLOR.expand(3, height + 2 * padding, width + 2 * padding).clone()
    padded[:, padding : padding + height, padding : padding + width] = image
    starts = [(row, column) for row in range(2 * padding + 1) for column in range(2 * padding + 1)]
    return [padded[:, row : row + height, column : column + width] for row, column in starts]


def test_without_any_change_images_stay_as_they_are(images):
    assert torch.equal(_change(images), images)


def test_every_image_is_a_crop_of_itself_padded_with_the_mean_color(images):
    for image, cropped in zip(images, _change(images, padding=2), strict=True):
        assert any(torch.equal(cropped, crop) for crop in _crops(image, 2))


def test_all_crops_occur(images):
    same = images[:1].expand(2000, -1, -1, -1)
    assert len(_change(same, padding=2).unique(dim=0)) == 25


def test_half_of_the_images_are_mirrored(images):
    same = images[:1].expand(2000, -1, -1, -1)
    flipped = _change(same, flip=True)
    mirrored = (flipped == same.flip(3)).flatten(1).all(1)
    assert torch.equal(mirrored, (flipped != same).flatten(1).any(1))
    assert mirrored.double().mean().item() == pytest.approx(0.5, abs=0.05)  # 4.5 standard deviations


def test_a_crop_and_a_flip_are_independent(images):
    same = images[:1].expand(2000, -1, -1, -1)
    assert len(_change(same, padding=1, flip=True).unique(dim=0)) == 18


@pytest.mark.parametrize("side", [3, 4])
def test_a_hidden_square_has_the_mean_color_and_its_side(images, side):
    same = images[:1].expand(500, -1, -1, -1)
    hidden = _change(same, cutout=side) != same
    assert (_change(same, cutout=side) == COLOR).all(1).equal(hidden.all(1))
    heights, widths = hidden[:, 0].any(2).sum(1), hidden[:, 0].any(1).sum(1)
    assert torch.equal(hidden[:, 0].sum((1, 2)), heights * widths)
    assert heights.max() == widths.max() == side
    assert heights.min() == widths.min() == side - side // 2  # at the border


def test_hidden_squares_have_places_of_their_own(images):
    same = images[:1].expand(5000, -1, -1, -1)
    assert len(_change(same, cutout=1).unique(dim=0)) == 12 * 9


def test_the_generator_decides(images):
    assert torch.equal(_change(images, 2, True, 3, seed=1), _change(images, 2, True, 3, seed=1))
    assert not torch.equal(_change(images, 2, True, 3, seed=1), _change(images, 2, True, 3, seed=2))


def test_the_mean_color_is_rounded_and_not_cut(job):
    data = build("data", job("data=mnist")[0].data)
    pixels = torch.tensor([0, 3, 3, 1], dtype=torch.uint8).view(1, 1, 2, 2)  # 1.75 on average
    data.splits = {"train": Split(pixels, torch.zeros(1, dtype=torch.long))}
    assert data.color.item() == 2
