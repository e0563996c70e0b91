"""Random changes of images that move their masks and boxes along."""

from collections.abc import Sequence
from math import log, pi

import torch
import torch.nn.functional as F
from torch import Tensor

from refnets.data.boxes import area
from refnets.data.target import IGNORED

# A box of which less than this is left in the image becomes no object: what is left hardly shows what it is.
LEAST_SHARE = 0.25


def random_flips(n: int, left_right: bool, top_bottom: bool, generator: torch.Generator) -> Tensor:
    """-1 where an image is to be mirrored left to right, and top to bottom, half of the time each, else 1: (n, 2)."""
    columns, rows = torch.randint(2, (2, n), generator=generator, device=generator.device)
    return torch.stack([1 - 2 * left_right * columns, 1 - 2 * top_bottom * rows], 1)


def random_maps(
    flips: Tensor, size: Sequence[int], rotate: float, scale: Sequence[float], shift: float, generator: torch.Generator
) -> Tensor:
    """For images of (height, width) = `size`, where in the old image each point of the new one is: maps (n, 2, 3).

    The old one is mirrored by `flips`, (n, 2), turned by up to `rotate` degrees either way, made larger by a factor
    from `scale` (uniform in its logarithm) and moved by up to the fraction `shift` of its width and its height.
    Positions are (x, y) from -1 to 1, as those of torch's `affine_grid`.
    """
    height, width = size
    uniform = torch.rand(len(flips), 4, generator=generator, device=generator.device)
    angle = (2 * uniform[:, 0] - 1) * rotate * pi / 180
    smaller = (-log(scale[0]) - uniform[:, 1] * log(scale[1] / scale[0])).exp()
    cos, sin = angle.cos() * smaller, angle.sin() * smaller  # (n,)
    turn = torch.stack([cos, sin * (height / width), -sin * (width / height), cos], 1).view(-1, 2, 2)
    turn = turn * flips[:, :, None]  # (n, 2, 2)
    moved = (4 * uniform[:, 2:] - 2) * shift  # (n, 2): the image is 2 wide and 2 high
    return torch.cat([turn, -turn @ moved[:, :, None]], 2)


def sources(maps: Tensor, size: Sequence[int]) -> Tensor:
    """Where in the old image the pixels of the new one are: (n, height, width, 2).

    As torch's `affine_grid`, but in the order of memory in which all of it takes a third of the time.
    """
    rows, columns = ((2 * torch.arange(length, device=maps.device) + 1) / length - 1 for length in size)
    across, down, moved = maps.unbind(2)  # (n, 2) each: how both coordinates change along a row, along a column
    planes = across[:, :, None, None] * columns + (down[:, :, None] * rows + moved[:, :, None])[:, :, :, None]
    return planes.permute(0, 2, 3, 1)  # planes: (n, 2, height, width)


def warp(x: Tensor, grid: Tensor, color: Tensor) -> Tensor:
    """The images (n, channels, height, width) as floats, interpolated, and `color`, (channels, 1, 1), outside."""
    return F.grid_sample(x - color, grid, align_corners=False) + color


def warp_mirrored(x: Tensor, grid: Tensor) -> Tensor:
    """Images as `warp` gives them, but mirrored outside, as for U-Net (Ronneberger et al. 2015, fig 2)."""
    return F.grid_sample(x.float(), grid, padding_mode="reflection", align_corners=False)


def warp_masks(y: Tensor, grid: Tensor) -> Tensor:
    """The masks (n, height, width) of these images: of each pixel the nearest, outside `IGNORED`."""
    shifted = (y.float() - IGNORED)[:, None]  # grid_sample has zeros outside
    return (F.grid_sample(shifted, grid, "nearest", align_corners=False)[:, 0] + IGNORED).byte()


