"""Image files as people have them: of any mode and size, damaged, stored turned, with names that lie."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from shlex import join
from typing import NamedTuple, TypeVar

from PIL import Image, ImageOps
from PIL.ExifTags import Base

# Those of named_files.EXTENSIONS: of others Pillow opens some by running programs, as Ghostscript for PostScript.
FORMATS = "BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP"
SHOWN = 10  # further unreadable files that a message lists
Made = TypeVar("Made")


class UnreadableError(ValueError):
    """A file cannot be read as one image of bytes; others beside it may be as bad, see `read_all`."""


class Upright(NamedTuple):
    """An image as it is to be looked at, and the number from 1 to 8 of how it is stored turned or mirrored (EXIF)."""

    image: Image.Image
    orientation: int
    format: str | None  # JPEG, PNG ..., whatever the name ends in


def open_image(file: Path) -> Upright:
    """The image in its own mode.

    Raises ValueError naming the file when it is damaged or huge, holds several images, or colors of CIELAB or, in PNG
    and TIFF, of more than 8 bits a channel.
    """
    try:
        with Image.open(file, formats=FORMATS) as stored:
            images = 1 if stored.format == "MPO" else getattr(stored, "n_frames", 1)  # a camera's own, for its display
            deep = re.search(";16[BLN]", str(stored.tile)) and len(stored.getbands()) > 1  # Pillow would cut them to 8
            orientation = _orientation(stored)  # of a TIFF it is gone once the pixels are read
            image = stored.copy() if orientation == 1 else ImageOps.exif_transpose(stored)
    except FileNotFoundError:
        raise ValueError(f"{file}: there is no such file") from None
    except MemoryError:
        raise
    except Image.DecompressionBombError as error:
        raise UnreadableError(f"{file} is too large ({error}): scale it down, or cut it into parts") from error
    except Exception as error:  # Pillow has errors of its own for every kind of damage
        raise UnreadableError(f"{file} cannot be read as an image ({error}): replace or delete it") from error
    if images > 1:
        parts = join(["magick", str(file), str(file.with_suffix("")) + "-%03d.png"])
        raise UnreadableError(
            f"{file} holds {images} images: make each of them a file of its own, as ImageMagick does by {parts}, and"
            " take this one away"
        )
    if deep:
        _refuse_depth(file, f"{image.mode} of 16")
    if image.mode == "LAB":
        rgb = join(["magick", str(file), "-colorspace", "sRGB", str(file.with_suffix(".png"))])
        raise UnreadableError(f"{file} has colors of the kind CIELAB: convert it, as ImageMagick does by {rgb}")
    return Upright(image, orientation, stored.format)


def read_image(file: Path) -> Image.Image:
    """The image in RGB, turned upright. Raises ValueError as `open_image`, and for more than 8 bits a channel."""
    return open_rgb(file).image


def open_rgb(file: Path) -> Upright:
    """The file as an upright image in RGB, and what `open_image` says of it."""
    opened = open_image(file)
    if opened.image.mode.startswith(("I", "F")):
        _refuse_depth(file, opened.image.mode)
    return opened._replace(image=opened.image.convert("RGB"))


def read_all(read: Callable[[Path], Made], files: Iterable[Path]) -> Iterator[Made]:
    """What `read` makes of each file up to an unreadable one. After the last, raises ValueError naming all of these."""
    unreadable: dict[Path, str] = {}
    for file in files:
        try:
            made = read(file)
        except UnreadableError as error:
            unreadable[file] = str(error)  # the error itself would keep what was read of the image
            continue
        if not unreadable:
            yield made
    if unreadable:
        _refuse_unreadable(unreadable)


def _orientation(stored: Image.Image) -> int:
    """From 1 to 8 by the EXIF; 1, as it is, where that says nothing or is damaged, as cameras and websites leave it."""
    try:
        orientation = stored.getexif().get(Base.Orientation)
    except Exception:  # Pillow has errors of its own for every kind of damage
        return 1
    return orientation if orientation in range(1, 9) else 1


def _refuse_depth(file: Path, mode: str) -> None:
    eight = join(["magick", str(file), "-depth", "8", str(file.with_suffix(".png"))])
    raise UnreadableError(
        f"{file} has more than 8 bits a channel (mode {mode}): convert it to 8, as ImageMagick does by {eight}, and"
        " take a file of the same name away; of a mask save the numbers of classes as bytes"
    )


def _refuse_unreadable(unreadable: dict[Path, str]) -> None:
    first, *others = unreadable
    more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
    also = f". Unreadable are also {', '.join(map(str, others[:SHOWN]))}{more}" if others else ""
    raise ValueError(f"{unreadable[first]}{also}")
