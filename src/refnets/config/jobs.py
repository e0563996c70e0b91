"""From a command line to a configuration and the directory of its run. Free of torch, so that mistakes show at once."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict

from refnets.config.composition import CONFIGS, GROUPS, choices_of, combinations, compose, is_part, readable
from refnets.config.instructions import key_of
from refnets.config.recipes import WATCHING, directory_of
from refnets.config.untrusted import refuse_values


class Job(NamedTuple):
    """What to train, and the directory of its run."""

    cfg: DictConfig
    directory: Path

    @property
    def digest(self) -> str:
        """What tells one recipe from another, however its overrides were spelt: the end of the directory's name."""
        return self.directory.name.rpartition("-")[2]


def jobs(overrides: Sequence[str]) -> Iterator[Job]:
    """Every training that a command line of scripts/train.py asks for: one, or with a sweep (`seed=0,1,2`) several."""
    for job in combinations(overrides):
        with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
            settled = settle(*compose(job), job)
        yield settled


def sweep_job(sweep: Sequence[str], overrides: Sequence[str]) -> Job:
    """One training of a sweep, whose own file (`sweep` is ["sweep=NAME"]) may say more that holds for all."""
    cfg, choices = compose([*sweep, *overrides])
    return settle(cfg, {**choices, "sweep": "grid"}, overrides, sweep=sweep)


def settle(
    cfg: DictConfig,
    choices: dict[str, str],
    overrides: Sequence[str],
    before: Sequence[str] = (),
    sweep: Sequence[str] = (),
) -> Job:
    """The configuration to train and the directory of its run, given what Hydra composed from `overrides`.

    Choosing another option for a group drops what the experiment says about that group: the learning rate that it
    gives SGD is not meant for `optimizer=adam`. What the file of the `sweep` says holds for all. The command line in
    `start` becomes the run that it asks for, settled as well; `before` are those that led here. Raises ValueError when
    it is not a command line or leads to itself.
    """
    refuse_values(cfg)
    for group, option in choices.items():
        if ".." in str(option) or str(option).startswith("/"):
            raise ValueError(f"{group}={option}: should be the name of an option, not a path")
    if choices.get("sweep") not in (None, "grid"):
        raise ValueError(f"sweep={choices['sweep']}: is no run but many; type scripts/train.py -m")
    if experiment := choices.get("experiment"):
        _drop_values_of_changed_groups(cfg, choices, overrides, sweep)
    _make_fractions(cfg, overrides, sweep)
    if cfg.get("start") is not None:
        with open_dict(cfg):
            cfg.start = _start(cfg, choices, before)
    return Job(cfg, directory_of(cfg, experiment or "no_experiment", overrides))


def _make_fractions(cfg: DictConfig, overrides: Sequence[str], sweep: Sequence[str]) -> None:
    """1 becomes 1.0 where the files have a fraction: else one recipe would have two directories."""
    whole = {key: value for key in map(key_of, overrides) if type(value := OmegaConf.select(cfg, key)) is int}
    untyped = compose([*sweep, *next(choices_of(overrides))])[0] if whole else cfg
    for key, value in whole.items():
        if isinstance(OmegaConf.select(untyped, key), float):
            OmegaConf.update(cfg, key, float(value))


def _drop_values_of_changed_groups(
    cfg: DictConfig, choices: dict[str, str], overrides: Sequence[str], sweep: Sequence[str]
) -> None:
    options = _options(choices["experiment"])
    groups = [*(group for group in GROUPS if group in cfg), *(key for key in choices if is_part(key))]
    if changed := [group for group in groups if choices.get(group) != options.get(group)]:
        places = [group.rpartition("@")[2] for group in changed]
        chosen = [f"{group}={choices[group]}" for group in groups if choices.get(group)]
        values = [o for o in overrides if _is_inside(o, places)]
        bare, _ = compose([*sweep, "~experiment", *chosen, *values])
        for place in places:
            OmegaConf.update(cfg, place, OmegaConf.select(bare, place, default={}), merge=False, force_add=True)


@lru_cache
def _options(experiment: str) -> dict[str, str]:
    """The option that the experiment chooses for each group."""
    return compose([f"experiment={experiment}"])[1]


def _is_inside(override: str, places: Sequence[str]) -> bool:
    """Whether it changes or deletes something in one of the places, as model.width=7 or ~optimizer; not model=mlp."""
    key = override.partition("=")[0]
    chooses = key in GROUPS or is_part(key)
    return not chooses and f"{key_of(override)}.".startswith(tuple(f"{place}." for place in places))


def _start(cfg: DictConfig, choices: dict[str, str], before: Sequence[str]) -> dict[str, object]:
    """The directory and the configuration of the run whose weights `cfg` starts from.

    It is kept and watched as `cfg` is, and trained by the same trainer: smoke starts from smoke.
    """
    command = cfg.start
    if not isinstance(command, str):
        raise ValueError(f"start={command}: should be a command line, as start='experiment=mnist1d_masked seed=0'")
    if command in before:
        raise ValueError(f"start={command!r} starts from itself")
    words = [f"trainer={choices['trainer']}", *map(readable, shlex.split(command))]
    try:
        first, its_choices = compose(words)
    except HydraException as error:
        raise HydraException(f"start={command!r}: {error}") from error
    for key in WATCHING:
        if OmegaConf.select(first, key) is not None and OmegaConf.select(cfg, key) is not None:
            OmegaConf.update(first, key, OmegaConf.select(cfg, key), merge=False, force_add=True)
    first, directory = settle(first, its_choices, words[1:], (*before, command))
    return {"run": str(directory), "config": OmegaConf.to_container(first, resolve=True)}


def once(jobs: Iterable[Job]) -> list[Job]:
    """Each recipe once, however often and however spelt it was asked for."""
    return list({job.digest: job for job in jobs}.values())
