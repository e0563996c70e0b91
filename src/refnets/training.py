"""What is about to be trained."""

from dataclasses import dataclass

from omegaconf import DictConfig

from refnets.checkpoint import Checkpoint
from refnets.runs import Run
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
