"""What the targets of a data set are: a loss asks it how many numbers a network must predict."""

from dataclasses import dataclass

LEAST_SCORE = 0.2  # predicted boxes with a lower one are not shown, as in darknet; only average precision needs them
IGNORED = 255  # the class of pixels without a label


class WrongTargetError(ValueError):
    """A loss is for targets of another kind than those of the data."""


@dataclass(frozen=True)
class Classes:
    """One class per example: integers 0 to len(names) - 1."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Masks:
    """One class per pixel: bytes y of shape (n, height, width), 0 to len(names) - 1, or `IGNORED`."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Boxes:
    """Objects in an image: y of shape (n, most, 5), each class, left, top, right, bottom.

    The sides are fractions of the image's width and height. An image with fewer than `most` objects has rows of class
    -1 at the end. Boxes that are predicted, (n, most, 6), have their score after the class.
    """

    names: tuple[str, ...]


@dataclass(frozen=True)
class Values:
    """Numbers: y of shape (n,) when `size` is 1, else (n, size)."""

    size: int = 1


@dataclass(frozen=True)
class Ordering:
    """An ordering of `items` items per example: y of shape (n, items), the item that comes first first."""

    items: int


@dataclass(frozen=True)
class Hidden:
    """The `size` values of an input, some of them hidden: y of shape (n, 2, size), the values, and 1 where hidden."""

    size: int


@dataclass(frozen=True)
class Views:
    """Which example an input is a view of: integers, y of shape (n,), each twice."""
