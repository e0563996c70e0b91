"""What Hydra makes of a command line. Free of torch, so that mistakes show at once."""

import copy
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import hydra
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from refnets.config.instructions import is_of_hydra, key_of, refuse_instructions
from refnets.config.untrusted import refuse_folder

CONFIGS = Path(__file__).parents[3] / "configs"
GROUPS = ("data", "model", "loss", "optimizer", "scheduler", "trainer", "logger", "experiment", "sweep")

# Keys whose value may be any text: what Hydra cannot read of it is put into quotes. Other values are left to Hydra.
TEXT = re.compile(r"(data\.(root|images|masks|labels|annotations|downloads|\w+_suffix)|outputs|start)=[^'\"]")


def compose(overrides: Sequence[str]) -> tuple[DictConfig, dict[str, str]]:
    """What Hydra makes of `overrides`, and the option of every group.

    Reading the files of the options takes a tenth of a second, so it is done once for all values typed for them.
    Raises ValueError when a configuration file would have Hydra run something.
    """
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    composed, choices = _of_options(tuple(each.input_line for each in parsed if _is_option(each.key_or_group)))
    cfg = copy.deepcopy(composed)
    ConfigLoaderImpl._apply_overrides_to_config([each for each in parsed if not _is_option(each.key_or_group)], cfg)
    return cfg, choices


@lru_cache
def _of_options(options: tuple[str, ...]) -> tuple[DictConfig, dict[str, str]]:
    refuse_folder(CONFIGS)
    cfg = hydra.compose("train", list(options), return_hydra_config=True)
    refuse_instructions(cfg.hydra, _bare(tuple(filter(is_of_hydra, options))))
    choices = cfg.hydra.runtime.choices
    cfg = OmegaConf.masked_copy(cfg, [key for key in cfg if key != "hydra"])
    OmegaConf.set_struct(cfg, True)  # a key that is not there is a mistake
    return cfg, choices


@lru_cache
def _bare(typed: tuple[str, ...]) -> DictConfig:
    """What Hydra is told by configs/train.yaml and `typed` alone."""
    chosen = [override for override in typed if not override.startswith("hydra.sweeper.")]
    return hydra.compose("train", [*(f"~{group}" for group in GROUPS), *chosen], return_hydra_config=True).hydra


def _is_option(key: str) -> bool:
    """Whether it chooses files, and is no value in them."""
    return key in GROUPS or is_part(key) or key.startswith("hydra")


def is_part(key: str) -> bool:
    """Whether it chooses an option for a part of another one, as model@model.encoder does."""
    return key.partition("@")[0] in GROUPS and "@" in key


def choices_of(overrides: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every combination of options that a command line chooses, and what it says to Hydra; no values."""
    return combinations([override for override in overrides if _is_option(key_of(override))])


def combinations(overrides: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every command line without a sweep that one with sweeps stands for."""

    def values(override: Override) -> list[str]:
        if not override.is_sweep_override():
            return [override.input_line]
        return [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]

    return itertools.product(*map(values, OverridesParser.create().parse_overrides(list(overrides))))


@contextmanager
def hydra_aside() -> Iterator[None]:
    """Sets Hydra's global state aside, so that another Hydra can be initialized inside, and restores it afterwards.

    The job's configuration is restored, too: a launcher that computes in this process replaces it.
    """
    around, job = GlobalHydra.instance().hydra, HydraConfig.instance().cfg
    GlobalHydra.instance().clear()
    try:
        yield
    finally:
        GlobalHydra.instance().hydra, HydraConfig.instance().cfg = around, job


def is_readable(override: str) -> bool:
    """Whether it follows Hydra's grammar."""
    try:
        OverridesParser.create().parse_override(override)
    except HydraException:
        return False
    return True


def readable(override: str) -> str:
    """The override, its text in quotes where Hydra cannot read it as it is: data.root='/home/müller'; of ~ the home."""
    return override if is_readable(override) or not TEXT.match(override) else as_text(override)


def as_text(override: str) -> str:
    """The override with its value in quotes, whatever characters it has; of ~ the home."""
    key, _, value = override.partition("=")
    return f"{key}={quoted(os.path.expanduser(value))}"


def quoted(text: str) -> str:
    """As a value of a command line of Hydra, whatever characters it has."""
    return QuotedString(text=text, quote=Quote.single).with_quotes()
