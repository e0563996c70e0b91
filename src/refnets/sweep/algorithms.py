"""How Optuna proposes points and when it gives them up: its samplers and pruners, built from configurations."""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from refnets.faults import nearest

# What Optuna imports only when a sampler proposes its second point.
NEEDS = {"optuna.samplers.CmaEsSampler": "cmaes"}


def built(kind: str, node: Mapping[str, Any]) -> Any:
    """The sampler or pruner that `node` describes: a configuration is data, and names only Optuna's own."""
    home, name = f"optuna.{kind}s", str(node.get("_target_", ""))
    there = {f"{home}.{each}": each for each in importlib.import_module(home).__all__ if each.endswith(kind.title())}
    if name not in there:
        raise ValueError(f"{kind}._target_={name}: is none of {home}{nearest(name, there)}")
    if name in NEEDS and not importlib.util.find_spec(NEEDS[name]):
        how = f"begin the command with `uv run --extra sweep --with {NEEDS[name]}`"
        raise ValueError(f"{kind}._target_={name} needs {NEEDS[name]}, which is not installed: {how}")
    try:
        return getattr(importlib.import_module(home), there[name])(**{k: v for k, v in node.items() if k != "_target_"})
    except TypeError as error:  # an argument that it does not have
        raise ValueError(f"{kind}: {error}") from error
