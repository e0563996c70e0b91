"""Boxes in a grid of cells, as YOLO learns them: (left, top, right, bottom) as fractions of the image, and back."""

import torch
import torch.nn.functional as F
from torch import Tensor


def corners(coordinates: Tensor) -> Tensor:
    """What a box is to its cell -> where it is in the image: (n, rows, columns, B, 4) -> the same shape.

    To its cell it is x and y of its centre, from 0 to 1 in the cell, and the square roots of width and height.
    """
    x, y, root_width, root_height = coordinates.unbind(-1)
    across, down = positions(coordinates)
    x, y = (x + across) / coordinates.shape[2], (y + down) / coordinates.shape[1]
    half_width, half_height = root_width.square() / 2, root_height.square() / 2
    return torch.stack([x - half_width, y - half_height, x + half_width, y + half_height], -1)


def relative(boxes: Tensor) -> Tensor:
    """The inverse of `corners`, for one box in each cell: (n, rows, columns, 4) -> the same shape."""
    left, top, right, bottom = boxes.unbind(-1)
    across, down = (each[..., 0] for each in positions(boxes))
    x, y = (left + right) / 2 * boxes.shape[2] - across, (top + bottom) / 2 * boxes.shape[1] - down
    return torch.stack([x, y, (right - left).sqrt(), (bottom - top).sqrt()], -1)


def positions(cells: Tensor) -> tuple[Tensor, Tensor]:
    """In which column and in which row each cell of (n, rows, columns, ...) is: (columns, 1), (rows, 1, 1)."""
    rows, columns = cells.shape[1:3]
    return torch.arange(columns, device=cells.device)[:, None], torch.arange(rows, device=cells.device)[:, None, None]


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of each box of a with the one of b at the same place: (..., 4) -> (...)."""
    width, height = (
        (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).unbind(-1)
    )
    intersection = width * height
    return intersection / (area(a) + area(b) - intersection).clamp(min=1e-12)  # where there is no box it is 0


def area(boxes: Tensor) -> Tensor:
    """As a fraction of the image: (..., 4) -> (...)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def owners(y: Tensor, rows: int, columns: int) -> Tensor:
    """The object whose centre each cell contains, of several the largest: (n, most, 5) -> (n, rows, columns, 5).

    Cells without any have class -1. Darknet keeps the first of several: which one that is would depend on the order.
    """
    order = area(y[..., 1:]).argsort(dim=1, descending=True, stable=True)
    y = F.pad(y.gather(1, order[..., None].expand_as(y)), (0, 0, 0, 1), value=-1)  # and a row for cells without object
    last = y.shape[1] - 1
    first = torch.full((len(y), rows * columns + 1), last, device=y.device)
    place = torch.arange(last + 1, device=y.device).expand(len(y), -1)
    first = first.scatter_reduce(1, cell_of(y, rows, columns), place, "amin")[:, :-1]  # (n, rows * columns)
    return y.gather(1, first[..., None].expand(-1, -1, 5)).unflatten(1, (rows, columns))


def cell_of(y: Tensor, rows: int, columns: int) -> Tensor:
    """The number of the cell that contains each centre; rows * columns where there is no object: (n, most)."""
    x = ((y[..., 1] + y[..., 3]) / 2 * columns).long().clamp(0, columns - 1)
    row = ((y[..., 2] + y[..., 4]) / 2 * rows).long().clamp(0, rows - 1)
    return torch.where(y[..., 0] >= 0, row * columns + x, rows * columns)


def crowded_out(y: Tensor, rows: int, columns: int) -> int:
    """How many objects such a grid cannot learn, as a larger one has its centre in the same cell."""
    return int((y[..., 0] >= 0).sum() - (owners(y, rows, columns)[..., 0] >= 0).sum())


def best_of_each(found: Tensor, image: Tensor, n: int, most: int) -> Tensor:
    """Rows of the images (0 to n-1) that `image` says, best first -> (n, most, ...), -1 where an image has fewer."""
    order = image.argsort(stable=True)
    found, image = found[order], image[order]
    place = torch.arange(len(image), device=image.device) - torch.searchsorted(image, image)  # among its image's
    found, image, place = (each[place < most] for each in (found, image, place))
    best = found.new_full((n, most, *found.shape[1:]), -1)
    best[image, place] = found
    return best
