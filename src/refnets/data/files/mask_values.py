"""The values in mask files as people have them: numbers of classes, 0 and 255, palettes, colors."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from refnets.data.files.image_files import open_image, read_all

JPEG = "JPEG", "MPO"
BLOCK = 8  # pixels: the side of the squares that JPEG compresses one by one
FLAT = 32  # JPEG changes the values of an area that has one by less
HALVES = 0, 255  # how masks of two classes are often stored, so that one sees something


class Stored(NamedTuple):
    """The values of a mask's pixels, (height, width); of JPEG not quite those that were saved.

    Of an image of bits they are 0 and 1. Where they are indices `palette` has the color of each, three bytes.
    """

    file: Path
    values: np.ndarray
    is_jpeg: bool
    is_bits: bool = False
    palette: bytes = b""


def read_mask(file: Path, colored: bool) -> Stored:
    """The mask: of a palette image its indices, of a GIF, where they mean nothing, its greys; with `colored` colors.

    Raises ValueError when the image has colors and `colored` says that it has none, or fractions.
    """
    image, _, kind = open_image(file)
    if colored:
        channels = np.asarray(image.convert("RGB"), dtype=np.int32)
        values = channels[..., 0] << 16 | channels[..., 1] << 8 | channels[..., 2]
    elif len(bands := image.getbands()) > 2 or kind == "GIF":  # whose palette is its own: its indices mean nothing
        values = _grey(file, np.asarray(image.convert("RGB")), kind)
    else:  # a number or an index, and maybe how opaque it is
        values = np.asarray(image)[..., 0] if len(bands) == 2 else np.asarray(image)
    if values.dtype.kind == "f" and (values != values.round()).any():
        raise ValueError(f"{file} has fractions for pixels (mode {image.mode}): save the numbers of classes as bytes")
    palette = bytes(image.getpalette()) if image.mode == "P" and not colored and kind != "GIF" else b""
    return Stored(file, values.astype(np.int32), kind in JPEG, values.dtype == bool, palette)


def read_masks(files: Iterable[Path], colored: bool) -> Iterator[Stored]:
    """Each of them; see `read_mask`, and `read_all` for unreadable ones."""
    return read_all(partial(read_mask, colored=colored), files)


@lru_cache(maxsize=1)
def are_halves(files: Sequence[Path]) -> bool:
    """Whether these masks have the values 0 and 255 and no others, but for what JPEG did to them."""
    found = False
    for mask in read_masks(files, colored=False):
        if mask.is_jpeg:
            refuse_third_value(mask)
        elif not (mask.is_bits or np.isin(mask.values, HALVES).all()):
            return False
        found |= bool((mask.values >= 128).any())
    return found


def refuse_third_value(mask: Stored) -> None:
    """Raises ValueError where a JPEG has areas that are neither 0 nor 255: whole blocks of about one other value."""
    height, width = (side // BLOCK for side in mask.values.shape)
    blocks = mask.values[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)
    low, high = blocks.min((1, 3)), blocks.max((1, 3))  # (height, width)
    flat = (high - low < FLAT) & (low >= FLAT) & (high <= 255 - FLAT)
    if flat.any():
        raise ValueError(
            f"{mask.file} has areas of about the value {np.median(low[flat]):.0f}, neither 0 nor 255: it is a JPEG,"
            " which changes values; save masks as PNG, or type data.values=null data.threshold=128"
        )


def _grey(file: Path, channels: np.ndarray, kind: str | None) -> np.ndarray:
    if (colored := (channels != channels[..., :1]).any(-1)).any():
        if kind in JPEG:
            raise ValueError(f"{file} has colors and is a JPEG, which changes them: save masks as PNG")
        color = "'#{:02x}{:02x}{:02x}'".format(*channels[colored][0])
        raise ValueError(
            f"{file} has pixels of the color {color}: type the colors of all classes,"
            f" \"data.values=['#000000',{color},...]\""
        )
    return channels[..., 0]
