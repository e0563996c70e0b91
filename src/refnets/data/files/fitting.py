"""Images of any size in one tensor: fitted into one size, or cropped to it."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from refnets.data.files.image_files import open_rgb, read_all, read_image
from refnets.data.target import IGNORED
from refnets.memory import refuse_larger

Size = tuple[int, int]  # (height, width)
GREY = 128, 128, 128  # what is around an image that is fitted into a size


class Loaded(NamedTuple):
    """Images (n, 3, height, width), bytes; the (width, height) of each before it was fitted, and its orientation."""

    x: Tensor
    sizes: list[tuple[int, int]]
    orientations: list[int]


@lru_cache(maxsize=3)  # the runs of a sweep share the images of the three splits
def load(files: Sequence[Path], first: Path, size: Size | None, crop: bool = False) -> Loaded:
    """The images of these files, fitted into `size`, or without one all as large as that of `first`.

    With `crop` they are scaled and cropped around their centre, instead of fitted in. Raises ValueError naming all that
    are unreadable, or the first that is no good for another reason.
    """
    height, width = size or next(read_all(read_image, dict.fromkeys((first, *files)))).size[::-1]
    refuse_larger(f"data.size: {len(files)} images of {height} x {width} pixels", 3 * len(files) * height * width)
    x = torch.empty(len(files), 3, height, width, dtype=torch.uint8)
    sizes, orientations = [], []
    for row, file, (image, orientation, _) in zip(x, files, read_all(open_rgb, files), strict=True):
        sizes.append(image.size)
        orientations.append(orientation)
        if size:
            image = ImageOps.fit(image, size[::-1]) if crop else fit(image, size)
        elif image.size != (width, height):
            how = f"fit all into one size, type data.size=[{height},{width}] (height and width)"
            if crop:
                how = f"scale and crop all, type data.size={min(width, height)}"
            raise ValueError(f"{file} has {image.width} x {image.height} pixels, {first} {width} x {height}; to {how}")
        row.copy_(torch.from_numpy(np.array(image)).permute(2, 0, 1))  # (3, height, width)
    return Loaded(x, sizes, orientations)


def fit(image: Image.Image, size: Size) -> Image.Image:
    """The image scaled to fit into (height, width), at the top left, the rest grey; see `fitted`."""
    return _placed(image, size, Image.Resampling.BILINEAR, GREY)


def fit_mask(mask: np.ndarray, size: Size) -> np.ndarray:
    """The mask, bytes (h, w) -> (height, width), scaled and placed as by `fit`: nearest pixels, the rest `IGNORED`."""
    return np.array(_placed(Image.fromarray(mask), size, Image.Resampling.NEAREST, IGNORED))


def fitted(width: int, height: int, size: Size) -> tuple[int, int]:
    """Width and height that an image of this width and height gets when it is fitted into `size`: whole pixels."""
    scale = min(size[1] / width, size[0] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _placed(image: Image.Image, size: Size, resample: Image.Resampling, fill: int | tuple[int, ...]) -> Image.Image:
    refuse_larger(f"data.size: an image of {size[0]} x {size[1]} pixels", 4 * size[0] * size[1])
    canvas = Image.new(image.mode, size[::-1], fill)
    canvas.paste(image.resize(fitted(*image.size, size), resample))
    return canvas
