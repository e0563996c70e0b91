"""A configuration against the constructors it names: checked before anything is loaded."""

import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from omegaconf import DictConfig, OmegaConf
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt

from refnets.config.arguments import check_arguments
from refnets.config.build import build, check_node, refuse_foreign
from refnets.config.machine import Hardware, check_hardware

EXTRAS = "mlflow", "wandb"  # the extras of pyproject.toml that install what a logger of that name needs


@dataclass
class Settings:
    """The top level of a configuration, see configs/train.yaml."""

    data: dict
    model: dict
    loss: dict
    optimizer: dict
    scheduler: dict
    trainer: dict
    logger: dict
    steps: PositiveInt
    eval_every: PositiveInt
    keep: Literal["last", "best", "average"]
    start: dict | None  # the run and the config that jobs.settle makes of its command line
    train_only: str | None
    seed: NonNegativeInt
    threads: PositiveInt | None
    checkpoint_every: NonNegativeFloat
    outputs: str


def check(cfg: DictConfig, here: bool = True) -> None:
    """Raises ValueError naming the key, its value, what is allowed and the nearest match; OSError for the outputs.

    Unless it is trained `here`, this machine needs no GPU for it.
    The arguments of the logger are left to `build`: to know them takes importing Lightning, which takes seconds.
    """
    if missing := sorted(OmegaConf.missing_keys(cfg)):
        raise ValueError(f"{missing[0]} is not set: choose an experiment that sets it, or type {missing[0]}=1000")
    settings = OmegaConf.to_container(cfg, resolve=True)
    check_arguments("", Settings, settings)
    check_arguments("trainer.", Hardware, settings["trainer"])
    _check_outputs(Path(cfg.outputs))
    for group in ("data", "model", "loss", "optimizer", "scheduler"):
        check_node(group, settings[group])
    if settings["logger"]:
        refuse_foreign("logger", settings["logger"].get("_target_"))
        _check_logger(settings["logger"]["_target_"])
    _check_optimizer(settings)
    if here:
        check_hardware(Hardware(**cfg.trainer))
    if cfg.start:
        trained = Path(cfg.start.run, "result.json").exists()
        _check_start(cfg.start.config, here and not trained)


def _check_outputs(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(f"outputs={folder} cannot be written ({error.strerror}); type outputs=FOLDER") from error


def _check_logger(target: str) -> None:
    extra = target.rpartition(".")[2].lower()
    if extra in EXTRAS and not find_spec(extra):
        raise ValueError(f"logger={extra} is not installed: begin the command with `uv run --extra {extra}`")


def _check_optimizer(settings: dict[str, Any]) -> None:
    """One step of optimizer and scheduler on one parameter: torch's own complaints, as of a negative lr, come now."""
    import torch

    parameter = torch.nn.Parameter(torch.zeros(1))
    if settings["trainer"]["accelerator"] == "cpu":  # for a GPU some options want the parameter there
        parameter.grad = torch.zeros(1)
    try:
        optimizer = build("optimizer", settings["optimizer"])([parameter])
        scheduler = build("scheduler", settings["scheduler"])(optimizer) if settings["scheduler"] else None
        optimizer.step()
        if scheduler:
            scheduler.step()
    except Exception as error:  # whatever the constructors think of their arguments
        groups = {group: settings[group] or {} for group in ("optimizer", "scheduler")}
        given = [f"{group}.{key}={value}" for group, values in groups.items() for key, value in values.items()]
        typed = [each for each in given if "._target_=" not in each and not each.endswith("._partial_=True")]
        raise ValueError(f"{error}; from {', '.join(typed) or 'the defaults'}") from error


def _check_start(cfg: DictConfig, here: bool) -> None:
    try:
        check(cfg, here)
    except ValueError as error:
        raise ValueError(f"start: {error}") from error
