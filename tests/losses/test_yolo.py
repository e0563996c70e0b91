"""Every term of eq 3 by hand, for a grid of 1 row and 2 columns, two boxes per cell, three classes."""

import pytest
import torch

from refnets.data.boxes import owners, relative
from refnets.data.target import Boxes, Classes
from refnets.losses.yolo import YOLO, best_box

LOSS = YOLO(boxes=2, lambda_coord=5.0, lambda_noobj=0.5, score_threshold=0.1, iou_threshold=0.5, most=4)
# The centre (0.6, 0.5) is in column 1, there at x = 0.2, y = 0.5; the roots of width and height are 0.4 and 0.6.
OBJECT = [2.0, 0.52, 0.32, 0.68, 0.68]
NONE = [-1.0, 0, 0, 0, 0]
Y = torch.tensor([[OBJECT, NONE]], dtype=torch.float64)
EMPTY = torch.tensor([[NONE, NONE]], dtype=torch.float64)
EXACT = [0.2, 0.5, 0.4, 0.6]  # a box that is the object's
FAR = [0.9, 0.5, 0.1, 0.1]  # a box that does not overlap it


def _output(first, second, classes, elsewhere=0.0):
    """(1, 13, 1, 2): the numbers of two boxes and of the classes in column 1, `elsewhere` in all of column 0."""
    output = torch.full((1, 13, 1, 2), elsewhere, dtype=torch.float64)
    output[0, :, 0, 1] = torch.tensor([*first, *second, *classes], dtype=torch.float64)
    return output


def _check(output, y=Y, **expected):
    """The terms named have these values, all others are 0."""
    zero = dict.fromkeys(("centre", "size", "confidence", "no_object", "class"), 0)
    terms = {name: term.tolist() for name, term in LOSS.terms(output, y).items()}
    assert terms == {name: pytest.approx([value], abs=1e-6) for name, value in (zero | expected).items()}


def test_a_perfect_output_costs_nothing():
    _check(_output([*EXACT, 1], [*FAR, 0], [0, 0, 1]))


def test_position():
    """The box still overlaps the object, by 0.01 x 0.26: that is what its confidence should be."""
    iou = 0.0026 / (2 * 0.16 * 0.36 - 0.0026)
    _check(_output([0.5, 0.4, 0.4, 0.6, iou], [*FAR, 0], [0, 0, 1]), centre=0.3**2 + 0.1**2)


def test_size_by_its_square_root():
    """The box is 0.25 wide and 0.09 high: the object's 0.16 of its width are inside."""
    iou = 0.16 * 0.09 / (0.25 * 0.09 + 0.16 * 0.36 - 0.16 * 0.09)
    _check(_output([0.2, 0.5, 0.5, 0.3, iou], [*FAR, 0], [0, 0, 1]), size=0.1**2 + 0.3**2)


def test_confidence_should_be_the_iou():
    half = [0.2, 0.5, 0.08**0.5, 0.6]
    _check(_output([*half, 0.9], [*FAR, 0], [0, 0, 1]), confidence=(0.9 - 0.5) ** 2, size=(0.4 - 0.08**0.5) ** 2)


def test_confidence_of_all_other_boxes_should_be_zero():
    _check(_output([*EXACT, 1], [*FAR, 0.7], [0, 0, 1], elsewhere=0.3), no_object=0.7**2 + 2 * 0.3**2)


def test_classes_are_learned_in_cells_with_an_object():
    output = _output([*EXACT, 1], [*FAR, 0], [0.1, 0.2, 0.7])
    output[0, -3:, 0, 0] = 0.4
    _check(output, **{"class": 0.1**2 + 0.2**2 + 0.3**2})


def test_the_second_box_is_responsible_if_it_overlaps_more():
    _check(_output([*FAR, 0.7], [*EXACT, 1], [0, 0, 1]), no_object=0.7**2)


def test_the_better_of_two_overlapping_boxes_is_responsible_even_if_its_numbers_are_further_off():
    overlap, error = torch.tensor([[0.2, 0.5], [0.5, 0.2]]), torch.tensor([[0.1, 9.0], [9.0, 0.1]])
    assert best_box(overlap, error).tolist() == [[False, True], [True, False]]


def test_if_no_box_overlaps_the_nearest_is_responsible():
    assert best_box(torch.zeros(2, 2), torch.tensor([[2.0, 1.0], [1.0, 2.0]])).tolist() == [
        [False, True],
        [True, False],
    ]


def test_one_box_is_responsible_even_if_two_are_alike():
    assert best_box(torch.full((1, 3), 0.4), torch.ones(1, 3)).tolist() == [[True, False, False]]


def test_without_objects_only_confidence_is_learned():
    _check(_output([*EXACT, 0.6], [*FAR, 0.1], [1, 1, 1]), EMPTY, no_object=0.6**2 + 0.1**2)


