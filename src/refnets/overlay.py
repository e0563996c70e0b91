"""What is said of an image, painted on it: classes of pixels as tints, objects as boxes with class and score."""

from collections.abc import Sequence
from math import isqrt
from pathlib import Path

import matplotlib
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.utils import draw_bounding_boxes, draw_segmentation_masks, make_grid

from refnets.data.target import IGNORED, LEAST_SCORE, Boxes, Masks

# Okabe & Ito's palette, which the color-blind can tell apart; from the eighth class on matplotlib's tab20.
OKABE_ITO = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442"
TAB20 = tuple(matplotlib.colors.to_hex(each) for each in matplotlib.colormaps["tab20"].colors)
FONT = str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))
LEGIBLE = 192  # pixels: an image whose shorter side is smaller is enlarged before it is painted on
LONGEST = 2048  # but not to a longer side of more
LARGE = 512  # and one of as many pixels as a square of twice this side, or more, is shown smaller beside others


def color(number: int) -> str:
    """The color of class `number`, the same in all pictures."""
    colors = OKABE_ITO + TAB20
    return colors[number % len(colors)]


def tinted(image: Tensor, mask: Tensor) -> Tensor:
    """The image, bytes (3, height, width), with a tint for each class of `mask` (height, width), black if ignored."""
    image, mask = image.cpu(), mask.cpu()
    classes = mask[mask != IGNORED].unique().tolist()
    masks = mask == torch.tensor(classes, dtype=mask.dtype)[:, None, None]  # (classes, height, width)
    tints = draw_segmentation_masks(image, masks, 0.5, [color(each) for each in classes]) if classes else image
    return tints.masked_fill(mask == IGNORED, 0)


def objects(boxes: Tensor, least_score: float = LEAST_SCORE) -> Tensor:
    """The rows of a target, (most, 5), or predicted, (most, 6), that are objects with at least this score."""
    scores = boxes[:, 1] if boxes.shape[1] == 6 else torch.ones(len(boxes))
    return boxes[(boxes[:, 0] >= 0) & (scores >= least_score)]


def boxed(image: Tensor, boxes: Tensor, names: Sequence[str]) -> Tensor:
    """The image, bytes (3, height, width), with a frame for each of `boxes`, true or predicted ones (see `Boxes`)."""
    image, (height, width) = image.cpu(), image.shape[1:]
    if not len(boxes := objects(boxes.cpu(), 0).flip(0)):  # the best comes last, and so over the others
        return image
    classes, sides = boxes[:, 0].int().tolist(), boxes[:, -4:] * torch.tensor([width, height, width, height])
    scores = [f" {row[1]:.2f}" if len(row) == 6 else "" for row in boxes.tolist()]
    labels = [f"{names[number]}{score}" for number, score in zip(classes, scores, strict=True)]
    colors = [color(number) for number in classes]
    look = {"width": max(2, min(height, width) // 200), "font": FONT, "font_size": max(9, min(height, width) // 32)}
    return draw_bounding_boxes(image, sides, labels, colors, label_colors="white", fill_labels=True, **look)


def painted(image: Tensor, said: Tensor, target: Masks | Boxes) -> Tensor:
    """The image with what is `said` of it: a mask, or boxes; small images are enlarged.

    A mask that leaves out the border of the image is painted on its middle.
    """
    factor = _factor(image)
    large = _enlarged(image, factor)
    if isinstance(target, Boxes):
        return boxed(large, objects(said), target.names)
    border = [(whole - part) / 2 for whole, part in zip(image.shape[1:], said.shape, strict=True)]
    top, bottom, left, right = (int(side + half) for side in border for half in (0, 0.5))
    whole = F.pad(said, (left, right, top, bottom), value=IGNORED)  # (height, width)
    return tinted(large, _enlarged(whole[None], factor)[0])


def compared(x: Tensor, y: Tensor, predicted: Tensor, target: Masks | Boxes) -> Tensor:
    """A row for each of the images x (n, 3, height, width): itself, the truth and the prediction; one large image.

    Of large images every second pixel is shown, or every third ...: a training shows them at every evaluation.
    """
    step = max(1, isqrt(x.shape[2] * x.shape[3]) // LARGE)
    x = x[..., ::step, ::step]
    if isinstance(target, Masks):
        y, predicted = y[..., ::step, ::step], predicted[..., ::step, ::step]
    panels = []
    for image, truth, said in zip(x.cpu(), y.cpu(), predicted.cpu(), strict=True):
        panels += [_enlarged(image, _factor(image)), painted(image, truth, target), painted(image, said, target)]
    return make_grid(torch.stack(panels), nrow=3, padding=4, pad_value=255)


def _factor(image: Tensor) -> int:
    """By which it is enlarged, so that what is painted on it can be read."""
    shorter, longer = sorted(image.shape[1:])
    return max(1, min(-(-LEGIBLE // shorter), LONGEST // longer))


def _enlarged(image: Tensor, factor: int) -> Tensor:
    """Every pixel `factor` times in both directions: (channels, height, width)."""
    return image.repeat_interleave(factor, 1).repeat_interleave(factor, 2)
