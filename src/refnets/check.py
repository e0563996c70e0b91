"""A configuration against the constructors it names: checked before anything is loaded, then built."""

import importlib
import inspect
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from pydantic import ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveInt, TypeAdapter, ValidationError

from refnets.config import nearest

# A configuration is data: it may name things of these packages, and nothing else is ever imported for it.
ALLOWED = ("refnets.", "torch.nn.", "torch.optim.", "torchvision.", "torchmetrics.", "lightning.")


@dataclass
class Settings:
    """The top level of a configuration, see configs/train.yaml."""

    data: dict
    model: dict
    loss: dict
    optimizer: dict
    scheduler: dict
    logger: dict
    trainer: dict
    steps: PositiveInt
    eval_every: PositiveInt
    seed: NonNegativeInt
    threads: PositiveInt | None
    checkpoint_every: NonNegativeFloat
    outputs: str


def check(cfg: DictConfig) -> None:
    """Raises ValueError naming the key, its value, what is allowed and the nearest match; OSError for the outputs.

    Logger and trainer are left to `build`: to know their arguments takes importing Lightning, which takes seconds.
    """
    if missing := sorted(OmegaConf.missing_keys(cfg)):
        raise ValueError(f"{missing[0]} is not set: choose an experiment that sets it, or type {missing[0]}=1000")
    settings = OmegaConf.to_container(cfg, resolve=True)
    _check_call("", Settings, settings)
    _check_outputs(Path(cfg.outputs))
    for key in settings.keys() - {"logger", "trainer"}:
        _check_node(key, settings[key])
    if cfg.trainer.get("accelerator") in ("cuda", "gpu") and not importlib.import_module("torch").cuda.is_available():
        raise ValueError(f"trainer.accelerator={cfg.trainer.accelerator}: no CUDA device here; type trainer=default")


def build(path: str, node: Any, *arguments: Any, **keywords: Any) -> Any:
    """What the mapping `node`, found at `path`, describes: its `_target_` called with its other keys, once checked."""
    node = OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else node
    _check_node(path, node)
    try:
        return instantiate(node, *arguments, **keywords, _convert_="all")
    except InstantiationException as error:
        raise error.__cause__ or error from None


def _check_outputs(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(f"outputs={folder} cannot be written ({error.strerror}); type outputs=FOLDER") from error


def _check_node(path: str, node: Any) -> None:
    """Checks every mapping that names a `_target_`, at any depth."""
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        arguments = {key: value for key, value in node.items() if key not in ("_target_", "_partial_")}
        _check_call(f"{path}.", _resolve(f"{path}._target_", node["_target_"]), arguments)
    for key, value in node.items():
        _check_node(f"{path}.{key}", value)


def _resolve(path: str, target: str) -> Callable:
    if not str(target).startswith(ALLOWED):
        raise ValueError(f"{path}={target}: only names that start with {', '.join(ALLOWED)} are allowed")
    module, _, name = target.rpartition(".")
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise ValueError(f"{path}={target}: {error}") from error
    if not callable(getattr(found, name, None)):
        raise ValueError(f"{path}={target}: {module} has no {name!r}{nearest(name, dir(found))}")
    return getattr(found, name)


def _check_call(prefix: str, target: Callable, arguments: dict[str, Any]) -> None:
    parameters = inspect.signature(target).parameters
    types = get_type_hints(target.__init__ if inspect.isclass(target) else target, include_extras=True)
    for key, value in arguments.items():
        if key not in parameters:
            allowed = f" (allowed: {', '.join(parameters)})" if len(parameters) < 20 else ""
            raise ValueError(f"{prefix}{key}: {target.__name__} has no {key!r}{nearest(key, parameters)}{allowed}")
        if not (isinstance(value, dict) and "_target_" in value):
            _check_type(f"{prefix}{key}", value, types.get(key, Any))


def _check_type(path: str, value: Any, annotation: Any) -> None:
    """As strict as JSON: 1 is a float and [36, 60] a tuple, but neither "1" nor true is an int."""
    adapter = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
    try:
        adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        wanted = " or ".join(dict.fromkeys(detail["msg"].removeprefix("Input ") for detail in error.errors()))
        raise ValueError(f"{path}={value}: {wanted}") from None
