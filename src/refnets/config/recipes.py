"""Which configurations are of one recipe, and where the run of a recipe is kept."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from refnets.config.composition import is_part

# What changes how a run is watched, where it is kept or how many compute it, but none of its numbers.
WATCHING = ("logger", "outputs", "checkpoint_every", "data.downloads", "data.of.downloads", "trainer.devices")


def directory_of(cfg: DictConfig, experiment: str, overrides: Sequence[str]) -> Path:
    """outputs/runs/<experiment>/<overrides>-<digest>: the digest of the configuration decides, the rest is to read."""
    digest = hashlib.sha256(recipe(cfg).encode()).hexdigest()[:8]
    home = Path(str(cfg.outputs), "runs", experiment)
    told = [_resolved(o, cfg) for o in overrides if not re.match(rf"experiment=|({'|'.join(WATCHING)})\b", o)]
    told = [o.partition("@")[2] if is_part(o.partition("=")[0]) else o for o in told]  # model.encoder=vgg
    name = re.sub(r"[^\w.=,+~-]+", "_", ",".join(told), flags=re.ASCII)[:100] or "recipe"
    return next(home.glob(f"*-{digest}"), home / f"{name}-{digest}")


def recipe(cfg: DictConfig, aside: tuple[str, ...] = WATCHING) -> str:
    """What the numbers of a run follow from, as text: all keys of `cfg` but those that begin like one of `aside`.

    A key that is null asks for nothing, and with it and without the text is the same.
    """
    values = flatten(OmegaConf.to_container(cfg, resolve=True))

    def counts(key: str) -> bool:
        return values[key] is not None and not key.split("start.config.")[-1].startswith((*aside, "start.run"))

    return json.dumps({key: value for key, value in values.items() if counts(key)}, sort_keys=True)


def flatten(config: dict, prefix: str = "") -> dict[str, object]:
    """{"model": {"width": 100}} -> {"model.width": 100}."""
    flat: dict[str, object] = {}
    for key, value in config.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _resolved(override: str, cfg: DictConfig) -> str:
    """data.seed=${seed} as data.seed=1, so that a run has one name however it was asked for."""
    key, _, value = override.partition("=")
    return f"{key}={OmegaConf.select(cfg, key)}" if value.startswith("${") else override
