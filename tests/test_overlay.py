import pytest
import torch

from refnets.data.target import IGNORED, Boxes, Masks
from refnets.overlay import boxed, color, compared, painted, tinted

GREY = torch.full((3, 40, 60), 128, dtype=torch.uint8)


def test_every_class_has_a_tint_of_its_own():
    mask = torch.zeros(40, 60, dtype=torch.uint8)
    mask[:, 30:] = 1
    image = tinted(GREY, mask)
    assert (image[:, :, :30] == image[:, :1, :1]).all()
    assert (image[:, :, 30:] == image[:, :1, 30:31]).all()
    assert (image[:, 0, 0] != image[:, 0, 30]).any()


def test_ignored_pixels_are_black():
    mask = torch.zeros(40, 60, dtype=torch.uint8)
    mask[5, 7] = IGNORED
    black = (tinted(GREY, mask) == 0).all(0)
    assert black.nonzero().tolist() == [[5, 7]]


def test_a_box_is_framed_where_its_fractions_say():
    framed = boxed(GREY, torch.tensor([[0, 0.5, 0.5, 0.9, 0.9], [-1, 0, 0, 1, 1]]), ("car",))
    changed = (framed != GREY).any(0)
    assert changed[20:36, 30].all()
    assert changed[36, 30:54].all()
    assert not changed[:, :29].any()


def test_what_is_predicted_has_its_confidence_written_beside_the_class():
    at = [0.2, 0.5, 0.9, 0.9]
    truth, predicted = torch.tensor([[0, *at]]), torch.tensor([[0, 0.7, *at]])
    large = GREY.repeat_interleave(8, 1).repeat_interleave(8, 2)
    assert (boxed(large, truth, ("car",)) != boxed(large, predicted, ("car",))).any()


def test_the_best_of_two_boxes_lies_over_the_other():
    both = torch.tensor([[1, 0.9, 0.1, 0.5, 0.9, 0.9], [0, 0.3, 0.1, 0.5, 0.9, 0.9]])
    best = boxed(GREY, both[:1], ("car", "bus"))[:, 36, 30]
    assert torch.equal(boxed(GREY, both, ("car", "bus"))[:, 36, 30], best)


def test_class_and_score_can_be_read_on_white():
    white = torch.full((3, 200, 300), 255, dtype=torch.uint8)
    framed = boxed(white, torch.tensor([[0, 0.1, 0.1, 0.9, 0.9]]), ("car",))
    inside = framed[:, 25:150, 35:200]  # of the frame
    shade = torch.tensor([int(color(0)[i : i + 2], 16) for i in (1, 3, 5)], dtype=torch.uint8)
    assert (inside == shade[:, None, None]).all(0).any()


def test_an_image_without_objects_stays_as_it_is():
    assert torch.equal(boxed(GREY, torch.full((2, 5), -1.0), ("car",)), GREY)


def test_a_mask_without_the_border_is_painted_on_the_middle():
    image = painted(GREY, torch.zeros(30, 41, dtype=torch.uint8), Masks(("sky",)))
    black = (image == 0).all(0)
    assert image.shape == (3, 200, 300)  # five times as large
    assert not black[25:175, 45:250].any()
    assert black[:25].all()
    assert black[:, 250:].all()


@pytest.mark.parametrize(
    ("target", "y", "predicted"),
    [
        (Masks(("sky", "road")), torch.zeros(2, 40, 60, dtype=torch.uint8), torch.ones(2, 40, 60, dtype=torch.uint8)),
        (Boxes(("car",)), torch.tensor([[[0, 0.1, 0.1, 0.4, 0.4]]] * 2), torch.full((2, 3, 6), -1.0)),
    ],
)
def test_a_row_has_image_truth_and_prediction(target, y, predicted):
    picture = compared(GREY.expand(2, -1, -1, -1), y, predicted, target)
    assert picture.shape == (3, 2 * 204 + 4, 3 * 304 + 4)
    image, truth, prediction = (picture[:, 4:204, start : start + 300] for start in (4, 308, 612))
    assert (image == 128).all()
    assert (truth != image).any()
    assert (prediction != truth).any()


@pytest.mark.parametrize("border", [0, 46])
def test_large_images_are_shown_smaller_with_their_masks(border):
    x, y = torch.full((1, 3, 1024, 1600), 128, dtype=torch.uint8), torch.zeros(1, 1024, 1600, dtype=torch.uint8)
    y[:, :, 800:] = IGNORED
    picture = compared(x, y, y[:, border : 1024 - border, border : 1600 - border], Masks(("sky",)))
    truth, prediction = (picture[:, 4:516, start : start + 800] for start in (808, 1612))
    assert (truth[0] == 0).nonzero()[:, 1].min() == 400
    assert torch.equal(prediction[:, 23:-23, 23:-23], truth[:, 23:-23, 23:-23])


@pytest.mark.parametrize("shape", [(16, 4096), (500, 8000)])
def test_an_elongated_image_gives_no_huge_picture(shape):
    x, y = torch.zeros(1, 3, *shape, dtype=torch.uint8), torch.zeros(1, *shape, dtype=torch.uint8)
    picture = compared(x, y, y, Masks(("sky",)))
    assert picture.shape[1] * picture.shape[2] < 2e6


def test_no_two_of_seven_classes_look_alike():
    assert len({color(number) for number in range(7)}) == 7
