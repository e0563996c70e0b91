"""Evaluations in TensorBoard: curves of every split, pictures, and the HPARAMS tab."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from refnets.files import named


def _excepthook(failed: threading.ExceptHookArgs, usual: Callable = threading.excepthook) -> None:
    """Prints no traceback of TensorBoard's writing threads: what they raise is raised again where one writes."""
    if not type(failed.thread).__module__.startswith("tensorboard."):
        usual(failed)


threading.excepthook = _excepthook


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
            with named(self.directory):
                self._writer(split if quantity else "").add_scalar(quantity or key, value, step)

    def log_image(self, name: str, image: Tensor, step: int) -> None:
        """Bytes (3, height, width), for the IMAGES tab."""
        with named(self.directory):
            self._writer("").add_image(name, image, step)

    def log_hyperparams(self, *_: Any) -> None:
        """They are written with the final metrics, by `finalize`."""

    def finalize(self, status: str) -> None:
        """Fills the HPARAMS tab with the configuration and the last evaluation, and closes the files."""
        final = {f"final/{key}": value for key, value in self.latest.items()}
        typed = {k: v if isinstance(v, bool | int | float | str) else str(v) for k, v in self.hyperparameters.items()}
        with named(self.directory):
            # Without the first summary, which lists the columns: TensorBoard takes one run's for those of all the runs.
            for summary in hparams(typed, final)[1:]:
                self._writer("").file_writer.add_summary(summary)
            for key, value in final.items():
                self._writer("").add_scalar(key, value)
            for writer in self.writers.values():
                writer.close()

    def _writer(self, split: str) -> SummaryWriter:
        if split not in self.writers:
            first = self.step and self.step + 1  # of this process: step 0 is measured before there is a checkpoint
            self.writers[split] = SummaryWriter(str(self.directory / split), purge_step=first)
        return self.writers[split]
