"""What is about to be trained."""

import sys
from dataclasses import dataclass

from omegaconf import DictConfig

from refnets.config.untrusted import printable
from refnets.runs import Run
from refnets.task import Task
from refnets.trainer.checkpoint import Checkpoint
from refnets.trainer.start import take_over


@dataclass
class Training:
    """A task, the configuration it was made from, and the run that it becomes."""

    task: Task
    cfg: DictConfig
    run: Run

    def __post_init__(self) -> None:
        self.checkpoint = Checkpoint(self.task, self.run.path)

    def begin(self, step: int | None = None) -> None:
        """Says what was left out of the data, and goes on where the run was interrupted.

        A new one takes over the weights of the run it starts from, if any.
        `step` is that of the checkpoint to go on from, by default of the last. The run to start from is finished, and
        no other process trains this one, see processes/lock.py. Raises what `Checkpoint.restore` does.
        """
        for reason, count in self.task.data.skipped.items():
            print(printable(f"data: {reason}: {count}"), file=sys.stderr)
        self.checkpoint.restore(step)
        if self.cfg.start and not self.checkpoint.state:
            take_over(self.task.model, Run(self.cfg.start.run))
