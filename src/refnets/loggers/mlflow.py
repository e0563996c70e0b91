"""Evaluations in MLflow. Lightning has a logger for it too, which does not know an interrupted run again."""

import logging
import os
import re
import shlex
import time
from pathlib import Path
from typing import Any

from filelock import FileLock
from lightning.pytorch.loggers import Logger
from torch import Tensor

from refnets.files import write
from refnets.trainer.history import show_again


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
        show_again(self, run, step)

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
        """Its id. Another process may create it at the same time. Raises ValueError when it was deleted."""
        from mlflow.exceptions import MlflowException

        try:
            return self.client.create_experiment(name, artifacts)
        except MlflowException:
            found = self.client.get_experiment_by_name(name)
        if found.lifecycle_stage == "deleted":
            raise ValueError(
                f"logger=mlflow: the experiment {name} was deleted; to have it back, type"
                f" MLFLOW_TRACKING_URI={shlex.quote(self.client.tracking_uri)} uv run --extra mlflow"
                f" mlflow experiments restore --experiment-id {found.experiment_id}"
            )
        return found.experiment_id
