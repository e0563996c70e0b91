"""A configuration against the constructors it names: checked before anything is loaded, then built."""

import importlib
import inspect
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt

from refnets.config.arguments import check_arguments
from refnets.config.machine import Hardware, check_hardware
from refnets.faults import nearest

# A configuration is data, not code. What stands in its groups comes from these packages; nothing else is imported.
HOME = {
    "data": "refnets.data.",
    "model": "refnets.models.",
    "loss": "refnets.losses.",
    "optimizer": "torch.optim.",
    "scheduler": "torch.optim.lr_scheduler.",
    "logger": "refnets.loggers.",
    "draw": "refnets.figures.",
}
BUILT = ("data", "model", "loss")
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
    keep: Literal["last", "best"]
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
        _check_node(group, settings[group])
    if settings["logger"]:
        _refuse_foreign("logger", settings["logger"].get("_target_"))
        _check_logger(settings["logger"]["_target_"])
    _check_optimizer(settings)
    if here:
        check_hardware(Hardware(**cfg.trainer))
    if cfg.start:
        _check_start(cfg.start.config, here)


def build(path: str, node: Any, *arguments: Any, **keywords: Any) -> Any:
    """What the mapping `node`, found at `path`, describes: its `_target_` called with its other keys, once checked."""
    node = OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else node
    _check_node(path, node)
    if path in BUILT and isinstance(node, dict) and node.get("_partial_"):
        raise ValueError(f"{path}._partial_={node['_partial_']}: is for optimizers and schedules; delete it")
    try:
        return instantiate(node, *arguments, **keywords, _convert_="all")
    except InstantiationException as error:
        raise error.__cause__ or error from None


def _check_node(path: str, node: Any) -> None:
    """Checks every mapping that names a `_target_`, at any depth, and that a group does."""
    if isinstance(node, dict) and "_target_" in node:
        arguments = {key: value for key, value in node.items() if key not in ("_target_", "_partial_")}
        check_arguments(f"{path}.", _resolve(path, node["_target_"]), arguments)
        if not isinstance(node.get("_partial_", False), bool):
            raise ValueError(f"{path}._partial_={node['_partial_']}: should be true or false")
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            _check_node(f"{path}.{key}", value)
    if path in (*BUILT, "optimizer") and "_target_" not in (node or ()):
        raise ValueError(f"{path}._target_ is not set: choose an option, {path}=NAME")


def _resolve(path: str, target: str) -> Callable:
    """The class (of a figure: the function) called `target`. Aliases of things that live elsewhere do not count."""
    homes, said = _refuse_foreign(path, target), f"{path}._target_={target}"
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise ValueError(f"{said}: {error}") from error
    right_kind = inspect.isfunction(found) if path == "draw" else inspect.isclass(found)
    if not (right_kind and f"{found.__module__}.".startswith(homes)):
        raise ValueError(f"{said}: {module} has no such thing{nearest(name, dir(importlib.import_module(module)))}")
    return found


def _refuse_foreign(path: str, target: Any) -> tuple[str, ...]:
    """How names may begin at `path`; raises ValueError when `target` does not: nothing is imported to find out."""
    homes = (HOME[path],) if path in HOME else tuple(HOME.values())
    if not (isinstance(target, str) and target.startswith(homes)):
        raise ValueError(f"{path}._target_={target}: only names that start with {' or '.join(homes)} are allowed")
    return homes


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
        given = f"optimizer={settings['optimizer']}, scheduler={settings['scheduler']}"
        raise ValueError(f"{error}; from {given}") from error


def _check_start(cfg: DictConfig, here: bool) -> None:
    try:
        check(cfg, here)
    except ValueError as error:
        raise ValueError(f"start: {error}") from error
