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

# What is called otherwise elsewhere -> its name here.
OTHER_KEYS = {"batch": "data.batch_size", "device": "trainer", "epochs": "steps", "gpu": "trainer"}
OTHER_OPTIONS = {
    "hydra/launcher=slurm": "submitit_slurm",
    "loss=bce": "bernoulli",
    "loss=cross_entropy": "categorical",
    "loss=crossentropy": "categorical",
    "loss=l1": "laplace",
    "loss=mse": "gaussian",
    "scheduler=none": "constant",
    "scheduler=null": "constant",
    "trainer=gpu": "cuda",
}


def hints(arguments: Sequence[str], message: str = "") -> list[str]:
    """What was probably meant by each override of a command line that Hydra refused with this message."""
    try:
        known, rest = get_args_parser().parse_known_args(arguments)
        typed = [each for each in [*known.overrides, *rest] if not each.startswith("-")]
        folders = [CONFIGS, *([Path(known.config_dir).absolute()] if known.config_dir else [])]
        if unreadable := [override for override in typed if not is_readable(override)]:
            return [_unreadable(override) for override in unreadable[:1]]
        parsed = OverridesParser.create().parse_overrides(typed)
        keys = _keys(parsed, folders)
        found = [hint for override in parsed for hint in _hints(override, keys, folders)]
        several = [override for override in parsed if override.is_sweep_override() and "--multirun" in message]
        return found or [_several(override.input_line) for override in several]
    except (Exception, SystemExit):  # a hint must never hide Hydra's own message
        return []


def _quoted(override: str) -> str:
    """data.root=/pets (1) -> "data.root='/pets (1)'": for Hydra, and for the shell."""
    typed = as_text(override)
    return shlex.quote(typed) if set(typed) & set('$`"!') else f'"{typed}"'


def _unreadable(word: str) -> str:
    _, equals, value = word.partition("=")
    if TEXT.match(word):
        return f"type {_quoted(word)}"
    if not equals:
        figure = f", and figures are drawn by scripts/figure.py {word}" if word[0].isdigit() else ""
        return f"{word} should be key=value, without spaces around = and after commas; --help has examples{figure}"
    if value.endswith(","):
        return f"{word} ends with a comma: type the values without spaces"
    return f"{word} cannot be read: is a bracket or a quote missing, or are quotes needed around all of it?"


def _several(override: str) -> str:
    """Hydra refuses several values where there is no sweep."""
    key, _, values = override.partition("=")
    if TEXT.match(override):  # a comma in a path
        return f"type {_quoted(override)}"
    return f"{override} are several values: type -m for a run of each, or {key}=[{values}] for a list of them"


def _hints(override: Override, keys: list[str], folders: Sequence[Path]) -> Iterator[str]:
    key = override.key_or_group
    if key == "hydra/launcher":
        for choice in _choices(override):
            yield from _missing_launcher(choice)
    elif key == "start" and isinstance(override.value(), str):
        words = [readable(word) for word in shlex.split(override.value()) if not word.startswith("-")]
        yield from (f"start: {hint}" for hint in hints(words))
    elif key in GROUPS:
        for choice in _choices(override):
            if choice not in (options := sorted(_options(key, folders))):
                near = nearest(OTHER_OPTIONS.get(f"{key}={choice.lower()}", choice), options)
                yield f"there is no {key}={choice}{near or '; there are ' + ', '.join(options)}"
    elif key not in keys and not (_makes_or_deletes(override) or key.startswith("hydra")):
        ends = [each for each in keys if each.endswith(f".{key}")]  # lr -> optimizer.lr
        yield f"there is no {key}{nearest(ends[0] if ends else OTHER_KEYS.get(key, key), keys)}"


def _makes_or_deletes(override: Override) -> bool:
    return override.is_add() or override.is_force_add() or override.is_delete()


def _missing_launcher(name: str) -> Iterator[str]:
    if f"{name}.yaml" not in ConfigStore.instance().list("hydra/launcher"):
        if extra := LAUNCHERS.get(name):
            yield f"hydra/launcher={name} is not installed: begin the command with `uv run --extra {extra}`"
        else:
            near = nearest(OTHER_OPTIONS.get(f"hydra/launcher={name}", name), ["basic", *LAUNCHERS])
            yield f"there is no hydra/launcher={name}{near}"


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
    if override.is_sweep_override():
        return list(override.sweep_string_iterator())
    return ["null" if override.value() is None else str(override.value())]


def _options(group: str, folders: Sequence[Path]) -> list[str]:
    return [path.stem for folder in folders for path in (folder / group).glob("*.yaml")]
