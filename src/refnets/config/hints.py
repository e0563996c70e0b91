"""What was probably meant by a command line that Hydra refused."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from refnets.config.composition import CONFIGS, GROUPS, TEXT, as_text, hydra_aside, is_readable, quoted, readable
from refnets.config.recipes import flatten
from refnets.faults import nearest

# hydra/launcher=NAME -> the extra of pyproject.toml that installs it
LAUNCHERS = {"joblib": "joblib", "submitit_slurm": "slurm", "submitit_local": "slurm", "ray": "ray"}


def hints(arguments: Sequence[str]) -> list[str]:
    """What was probably meant by each override of a command line that Hydra refused."""
    try:
        known, rest = get_args_parser().parse_known_args(arguments)
        typed = [each for each in [*known.overrides, *rest] if not each.startswith("-")]
        folders = [CONFIGS, *([Path(known.config_dir).absolute()] if known.config_dir else [])]
        if unreadable := [override for override in typed if not is_readable(override)]:
            return [f"type {_quoted(override)}" for override in unreadable if TEXT.match(override)]
        parsed = OverridesParser.create().parse_overrides(typed)
        keys = _keys(parsed, folders)
        return [hint for override in parsed for hint in _hints(override, keys, folders)]
    except (Exception, SystemExit):  # a hint must never hide Hydra's own message
        return []


def _quoted(override: str) -> str:
    """data.root=/pets (1) -> "data.root='/pets (1)'": for Hydra, and for the shell."""
    typed = as_text(override)
    return shlex.quote(typed) if set(typed) & set('$`"!') else f'"{typed}"'


def _hints(override: Override, keys: list[str], folders: Sequence[Path]) -> Iterator[str]:
    key = override.key_or_group
    if override.is_sweep_override() and TEXT.match(override.input_line):  # a comma in a path
        yield f"or type {_quoted(override.input_line)}"
    elif key == "hydra/launcher":
        yield from _missing_launcher(str(override.value()))
    elif key == "start" and isinstance(override.value(), str):
        yield from hints([readable(word) for word in shlex.split(override.value()) if not word.startswith("-")])
    elif key in GROUPS:
        for choice in _choices(override):
            if choice not in (options := _options(key, folders)):
                yield f"there is no {key}={choice}{nearest(choice, options)}"
    elif key not in keys and not (override.is_add() or override.is_delete() or key.startswith("hydra")):
        yield f"there is no {key}{nearest(key, keys)}"


def _missing_launcher(name: str) -> Iterator[str]:
    if f"{name}.yaml" not in ConfigStore.instance().list("hydra/launcher"):
        if extra := LAUNCHERS.get(name):
            yield f"hydra/launcher={name} is not installed: begin the command with `uv run --extra {extra}`"
        else:
            yield f"there is no hydra/launcher={name}{nearest(name, ['basic', *LAUNCHERS])}"


def _keys(parsed: list[Override], folders: Sequence[Path]) -> list[str]:
    """All keys of the configuration with those options of `parsed` that exist."""
    groups = [override for override in parsed if override.key_or_group in GROUPS]
    exist = [o for o in groups if set(_choices(o)) <= set(_options(o.key_or_group, folders))]
    chosen = [f"{override.get_key_element()}={_choices(override)[0]}" for override in exist]
    others = ",".join(quoted(f"file://{folder}") for folder in folders[1:])
    chosen.append(f"hydra.searchpath=[{others}]")
    with hydra_aside(), hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return [*GROUPS, *flatten(OmegaConf.to_container(hydra.compose("train", chosen)))]


def _choices(override: Override) -> list[str]:
    return list(override.sweep_string_iterator()) if override.is_sweep_override() else [str(override.value())]


def _options(group: str, folders: Sequence[Path]) -> list[str]:
    return [path.stem for folder in folders for path in (folder / group).glob("*.yaml")]
