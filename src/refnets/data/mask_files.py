"""Mask files as people have them: numbers of classes, 0 and 255, palettes, colours."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from refnets.data.image_files import Size, fit_mask, open_image, read_all
from refnets.data.target import IGNORED

HALVES = 0, 255  # how masks of two classes are often stored, so that one sees something
SHOWN = 12  # values that a message lists
Pair = tuple[Path, Path]  # an image and its mask


class Coding(NamedTuple):
    """The value that pixels have in files, and the class that it stands for; whether values are colours, 0xrrggbb.

    With a threshold there are two classes, of pixels below it and the others.
    """

    values: tuple[int, ...]
    classes: tuple[int, ...]
    coloured: bool
    threshold: int | None


class Stored(NamedTuple):
    """The values of a mask's pixels, (height, width); of JPEG not quite those that were saved."""

    file: Path
    values: np.ndarray
    is_jpeg: bool


def value_of(value: int | str) -> int:
    """A value of the configuration as a number: itself, or of "#rrggbb" 0xrrggbb. Raises ValueError for others."""
    if isinstance(value, int) and value >= 0:
        return value
    try:
        if isinstance(value, str) and len(value) == 7 and value[0] == "#":
            return int(value[1:], 16)
    except ValueError:
        pass
    raise ValueError(f"{value!r} is no value of pixels: should be an integer from 0 on, or a colour as '#ff8000'")


def read_mask(file: Path, coloured: bool) -> Stored:
    """The mask: of a palette image its indices, of a GIF, where they mean nothing, its greys; with `coloured` colours.

    Raises ValueError when the image has colours and `coloured` says that it has none, or fractions.
    """
    image, _, kind = open_image(file)
    if coloured:
        channels = np.asarray(image.convert("RGB"), dtype=np.int32)
        values = channels[..., 0] << 16 | channels[..., 1] << 8 | channels[..., 2]
    elif len(bands := image.getbands()) > 2 or kind == "GIF":  # whose palette is its own: its indices mean nothing
        values = _grey(file, np.asarray(image.convert("RGB")))
    else:  # a number or an index, and maybe how opaque it is
        values = np.asarray(image)[..., 0] if len(bands) == 2 else np.asarray(image)
    if values.dtype.kind == "f" and (values != values.round()).any():
        raise ValueError(f"{file} has fractions for pixels (mode {image.mode}): save the numbers of classes as bytes")
    return Stored(file, values.astype(np.int32), kind in ("JPEG", "MPO"))


def read_masks(files: Iterable[Path], coloured: bool) -> Iterator[Stored]:
    """Each of them; see `read_mask`, and `read_all` for damaged ones."""
    return read_all(partial(read_mask, coloured=coloured), files)


@lru_cache(maxsize=1)
def are_halves(files: Sequence[Path]) -> bool:
    """Whether these masks have the values 0 and 255 and no others, but for what JPEG did to them."""
    found = False
    for mask in read_masks(files, coloured=False):
        if not (mask.is_jpeg or np.isin(mask.values, HALVES).all()):
            return False
        found |= bool((mask.values >= 128).any())
    return found


def to_classes(mask: Stored, coding: Coding) -> np.ndarray:
    """The class of each pixel, bytes (height, width).

    Raises ValueError naming the file, a value that has no class, and what to type.
    """
    threshold = 128 if mask.is_jpeg and coding.values == HALVES else coding.threshold
    values = mask.values if threshold is None else np.where(mask.values < threshold, *coding.values)
    order = np.argsort(coding.values)
    known, classes = np.array(coding.values)[order], np.array(coding.classes, np.uint8)[order]
    place = np.searchsorted(known, values).clip(max=len(known) - 1)  # (height, width)
    if (wrong := known[place] != values).any():
        _refuse_values(mask, np.unique(values[wrong]), coding)
    return classes[place]


@lru_cache(maxsize=3)  # the runs of a sweep share the masks of the three splits
def load_masks(
    pairs: Sequence[Pair], sizes: Sequence[tuple[int, int]], size: Size | None, coding: Coding
) -> tuple[Tensor, list[Path]]:
    """The masks (n, height, width) of images with these sizes (width, height), and which of them JPEG has changed."""
    masks, jpegs = [], []
    stored = read_masks((file for _, file in pairs), coding.coloured)
    for (image, file), (width, height), mask in zip(pairs, sizes, stored, strict=True):
        if mask.values.shape != (height, width):
            found = " x ".join(map(str, mask.values.shape[::-1]))
            raise ValueError(f"{file} has {found} pixels, and its image {image} {width} x {height}")
        classes = to_classes(mask, coding)
        masks.append(torch.from_numpy(fit_mask(classes, size) if size else classes))
        jpegs += [file] * (mask.is_jpeg and coding.values == HALVES)
    return torch.stack(masks), jpegs


def _grey(file: Path, channels: np.ndarray) -> np.ndarray:
    if (coloured := (channels != channels[..., :1]).any(-1)).any():
        colour = "'#{:02x}{:02x}{:02x}'".format(*channels[coloured][0])
        raise ValueError(
            f"{file} has pixels of the colour {colour}: type the colours of all classes,"
            f" \"data.values=['#000000',{colour},...]\""
        )
    return channels[..., 0]


def _refuse_values(mask: Stored, wrong: np.ndarray, coding: Coding) -> None:
    def shown(numbers: Sequence[int]) -> str:
        texts = [f"'#{number:06x}'" if coding.coloured else str(number) for number in numbers]
        return ", ".join(texts[:SHOWN]) + (", ..." if len(texts) > SHOWN else "")

    jpeg = "; it is a JPEG, which changes values: save masks as PNG" if mask.is_jpeg else ""
    earlier = [value for value, number in zip(coding.values, coding.classes, strict=True) if number == IGNORED]
    every = [*earlier, *wrong]
    ways = ["the names of all classes, data.classes=[...], and their values, data.values=[...]"]
    if len(every) <= SHOWN:
        ignored = shown(every) if len(every) == 1 else f"[{shown(every)}]"
        ways.append(f'if such pixels are not to count, "data.ignore={ignored}"')
    if len(coding.values) == 2 and 255 in mask.values and not coding.coloured:
        ways.append("if edges are soft, data.values=null data.threshold=128")
    raise ValueError(
        f"{mask.file} has pixels of the value {shown(wrong[:1])}; the classes have {shown(coding.values)}, this file"
        f" {shown(np.unique(mask.values))}{jpeg}. Type {'; or '.join(ways)}"
    )
