"""When the checkpoints of runs that are trained together are written, from which they go on, and what is in the way."""

import errno
import math
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning as L

from refnets.trainer.checkpoint import Checkpoint
from refnets.trainer.pause import Pause

BETWEEN = 10  # seconds: not more often where a checkpoint is written between two evaluations
SHARE = 20  # of the time, at most one part in so many is spent writing checkpoints, unless they are asked for
FULL = {errno.ENOSPC, errno.EDQUOT}


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


@contextmanager
def writable(checkpoint: Checkpoint) -> Iterator[None]:
    """Around a training: an OSError says what was in the way, and that the run goes on from its checkpoint."""
    try:
        yield
    except OSError as error:
        if not error.filename:  # it is about something else
            raise
        raise OSError(
            f"{error.filename} cannot be written: {error.strerror}{_free(error)}. What was measured before is kept;"
            f" when it can be written, the same command goes on from step {checkpoint.step}"
        ) from error


def _free(error: OSError) -> str:
    if error.errno not in FULL:
        return ""
    folder = next(each for each in Path(error.filename).absolute().parents if each.exists())
    return f" ({shutil.disk_usage(folder).free / 2**20:.1f} MB are free)"
