"""Interrupted runs go on where they were: on a CPU bit for bit, on a GPU as far as its kernels repeat themselves."""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch

from refnets.data.data import Data
from refnets.data.signature import Signature
from refnets.faults import is_memory
from refnets.files import flush, write
from refnets.task import Task

AGAIN = "Delete it to train from the start, or type outputs=FOLDER to keep both"


class Checkpoint:
    """checkpoints/last.ckpt of a run; and previous.ckpt, the one before, for when the last turns out to be damaged."""

    def __init__(self, task: Task, run: Path) -> None:
        self.task, self.run, self.folder = task, run, run / "checkpoints"
        self.last, self.previous = self.folder / "last.ckpt", self.folder / "previous.ckpt"
        self.state: dict[str, Any] = {}
        self.step = 0  # where the run would go on

    def steps(self) -> set[int]:
        """From which it could go on: those of its sound checkpoints, and 0 while it has no previous one."""
        return {state["step"] for state in self._states()} | ({0} if not self.previous.exists() else set())

    def restore(self, step: int | None) -> None:
        """Before training: lets the task go on from the last checkpoint that is sound, or from that of `step`.

        Damaged ones are kept aside, and named on stderr. Raises ValueError when it is of another network, or was
        trained on other data.
        """
        task = self.task
        self.state = next((state for state in self._states() if step in (None, state["step"])), {})
        if not self.state:
            return
        if other := _difference(_shapes(self.state["weights"]), _shapes(task.state_dict())):
            raise ValueError(
                f"{self.folder} holds a checkpoint of another network: {other}. Have the data other classes or sizes"
                f" than when the training began? {AGAIN}"
            )
        if self.state["data"] and (other := _difference(self.state["data"], _known_of(task.data))):
            raise ValueError(f"{self.folder} holds a checkpoint of a training on other data: {other}. {AGAIN}")
        task.load_state_dict(self.state["weights"])
        task.step, task.row, task.best = (self.state[key] for key in ("step", "row", "best"))
        self.step = task.step

    def resume(self) -> None:
        """Gives optimizer, schedule, random numbers and clock, which exist only in training, the state they had."""
        task, state, self.state = self.task, self.state, {}  # which nothing needs after this
        if state:
            task.optimizer.load_state_dict(state["optimizer"])
            if task.scheduler:
                task.scheduler.load_state_dict(state["scheduler"])
            if task.average:
                task.average.mean = [each.to(task.device) for each in state["mean"]]
            for generator, random in zip(_generators(task), state["rng"], strict=False):
                generator.set_state(random)
            task.started -= state["seconds"] / task.time_share

    def save(self) -> None:
        """Raises OSError when it cannot be written; the earlier ones are whole then."""
        content = io.BytesIO()  # torch itself says of a full disk only that it came to an "unexpected pos"
        torch.save(_state(self.task), content)
        self.folder.mkdir(exist_ok=True)
        flush(self.run / "history.csv")  # whose rows up to here will be kept
        new = self.folder / "new.ckpt"
        write(new, content.getbuffer())
        if self.last.exists():
            os.replace(self.last, self.previous)
        os.replace(new, self.last)
        self.step = self.task.step

    def _states(self) -> Iterator[dict[str, Any]]:
        """The states in the checkpoints that are sound, the last first."""
        found = [path for path in (self.last, self.previous) if path.exists()]
        for path in found:
            try:
                yield _sound(path.read_bytes())
            except Exception as error:  # zip, pickle and torch each have errors of their own for a damaged file
                if isinstance(error, OSError) or is_memory(error):
                    raise
                aside = path.with_suffix(".damaged")
                path.rename(aside)
                then = "the training begins anew" if path == found[-1] else f"now {self.previous.name} is tried"
                print(f"{path} is damaged ({type(error).__name__}) and kept as {aside.name}; {then}", file=sys.stderr)


def _sound(content: bytes) -> dict[str, Any]:
    """The state in a checkpoint. Raises whatever there is to raise of a damaged one.

    Only tensors, numbers and text are read (`weights_only`): a checkpoint is data and runs no code.
    """
    if damaged := ZipFile(io.BytesIO(content)).testzip():  # compares checksums, which torch.load does not
        raise BadZipFile(damaged)
    state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    known = {"data": dict(state.get("data", {})), "mean": state.get("mean", [])}  # from before they were kept: nothing
    return known | {
        key: state[key] for key in ("step", "row", "seconds", "weights", "best", "optimizer", "scheduler", "rng")
    }


def _difference(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """The first that is not the same: "model.head.weight is (2, 64) there, (3, 64) here"."""
    for name in ours | theirs:
        there, here = (each.get(name, "nothing") for each in (theirs, ours))
        if there != here:
            return f"{name} is {there} there, {here} here"
    return ""


def _shapes(weights: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(each.shape) for name, each in weights.items()}


def _state(task: Task) -> dict[str, Any]:
    """All that is needed to go on from here: tensors, numbers and text only."""
    return {
        "data": _known_of(task.data),
        "step": task.step,
        "row": task.row,
        "seconds": task.seconds,
        "weights": task.weights(),
        "best": task.best,
        "mean": task.average.mean if task.average else [],
        "optimizer": task.optimizer.state_dict(),
        "scheduler": task.scheduler.state_dict() if task.scheduler else {},
        "rng": [generator.get_state() for generator in _generators(task)],
    }


def _known_of(data: Data) -> dict[str, Any]:
    """What must be the same when training goes on: with an example more, others would be held out for validation."""
    examples = {f"number of {name} examples": len(split.x) for name, split in data.splits.items()}
    return Signature.of(data).as_json() | examples


def _generators(task: Task) -> list[torch.Generator]:
    """What training draws its random numbers from: that of the CPU, and that of its GPU if it is on one."""
    gpus = [task.device.index] if task.device.type == "cuda" else []
    return [torch.default_generator, *(torch.cuda.default_generators[gpu] for gpu in gpus)]
