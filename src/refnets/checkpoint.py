"""Interrupted runs go on where they were."""

import os
import time
from pathlib import Path
from typing import Any

import lightning as L
import torch

from refnets.task import Task


class Checkpoint(L.Callback):
    """Writes checkpoints/last.ckpt after an evaluation when the one before is more than `every` seconds old."""

    def __init__(self, path: Path, every: float) -> None:
        self.path, self.every = path, every
        self.saved = time.monotonic()

    def on_train_batch_end(self, trainer: L.Trainer, task: Task, *_: Any) -> None:
        """Called once per evaluation."""
        if task.step < task.steps and time.monotonic() - self.saved >= self.every:
            self.path.parent.mkdir(exist_ok=True)
            unfinished = self.path.with_suffix(".tmp")
            torch.save(task.state(), unfinished)
            os.replace(unfinished, self.path)  # as a whole or not at all
            self.saved = time.monotonic()

    def restore(self, task: Task) -> None:
        """Lets `task` go on from the checkpoint, if there is one. Raises ValueError when the file is damaged.

        Only tensors and numbers are read from it (`weights_only`): a checkpoint is data and runs no code.
        """
        if not self.path.exists():
            return
        try:
            task.resume(torch.load(self.path, weights_only=True))
        except Exception as error:  # zip, pickle and torch each have errors of their own for a damaged file
            kind = type(error).__name__
            raise ValueError(f"{self.path} is damaged ({kind}); delete it to train from the start") from error
