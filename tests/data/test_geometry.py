import math

import pytest
import torch
import torch.nn.functional as F

from refnets.data import geometry
from refnets.data.target import IGNORED

HEIGHT, WIDTH = 40, 60
COLOR = torch.tensor([10.0, 20.0, 30.0])[:, None, None]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def maps(n, rotate=0.0, scale=(1.0, 1.0), shift=0.0, flip=False, flip_vertical=False, seed=0):
    flips = geometry.random_flips(n, flip, flip_vertical, generator(seed))
    return geometry.random_maps(flips, (HEIGHT, WIDTH), rotate, scale, shift, generator(seed + 1))


@pytest.fixture
def rectangle():
    """An image, a mask and a box of the same rectangle of class 2, 16 pixels wide and 10 high."""
    mask = torch.zeros(1, HEIGHT, WIDTH, dtype=torch.uint8)
    mask[:, 12:22, 20:36] = 2
    box = torch.tensor([[[2, 20 / WIDTH, 12 / HEIGHT, 36 / WIDTH, 22 / HEIGHT], [-1, 0, 0, 0, 0]]])
    return 100 * mask[:, None].expand(-1, 3, -1, -1), mask, box


def pixels_of(mask):
    """Left, top, right, bottom of what is of class 2 in a mask (height, width)."""
    rows, columns = (mask == 2).any(1).nonzero()[:, 0], (mask == 2).any(0).nonzero()[:, 0]
    return torch.tensor([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()


def in_pixels(box):
    return box * torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT])


def test_the_sources_are_those_of_affine_grid():
    given = maps(5, rotate=90, scale=(0.5, 2), shift=0.3, flip=True)
    expected = F.affine_grid(given, [5, 1, HEIGHT, WIDTH], align_corners=False)
    assert torch.allclose(geometry.sources(given, (HEIGHT, WIDTH)), expected, atol=1e-6)


