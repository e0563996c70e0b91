"""A part of the classes of a data set: a task of its own, to transfer from or to (book section 9.3.6)."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from pydantic import NonNegativeInt, PositiveInt

from refnets.data.batches import Augment, Split
from refnets.data.data import Data
from refnets.data.target import Classes

if TYPE_CHECKING:
    from torchmetrics import Metric


@dataclass(kw_only=True)
class SomeClasses(Data):
    """The examples of the data set `of` that are of one of `classes`, which are numbered from 0 in their order here."""

    of: Any
    classes: list[NonNegativeInt]
    batch_size: PositiveInt | None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """That of `of`."""
        return tuple(self.of.input_shape)

    @property
    def as_bytes(self) -> bool:
        """Whether inputs of `of` are bytes."""
        return self.of.as_bytes

    @property
    def skipped(self) -> Mapping[str, int]:
        """What `of` has left out."""
        return self.of.skipped

    @property
    def augment(self) -> Augment | None:
        """How `of` changes its examples in every step, if it does: what it hides has the mean color of those left."""
        return self._left.augment

    @property
    def target(self) -> Classes:
        """The chosen classes. Raises ValueError when `of` has no such class, or one is chosen twice."""
        if not isinstance(self.of.target, Classes):
            raise ValueError(f"data.of should have classes, as mnist1d, and has {self.of.target}")
        names = self.of.target.names
        if len(set(self.classes)) < len(self.classes) or not self.classes or max(self.classes) >= len(names):
            raise ValueError(f"data.classes={self.classes}: should be different numbers from 0 to {len(names) - 1}")
        return Classes(tuple(names[each] for each in self.classes))

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Those of `of`. Raises ValueError when there is nothing left of one."""
        splits = {name: self._chosen(split) for name, split in self.of.splits.items()}
        if empty := [name for name, split in splits.items() if not len(split.x)]:
            raise ValueError(f"data.classes={self.classes}: the {empty[0]} split has no example of them")
        return splits

    def metrics(self) -> dict[str, "Metric"]:
        """Those of `of`."""
        return self.of.metrics()

    @cached_property
    def _left(self) -> Any:
        """`of` without the examples of other classes."""
        left = copy(self.of)
        left.splits = self.splits
        return left

    def _chosen(self, split: Split) -> Split:
        is_of = split.y[:, None] == torch.tensor(self.classes)  # (n, classes)
        chosen = is_of.any(1)
        return Split(split.x[chosen], is_of[chosen].int().argmax(1))
