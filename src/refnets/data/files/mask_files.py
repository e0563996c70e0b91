"""The classes that the values of masks stand for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from refnets.data.files.fitting import Size, fit_mask
from refnets.data.files.mask_values import HALVES, Stored, read_masks, refuse_third_value
from refnets.data.target import IGNORED

SHOWN = 12  # values that a message lists
BLACK, WHITE = b"\0\0\0", b"\xff\xff\xff"  # in a palette
Pair = tuple[Path, Path]  # an image and its mask


class Coding(NamedTuple):
    """The value that pixels have in files, and the class that it stands for; whether values are colors, 0xrrggbb.

    With a threshold there are two classes, of pixels below it and the others.
    """

    values: tuple[int, ...]
    classes: tuple[int, ...]
    colored: bool
    threshold: int | None
    indices: bool  # whether of palette images the indices are known to be the values, whatever colors they have


def value_of(value: int | str) -> int:
    """A value of the configuration as a number: itself, or of "#rrggbb" 0xrrggbb. Raises ValueError for others."""
    if isinstance(value, int):
        return value
    if re.fullmatch("#[0-9a-fA-F]{6}", value):
        return int(value[1:], 16)
    raise ValueError(f"{value!r} is no value of pixels: should be an integer, or a color as '#ff8000'")


def to_classes(mask: Stored, coding: Coding) -> np.ndarray:
    """The class of each pixel, bytes (height, width).

    Raises ValueError naming the file, a value that has no class, and what to type.
    """
    threshold, values = coding.threshold, mask.values
    if mask.is_jpeg and coding.values == HALVES:
        refuse_third_value(mask)
        threshold = 128
    if mask.is_bits and (threshold or coding.values == HALVES):  # what is 255 in masks of bytes
        values = 255 * values
    if threshold:
        values = np.where(values < threshold, *coding.values)
    order = np.argsort(coding.values)
    known, classes = np.array(coding.values)[order], np.array(coding.classes, np.uint8)[order]
    place = np.searchsorted(known, values).clip(max=len(known) - 1)  # (height, width)
    if (wrong := known[place] != values).any():
        _refuse_values(mask, np.unique(values[wrong]), coding)
    return classes[place]


def of_one_palette(masks: Iterable[Stored], coding: Coding) -> Iterator[Stored]:
    """The masks. Raises ValueError when a value that counts has one color in one file and another in a second.

    And when of two classes the first is white and the second black: programs that make palettes put white first.
    """
    seen: dict[int, tuple[bytes, Path]] = {}
    counting = [value for value, number in zip(coding.values, coding.classes, strict=True) if number != IGNORED]
    for mask in masks:
        for value in set(np.unique(mask.values)) & set(counting) if mask.palette and not coding.indices else ():
            color = mask.palette[3 * value : 3 * value + 3]
            first, file = seen.setdefault(value, (color, mask.file))
            if color != first:
                raise ValueError(
                    f"the pixels of value {value} have the color '#{first.hex()}' in {file} and '#{color.hex()}' in"
                    f" {mask.file}: each file has a palette of its own. Type the colors of all classes,"
                    f" \"data.values=['#000000','#{color.hex()}',...]\"; or if the values count and not the colors,"
                    f" data.values=[{','.join(map(str, counting))}]"
                )
        if coding.values == (0, 1) and [seen.get(value, (b"",))[0] for value in (0, 1)] == [WHITE, BLACK]:
            raise ValueError(
                f"the value 0 is white in {seen[0][1]}, and 1 black in {seen[1][1]}: is white the first class? Type"
                " data.values=[0,1] if so, else \"data.values=['#000000','#ffffff']\""
            )
        yield mask


@lru_cache(maxsize=3)  # the runs of a sweep share the masks of the three splits
def load_masks(
    pairs: Sequence[Pair], sizes: Sequence[tuple[int, int]], size: Size | None, coding: Coding
) -> tuple[Tensor, list[Path]]:
    """The masks (n, height, width) of images with these sizes (width, height), and which of them JPEG has changed."""
    masks, jpegs = [], []
    stored = read_masks((file for _, file in pairs), coding.colored)
    for (image, file), (width, height), mask in zip(pairs, sizes, of_one_palette(stored, coding), strict=True):
        if mask.values.shape != (height, width):
            found = " x ".join(map(str, mask.values.shape[::-1]))
            turn = "turn it as its image is, or " if mask.values.shape == (width, height) else ""
            raise ValueError(
                f"{file} has {found} pixels, and its image {image} {width} x {height}: {turn}scale it to the size of"
                " the image, every pixel to the nearest one"
            )
        classes = to_classes(mask, coding)
        masks.append(torch.from_numpy(fit_mask(classes, size) if size else classes))
        jpegs += [file] * (mask.is_jpeg and coding.values == HALVES)
    return torch.stack(masks), jpegs


def _refuse_values(mask: Stored, wrong: np.ndarray, coding: Coding) -> None:
    def shown(numbers: Sequence[int]) -> str:
        texts = [f"'#{number:06x}'" if coding.colored else str(number) for number in numbers]
        return ", ".join(texts[:SHOWN]) + (", ..." if len(texts) > SHOWN else "")

    jpeg = "; it is a JPEG, which changes values: save masks as PNG" if mask.is_jpeg else ""
    earlier = [value for value, number in zip(coding.values, coding.classes, strict=True) if number == IGNORED]
    every = [*earlier, *wrong]
    ways = ["the names of all classes, data.classes=[...], and their values, data.values=[...]"]
    if len(every) <= SHOWN:
        ignored = shown(every) if len(every) == 1 else f"[{shown(every)}]"
        ways.append(f'if such pixels are not to count, "data.ignore={ignored}"')
    if len(coding.values) == 2 and not coding.colored:
        soft = 255 in mask.values
        ways.append(
            f"if {'edges are soft' if soft else 'all from 1 on are one class, as objects that are numbered'},"
            f" data.values=null data.threshold={128 if soft else 1}"
        )
    raise ValueError(
        f"{mask.file} has pixels of the value {shown(wrong[:1])}; the classes have {shown(coding.values)}, this file"
        f" {shown(np.unique(mask.values))}{jpeg}. Type {'; or '.join(ways)}"
    )
