"""Signals with a hidden block, to be reconstructed: generative self-supervised learning (book section 9.3.7)."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import torch
from pydantic import PositiveInt
from torch import Tensor

from refnets.data.batches import Split
from refnets.data.target import Hidden
from refnets.data.unlabelled import Unlabelled

if TYPE_CHECKING:
    from torchmetrics import Metric


@dataclass(kw_only=True)
class Masked(Unlabelled):
    """The inputs of the data set `of`, without its targets; `hidden` positions in a row are set to zero in each.

    In training, every step hides other positions; those of the splits stay, so that evaluations can be compared.
    """

    hidden: PositiveInt

    @property
    def target(self) -> Hidden:
        """All values of the input."""
        return Hidden(prod(self.input_shape))

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Those of `of`. Raises ValueError when nothing of an input would be left."""
        if self.hidden >= self.target.size:
            raise ValueError(f"data.hidden={self.hidden} leaves nothing of an input of {self.target.size} values")
        generator = torch.Generator().manual_seed(0)
        return {name: self.hide(split.x.flatten(1), generator) for name, split in self.of.splits.items()}

    def augment(self, _: Tensor, y: Tensor, generator: torch.Generator) -> Split:
        """The same examples with other blocks hidden."""
        return self.hide(y[:, 0], generator)

    def hide(self, values: Tensor, generator: torch.Generator) -> Split:
        """Hides a block of each of the inputs (n, P); their positions are a circle, as those of MNIST-1D."""
        n, size = values.shape
        first = torch.randint(size, (n, 1), generator=generator, device=values.device)
        hidden = (torch.arange(size, device=values.device) - first) % size < self.hidden  # (n, P)
        x = values.masked_fill(hidden, 0).view(n, *self.input_shape)
        return Split(x, torch.stack([values, hidden.to(values.dtype)], 1))  # y: (n, 2, P)

    def metrics(self) -> dict[str, "Metric"]:
        """The unexplained part of the hidden values in percent."""
        from refnets.metrics import Unexplained  # torchmetrics takes seconds to import

        return {"unexplained": Unexplained()}
