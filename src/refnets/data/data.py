"""What a training asks of its data: every data set is a `Data`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from refnets.data.batches import Augment, Split

if TYPE_CHECKING:
    from torchmetrics import Metric


class Data:
    """Named splits of tensors, the shape of an input, and what a target is. The constructor loads nothing.

    splits      train and others, each of them evaluated as a whole; to read them may raise ValueError or OSError
    target      what a target is, see target.py
    batch_size  examples in a training step; None: all of them
    as_bytes    whether inputs are bytes, which networks normalize themselves, see models/normalized.py
    augment     changes the examples of each step, anew in every one
    crop        height and width of the part of an image that a step has, where it is not the whole
    """

    input_shape: tuple[int, ...]
    target: object
    splits: dict[str, Split]
    batch_size: int | None

    as_bytes: bool = False
    augment: Augment | None = None
    crop: tuple[int, int] | None = None

    @property
    def examples(self) -> Split:
        """What batches are taken from: the training split, unless that has views of the examples."""
        return self.splits["train"]

    @property
    def skipped(self) -> Mapping[str, int]:
        """How often something of its files was left out or changed, by reason. Complete once `splits` are read."""
        return {}

    def metrics(self) -> dict[str, "Metric"]:
        """What is measured of predictions beside the loss, by name: percentages and the like."""
        return {}
