import pytest
import torch

from refnets.figures.augmented_photograph import change, transforms, vignetted, warped, zoomed

IMAGE = torch.randint(256, (3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", transforms(seed=0))
def test_a_transform_keeps_the_shape(name):
    assert transforms(seed=0)[name](IMAGE).shape == IMAGE.shape


@pytest.mark.parametrize("name", transforms(seed=0))
def test_a_transform_changes_the_image(name):
    assert change(transforms(seed=0)[name](IMAGE), IMAGE) > 0


def test_a_vignette_leaves_a_quarter_of_a_corner_and_nearly_all_of_the_middle():
    white = torch.full((3, 25, 25), 255, dtype=torch.uint8)
    assert vignetted(white)[0, [0, 12], [0, 12]].tolist() == [63, 255]


def test_zooming_leaves_no_border():
    framed = torch.nn.functional.pad(torch.ones(3, 16, 16, dtype=torch.uint8), [4] * 4)
    assert zoomed(framed, 2 / 3).min() == 1


def test_warping_leaves_the_callers_random_numbers_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    warped(IMAGE, seed=0)
    assert torch.rand(1) == expected
