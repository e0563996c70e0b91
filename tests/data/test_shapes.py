import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from refnets.data.shapes import KINDS, draw, outline

SMALL = "data.size=[32,48]", "data.num_train=60", "data.num_test=20"


@pytest.fixture
def shapes(dataset):
    return lambda what, *overrides: dataset(f"shapes_{what}", *SMALL, *overrides)


def test_masks_have_the_shape_of_the_images_and_all_classes(shapes):
    data = shapes("masks")
    x, y = data.splits["train"]
    assert (x.dtype, tuple(x.shape), data.input_shape) == (torch.uint8, (60, 3, 32, 48), (3, 32, 48))
    assert (y.dtype, tuple(y.shape)) == (torch.uint8, (60, 32, 48))
    assert y.unique().tolist() == [0, 1, 2, 3]
    assert data.target.names == ("background", "disc", "square", "triangle")


def test_boxes_are_of_the_same_images(shapes):
    masks, boxes = shapes("masks"), shapes("boxes")
    for name in ("train", "test"):
        assert torch.equal(masks.splits[name].x, boxes.splits[name].x)
    assert boxes.target.names == KINDS


def test_a_box_of_a_single_shape_is_tight_around_its_pixels(shapes):
    masks, boxes = (shapes(what, "data.most=1").splits["train"].y for what in ("masks", "boxes"))
    for mask, (number, *sides) in zip(masks, boxes[:, 0], strict=True):
        rows, columns = (mask == number + 1).any(1).nonzero(), (mask == number + 1).any(0).nonzero()
        expected = columns.min() / 48, rows.min() / 32, (columns.max() + 1) / 48, (rows.max() + 1) / 32
        assert [each.item() for each in sides] == pytest.approx([each.item() for each in expected])


def test_every_pixel_of_a_shape_is_in_a_box_of_its_class(shapes):
    masks, boxes = (shapes(what, "data.most=6").splits["train"].y for what in ("masks", "boxes"))
    for mask, rows in zip(masks, boxes, strict=True):
        covered = torch.zeros_like(mask, dtype=torch.bool)
        for number, left, top, right, bottom in rows[rows[:, 0] >= 0].tolist():
            window = slice(round(32 * top), round(32 * bottom)), slice(round(48 * left), round(48 * right))
            assert (mask[window] == number + 1).any()
            covered[window] |= mask[window] == number + 1
        assert torch.equal(covered, mask > 0)


def test_rows_that_are_no_shapes_come_last(shapes):
    y = shapes("boxes", "data.most=5").splits["train"].y
    is_none = y[..., 0] == -1
    assert is_none.any()
    assert torch.equal(is_none, is_none.cummax(1).values)
    assert (y[is_none][:, 1:] == 0).all()


def test_shapes_overlap_but_none_is_mostly_hidden():
    drawn = draw(100, (32, 48), 8, 0.0, 0, 0)
    overlapping = 0
    for mask, rows in zip(drawn.masks, drawn.boxes, strict=True):
        boxes = rows[rows[:, 0] >= 0]
        overlapping += len(boxes) > 1 and box_iou(boxes[:, 1:], boxes[:, 1:]).fill_diagonal_(0).max() > 0
        for number, left, top, right, bottom in boxes.tolist():
            window = mask[round(32 * top) : round(32 * bottom), round(48 * left) : round(48 * right)]
            assert (window == number + 1).sum() >= window.numel() / 4  # of half a triangle, half of its box
    assert overlapping > 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", [3, 4, 11, 12])
def test_an_outline_reaches_all_four_sides(kind, side):
    inside = outline(kind, side)
    assert inside.shape == (side, side)
    assert all(border.any() for border in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))


def test_outlines_have_the_areas_of_their_shapes():
    areas = [outline(kind, 200).mean() for kind in KINDS]
    assert areas == pytest.approx([np.pi / 4, 1, 0.5], abs=0.01)


def test_noise_has_its_standard_deviation():
    noisy, clean = (draw(40, (32, 48), 3, noise, 0, 0) for noise in (10.0, 0.0))
    inside = (clean.x > 40) & (clean.x < 215)  # bytes end at 0 and 255
    assert (noisy.x.float() - clean.x.float())[inside].std().item() == pytest.approx(10, rel=0.05)
    assert torch.equal(noisy.masks[:1], clean.masks[:1])


def test_shapes_differ_from_the_background():
    drawn = draw(40, (32, 48), 3, 0.0, 0, 0)
    for x, mask in zip(drawn.x.float(), drawn.masks, strict=True):
        background = x[:, mask == 0].mean(1)
        assert all((x[:, mask == kind].mean(1) - background).abs().max() > 20 for kind in mask.unique()[1:])


def test_the_seed_decides_what_is_drawn(shapes):
    first, same, other = (shapes("masks", f"data.seed={seed}").splits["test"] for seed in (1, 1, 2))
    assert torch.equal(first.x, same.x)
    assert torch.equal(first.y, same.y)
    assert not torch.equal(first.x, other.x)


def test_no_image_is_in_two_splits(shapes):
    splits = shapes("masks", "data.validation=0.25").splits
    assert {name: len(split.x) for name, split in splits.items()} == {"train": 45, "validation": 15, "test": 20}
    together = torch.cat([split.x for split in splits.values()])
    assert len(together.unique(dim=0)) == 80


def test_global_random_numbers_are_left_alone(shapes):
    torch.manual_seed(0)
    np.random.seed(0)
    draw.cache_clear()
    _ = shapes("masks").splits
    assert (torch.initial_seed(), np.random.get_state()[2]) == (0, np.random.RandomState(0).get_state()[2])
    assert torch.equal(torch.rand(3), torch.rand(3, generator=torch.Generator().manual_seed(0)))
