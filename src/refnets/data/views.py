"""Two views of every signal: contrastive self-supervised learning (book section 9.3.7; SimCLR, Chen et al. 2020)."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import torch
from annotated_types import Ge
from torch import Tensor

from refnets.data.batches import Split
from refnets.data.mnist1d import SCALES
from refnets.data.target import Views
from refnets.data.unlabelled import Unlabelled

if TYPE_CHECKING:
    from torchmetrics import Metric


@dataclass(kw_only=True)
class Pairs(Unlabelled):
    """The inputs of the data set `of`, without its targets: a view is one of them turned around its circle and scaled.

    Trained on are the inputs of its training split, `examples`, two new views of each in every step. The splits have
    two fixed views of each input, so that evaluations can be compared.
    """

    batch_size: Annotated[int, Ge(2)] | None  # pairs; the views of a single one have none to be told from
    target = Views()

    @cached_property
    def examples(self) -> Split:
        """The training inputs and their numbers."""
        return _numbered(self.of.splits["train"])

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Those of `of`, of twice the size."""
        generator = torch.Generator().manual_seed(0)
        return {name: self.augment(*_numbered(split), generator) for name, split in self.of.splits.items()}

    def augment(self, x: Tensor, y: Tensor, generator: torch.Generator) -> Split:
        """Two views of each of the signals (n, channels, positions), side by side: (2n, channels, positions)."""
        x, y = x.repeat_interleave(2, 0), y.repeat_interleave(2)
        draw = {"generator": generator, "device": x.device}
        offsets = torch.randint(x.shape[2], (len(x), 1, 1), **draw)
        turned = (torch.arange(x.shape[2], device=x.device) - offsets) % x.shape[2]  # (2n, 1, positions)
        low, high = SCALES
        scales = low + (high - low) * torch.rand(len(x), 1, 1, **draw)
        return Split(x.gather(2, turned.expand_as(x)) * scales, y)

    def metrics(self) -> dict[str, "Metric"]:
        """The percentage of views that are more like a view of another input than like their own other one."""
        from refnets.metrics import Unpaired  # torchmetrics takes seconds to import

        return {"unpaired": Unpaired()}


def _numbered(split: Split) -> Split:
    return Split(split.x, torch.arange(len(split.x)))
