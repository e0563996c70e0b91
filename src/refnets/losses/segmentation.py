"""A class for every pixel: losses of maps (book section 10.5.3)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from pydantic import PositiveFloat
from torch import Tensor, nn

from refnets.data.target import IGNORED, Masks, WrongTargetError


def centred(y: Tensor, size: Sequence[int]) -> Tensor:
    """The middle of maps y, (n, Height, Width) -> (n, height, width): what a network of valid convolutions maps."""
    top, left = ((outer - inner) // 2 for outer, inner in zip(y.shape[1:], size, strict=True))
    if min(top, left) < 0:
        raise ValueError(f"the network gives maps of {tuple(size)} pixels, the masks have {tuple(y.shape[1:])}")
    return y[:, top : top + size[0], left : left + size[1]]


class Pixelwise(nn.Module):
    """A loss of K logits for every pixel, (n, K, height, width); the targets are `Masks`.

    A map that is smaller than the masks is of their middle. Pixels that are `IGNORED` do not count, and an image of
    which all are has the loss 0.
    """

    name: str  # of its option

    def num_outputs(self, target: object) -> int:
        """K. Raises ValueError when the targets are not masks."""
        if not isinstance(target, Masks):
            raise WrongTargetError(f"loss={self.name} needs a class for every pixel, the data has {target}")
        return len(target.names)

    def check(self, y: Tensor) -> None:
        """Raises ValueError when a target is not the number of a class, or all pixels are ignored."""
        if y.is_floating_point() or y.min() < 0:
            raise ValueError(f"loss={self.name} is for targets that are integers from 0 on, the data has {y.min()}")
        if (y == IGNORED).all():
            raise ValueError(f"loss={self.name} has nothing to learn: all pixels of the masks are {IGNORED}, ignored")

    def predict(self, logits: Tensor) -> Tensor:
        """The most probable class of every pixel, bytes (n, height, width)."""
        return logits.max(1).indices.byte()  # up to ten times as fast as argmax

    def _targets(self, logits: Tensor, y: Tensor) -> Tensor:
        if logits.dim() != 4:
            raise ValueError(
                f"loss={self.name} needs maps, outputs of shape (n, classes, height, width); the network gives"
                f" {tuple(logits.shape)}: type model=unet"
            )
        return centred(y, logits.shape[2:])


class PixelwiseCategorical(Pixelwise):
    """Cross-entropy of every pixel's class, times the weight of that class if there are `class_weights`.

    The weighted sum is divided by the number of pixels, not by their weights: an image with little of a rare class
    has a smaller loss than one with much. So the weights scale the loss; with a mean of 1 it stays comparable.
    """

    name = "pixelwise"

    def __init__(self, class_weights: list[PositiveFloat] | None) -> None:
        super().__init__()
        weight = torch.tensor(class_weights, dtype=torch.float32) if class_weights else None
        self.register_buffer("weight", weight, persistent=False)

    def num_outputs(self, target: object) -> int:
        """K. Raises ValueError when the targets are not masks, or the number of weights is not K."""
        classes = super().num_outputs(target)
        if self.weight is not None and len(self.weight) != classes:
            names = ", ".join(target.names)
            raise ValueError(
                f"the loss's class_weights has {len(self.weight)} numbers, the data {classes} classes: {names}"
            )
        return classes

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        """Mean over the examples of the mean over their pixels of -weight[y] log softmax(logits)[y], in nats."""
        y = self._targets(logits, y)  # (n, height, width)
        nll = F.cross_entropy(logits, y.long(), self.weight, ignore_index=IGNORED, reduction="none")  # 0 where ignored
        return (nll.sum((1, 2)) / (y != IGNORED).sum((1, 2)).clamp(min=1)).mean()


class SoftDice(Pixelwise):
    """1 - 2 sum(p g) / (sum(p^2) + sum(g^2)), for the probabilities p of a class and g, 1 where it is (V-Net).

    Milletari et al. (2016), arXiv:1606.04797, section 3, for one class; here it is the mean over the classes that an
    image shows, however few their pixels. These have a g that is not 0, so nothing needs to be smoothed. A class that
    the image does not show has no coefficient: the probability it gets is missing elsewhere.
    """

    name = "dice"

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        """Mean over the examples of the mean over the classes they show."""
        y = self._targets(logits, y)[:, None]  # (n, 1, height, width)
        truth = y == torch.arange(logits.shape[1], device=y.device)[:, None, None]  # (n, K, height, width)
        p = logits.softmax(1) * (y != IGNORED)
        overlap, pixels = (p * truth).sum((2, 3)), truth.sum((2, 3))  # (n, K)
        shown = pixels > 0
        dice = 2 * overlap / (p.square().sum((2, 3)) + pixels).where(shown, 1)
        return ((1 - dice).where(shown, 0).sum(1) / shown.sum(1).clamp(min=1)).mean()


class Sum(Pixelwise):
    """The sum of several losses of the same maps, each under a name."""

    name = "pixelwise_dice"

    def __init__(self, terms: dict[str, Pixelwise]) -> None:
        super().__init__()
        self.terms = nn.ModuleDict(terms)

    def num_outputs(self, target: object) -> int:
        """K. Raises ValueError when the targets are not for one of the losses."""
        return max(term.num_outputs(target) for term in self.terms.values())

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        """The sum of their means over the examples."""
        return sum(term(logits, y) for term in self.terms.values())
