"""What is about to be trained."""

from dataclasses import dataclass

from omegaconf import DictConfig

from refnets.checkpoint import Checkpoint
from refnets.runs import Run
from refnets.start import take_over
from refnets.task import Task


@dataclass
class Training:
    """A task, the configuration it was made from, and the run that it becomes; where one was interrupted, its rest."""

    task: Task
    cfg: DictConfig
    run: Run

    def __post_init__(self) -> None:
        path = self.run.path / "checkpoints" / "last.ckpt"
        self.checkpoint = Checkpoint(self.task, path, self.cfg.checkpoint_every)
        self.checkpoint.restore()

    def begin(self) -> None:
        """Takes over the weights of the run it starts from, which is finished; not if it resumes with its own."""
        if self.cfg.start and not self.checkpoint.state:
            take_over(self.task.model, Run(self.cfg.start.run))
