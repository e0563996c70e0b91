"""One line that moves while a network trains, where somebody is looking."""

from typing import Any

import lightning as L
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from refnets.task import Task


class ProgressBar(L.Callback):
    """Steps done, time left and the latest evaluation, on stderr."""

    def __init__(self, task: Task, name: str) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(15),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
        )
        self.bar = Progress(*columns, TextColumn("{task.fields[latest]}"), console=Console(stderr=True))
        self.task, self.name = task, name

    def on_train_start(self, *_: Any) -> None:
        """Shows the bar."""
        task = self.task
        self.bar.start()
        self.line = self.bar.add_task(self.name[:30], total=task.steps, completed=task.step, latest="")

    def on_train_batch_end(self, *_: Any) -> None:
        """Called once per evaluation."""
        task = self.task
        quantity = "error" if "test_error" in task.row else "loss"
        latest = " / ".join(f"{task.row[f'{split}_{quantity}']:.3g}" for split in task.splits)
        self.bar.update(self.line, completed=task.step, latest=f"{quantity} {latest}")

    def teardown(self, *_: Any, **__: Any) -> None:
        """Leaves the terminal as it was, also when training fails."""
        self.bar.stop()
