"""How Optuna proposes points and when it gives them up: its samplers and pruners, built from configurations."""

import importlib
from collections.abc import Mapping
from typing import Any

from refnets.faults import nearest


def built(kind: str, node: Mapping[str, Any]) -> Any:
    """The sampler or pruner that `node` describes: a configuration is data, and names only Optuna's own."""
    home, name = f"optuna.{kind}s", str(node.get("_target_", ""))
    there = {f"{home}.{each}": each for each in importlib.import_module(home).__all__ if each.endswith(kind.title())}
    if name not in there:
        raise ValueError(f"{kind}._target_={name}: is none of {home}{nearest(name, there)}")
    try:
        return getattr(importlib.import_module(home), there[name])(**{k: v for k, v in node.items() if k != "_target_"})
    except TypeError as error:  # an argument that it does not have
        raise ValueError(f"{kind}: {error}") from error