def test_a_map_without_any_change_leaves_everything_as_it_is(rectangle):
    x, mask, box = rectangle
    grid = geometry.sources(maps(1), (HEIGHT, WIDTH))
    assert torch.allclose(geometry.warp(x, grid, COLOR), x.float(), atol=1e-2)
    assert torch.equal(geometry.warp_masks(mask, grid), mask)
    assert torch.allclose(geometry.warp_boxes(box, maps(1)), box, atol=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_mask_and_box_move_with_the_image(rectangle, seed):
    x, mask, box = rectangle
    given = maps(1, scale=(0.8, 1.3), shift=0.1, flip=True, flip_vertical=True, seed=10 * seed)
    grid = geometry.sources(given, (HEIGHT, WIDTH))
    moved = geometry.warp_masks(mask, grid)
    seen = geometry.warp(x, grid, COLOR)[0, 0] > 100  # at a corner, the nearest pixel may be one of less weight
    assert ((moved[0] == 2) != seen).sum() <= 4
    assert (in_pixels(geometry.warp_boxes(box, given)[0, 0, 1:]) - pixels_of(moved[0])).abs().max() < 1


@pytest.mark.parametrize("seed", range(8))
def test_the_box_of_a_turned_rectangle_is_around_its_corners(rectangle, seed):
    _, mask, box = rectangle
    given = maps(1, rotate=90, shift=0.05, seed=10 * seed)
    moved = geometry.warp_masks(mask, geometry.sources(given, (HEIGHT, WIDTH)))
    expected = pixels_of(moved[0])
    got = in_pixels(geometry.warp_boxes(box, given)[0, 0, 1:])
    assert (got - expected).abs().max() < 1.5  # the tip of a turned corner may lie between pixels


def test_turning_keeps_the_proportions_of_what_is_turned(rectangle):
    _, _, box = rectangle
    quarter = torch.tensor([[[0.0, HEIGHT / WIDTH, 0], [-WIDTH / HEIGHT, 0, 0]]])
    left, top, right, bottom = in_pixels(geometry.warp_boxes(box, quarter)[0, 0, 1:]).tolist()
    assert (right - left, bottom - top) == pytest.approx((10, 16))


def test_what_comes_in_from_outside_has_the_color_given_or_is_mirrored_and_is_ignored(rectangle):
    x, mask, _ = rectangle
    grid = geometry.sources(torch.tensor([[[1.0, 0, 1], [0, 1, 0]]]), (HEIGHT, WIDTH))  # half a width to the left
    assert torch.allclose(geometry.warp(x, grid, COLOR)[0, :, :, 31:], COLOR.expand(3, HEIGHT, 29))
    mirrored = geometry.warp_mirrored(x, grid)
    assert torch.allclose(mirrored[..., 30:], mirrored[..., :30].flip(3), atol=1e-2)
    assert torch.allclose(mirrored[..., :30], x[..., 30:].float(), atol=1e-2)
    moved = geometry.warp_masks(mask, grid)
    assert (moved[0, :, 30:] == IGNORED).all()
    assert (moved[0, :, :30] == mask[0, :, 30:]).all()


@pytest.mark.parametrize(("share", "objects"), [(0.5, 1), (0.26, 1), (0.24, 0), (0.1, 0)])
def test_a_box_of_which_less_than_a_quarter_is_left_is_no_object(share, objects):
    left = 0.1 + 0.4 * share  # of a box of width 0.4, all moved to the left by 0.5
    box = torch.tensor([[[1, left, 0, left + 0.4, 1], [0, 0.6, 0.2, 0.8, 0.4]]])
    moved = geometry.warp_boxes(box, torch.tensor([[[1.0, 0, 1], [0, 1, 0]]]))
    assert (moved[0, :, 0] == 1).sum() == objects
    assert torch.allclose(moved[0, objects], torch.tensor([0, 0.1, 0.2, 0.3, 0.4]), atol=1e-6)


def test_rows_without_object_come_last_and_are_zero():
    box = torch.tensor([[[1.0, 0.0, 0.2, 0.1, 0.4], [0, 0.6, 0.2, 0.8, 0.4], [-1, 0, 0, 0, 0]]])
    moved = geometry.warp_boxes(box, torch.tensor([[[1.0, 0, 1], [0, 1, 0]]]))
    assert torch.allclose(moved[0, 0], torch.tensor([0, 0.1, 0.2, 0.3, 0.4]), atol=1e-6)
    assert moved[0, 1:].tolist() == [[-1, 0, 0, 0, 0]] * 2


def test_a_box_that_reaches_out_is_cut():
    box = torch.tensor([[[1.0, 0.4, 0.2, 0.8, 0.4]]])
    moved = geometry.warp_boxes(box, torch.tensor([[[1.0, 0, 1], [0, 1, 0]]]))
    assert torch.allclose(moved[0, 0], torch.tensor([1.0, 0, 0.2, 0.3, 0.4]), atol=1e-6)


def test_strengths_are_within_their_ranges_and_reach_their_ends():
    given = maps(20000, rotate=30, scale=(0.5, 2))
    determinant = given[:, 0, 0] * given[:, 1, 1] - given[:, 0, 1] * given[:, 1, 0]
    scale = determinant.rsqrt()
    assert (scale.min().item(), scale.max().item()) == pytest.approx((0.5, 2), rel=1e-3)
    assert scale.log().mean().item() == pytest.approx(0, abs=0.01)
    angle = torch.atan2(given[:, 0, 1] * WIDTH / HEIGHT, given[:, 0, 0])
    assert (angle.min().item(), angle.max().item()) == pytest.approx((-math.pi / 6, math.pi / 6), rel=1e-3)


def test_a_shift_is_a_fraction_of_width_and_height():
    offset = maps(20000, shift=0.1)[:, :, 2] / 2  # the image is 2 wide and 2 high
    assert offset.abs().amax(0).tolist() == pytest.approx([0.1, 0.1], rel=1e-3)


def test_half_of_the_images_are_mirrored_each_way():
    flips = geometry.random_flips(2000, True, True, generator())
    shares = [((flips[:, 0] == a) & (flips[:, 1] == b)).double().mean().item() for a in (-1, 1) for b in (-1, 1)]
    assert shares == pytest.approx([0.25] * 4, abs=0.05)
    assert (geometry.random_flips(100, False, True, generator())[:, 0] == 1).all()


def test_mirrored_bytes_boxes_and_masks_are_exact(rectangle):
    x, mask, box = (part.repeat(4, *[1] * (part.dim() - 1)) for part in rectangle)
    flips = torch.tensor([[1, 1], [-1, 1], [1, -1], [-1, -1]])
    flipped = geometry.flip_exactly(x, flips)
    assert torch.equal(flipped, torch.stack([x[0], x[0].flip(2), x[0].flip(1), x[0].flip(1, 2)]))
    masks = geometry.flip_exactly(mask, flips)
    boxes = geometry.flip_boxes(box, flips)
    for each, rows in zip(masks, boxes, strict=True):
        assert torch.allclose(in_pixels(rows[0, 1:]), pixels_of(each), atol=1e-4)
    assert (boxes[:, 1] == box[:, 1]).all()


def test_flips_are_the_same_by_pixels_and_by_a_map(rectangle):
    _, mask, box = rectangle
    flips = torch.tensor([[-1, -1]])
    given = geometry.random_maps(flips, (HEIGHT, WIDTH), 0, (1, 1), 0, generator())
    grid = geometry.sources(given, (HEIGHT, WIDTH))
    assert torch.equal(geometry.warp_masks(mask, grid), geometry.flip_exactly(mask, flips))
    assert torch.allclose(geometry.warp_boxes(box, given), geometry.flip_boxes(box, flips), atol=1e-6)


def test_light_is_a_factor_of_contrast_and_one_of_brightness():
    x = (COLOR + torch.tensor([0.0, 5])).expand(2000, 3, 1, 2)  # a pixel of the mean color, and one beside it
    lit = geometry.light(x, 0.3, COLOR, generator())
    brightness = lit[..., 0] / COLOR[..., 0]  # (n, 3, 1)
    assert torch.allclose(brightness, brightness[:, :1].expand_as(brightness))
    contrast = (lit[..., 1] - lit[..., 0]) / (5 * brightness)
    for factor in (brightness, contrast):
        assert (factor.min().item(), factor.max().item()) == pytest.approx((0.7, 1.3), abs=0.01)


def test_light_is_cut_to_what_bytes_can_be():
    x = torch.tensor([0, 255], dtype=torch.uint8).expand(200, 3, 1, 2)
    lit = geometry.light(x, 0.5, torch.full((3, 1, 1), 128.0), generator())
    assert (lit.min(), lit.max()) == (0, 255)


def test_grain_has_another_strength_for_each_image():
    grain = geometry.grain(torch.full((1000, 3, 30, 30), 128), 0.1, generator()) - 128
    deviations = grain[:, 0].std((1, 2))
    assert (deviations.min().item(), deviations.max().item()) == pytest.approx((0, 25.5), abs=2)
    assert deviations.mean().item() == pytest.approx(12.75, abs=0.5)


def test_grain_is_of_brightness_and_not_of_color():
    grainy = geometry.grain(torch.full((1, 3, 4, 4), 128), 0.1, generator())
    assert torch.equal(grainy, grainy[:, :1].expand(-1, 3, -1, -1))


@pytest.mark.parametrize("value", [0, 255])
def test_grain_is_cut_to_what_bytes_can_be(value):
    grainy = geometry.grain(torch.full((1, 3, 4, 4), value), 0.1, generator())
    assert grainy.min() >= 0
    assert grainy.max() <= 255


def test_the_generator_decides():
    assert torch.equal(maps(4, rotate=30, seed=1), maps(4, rotate=30, seed=1))
    assert not torch.equal(maps(4, rotate=30, seed=1), maps(4, rotate=30, seed=2))


def test_crops_are_parts_of_the_image_and_of_its_mask():
    y = torch.arange(HEIGHT * WIDTH).view(1, HEIGHT, WIDTH).expand(200, -1, -1)
    x, cropped = geometry.random_crops(y[:, None].expand(-1, 3, -1, -1), y, (HEIGHT - 1, 50), generator())
    tops, lefts = cropped[:, 0, 0] // WIDTH, cropped[:, 0, 0] % WIDTH
    assert (set(tops.tolist()), set(lefts.tolist())) == ({0, 1}, set(range(11)))  # every place occurs
    for mask, top, left in zip(cropped, tops, lefts, strict=True):
        assert torch.equal(mask, y[0, top : top + HEIGHT - 1, left : left + 50])
    assert torch.equal(x, cropped[:, None].expand_as(x))
