"""From a mapping of a configuration to the object that it describes; only what belongs to its group is ever built."""

import importlib
import inspect
from collections.abc import Callable
from pydoc import locate
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from refnets.config.arguments import check_arguments
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
BUILT = {"data": "refnets.data.data.Data", "model": "torch.nn.Module", "loss": "torch.nn.Module"}  # what they are


def build(path: str, node: Any, *arguments: Any) -> Any:
    """What the mapping `node`, found at `path`, describes: its `_target_` called with its other keys, once checked."""
    node = OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else node
    check_node(path, node)
    if path in BUILT and isinstance(node, dict) and node.get("_partial_"):
        raise ValueError(f"{path}._partial_={node['_partial_']}: is for optimizers and schedules; delete it")
    try:
        return instantiate(node, *arguments, _convert_="all")
    except InstantiationException as error:
        raise error.__cause__ or error from None


def check_node(path: str, node: Any) -> None:
    """Checks every mapping that names a `_target_`, at any depth, and that a group does."""
    if isinstance(node, dict) and "_target_" in node:
        arguments = {key: value for key, value in node.items() if key not in ("_target_", "_partial_")}
        check_arguments(f"{path}.", _resolve(path, node["_target_"]), arguments)
        if not isinstance(node.get("_partial_", False), bool):
            raise ValueError(f"{path}._partial_={node['_partial_']}: should be true or false")
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            check_node(f"{path}.{key}", value)
    if path in (*BUILT, "optimizer") and "_target_" not in (node or ()):
        raise ValueError(f"{path}._target_ is not set: choose an option, {path}=NAME, or write one into its file")


def _resolve(path: str, target: str) -> Callable:
    """The class (of a figure: the function) called `target`. Aliases of things that live elsewhere do not count."""
    refuse_foreign(path, target)
    said = f"{path}._target_={target}"
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise ValueError(f"{said}: {error}") from error
    right_kind = inspect.isfunction(found) if path == "draw" else inspect.isclass(found)
    if not (right_kind and f"{found.__module__}.".startswith(_homes(path))):
        raise ValueError(f"{said}: {module} has no such thing{nearest(name, dir(importlib.import_module(module)))}")
    if path in BUILT and not issubclass(found, locate(BUILT[path])):
        raise ValueError(f"{said}: should be a subclass of {BUILT[path]}")
    return found


def refuse_foreign(path: str, target: Any) -> None:
    """Raises ValueError when `target` is of no package that belongs to `path`: nothing is imported to find out."""
    homes = _homes(path)
    if not (isinstance(target, str) and target.startswith(homes)):
        raise ValueError(f"{path}._target_={target}: only names that start with {' or '.join(homes)} are allowed")


def _homes(path: str) -> tuple[str, ...]:
    """How names may begin: those of a group in its own package, those within one in any."""
    return (HOME[path],) if path in HOME else tuple(HOME.values())
