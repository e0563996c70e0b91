"""One line that moves while a network trains, where somebody is looking."""

from typing import Any

import lightning as L
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from refnets.task import Task


class ProgressBar(L.Callback):
    """Steps done, the latest evaluation and the time left, on stderr; nothing when stderr is no terminal."""

    def __init__(self, name: str) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        console = Console(stderr=True)
        self.bar = Progress(
            *columns, TextColumn("{task.fields[row]}"), console=console, disable=not console.is_terminal
        )
        self.name = name

    def on_train_start(self, trainer: L.Trainer, task: Task) -> None:
        """Shows the bar."""
        self.bar.start()
        self.line = self.bar.add_task(self.name, total=task.steps, completed=task.step, row="")

    def on_train_batch_end(self, trainer: L.Trainer, task: Task, *_: Any) -> None:
        """Called once per evaluation."""
        shown = {key.replace("_", " "): value for key, value in task.row.items() if key.endswith("_error")}
        self.bar.update(self.line, completed=task.step, row=", ".join(f"{k} {v:.1f} %" for k, v in shown.items()))

    def teardown(self, trainer: L.Trainer, task: Task, stage: str) -> None:
        """Also when training fails: the terminal is left as it was."""
        self.bar.stop()
