"""What the targets of a data set are: a loss asks it how many numbers a network must predict."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Classes:
    """One class per example: integers 0 to len(names) - 1."""

    names: tuple[str, ...]
