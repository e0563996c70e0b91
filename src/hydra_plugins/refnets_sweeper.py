"""What `scripts/train.py -m` does: a grid, or with hydra/sweeper=optuna a search. Hydra looks in hydra_plugins for it.

Hydra imports this module for every command, `--help` included: Optuna is imported when a search begins. No `from
__future__ import annotations`: Hydra runs a plugin before it is in sys.modules, where dataclasses look for their types.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, ListConfig, OmegaConf

from refnets.cli import plain_errors, print_run
from refnets.config.composition import combinations
from refnets.config.instructions import key_of
from refnets.config.jobs import once, sweep_job
from refnets.runs import Run
from refnets.train_all import train_all_by


@dataclass
class OptunaConf:
    """What is searched for, and how: the group hydra/sweeper=optuna."""

    _target_: str = "hydra_plugins.refnets_sweeper.OptunaSweeper"
    _recursive_: bool = False  # sampler and pruner are not built by Hydra
    objective: Any = "validation_error"  # of the kept network, or parameters, or seconds; a list for several objectives
    direction: Any = "minimize"  # or maximize; a list with several objectives
    n_trials: int = 20  # in the study as a whole: the same command goes on to it
    n_jobs: int = 1  # trials that are handed to the launcher at once
    params: dict[str, Any] = field(default_factory=dict)  # values as on the command line, as interval(0,1)
    when: dict[str, Any] = field(default_factory=dict)  # "optimizer=adam": params of the trials that have chosen it
    first: list[Any] = field(default_factory=list)  # points that are tried before any other, as the recipe by hand
    storage: str | None = None  # sqlite:///FILE or journal:FILE; null: study.db in the study's folder
    study_name: str | None = None  # null: a name that follows from what is searched
    sampler: dict[str, Any] = field(default_factory=lambda: {"_target_": "optuna.samplers.TPESampler"})
    pruner: Any = None  # as {_target_: optuna.pruners.MedianPruner}; null: every trial is trained to its end
    seed: int = 0
    max_failure_rate: float = 0.5  # the search ends when more than this fraction of n_trials have failed


@dataclass
class GridConf:
    """All combinations of the values: the group hydra/sweeper=grid."""

    _target_: str = "hydra_plugins.refnets_sweeper.GridSweeper"
    params: dict[str, Any] = field(default_factory=dict)  # as on the command line, which wins: {seed: "0,1"}


for name, node in (("optuna", OptunaConf), ("grid", GridConf)):
    ConfigStore.instance().store(group="hydra/sweeper", name=name, node=node, provider="refnets")


class GridSweeper(Sweeper):
    """Trains every combination as the runs of a figure are, those that differ only in numbers together.

    Hydra's own would read all files of options twice for each, and would know of one at a time.
    """

    def __init__(self, params: dict[str, Any]) -> None:
        """Of `params` Hydra has resolved ${seed}; what it is in each run is not known yet, see `_as_written`."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra. What it would call for one training is not needed."""
        self.config = config.hydra

    def sweep(self, arguments: list[str]) -> list[Run]:
        """Called by Hydra with the command line."""
        grid = [override for override in arguments if override.startswith("sweep=")]
        arguments = [override for override in arguments if override not in grid]
        typed = {key_of(override) for override in arguments}
        params = _as_written(self.config.sweeper.params)
        given = [f"{key}={'null' if value is None else value}" for key, value in params.items() if key not in typed]
        with plain_errors([*_flags(self.config), *arguments]):
            planned = [sweep_job(grid, job) for job in combinations([*given, *arguments])]
            train_all = train_all_by(_launcher(self.config))
            return train_all(once(planned), print_run)


class OptunaSweeper(Sweeper):
    """Searches; what a trial is, and what comes next, is in refnets.sweep."""

    def __init__(self, **settings: Any) -> None:
        self.settings = OmegaConf.to_container(OmegaConf.create(settings), resolve=True)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra. What it would call for one training is not needed: a trial does more."""
        self.config = config.hydra

    def sweep(self, arguments: list[str]) -> Any:
        """Called by Hydra with the command line."""
        with plain_errors([*_flags(self.config), *arguments]):
            try:
                import optuna  # noqa: F401
            except ModuleNotFoundError as missing:
                how = "begin the command with `uv run --extra sweep`"
                raise ValueError(f"hydra/sweeper=optuna is not installed: {how}") from missing
            from refnets.processes.launch import launch
            from refnets.sweep.search import Search, search
            from refnets.sweep.trial import train_trials

            home = Path(self.config.sweep.dir)
            searched = {key: _as_written(self.config.sweeper[key]) for key in ("params", "when", "first")}
            experiment, flags = self.config.runtime.choices.experiment, _flags(self.config)
            wanted = Search.of(self.settings | searched, experiment, arguments, home, flags)
            by = partial(launch, overrides=_launcher(self.config), folder=home)
            return search(wanted, partial(train_trials, wanted.link, wanted.command, by, flags=flags))


def _as_written(part: DictConfig | ListConfig) -> Any:
    """Of a sweep's file: ${seed} is that of each run, as on the command line."""
    return OmegaConf.to_container(part, resolve=False)


def _flags(config: DictConfig) -> list[str]:
    """What the command line says of where further files are: ["--config-dir", "/mine"]."""
    folders = [each.path for each in config.runtime.config_sources if each.provider == "command-line"]
    return ["--config-dir", *folders] if folders else []


def _launcher(config: DictConfig) -> list[str]:
    """What the command line says of where runs are computed."""
    typed = OmegaConf.to_container(config.overrides.hydra, resolve=False)
    return [override for override in typed if not key_of(override).startswith(("hydra.sweeper", "hydra/sweeper"))]
