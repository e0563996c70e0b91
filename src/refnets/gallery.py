"""What loggers of pictures get with every evaluation: the same few images, their truth and what is predicted."""

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from refnets.task import Task

SHOWN = 4  # images


@torch.no_grad()
def show(task: "Task") -> None:
    """The first validation (or test) images, for a task whose targets are masks or boxes."""
    galleries = [record for record in task.records if hasattr(record, "log_image")]
    if not galleries:
        return
    from refnets.overlay import compared  # imports matplotlib: not for those who look at no pictures

    name = "validation" if "validation" in task.splits else list(task.splits)[-1]
    x, y = (part[:SHOWN] for part in task.splits[name])
    task.eval()
    picture = compared(x, y, task.loss.predict(task.compute(x)), task.data.target)
    task.train()
    for gallery in galleries:
        gallery.log_image(f"{name}: image, truth, prediction", picture, task.step)
