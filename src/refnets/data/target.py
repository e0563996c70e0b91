"""What the targets of a data set are: a loss asks it how many numbers a network must predict."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Classes:
    """One class per example: integers 0 to len(names) - 1."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Values:
    """Numbers: y of shape (n,) when `size` is 1, else (n, size)."""

    size: int = 1


@dataclass(frozen=True)
class Ordering:
    """An ordering of `items` items per example: y of shape (n, items), the item that comes first first."""

    items: int