def test_the_loss_weighs_the_terms_and_is_a_mean_over_images():
    found = _output([0.3, 0.5, 0.5, 0.6, 0.9], [*FAR, 0.7], [0.1, 0.2, 0.7])
    nothing = _output([*EXACT, 0.6], [*FAR, 0], [0, 0, 0])
    output = torch.cat([found, nothing])
    y = torch.cat([Y, EMPTY])
    confidence = LOSS.terms(output, y)["confidence"][0].item()
    first = 5 * (0.1**2 + 0.1**2) + confidence + 0.5 * 0.7**2 + 0.14
    assert LOSS(output, y).item() == pytest.approx((first + 0.5 * 0.6**2) / 2, abs=1e-6)


def test_an_image_costs_the_same_beside_others():
    generator = torch.Generator().manual_seed(0)
    output = torch.randn(3, 13, 4, 5, generator=generator)
    corner, size = 0.7 * torch.rand(3, 6, 2, generator=generator), 0.1 + 0.2 * torch.rand(3, 6, 2, generator=generator)
    y = torch.cat([torch.arange(18).view(3, 6, 1) % 3, corner, corner + size], -1)
    together = sum(LOSS.terms(output, y).values())
    alone = torch.cat([sum(LOSS.terms(output[i : i + 1], y[i : i + 1]).values()) for i in range(3)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_gradient_where_nothing_overlaps():
    """Elsewhere the confidence that is learned follows the boxes, and no gradient does."""
    output = 0.05 * torch.randn(1, 13, 1, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda output: LOSS(output, Y), output.requires_grad_())


def test_a_box_is_not_moved_to_fit_its_confidence():
    output = _output([0.3, 0.5, 0.4, 0.6, 0.1], [*FAR, 0], [0, 0, 1]).requires_grad_()
    LOSS.terms(output, Y)["confidence"].sum().backward()
    assert output.grad.nonzero().tolist() == [[0, 4, 0, 1]]


def test_one_output_per_number():
    assert LOSS.num_outputs(Boxes(("red", "white", "platelet"))) == 13
    with pytest.raises(ValueError, match="loss=yolo needs targets that are boxes, the data has Classes"):
        LOSS.num_outputs(Classes(("a", "b")))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1.5, 0.1, 0.1, 0.2, 0.2], "integers from 0 on, the data has 1.5"),
        ([-2.0, 0.1, 0.1, 0.2, 0.2], "the data has -2"),
        ([0.0, 0.5, 0.25, 0.5, 0.75], r"left < right.*\[0.5, 0.25, 0.5, 0.75\]"),
        ([0.0, 0.25, 0.75, 0.5, 0.5], r"\[0.25, 0.75, 0.5, 0.5\]"),
        ([0.0, -0.5, 0.25, 0.5, 0.75], r"\[-0.5, 0.25, 0.5, 0.75\]"),
        ([0.0, 0.25, 0.25, 0.5, 1.5], r"\[0.25, 0.25, 0.5, 1.5\]"),
    ],
)
def test_bad_targets_are_named(row, message):
    with pytest.raises(ValueError, match=message):
        LOSS.check(torch.tensor([[[0.0, 0, 0, 1, 1], row]]))


def test_good_targets_pass():
    LOSS.check(torch.cat([Y, EMPTY]))


def test_outputs_that_are_no_grid_are_refused():
    with pytest.raises(ValueError, match=r"shape \(n, 10 \+ classes, rows, columns\).*\(2, 13\): type model=yolo_lite"):
        LOSS(torch.zeros(2, 13), Y)


# Inference.

# Four objects in a grid of 3 rows and 4 columns, two in each image.
OBJECTS = torch.tensor(
    [[[0, 0.1, 0.1, 0.4, 0.3], [2, 0.5, 0.4, 0.9, 1.0]], [[1, 0.0, 0.7, 0.2, 0.9], [1, 0.7, 0.05, 0.95, 0.25]]]
)


def _encode(y, scores, rows=3, columns=4):
    """What a network says that finds these objects with the second box of their cells: (n, 13, rows, columns)."""
    cells = owners(y, rows, columns)
    output = torch.zeros(len(y), rows, columns, 13)
    occupied = cells[..., 0] >= 0
    output[..., 5:9] = relative(cells[..., 1:])
    output[..., 9][occupied] = torch.tensor(scores)  # from left to right and top to bottom
    output[..., 10:] = (cells[..., :1] == torch.arange(3)).float()
    return output.movedim(-1, 1)


def test_encoded_boxes_are_decoded():
    predicted = LOSS.predict(_encode(OBJECTS, [0.5, 0.9, 0.4, 0.8]))
    best_first = torch.stack([OBJECTS[0].flip(0), OBJECTS[1]])
    assert torch.allclose(predicted[:, :2, [0, 2, 3, 4, 5]], best_first, atol=1e-6)
    assert torch.allclose(predicted[..., 1], torch.tensor([[0.9, 0.5, -1, -1], [0.8, 0.4, -1, -1]]))


