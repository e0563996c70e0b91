"""What is measured of segmentation and detection. All are fractions, from 0 to 1, as the literature gives them."""

import logging
import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torchmetrics.classification import MulticlassConfusionMatrix
from torchmetrics.detection import MeanAveragePrecision

from refnets.data.target import IGNORED
from refnets.losses.segmentation import centred

logging.getLogger("faster_coco_eval").setLevel(logging.WARNING)  # it tells how far it is, in every evaluation


class Segmentation(MulticlassConfusionMatrix):
    """How well pixels (n, height, width) are classified; masks that are larger are compared in their middle.

    `mean_iou`, `dice`, `pixel_accuracy`, and `iou_NAME` of each class. The means are over the classes that occur in the
    masks or the predictions; the IoU of another class is NaN. All images are counted together, as one.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(len(names), ignore_index=IGNORED, validate_args=False)  # the loss checks the targets, once
        self.columns = columns(names)

    def update(self, predicted: Tensor, y: Tensor) -> None:
        """Counts the pixels of one batch."""
        super().update(predicted, centred(y, predicted.shape[1:]))

    def compute(self) -> dict[str, Tensor]:
        """The numbers, in double precision."""
        counts = super().compute().double()  # (K, K): pixels by true and by predicted class
        right, pixels = counts.diag(), counts.sum(0) + counts.sum(1)
        iou, dice = right / (pixels - right), 2 * right / pixels  # NaN for a class that does not occur
        means = {"mean_iou": iou.nanmean(), "dice": dice.nanmean(), "pixel_accuracy": right.sum() / counts.sum()}
        return means | {f"iou_{name}": each for name, each in zip(self.columns, iou, strict=True)}


class AveragePrecision(MeanAveragePrecision):
    """How well predicted boxes (n, m, 6) find the true ones (n, most, 5), as COCO measures it.

    `ap50`: a box is right if its IoU with a true one that no surer box has found is at least 0.5; `ap` is the mean
    over the thresholds 0.5, 0.55 ... 0.95; `ap50_NAME` is of each class. The means are over the classes of which there
    are objects; the value of another class is NaN. Of each class the best 100 boxes of an image count.
    """

    warn_on_many_detections = False

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(extended_summary=True, backend="faster_coco_eval")
        self.columns = columns(names)

    def update(self, predicted: Tensor, y: Tensor) -> None:
        """Keeps the boxes of one batch. They are compared on the CPU, one by one."""
        found = [rows[rows[:, 0] >= 0] for rows in predicted.cpu()]
        true = [rows[rows[:, 0] >= 0] for rows in y.cpu()]
        super().update(
            [{"labels": each[:, 0].long(), "scores": each[:, 1], "boxes": each[:, 2:]} for each in found],
            [{"labels": each[:, 0].long(), "boxes": each[:, 1:]} for each in true],
        )

    def _sync_dist(self, *_: Any, **__: Any) -> None:
        """The images of all processes: torchmetrics would gather one at a time, and wait where others have fewer."""
        for state in self._reductions:
            images = [[] for _ in range(dist.get_world_size())]
            dist.all_gather_object(images, getattr(self, state))
            setattr(self, state, list(chain.from_iterable(images)))

    def compute(self) -> dict[str, Tensor]:
        """The numbers, in double precision."""
        ap = torch.full((len(self.iou_thresholds), len(self.columns)), torch.nan, dtype=torch.float64)
        if any(map(len, self.groundtruth_labels)):
            measured = super().compute()
            precision = measured["precision"][..., 0, -1]  # (thresholds, recalls, classes), of boxes of all areas
            ap[:, measured["classes"].long()] = precision.where(precision >= 0, torch.nan).mean(1)
        means = {"ap50": ap[0].nanmean(), "ap": ap.nanmean()}
        return means | {f"ap50_{name}": each for name, each in zip(self.columns, ap[0], strict=True)}


def columns(names: Sequence[str]) -> list[str]:
    """Names of columns for classes: letters, digits and _ only, and the class's number where that is not unique."""
    safe = [re.sub(r"\W+", "_", name).strip("_") for name in names]
    if all(safe) and len(set(safe)) == len(safe):
        return safe
    return [f"{name}_{number}".strip("_") for number, name in enumerate(safe)]
