"""What was probably meant by a command line that Hydra refused."""

import os
import shlex
from collections.abc import Iterator, Sequence

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from refnets.config.composition import CONFIGS, GROUPS, TEXT, hydra_aside, is_readable, readable
from refnets.config.jobs import flatten
from refnets.faults import nearest

# hydra/launcher=NAME -> the extra of pyproject.toml that installs it
LAUNCHERS = {"joblib": "joblib", "submitit_slurm": "slurm", "submitit_local": "slurm", "ray": "ray"}


def hints(overrides: Sequence[str]) -> list[str]:
    """What was probably meant by each override of a command line that Hydra refused."""
    try:
        typed = [override for override in overrides if not override.startswith("-")]
        if unreadable := [override for override in typed if not is_readable(override)]:
            return [f"type {_quoted(override)}" for override in unreadable if TEXT.match(override)]
        parsed = OverridesParser.create().parse_overrides(typed)
        return [hint for override in parsed for hint in _hints(override, _keys(parsed))]
    except Exception:  # a hint must never hide Hydra's own message
        return []


def _quoted(override: str) -> str:
    """data.root=/pets (1) -> "data.root='/pets (1)'": for Hydra, and for the shell; of ~ the home."""
    key, _, value = override.partition("=")
    value = os.path.expanduser(value).replace("'", r"\'")
    quoted = f"{key}='{value}'"
    return shlex.quote(quoted) if set(quoted) & set('$`"!') else f'"{quoted}"'


def _hints(override: Override, keys: list[str]) -> Iterator[str]:
    key = override.key_or_group
    if key == "hydra/launcher":
        yield from _missing_launcher(str(override.value()))
    elif key == "start" and isinstance(override.value(), str):
        yield from hints([*map(readable, shlex.split(override.value()))])
    elif key in GROUPS:
        for choice in _choices(override):
            if choice not in (options := _options(key)):
                yield f"there is no {key}={choice}{nearest(choice, options)}"
    elif key not in keys and not (override.is_add() or override.is_delete() or key.startswith("hydra")):
        yield f"there is no {key}{nearest(key, keys)}"


def _missing_launcher(name: str) -> Iterator[str]:
    if f"{name}.yaml" not in ConfigStore.instance().list("hydra/launcher"):
        if extra := LAUNCHERS.get(name):
            yield f"hydra/launcher={name} is not installed: begin the command with `uv run --extra {extra}`"
        else:
            yield f"there is no hydra/launcher={name}{nearest(name, ['basic', *LAUNCHERS])}"


def _keys(parsed: list[Override]) -> list[str]:
    """All keys of the configuration with those options of `parsed` that exist."""
    exist = [o for o in parsed if o.key_or_group in GROUPS and set(_choices(o)) <= set(_options(o.key_or_group))]
    chosen = [f"{override.get_key_element()}={_choices(override)[0]}" for override in exist]
    with hydra_aside(), hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return [*GROUPS, *flatten(OmegaConf.to_container(hydra.compose("train", chosen)))]


def _choices(override: Override) -> list[str]:
    return list(override.sweep_string_iterator()) if override.is_sweep_override() else [str(override.value())]


def _options(group: str) -> list[str]:
    return [path.stem for path in (CONFIGS / group).glob("*.yaml")]
