"""When the checkpoints of runs that are trained together are written, and from which they all go on."""

import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

import lightning as L

from refnets.trainer.checkpoint import Checkpoint
from refnets.trainer.pause import Pause

BETWEEN = 10  # seconds: not more often where a checkpoint is written between two evaluations
SHARE = 20  # of the time, at most one part in so many is spent writing checkpoints, unless they are asked for


def latest_of_all(checkpoints: Iterable[Checkpoint]) -> int | None:
    """The latest step from which all runs of a stack can go on, None if there is no such step.

    A kill between the saves of two of them leaves the first a checkpoint ahead. Alone it would go on as well, but not
    with the rounding that it has in the stack.
    """
    return max(set.intersection(*(each.steps() for each in checkpoints)), default=None)


class Checkpoints(L.Callback):
    """Writes the checkpoints of runs that are trained together, after an evaluation or, if that takes long, between.

    Not before the last are `every` seconds old. 0 is after every evaluation, infinity never.
    """

    def __init__(self, each: Sequence[Checkpoint], every: float, pause: Pause) -> None:
        self.each, self.every, self.pause = each, every, pause
        self.saved, self.taken = time.monotonic(), 0.0

    def on_train_start(self, *_: Any) -> None:
        """Lets all go on as they were."""
        for checkpoint in self.each:
            checkpoint.resume()
        self._remind()

    def on_train_batch_end(self, *_: Any) -> None:
        """Called once per evaluation."""
        task = self.each[0].task
        age = time.monotonic() - self.saved
        if task.step < task.steps and (not self.every or age >= max(self.every, SHARE * self.taken)):
            self.save()

    def save(self) -> int:
        """The step from which the runs will go on."""
        begun = time.monotonic()
        for checkpoint in self.each:
            checkpoint.save()
        self.saved = time.monotonic()
        self.taken = self.saved - begun
        self._remind()
        return self.each[0].step

    def _remind(self) -> None:
        if self.every < math.inf:
            self.pause.remind(max(self.every, BETWEEN, SHARE * self.taken))