def test_what_is_decoded_costs_nothing():
    output = _encode(OBJECTS, [1.0, 1.0, 1.0, 1.0])
    assert LOSS(output, OBJECTS).item() == pytest.approx(0, abs=1e-6)


def test_the_papers_output_has_98_boxes():
    boxes, _, classes = LOSS.grid(torch.zeros(1, 30, 7, 7))
    assert (boxes[..., 0].numel(), classes.shape[-1]) == (98, 20)


def test_the_grid_before_anything_is_chosen():
    boxes, confidence, classes = LOSS.grid(_encode(OBJECTS, [0.5, 0.9, 0.4, 0.8]))
    assert (boxes.shape, confidence.shape, classes.shape) == ((2, 3, 4, 2, 4), (2, 3, 4, 2), (2, 3, 4, 3))
    assert torch.allclose(boxes[0, 0, 1, 1], OBJECTS[0, 0, 1:], atol=1e-6)
    assert confidence[0, 0, 1].tolist() == [0, 0.5]
    assert classes[0, 0, 1].tolist() == [1, 0, 0]


def _cells(*boxes):
    """What a network says that has these boxes, each class, confidence, left, top, right, bottom, one in each cell."""
    n = len(boxes)
    cells = torch.zeros(1, 1, n, 13)
    for column, (label, confidence, *sides) in enumerate(boxes):
        left, top, right, bottom = sides
        centre = torch.tensor([(left + right) / 2 * n - column, (top + bottom) / 2])
        cells[0, 0, column, :2], cells[0, 0, column, 4] = centre, confidence
        cells[0, 0, column, 2:4] = torch.tensor([right - left, bottom - top]).sqrt()
        cells[0, 0, column, 10 + label] = 1
    return cells.movedim(-1, 1)


def _predict(*boxes):
    return LOSS.predict(_cells(*boxes))[0]


BEST = [1, 0.9, 0.1, 0.1, 0.5, 0.5]
NEAR = [1, 0.8, 0.1, 0.1, 0.5, 0.45]  # overlaps it by 0.875


def _same(predicted, *rows):
    padded = [*rows, *[[-1.0] * 6] * (len(predicted) - len(rows))]
    return torch.allclose(predicted, torch.tensor(padded), atol=1e-5)


def test_of_overlapping_boxes_of_a_class_the_best_is_kept():
    assert _same(_predict(NEAR, BEST), BEST)


def test_boxes_of_other_classes_are_not_suppressed():
    other = [2, *NEAR[1:]]
    assert _same(_predict(other, BEST), BEST, other)


def test_boxes_that_overlap_little_are_not_suppressed():
    little = [1, 0.8, 0.1, 0.1, 0.5, 0.29]  # by 0.475
    assert _same(_predict(little, BEST), BEST, little)


def test_images_do_not_suppress_each_other():
    y = OBJECTS[:1].repeat(2, 1, 1)
    predicted = LOSS.predict(_encode(y, [0.5, 0.9, 0.4, 0.8]))
    assert (predicted[..., 0] >= 0).sum(1).tolist() == [2, 2]


def test_the_score_is_confidence_times_probability_and_small_ones_are_dropped():
    output = _encode(OBJECTS[:1], [0.5, 0.9])
    output[:, 10:] *= 0.15  # 0.075 is below the threshold of 0.1
    assert LOSS.predict(output)[0, :, 1].tolist() == pytest.approx([0.135, -1, -1, -1])


def test_two_negative_outputs_are_no_score():
    assert _same(LOSS.predict(torch.full((1, 13, 2, 2), -3.0))[0])


def test_at_most_so_many_boxes_the_best():
    apart = [[1, 0.3 + 0.1 * i, 0.15 * i, 0.1, 0.15 * i + 0.1, 0.3] for i in range(6)]
    assert _same(_predict(*apart), *apart[:1:-1])


def test_boxes_end_where_the_image_does():
    assert _same(_predict([0, 0.9, -0.3, 0.5, 0.2, 1.4]), [0, 0.9, 0.0, 0.5, 0.2, 1.0])


def test_boxes_outside_the_image_are_dropped():
    assert _same(_predict([0, 0.9, -0.3, 0.5, -0.1, 0.8]))


def test_small_boxes_of_many_images_overlap_as_much_as_of_one():
    """Boxes are suppressed all at once, shifted by their image's number: in single precision that costs digits."""
    small, shifted = [1, 0.9, 0.3, 0.3, 0.301, 0.302], [1, 0.8, 0.30035, 0.3, 0.30135, 0.302]  # an IoU of 0.48
    predicted = LOSS.predict(_cells(small, shifted).repeat(400, 1, 1, 1))
    assert (predicted[..., 0] >= 0).sum(1).tolist() == [2] * 400


def test_a_cell_of_score_zero_is_no_object():
    loss = YOLO(1, 5, 0.5, score_threshold=0.0, iou_threshold=0.5, most=4)
    output = torch.full((1, 6, 1, 1), 0.5)
    output[:, 4] = -1
    assert (loss.predict(output)[..., 0] == -1).all()
