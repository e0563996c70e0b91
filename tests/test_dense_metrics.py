import numpy as np
import pytest
import torch
from torchmetrics import MetricCollection

from refnets.data.target import IGNORED
from refnets.dense_metrics import AveragePrecision, Segmentation, columns

NAMES = "sky", "road", "car"


def _measure(metric, *batches):
    for predicted, y in batches:
        metric.update(torch.as_tensor(predicted), torch.as_tensor(y))
    return {name: value.item() for name, value in metric.compute().items()}


# Segmentation: 2 pixels of class 0 are right, 1 of class 1; one of 0 is taken for 1. Class 2 does not occur.
TRUE = torch.tensor([[[0, 0, 0, 1, IGNORED]]], dtype=torch.uint8)
PREDICTED = torch.tensor([[[0, 0, 1, 1, 2]]], dtype=torch.uint8)


def test_segmentation_by_hand():
    measured = _measure(Segmentation(NAMES), (PREDICTED, TRUE))
    assert list(measured) == ["mean_iou", "dice", "pixel_accuracy", "iou_sky", "iou_road", "iou_car"]
    expected = [(2 / 3 + 1 / 2) / 2, (4 / 5 + 2 / 3) / 2, 3 / 4, 2 / 3, 1 / 2, torch.nan]
    assert list(measured.values()) == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_a_class_that_is_only_predicted_has_an_iou_of_zero():
    measured = _measure(Segmentation(NAMES), (torch.full((1, 1, 5), 2).byte(), TRUE))
    assert measured["iou_car"] == 0
    assert measured["mean_iou"] == 0


def test_batches_are_counted_together():
    generator = torch.Generator().manual_seed(0)
    predicted, y = torch.randint(3, (2, 4, 6, 7), generator=generator).byte().unbind()
    together = _measure(Segmentation(NAMES), (predicted, y))
    assert _measure(Segmentation(NAMES), (predicted[:1], y[:1]), (predicted[1:], y[1:])) == together
    iou = [((predicted == k) & (y == k)).sum() / ((predicted == k) | (y == k)).sum() for k in range(3)]
    assert together["mean_iou"] == pytest.approx(np.mean(iou), abs=1e-6)


def test_smaller_predictions_are_of_the_middle():
    y = torch.zeros(1, 4, 4, dtype=torch.uint8)
    y[:, 1:3, 1:3] = 1
    assert _measure(Segmentation(NAMES), (torch.ones(1, 2, 2).byte(), y))["mean_iou"] == 1


# Detection. Boxes in fractions of the image; A and B lie apart.
A, B, TINY = [0.1, 0.1, 0.3, 0.4], [0.5, 0.5, 0.9, 0.8], [0.5, 0.5, 0.501, 0.5005]
NO_TRUTH, NOTHING = [[-1.0] + [0.0] * 4], [[-1.0] * 6]


def _detect(predicted, y):
    """The images' boxes, padded to the same number: [class, score, *box] and [class, *box]."""
    rows = [
        torch.nn.utils.rnn.pad_sequence([torch.tensor(each) for each in images], True, -1) for images in (predicted, y)
    ]
    return _measure(AveragePrecision(NAMES), rows)


def test_finding_everything_is_one():
    measured = _detect([[[0, 0.9, *A], [1, 0.3, *B]]], [[[0, *A], [1, *B]]])
    assert list(measured) == ["ap50", "ap", "ap50_sky", "ap50_road", "ap50_car"]
    assert list(measured.values()) == pytest.approx([1, 1, 1, 1, torch.nan], nan_ok=True)


def test_finding_nothing_is_zero():
    measured = _detect([NOTHING], [[[0, *A]]])
    assert (measured["ap50"], measured["ap"]) == (0, 0)


def test_one_of_two_found():
    """Precision is 1 up to a recall of 0.5: at 51 of the 101 recalls at which COCO reads it."""
    assert _detect([[[0, 0.9, *A]]], [[[0, *A], [0, *B]]])["ap50"] == pytest.approx(51 / 101)


def test_the_wrong_class_is_not_found():
    measured = _detect([[[1, 0.9, *A]]], [[[0, *A], [1, *B]]])
    assert (measured["ap50_sky"], measured["ap50_road"]) == (0, 0)


def test_a_class_without_objects_does_not_count_even_if_predicted():
    measured = _detect([[[0, 0.9, *A], [2, 0.9, *B]]], [[[0, *A]]])
    assert measured["ap50"] == 1
    assert np.isnan(measured["ap50_car"])


def test_a_duplicate_costs_precision():
    """By confidence right, wrong, right: precision 1 up to a recall of 0.5, from there on 2/3."""
    measured = _detect([[[0, 0.9, *A], [0, 0.8, *A], [0, 0.7, *B]]], [[[0, *A], [0, *B]]])
    assert measured["ap50"] == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_box_in_an_image_without_objects_costs_precision():
    measured = _detect([[[0, 0.9, *A]], [[0, 0.8, *A]]], [NO_TRUTH, [[0, *A]]])
    assert measured["ap50"] == pytest.approx(0.5)


def test_an_iou_of_0_72_is_enough_for_five_of_ten_thresholds():
    narrower = [0.1, 0.1, 0.3, 0.1 + 0.72 * 0.3]
    measured = _detect([[[0, 0.9, *narrower]]], [[[0, *A]]])
    assert measured["ap50"] == 1
    assert measured["ap"] == pytest.approx(0.5)


def test_tiny_boxes_are_neither_lost_nor_rounded():
    half = [*TINY[:2], 0.5 + 0.00045, TINY[3]]
    assert _detect([[[0, 0.9, *TINY]]], [[[0, *TINY]]])["ap"] == pytest.approx(1)
    assert _detect([[[0, 0.9, *half]]], [[[0, *TINY]]])["ap50"] == 0


def test_hundred_boxes_of_each_class_count():
    left = torch.linspace(0, 0.99, 100)[:, None]
    sides = torch.cat([left, 0 * left, left + 0.005, 0 * left + 1], 1)
    y = torch.cat([torch.cat([torch.full((100, 1), float(number)), sides], 1) for number in range(3)])[None]
    predicted = torch.cat([y[..., :1], torch.ones(1, 300, 1), y[..., 1:]], -1)
    assert _measure(AveragePrecision(NAMES), (predicted, y))["ap"] == pytest.approx(1)


def test_data_without_objects_have_no_average_precision():
    assert np.isnan(list(_detect([NOTHING, [[0, 0.9, *A]]], [NO_TRUTH, NO_TRUTH]).values())).all()


def test_as_the_task_uses_them():
    metrics = MetricCollection({"segmentation": Segmentation(NAMES)}).to(torch.device("cpu"))
    for _ in range(2):
        metrics.update(PREDICTED, TRUE)
        assert list(metrics.compute()) == ["mean_iou", "dice", "pixel_accuracy", "iou_sky", "iou_road", "iou_car"]
        assert metrics.compute()["pixel_accuracy"].item() == 0.75
        metrics.reset()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Red blood cell", "a/b,c", "Straße"), ["Red_blood_cell", "a_b_c", "Straße"]),
        (("a b", "a-b"), ["a_b_0", "a_b_1"]),
        (("+", "car"), ["0", "car_1"]),
    ],
)
def test_column_names(names, expected):
    assert columns(names) == expected
