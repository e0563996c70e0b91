"""A run is a directory that can be opened again:

config.yaml           what was asked for, resolved
history.csv           what was measured: a row per evaluation, loss and metrics of every split
model.safetensors     the trained weights; loss.safetensors what was fitted of the loss, if anything
result.json           the row of the kept network, what its data are, time, speed, versions; written last, when finished
checkpoints/          where an interrupted run resumes: last.ckpt, and previous.ckpt in case that is damaged
lock, process         who trains it, see processes/lock.py
predictions/          what predict.py has written
tensorboard/          the same history for TensorBoard; wandb/ for Weights & Biases, mlflow.txt where MLflow has it
"""

import csv
import json
import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from omegaconf import DictConfig, OmegaConf

from refnets.config.build import build
from refnets.config.untrusted import read_yaml, refuse_values
from refnets.data.signature import Signature
from refnets.files import as_json, flush, write
from refnets.provenance import provenance

if TYPE_CHECKING:
    from torch import Tensor, nn

    from refnets.data.data import Data
    from refnets.task import Task


class Run:
    """The run kept in `path`, finished or not. Reading raises ValueError when a file is missing or damaged."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def finished(self) -> bool:
        """Whether the training went to its end."""
        return (self.path / "result.json").exists()

    @cached_property
    def config(self) -> DictConfig:
        """The resolved configuration."""
        cfg = self._read("config.yaml", read_yaml)
        refuse_values(cfg)
        return cfg

    @cached_property
    def history(self) -> dict[str, np.ndarray]:
        """The columns of history.csv, e.g. step and test_error: one number per evaluation."""
        return self._read("history.csv", _columns)

    @cached_property
    def result(self) -> dict[str, Any]:
        """What is worth knowing at the end, see `finish`. A measure without a value, null in the file, is NaN."""
        return self._read("result.json", _result)

    @cached_property
    def signature(self) -> Signature:
        """What the data are: the shape of an input, the classes. Known also where the data themselves are not."""
        return self._read("result.json", lambda path: Signature.from_json(_json(path)["data"]))

    def data(self) -> "Data":
        """The data set that the run was trained on."""
        return build("data", self.config.data)

    def loss(self) -> "nn.Module":
        """The loss in eval mode, with what was fitted of it."""
        return self._fitted("loss", build("loss", self.config.loss)).eval()

    def model(self) -> "nn.Module":
        """The trained network, on the CPU and in eval mode; that of images takes bytes (n, channels, ...)."""
        import torch

        from refnets.network import build_model

        loss = build("loss", self.config.loss)
        with torch.random.fork_rng(devices=[]):  # the weights are drawn before they are replaced
            model = build_model(self.config.model, self.signature, loss.num_outputs(self.signature.target))
        return self._fitted("model", model).eval()

    def weights(self) -> "dict[str, Tensor]":
        """The weights of the trained network, by their names."""
        from safetensors.torch import load_file

        return self._read("model.safetensors", load_file)

    def __repr__(self) -> str:
        """Run('outputs/runs/mnist1d_mlp/seed=1-0123abcd')."""
        return f"Run({str(self.path)!r})"

    def create(self, cfg: DictConfig) -> None:
        """Makes the directory and writes the configuration. Raises OSError when that is not possible."""
        self.path.mkdir(parents=True, exist_ok=True)
        write(self.path / "config.yaml", OmegaConf.to_yaml(cfg, resolve=True))

    def finish(self, task: "Task") -> None:
        """Writes the weights, then, with their evaluation and what it took, the result. Raises OSError."""
        import torch

        write(self.path / "model.safetensors", _weights(task.model))
        if _is_fitted(task.loss):
            write(self.path / "loss.safetensors", _weights(task.loss))
        parameters = sum(parameter.numel() for parameter in task.model.parameters())
        result = {"final": task.row, "steps": task.step, "parameters": parameters, "seconds": task.seconds}
        result |= {"evaluated_per_second": task.evaluated_per_second}  # examples, with their loss and metrics
        result |= {"data": Signature.of(task.data).as_json(), "skipped": task.data.skipped}
        trainer = self.config.trainer
        hardware = {"device": trainer.accelerator, "devices": trainer.devices, "precision": trainer.precision}
        facts = hardware | {"threads": torch.get_num_threads()} | provenance()
        flush(self.path / "history.csv")
        write(self.path / "result.json", as_json(result | facts))
        (self.path / "checkpoints" / "previous.ckpt").unlink(missing_ok=True)

    def _fitted(self, name: str, module: "nn.Module") -> "nn.Module":
        from safetensors.torch import load_model

        if _is_fitted(module):
            self._read(f"{name}.safetensors", lambda path: load_model(module, path))
        return module

    def _read(self, name: str, reader: Any) -> Any:
        path = self.path / name
        try:
            if path.exists() and not path.is_file():
                raise ValueError("no file")  # but a pipe, say, whose reading does not end
            return reader(path)
        except FileNotFoundError:
            advice = f"delete {self.path} to train the run again" if self.finished else "train it first"
            raise ValueError(f"{self.path} holds no complete run: {name} is missing; {advice}") from None
        except Exception as error:  # csv, json, yaml and safetensors each have errors of their own for a damaged file
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            lost = path if name == "result.json" else self.path  # which is made again from the checkpoint
            raise ValueError(f"{path} cannot be read ({said}); delete {lost} to train the run again") from error


def _is_fitted(module: "nn.Module") -> bool:
    return any(parameter.requires_grad for parameter in module.parameters())


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _weights(module: "nn.Module") -> bytes:
    from safetensors.torch import save

    return save({name: each.contiguous() for name, each in module.state_dict().items()})


def _result(path: Path) -> dict[str, Any]:
    result = _json(path)
    measured = result.get("final", {})
    return result | {"final": {key: math.nan if value is None else value for key, value in measured.items()}}


def rows(path: Path) -> list[dict[str, str]]:
    """What is measured in a history.csv, without a last row that lacks columns, as a kill leaves it."""
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if None not in row.values()]


def _columns(path: Path) -> dict[str, np.ndarray]:
    found = rows(path)
    return {key: np.array([float(row[key]) for row in found]) for key in found[0]}
