import pytest
import torch

from refnets.data.target import IGNORED
from refnets.dense_metrics import AveragePrecision, Segmentation

SMALL = "data.size=[24,32]", "data.num_train=24", "data.num_test=8"


@pytest.fixture
def shapes(dataset):
    return lambda what, *overrides: dataset(f"shapes_{what}", *SMALL, *overrides)


def augmented(data, seed=0):
    return data.augment(*data.splits["train"], torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("what", ["masks", "boxes"])
def test_without_options_nothing_changes(shapes, what):
    data = shapes(what)
    x, y = augmented(data)
    assert torch.equal(x, data.splits["train"].x)
    assert torch.equal(y, data.splits["train"].y)


@pytest.mark.parametrize("what", ["masks", "boxes"])
def test_flips_alone_leave_bytes(shapes, what):
    data = shapes(what, "data.flip=true", "data.flip_vertical=true")
    x, y = augmented(data)
    assert (x.dtype, y.dtype) == (torch.uint8, data.splits["train"].y.dtype)
    assert torch.equal(x.flatten(2).sort().values, data.splits["train"].x.flatten(2).sort().values)
    assert not torch.equal(x, data.splits["train"].x)


@pytest.mark.parametrize(("option", "axis"), [("flip", 3), ("flip_vertical", 2)])
def test_each_flip_has_a_direction_of_its_own(shapes, option, axis):
    data = shapes("masks", f"data.{option}=true")
    x, old = augmented(data)[0], data.splits["train"].x
    same, mirrored = ((x == each).flatten(1).all(1) for each in (old, old.flip(axis)))
    assert (same | mirrored).all()
    assert mirrored.any()


@pytest.mark.parametrize("option", ["rotate=20", "scale=[0.5,0.8]", "scale=[1.2,2]", "shift=0.2"])
def test_images_and_masks_are_moved(shapes, option):
    data = shapes("masks", f"data.{option}")
    x, y = augmented(data)
    assert (x.dtype, x.shape, y.dtype, y.shape) == (torch.float32, (24, 3, 24, 32), torch.uint8, (24, 24, 32))
    assert -1e-3 < x.min() < x.max() < 255 + 1e-3
    assert not torch.equal(y, data.splits["train"].y)
    assert (y == IGNORED).any() == (option != "scale=[1.2,2]")


@pytest.mark.parametrize("option", ["rotate=20", "scale=[0.5,0.8]", "scale=[1.2,2]", "shift=0.2", "flip=true"])
def test_boxes_stay_around_the_shapes_in_the_masks(shapes, option):
    options = "data.most=1", f"data.{option}"
    masks, boxes = augmented(shapes("masks", *options))[1], augmented(shapes("boxes", *options))[1]
    seen = 0
    for mask, (number, *sides) in zip(masks, boxes[:, 0], strict=True):
        shape = (mask == number + 1).nonzero()  # (pixels, 2)
        if number < 0 or not len(shape):
            continue
        top, left, bottom, right = *shape.amin(0).tolist(), *(shape.amax(0) + 1).tolist()
        inside = [
            32 * sides[0] - 1 < left,
            24 * sides[1] - 1 < top,
            right < 32 * sides[2] + 1,
            bottom < 24 * sides[3] + 1,
        ]
        assert all(inside)
        seen += 1
    assert seen >= 12


def test_what_comes_in_has_the_mean_color_where_there_are_boxes(shapes):
    data = shapes("boxes", "data.scale=[0.5,0.5]")
    x, _ = augmented(data)
    mean = data.splits["train"].x.double().mean((0, 2, 3))
    assert torch.allclose(x[:, :, 0, 0], mean.float().expand(24, 3), atol=1e-3)


def test_and_is_mirrored_where_there_are_masks_but_does_not_count(shapes):
    data = shapes("masks", "data.scale=[0.5,0.5]")
    x, y = augmented(data)
    assert torch.allclose(x[:, :, :6], x[:, :, 6:12].flip(2), atol=1e-2)
    assert (y[:, 0] == IGNORED).all()


@pytest.mark.parametrize("change", ["data.light=0.3", "data.grain=0.3"])
def test_light_and_grain_leave_the_targets(shapes, change):
    data = shapes("masks", change)
    x, y = augmented(data)
    assert not torch.equal(x, data.splits["train"].x.float())
    assert torch.equal(y, data.splits["train"].y)


def test_the_generator_decides(shapes):
    data = shapes("boxes", "data.rotate=20", "data.light=0.2", "data.grain=0.2", "data.flip=true")
    first, same, other = (augmented(data, seed) for seed in (1, 1, 2))
    assert torch.equal(first[0], same[0])
    assert torch.equal(first[1], same[1])
    assert not torch.equal(first[0], other[0])


def test_a_scale_whose_ends_are_exchanged_is_refused(shapes):
    with pytest.raises(ValueError, match=r"data.scale=\[1.2, 0.8\]: the smaller factor should come first"):
        shapes("masks", "data.scale=[1.2,0.8]")


def test_masks_and_boxes_are_measured_by_their_metrics(shapes):
    assert isinstance(shapes("masks").metrics()["segmentation"], Segmentation)
    assert isinstance(shapes("boxes").metrics()["detection"], AveragePrecision)


def test_nothing_of_what_is_drawn_is_skipped(shapes):
    data = shapes("boxes")
    _ = data.splits
    assert data.skipped == {}
