"""Interrupted runs go on where they were, bit for bit."""

import os
import time
from pathlib import Path
from typing import Any

import lightning as L
import torch

from refnets.task import Task


class Checkpoint(L.Callback):
    """Writes checkpoints/last.ckpt after an evaluation when the one before is more than `every` seconds old."""

    def __init__(self, task: Task, path: Path, every: float) -> None:
        self.task, self.path, self.every = task, path, every
        self.saved = time.monotonic()
        self.state: dict[str, Any] = {}
        self.step = 0  # where the run would go on

    def restore(self) -> None:
        """Before training: lets the task go on from the checkpoint, if there is one.

        Raises ValueError when the file is damaged. Only tensors and numbers are read from it (`weights_only`): a
        checkpoint is data and runs no code.
        """
        if not self.path.exists():
            return
        try:
            self.state = torch.load(self.path, weights_only=True)
            other = _other_shapes(self.state["weights"], self.task.state_dict())
            if not other:
                self.task.load_state_dict(self.state["weights"])
            self.step = self.task.step = self.state["step"]
            self.task.best = self.state["best"]
        except Exception as error:  # zip, pickle and torch each have errors of their own for a damaged file
            kind = type(error).__name__
            raise ValueError(f"{self.path} is damaged ({kind}); delete it to train from the start") from error
        if other:
            raise ValueError(
                f"{self.path} is of another network: {other}. Have the data other classes or sizes than when the"
                " training began? Delete it to train from the start, or type outputs=FOLDER to keep both"
            )

    def on_train_start(self, *_: Any) -> None:
        """Gives optimizer, schedule, random numbers and clock, which exist only now, the state they had."""
        task = self.task
        if self.state:
            task.optimizer.load_state_dict(self.state["optimizer"])
            if task.scheduler:
                task.scheduler.load_state_dict(self.state["scheduler"])
            torch.set_rng_state(self.state["rng"][0])
            torch.cuda.set_rng_state_all(self.state["rng"][1:])
            task.started -= self.state["seconds"]

    def on_train_batch_end(self, *_: Any) -> None:
        """Called once per evaluation."""
        task = self.task
        if task.step < task.steps and time.monotonic() - self.saved >= self.every:
            self.path.parent.mkdir(exist_ok=True)
            unfinished = self.path.with_suffix(".tmp")
            torch.save(_state(task), unfinished)
            os.replace(unfinished, self.path)  # as a whole or not at all
            self.saved, self.step = time.monotonic(), task.step


def _other_shapes(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """The first weight that has another shape in a checkpoint: "model.head.weight is (2, 64) there, (3, 64) here"."""
    for name in ours:
        if name in theirs and theirs[name].shape != ours[name].shape:
            return f"{name} is {tuple(theirs[name].shape)} there, {tuple(ours[name].shape)} here"
    return ""


def _state(task: Task) -> dict[str, Any]:
    """All that is needed to go on from here: tensors and numbers only."""
    return {
        "step": task.step,
        "seconds": task.seconds,
        "weights": task.weights(),
        "best": task.best,
        "optimizer": task.optimizer.state_dict(),
        "scheduler": task.scheduler.state_dict() if task.scheduler else {},
        "rng": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],
    }
