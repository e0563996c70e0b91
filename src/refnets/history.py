"""history.csv: one row per evaluation, with the loss and the metrics of every split."""

import csv
import io
from pathlib import Path
from typing import Any, TextIO

from lightning.pytorch.loggers import Logger

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
            kept = [list(row.values()) for row in rows(self.path, self.step)]
            write(self.path, _csv([list(metrics), *kept]))
            self.file = self.path.open("a", newline="")
        self.file.write(_csv([list(metrics.values())]))
        self.file.flush()

    def log_hyperparams(self, *_: Any) -> None:
        """The configuration is in config.yaml."""

    def finalize(self, status: str) -> None:
        """Closes the file."""
        if self.file is not None:
            self.file.close()


def rows(path: Path, step: int) -> list[dict[str, str]]:
    """The rows that a run keeps which goes on from `step`: those up to there."""
    if step == 0:
        return []
    with path.open(newline="") as file:
        whole = [row for row in csv.DictReader(file) if None not in row.values()]  # a row may be cut short by a kill
    return [row for row in whole if int(row["step"]) <= step]


def show_again(logger: Logger, run: Path, step: int) -> None:
    """Tells `logger` what a run that goes on from `step` has measured, in case it was shown elsewhere."""
    for row in rows(run / "history.csv", step):
        logger.log_metrics({key: float(value) for key, value in row.items()}, int(row["step"]))


def _csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
