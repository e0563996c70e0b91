"""What loggers of pictures get with every evaluation: the same few images, their truth and what is predicted."""

from collections.abc import Callable, Sequence

import torch
from lightning.pytorch.loggers import Logger
from torch import Tensor

from refnets.data.batches import Split
from refnets.data.target import Boxes, Masks

SHOWN = 4  # images


def show(
    records: Sequence[Logger], splits: dict[str, Split], predict: Callable[[Tensor], Tensor], target: object, step: int
) -> None:
    """The first validation (or test) images with their masks or boxes, where a record takes pictures."""
    galleries = [record for record in records if hasattr(record, "log_image")]
    if not galleries or not isinstance(target, Masks | Boxes):
        return
    from refnets.overlay import compared  # imports matplotlib: not for those who look at no pictures

    name = "validation" if "validation" in splits else list(splits)[-1]
    x, y = (part[:SHOWN] for part in splits[name])
    predicted = torch.cat([predict(image) for image in x.split(1)])  # large ones do not fit in the memory at once
    picture = compared(x, y, predicted, target)
    for gallery in galleries:
        gallery.log_image(f"{name}: image, truth, prediction", picture, step)