def warp_boxes(y: Tensor, maps: Tensor) -> Tensor:
    """The boxes (n, most, 5) around the boxes in these images, cut to them; those that are hardly left are no more."""
    matrix, offset = maps[:, :, :2], maps[:, :, 2]
    (a, b), (c, d) = matrix[:, 0].unbind(1), matrix[:, 1].unbind(1)  # (n,) each
    inverse = torch.stack([d, -b, -c, a], 1).view(-1, 2, 2) / (a * d - b * c)[:, None, None]
    low, high = 2 * y[..., 1:3] - 1, 2 * y[..., 3:] - 1  # (n, most, 2)
    centre = ((low + high) / 2 - offset[:, None]) @ inverse.mT
    half = (high - low) / 2 @ inverse.abs().mT  # of the box around the four corners
    box = (torch.cat([centre - half, centre + half], 2) + 1) / 2  # (n, most, 4)
    return _visible(y[..., :1], box)


def random_crops(x: Tensor, y: Tensor, size: Sequence[int], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A part of `size` (height, width) of each image (n, channels, ., .) and of its mask, somewhere in it."""
    rows, columns = (
        torch.randint(side - part + 1, (len(x), 1), generator=generator, device=x.device)
        + torch.arange(part, device=x.device)
        for side, part in zip(x.shape[2:], size, strict=True)
    )  # (n, height), (n, width)
    where = torch.arange(len(x), device=x.device)[:, None, None], rows[:, :, None], columns[:, None, :]
    return x.movedim(1, 3)[where].movedim(3, 1), y[where]


def flip_exactly(pixels: Tensor, flips: Tensor) -> Tensor:
    """The images (n, channels, height, width) or masks (n, height, width), mirrored by `flips`, (n, 2)."""
    for axis, flip in ((-1, flips[:, 0]), (-2, flips[:, 1])):
        pixels = torch.where(flip.view(-1, *[1] * (pixels.dim() - 1)) < 0, pixels.flip(axis), pixels)
    return pixels


def flip_boxes(y: Tensor, flips: Tensor) -> Tensor:
    """The boxes (n, most, 5) in the images that are mirrored by `flips`, (n, 2)."""
    low, high = y[..., 1:3], y[..., 3:]
    mirrored = (flips[:, None] < 0) & (y[..., :1] >= 0)  # (n, most, 2): rows that are no objects stay zero
    return torch.cat([y[..., :1], torch.where(mirrored, 1 - high, low), torch.where(mirrored, 1 - low, high)], 2)


def light(x: Tensor, strength: float, color: Tensor, generator: torch.Generator) -> Tensor:
    """The images (n, channels, height, width) in another light: b (c (x - color) + color), cut to 0 to 255.

    Contrast c and brightness b of each image are uniform from 1 - strength to 1 + strength.
    """
    uniform = torch.rand(2, len(x), 1, 1, 1, generator=generator, device=generator.device)
    contrast, brightness = 1 + strength * (2 * uniform - 1)
    return torch.addcmul(brightness * (1 - contrast) * color, x.float(), brightness * contrast).clamp_(0, 255)


def grain(x: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """The images (n, channels, height, width) with noise in their brightness, cut to 0 to 255.

    It is normal and another for every pixel; its standard deviation is uniform from 0 to 255 `strength` for each image.
    """
    how = {"generator": generator, "device": x.device}
    deviation = 255 * strength * torch.rand(len(x), 1, 1, 1, **how)
    return (x + deviation * torch.randn(len(x), 1, *x.shape[2:], **how)).clamp_(0, 255)


def _visible(classes: Tensor, box: Tensor) -> Tensor:
    """Rows (n, most, 5) of these classes and boxes, which are cut to the image; first the objects, then no objects."""
    cut = box.clamp(0, 1)
    left, whole = area(cut)[..., None], area(box)[..., None]
    is_object = (classes >= 0) & (left > 0) & (left >= LEAST_SHARE * whole)  # (n, most, 1)
    rows = torch.cat([torch.where(is_object, classes, -1), torch.where(is_object, cut, 0)], 2)  # (n, most, 5)
    order = (~is_object).byte().argsort(dim=1, stable=True)
    return rows.gather(1, order.expand_as(rows))
