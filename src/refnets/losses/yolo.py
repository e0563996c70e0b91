"""YOLO: an image is looked at once, and every cell of a grid over it says what it sees (book section 10.5.2).

Redmon et al. (2016), arXiv:1506.02640; where the paper is silent, what darknet does, their code.
"""

from typing import Annotated, NamedTuple

import torch
from annotated_types import Ge, Le
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from refnets.data.boxes import best_of_each, corners, iou, owners, relative
from refnets.data.target import Boxes, WrongTargetError

Fraction = Annotated[float, Ge(0), Le(1)]


class Grid(NamedTuple):
    """What a network says in each cell of a grid."""

    boxes: Tensor  # (n, rows, columns, B, 4): left, top, right, bottom, fractions of the image, also outside of it
    confidence: Tensor  # (n, rows, columns, B): the IoU with an object, 0 if there is none
    classes: Tensor  # (n, rows, columns, K): the probability of each class, given that there is an object


class YOLO(nn.Module):
    """Outputs (n, 5 B + K, rows, columns): in each cell `boxes` times B five numbers, then one for each of K classes.

    The five: x and y of a box's centre in the cell, from 0 to 1; the square roots of its width and height as fractions
    of the image; its confidence. All are linear outputs. Targets `Boxes`. The cell in which an object has its centre
    is to find it; of several objects only the largest is learned, see `crowded_out`.
    """

    def __init__(
        self,
        boxes: PositiveInt,
        lambda_coord: PositiveFloat,
        lambda_noobj: PositiveFloat,
        score_threshold: Fraction,
        iou_threshold: Fraction,
        most: PositiveInt,
    ) -> None:
        super().__init__()
        self.boxes, self.lambda_coord, self.lambda_noobj = boxes, lambda_coord, lambda_noobj
        self.score_threshold, self.iou_threshold, self.most = score_threshold, iou_threshold, most

    def num_outputs(self, target: object) -> int:
        """5 B + K. Raises ValueError when the targets are not boxes."""
        if not isinstance(target, Boxes):
            raise WrongTargetError(f"loss=yolo needs targets that are boxes, the data has {target}")
        return 5 * self.boxes + len(target.names)

    def check(self, y: Tensor) -> None:
        """Raises ValueError with the first object whose class or box is not valid."""
        objects = y[y[..., 0] != -1]  # (objects, 5)
        number, low, high = objects[:, 0], objects[:, 1:3], objects[:, 3:]
        if (wrong := (number < 0) | (number != number.round())).any():
            raise ValueError(f"loss=yolo is for classes that are integers from 0 on, the data has {number[wrong][0]:g}")
        if (wrong := ((low < 0) | (low >= high) | (high > 1)).any(1)).any():
            raise ValueError(
                "loss=yolo is for boxes with 0 <= left < right <= 1 and 0 <= top < bottom <= 1, the data has (left,"
                f" top, right, bottom) {objects[wrong][0, 1:].tolist()}"
            )

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        """Mean over the examples of eq 3."""
        terms = self.terms(output, y)
        found = self.lambda_coord * (terms["centre"] + terms["size"]) + terms["confidence"] + terms["class"]
        return (found + self.lambda_noobj * terms["no_object"]).mean()

    def terms(self, output: Tensor, y: Tensor) -> dict[str, Tensor]:
        """The five sums of eq 3 without their factors, (n,) each."""
        predicted, classes = self._split(output)  # (n, rows, columns, B, 5), (n, rows, columns, K)
        truth = owners(y, output.shape[2], output.shape[3])  # (n, rows, columns, 5)
        error = (predicted[..., :4] - relative(truth[..., 1:])[..., None, :]).square()  # (n, rows, columns, B, 4)
        overlap = iou(corners(predicted[..., :4].detach()), truth[..., None, 1:])  # (n, rows, columns, B)
        occupied = truth[..., 0] >= 0
        responsible = best_box(overlap, error.detach().sum(-1)) & occupied[..., None]  # (n, rows, columns, B)
        right = truth[..., :1] == torch.arange(classes.shape[-1], device=y.device)  # (n, rows, columns, K)
        sums = {
            "centre": error[..., :2].sum(-1) * responsible,
            "size": error[..., 2:].sum(-1) * responsible,
            "confidence": (predicted[..., 4] - overlap).square() * responsible,
            "no_object": predicted[..., 4].square() * ~responsible,
            "class": (classes - right.float()).square() * occupied[..., None],
        }
        return {name: each.flatten(1).sum(1) for name, each in sums.items()}

    def grid(self, output: Tensor) -> Grid:
        """All that the network says, before anything is chosen from it."""
        predicted, classes = self._split(output)
        return Grid(corners(predicted[..., :4]), predicted[..., 4], classes)

    def predict(self, output: Tensor) -> Tensor:
        """The objects found, best first: (n, most, 6), each class, score, left, top, right, bottom; -1 where no more.

        The score is the confidence of a box times the probability of the class (eq 1): as outputs are linear, it may
        exceed 1. Of the boxes of one class that overlap only the best is kept (section 2.3).
        """
        from torchvision.ops import batched_nms  # torchvision takes seconds to import

        boxes, confidence, classes = self.grid(output)
        scores = confidence.clamp(min=0)[..., None] * classes.clamp(min=0)[..., None, :]  # (n, rows, columns, B, K)
        boxes = boxes.clamp(0, 1)
        inside = (boxes[..., 2:] > boxes[..., :2]).all(-1, keepdim=True)
        chosen = ((scores > self.score_threshold) & inside).nonzero()  # (candidates, 5): few of the boxes
        scores, boxes = scores[chosen.unbind(1)], boxes[chosen[:, :4].unbind(1)]
        image, label = chosen[:, 0], chosen[:, 4]
        group = image * classes.shape[-1] + label  # what suppresses each other; double, as boxes are shifted by it
        kept = batched_nms(boxes.double(), scores.double(), group, self.iou_threshold)
        found = torch.cat([label[:, None], scores[:, None], boxes], 1)
        return best_of_each(found[kept], image[kept], len(output), self.most)

    def _split(self, output: Tensor) -> tuple[Tensor, Tensor]:
        """The numbers of the boxes, (n, rows, columns, B, 5), and of the classes, (n, rows, columns, K)."""
        if output.dim() != 4:
            raise ValueError(
                f"loss=yolo needs outputs of shape (n, {5 * self.boxes} + classes, rows, columns); the network gives"
                f" {tuple(output.shape)}: type model=yolo_lite"
            )
        cells = output.movedim(1, -1)
        return cells[..., : 5 * self.boxes].unflatten(-1, (self.boxes, 5)), cells[..., 5 * self.boxes :]


def best_box(overlap: Tensor, error: Tensor) -> Tensor:
    """Which of the boxes of a cell is responsible: True for one of B, (..., B) each.

    The one with the highest IoU, or if none overlaps the object, the one with the smallest error (as in darknet: at the
    first step no box may overlap anything).
    """
    fit = torch.where(overlap.amax(-1, keepdim=True) > 0, overlap, -error)
    return fit.argmax(-1, keepdim=True) == torch.arange(fit.shape[-1], device=fit.device)
