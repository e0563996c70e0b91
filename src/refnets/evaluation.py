"""The loss and the metrics of a whole split, in pieces that fit into the memory."""

from typing import TYPE_CHECKING

import torch
from torchmetrics import MetricCollection

from refnets.data.batches import Split
from refnets.data.target import Views

if TYPE_CHECKING:
    from refnets.task import Task

# Limits of one forward pass, and so of its memory: the first acts for signals, the second for large images.
EXAMPLES_AT_ONCE, NUMBERS_AT_ONCE = 2048, 2**21


def measure(task: "Task", split: Split, metrics: MetricCollection) -> dict[str, float]:
    """What the network of `task`, in eval mode, makes of the split: its mean loss, and each of the metrics."""
    total = torch.zeros((), dtype=torch.float64, device=task.device)
    together = 2 if isinstance(task.data.target, Views) else 1  # views of an example are compared
    at_once = together * max(1, min(EXAMPLES_AT_ONCE, NUMBERS_AT_ONCE // split.x[0].numel()) // together)
    for x, y in zip(*(part.split(at_once) for part in task.own(split)), strict=True):
        output = task.compute(x)
        total += task.loss(output, y) * len(x)
        if metrics:
            metrics.update(task.loss.predict(output), y)
        if task.pause.wanted:  # large splits take minutes; what is measured so far is measured again
            task.pause.take()
    measured = {"loss": task.total(total).item() / len(split.x)}
    measured |= {key: value.item() for key, value in metrics.compute().items()}
    metrics.reset()
    return measured
