"""Evaluations in Weights & Biases. Lightning has a logger for it too, which does not know an interrupted run again."""

import shutil
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger
from torch import Tensor

from refnets.trainer.history import show_again


class WandB(Logger):
    """A run of Weights & Biases, offline, under <run>/wandb. An interrupted one is written anew from history.csv."""

    name, version = "wandb", ""

    def __init__(self, run: Path, step: int, hyperparameters: dict[str, Any], *, project: str) -> None:
        super().__init__()
        import wandb

        shutil.rmtree(run / "wandb", ignore_errors=True)
        quiet = wandb.Settings(console="off", silent=True, disable_git=True, save_code=False, x_disable_stats=True)
        self.run = wandb.init(
            mode="offline",
            dir=str(run),
            project=project,
            group=run.parent.name,
            id=run.name.rpartition("-")[2],
            name=run.name,
            config=hyperparameters,
            reinit="create_new",
            settings=quiet,
        )
        show_again(self, run, step)

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """A row of history.csv, under the same names."""
        self.run.log(metrics, step=step)

    def log_image(self, name: str, image: Tensor, step: int) -> None:
        """Bytes (3, height, width)."""
        import wandb

        self.run.log({name: wandb.Image(image.permute(1, 2, 0).numpy())}, step=step)

    def log_hyperparams(self, *_: Any) -> None:
        """They are given to the run when it is made."""

    def finalize(self, status: str) -> None:
        """Closes the files."""
        self.run.finish(exit_code=0 if status == "success" else 1)
