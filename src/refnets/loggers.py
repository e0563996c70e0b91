"""Where an evaluation goes: history.csv, always, and TensorBoard."""

import csv
import io
from pathlib import Path
from typing import Any, TextIO

from lightning.pytorch.loggers import Logger
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from refnets.runs import write


class History(Logger):
    """Appends each evaluation to history.csv. A run that goes on from `step` keeps the rows up to there."""

    name, version = "history", ""

    def __init__(self, path: Path, step: int) -> None:
        super().__init__()
        self.path, self.step = path, step
        self.file: TextIO | None = None

    def log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        """Writes the row at once, so that nothing measured is lost."""
        if self.file is None:
            kept = [row for row in _rows(self.path) if int(row["step"]) <= self.step] if self.step else []
            write(self.path, _csv([list(metrics), *(list(row.values()) for row in kept)]))
            self.file = self.path.open("a", newline="")
        self.file.write(_csv([list(metrics.values())]))
        self.file.flush()

    def log_hyperparams(self, *_: Any) -> None:
        """The configuration is in config.yaml."""

    def finalize(self, status: str) -> None:
        """Closes the file."""
        if self.file is not None:
            self.file.close()


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

    def log_hyperparams(self, *_: Any) -> None:
        """They are written with the final metrics, by `finalize`."""

    def finalize(self, status: str) -> None:
        """Fills the HPARAMS tab with the configuration and the last evaluation, and closes the files."""
        final = {f"final/{key}": value for key, value in self.latest.items()}
        typed = {k: v if isinstance(v, bool | int | float | str) else str(v) for k, v in self.hyperparameters.items()}
        for summary in hparams(typed, final):
            self._writer("").file_writer.add_summary(summary)
        for key, value in final.items():
            self._writer("").add_scalar(key, value)
        for writer in self.writers.values():
            writer.close()

    def _writer(self, split: str) -> SummaryWriter:
        if split not in self.writers:
            self.writers[split] = SummaryWriter(str(self.directory / split), purge_step=self.step + 1)
        return self.writers[split]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [row for row in csv.DictReader(file) if None not in row.values()]  # a row cut short by a kill


def _csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
