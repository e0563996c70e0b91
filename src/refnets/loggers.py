"""Where an evaluation is shown.

Lightning has loggers for MLflow and W&B too, but they do not know an interrupted run again: it would be shown twice.
"""

import logging
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

from filelock import FileLock
from lightning.pytorch.loggers import Logger
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from refnets.history import rows
from refnets.runs import write


class TensorBoard(Logger):
    """Events under <run>/tensorboard. Each split has a writer of its own: train and test share one pair of axes."""

    name, version = "tensorboard", ""

    def __init__(self, run: Path, step: int, hyperparameters: dict[str, Any]) -> None:
        super().__init__()
        self.directory, self.step, self.hyperparameters = run / "tensorboard", step, hyperparameters
        self.writers: dict[str, SummaryWriter] = {}
        self.latest: dict[str, float] = {}

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """train_loss goes to the curve "loss" of the writer "train"; what has no split, as lr, to the run's own."""
        self.latest = {key: value for key, value in metrics.items() if key != "step"}
        for key, value in self.latest.items():
            split, _, quantity = key.partition("_")
            self._writer(split if quantity else "").add_scalar(quantity or key, value, step)

    def log_image(self, name: str, image: Tensor, step: int) -> None:
        """Bytes (3, height, width), for the IMAGES tab."""
        self._writer("").add_image(name, image, step)

    def log_hyperparams(self, *_: Any) -> None:
        """They are written with the final metrics, by `finalize`."""

    def finalize(self, status: str) -> None:
        """Fills the HPARAMS tab with the configuration and the last evaluation, and closes the files."""
        final = {f"final/{key}": value for key, value in self.latest.items()}
        typed = {k: v if isinstance(v, bool | int | float | str) else str(v) for k, v in self.hyperparameters.items()}
        # Without the first summary, which lists the columns: TensorBoard takes one run's for those of all the runs.
        for summary in hparams(typed, final)[1:]:
            self._writer("").file_writer.add_summary(summary)
        for key, value in final.items():
            self._writer("").add_scalar(key, value)
        for writer in self.writers.values():
            writer.close()

    def _writer(self, split: str) -> SummaryWriter:
        if split not in self.writers:
            self.writers[split] = SummaryWriter(str(self.directory / split), purge_step=self.step + 1)
        return self.writers[split]


class MLflow(Logger):
    """A run of MLflow's, in its experiment of the same name; when resumed, it goes on in that of <run>/mlflow.txt."""

    name, version = "mlflow", ""

    def __init__(
        self, run: Path, step: int, hyperparameters: dict[str, Any], *, tracking_uri: str, artifacts: str | None
    ) -> None:
        super().__init__()
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        from mlflow import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)  # it tells of the tables it creates
        note = run / "mlflow.txt"
        with FileLock(run.parents[2] / "mlflow.lock"):  # processes that create the tables at once break them
            self.client = MlflowClient(tracking_uri)
            experiment = self._experiment(run.parent.name, artifacts)
        same = f"attributes.run_id = '{note.read_text()}'" if note.exists() else ""
        if known := same and self.client.search_runs([experiment], same):
            self.id, self.shown = known[0].info.run_id, known[0].data.metrics.get("step", -1)
            self.client.update_run(self.id, status="RUNNING")
        else:
            self.id, self.shown = self.client.create_run(experiment, run_name=run.name).info.run_id, -1
            self.log_hyperparams(hyperparameters)
            write(note, self.id)
        _show_again(self, run, step)

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """A row of history.csv, under the same names. What was shown before an interruption is not shown again."""
        from mlflow.entities import Metric

        if step > self.shown:
            now = int(1000 * time.time())
            self.client.log_batch(self.id, [Metric(key, float(value), now, step) for key, value in metrics.items()])

    def log_image(self, name: str, image: Tensor, step: int) -> None:
        """Bytes (3, height, width), for the page of the run."""
        if step > self.shown:
            self.client.log_image(self.id, image.permute(1, 2, 0).numpy(), key=re.sub("[:,]", "", name), step=step)

    def log_hyperparams(self, params: dict[str, Any], *_: Any) -> None:
        """A hundred at once, which is all that MLflow takes."""
        from mlflow.entities import Param

        entries = [Param(key, str(value)) for key, value in params.items()]
        for start in range(0, len(entries), 100):
            self.client.log_batch(self.id, params=entries[start : start + 100])

    def finalize(self, status: str) -> None:
        """FINISHED, or FAILED for what was interrupted as well."""
        self.client.set_terminated(self.id, "FINISHED" if status == "success" else "FAILED")

    def _experiment(self, name: str, artifacts: str | None) -> str:
        """Its id. Another process may create it at the same time."""
        from mlflow.exceptions import MlflowException

        try:
            return self.client.create_experiment(name, artifacts)
        except MlflowException:
            return self.client.get_experiment_by_name(name).experiment_id


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
        _show_again(self, run, step)

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


def _show_again(logger: Logger, run: Path, step: int) -> None:
    """What an interrupted run has measured, which may have been shown elsewhere."""
    for row in rows(run / "history.csv", step):
        logger.log_metrics({key: float(value) for key, value in row.items()}, int(row["step"]))
