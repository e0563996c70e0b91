"""What `scripts/train.py -m` does: a grid, or with hydra/sweeper=optuna a search. Hydra looks in hydra_plugins for it.

Hydra imports this module for every command, `--help` included: Optuna is imported when a search begins. No `from
__future__ import annotations`: Hydra runs a plugin before it is in sys.modules, where dataclasses look for their types.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from refnets.cli import plain_errors, print_run
from refnets.config import combinations, compose, digest, settle

if TYPE_CHECKING:
    from refnets.runs import Run


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
    trial: int | None = None  # not to be typed: its number tells a trial which one it is


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
        self.params = params

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra. What it would call for one training is not needed."""
        self.config = config.hydra

    def sweep(self, arguments: list[str]) -> "list[Run]":
        """Called by Hydra with the command line."""
        grid = [override for override in arguments if override.startswith("sweep=")]
        arguments = [override for override in arguments if override not in grid]
        typed = {override.lstrip("+~").partition("=")[0] for override in arguments}
        given = [f"{key}={value}" for key, value in self.params.items() if key not in typed]
        with plain_errors(arguments):
            planned = [self._settled(grid, job) for job in combinations([*given, *arguments])]
            GlobalHydra.instance().clear()  # a launcher is composed anew
            from refnets.launch import train_all_by  # imports torch: only now that all can be composed

            train_all = train_all_by(self.config.overrides.hydra)
            return train_all(list({digest(job): job for job in planned}.values()), print_run)

    def _settled(self, grid: Sequence[str], overrides: Sequence[str]) -> tuple[DictConfig, Path]:
        """One combination; what the file of the `grid` says besides holds for all."""
        cfg, choices = compose([*grid, *overrides])
        return settle(cfg, {**choices, "sweep": "grid"}, overrides)


class OptunaSweeper(Sweeper):
    """Hands trials to whatever launcher is chosen; what a trial is, and what comes next, is in refnets.sweep."""

    def __init__(self, **settings: Any) -> None:
        self.settings = OmegaConf.to_container(OmegaConf.create(settings), resolve=True)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra. `task_function` is what a command does for one training; a trial does more."""
        self.hydra_context, self.config = hydra_context, config

    def sweep(self, arguments: list[str]) -> Any:
        """Called by Hydra with the command line."""
        with plain_errors(arguments):
            try:
                import optuna  # noqa: F401
            except ModuleNotFoundError as missing:
                how = "type uv run --extra sweep scripts/train.py ..., or pip install 'optuna>=4.5,<6'"
                raise ValueError(f"hydra/sweeper=optuna needs Optuna, which is not installed: {how}") from missing
            from refnets.sweep.search import Search, search
            from refnets.sweep.trial import run_trial

            job = self.config.hydra
            found = Search.of(self.settings, job.runtime.choices.experiment, arguments, Path(job.sweep.dir))
            launcher = Plugins.instance().instantiate_launcher(
                hydra_context=self.hydra_context, task_function=partial(run_trial, found.link), config=self.config
            )
            return search(found, launcher)
