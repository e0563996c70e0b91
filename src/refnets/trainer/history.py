"""history.csv: one row per evaluation, with the loss and the metrics of every split."""

import contextlib
import csv
import io
import os
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger

from refnets.files import named, write
from refnets.runs import rows


class History(Logger):
    """Appends each evaluation to history.csv. The first takes the place of the rows of its step and later ones.

    So a run that goes on from a checkpoint has no row twice, and a new one none of an earlier attempt.
    """

    name, version = "history", ""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.begun = False

    def log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        """Writes the row at once, so that nothing measured is lost. Raises OSError when that is not possible."""
        if not self.begun:
            kept = [row for row in rows(self.path) if int(row["step"]) < metrics["step"]] if metrics["step"] else []
            write(self.path, _csv([list(metrics), *(list(row.values()) for row in kept)]))
            self.begun = True
        with named(self.path):
            _append(self.path, _csv([list(metrics.values())]))

    def log_hyperparams(self, *_: Any) -> None:
        """The configuration is in config.yaml."""


def _append(path: Path, text: str) -> None:
    """Leaves no half a row where a disk is full."""
    size = path.stat().st_size
    try:
        with path.open("a", newline="", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        with contextlib.suppress(OSError):
            os.truncate(path, size)
        raise


def show_again(logger: Logger, run: Path, step: int) -> None:
    """Tells `logger` what a run that goes on from `step` has measured, in case it was shown elsewhere."""
    for row in rows(run / "history.csv") if step else []:
        if int(row["step"]) <= step:
            logger.log_metrics({key: float(value) for key, value in row.items()}, int(row["step"]))


def _csv(lines: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
