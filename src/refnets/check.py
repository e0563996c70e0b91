"""Holds a configuration against the constructors it names, before anything is loaded or trained."""

import importlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

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
    trainer: dict  # checked last: only the trainer needs Lightning imported, which takes seconds
    steps: PositiveInt
    eval_every: PositiveInt
    seed: NonNegativeInt
    threads: PositiveInt | None
    checkpoint_every: NonNegativeFloat
    outputs: str


def check(cfg: DictConfig) -> None:
    """Raises ValueError naming the key, its value, what is allowed and the nearest match."""
    if missing := sorted(OmegaConf.missing_keys(cfg)):
        raise ValueError(f"{missing[0]} is not set: choose an experiment that sets it, or type {missing[0]}=1000")
    settings = OmegaConf.to_container(cfg, resolve=True)
    _check_call("", Settings, settings)
    for group in (key for key in Settings.__annotations__ if key in settings):
        check_node(group, settings[group])


def check_node(path: str, node: Any) -> None:
    """Checks every mapping that names a `_target_`, at any depth. Raises ValueError as `check` does."""
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        arguments = {key: value for key, value in node.items() if key not in ("_target_", "_partial_")}
        _check_call(f"{path}.", _resolve(f"{path}._target_", node["_target_"]), arguments)
    for key, value in node.items():
        check_node(f"{path}.{key}", value)


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
            allowed = ", ".join(parameters)
            raise ValueError(f"{prefix}{key}: {target.__name__} has no {key!r}{nearest(key, parameters)} ({allowed})")
        _check_type(f"{prefix}{key}", value, types.get(key, Any))


def _check_type(path: str, value: Any, annotation: Any) -> None:
    """As strict as JSON: 1 is a float and [36, 60] a tuple, but neither "1" nor true is an int."""
    adapter = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
    try:
        adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        wanted = "; or ".join(dict.fromkeys(detail["msg"] for detail in error.errors()))
        raise ValueError(f"{path}={value}: {wanted[0].lower()}{wanted[1:]}") from None
