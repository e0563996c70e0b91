"""Trainings computed where one of Hydra's launchers takes them: processes of this machine, Slurm, a Ray cluster."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.callbacks import Callbacks
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.live import Live

from refnets.config import CONFIGS
from refnets.runs import Run
from refnets.train import prepared, train_all
from refnets.workers import HERE, processes

Job = tuple[DictConfig, Path]
# What is launched has no configuration of its own but the number of its unit.
OWN = "hydra/hydra_logging=none", "hydra/job_logging=none", "hydra.output_subdir=null", "hydra.sweep.subdir=."


def train_all_by(overrides: Sequence[str]) -> Callable[..., list[Run]]:
    """`train_all` by the launcher of these overrides: hydra/launcher=joblib, hydra.launcher.n_jobs=4; without, itself.

    Raises HydraException when there is no such launcher.
    """
    if not overrides:
        return train_all
    with _composed(overrides) as config:
        here = config.hydra.launcher._target_ == HERE
    return train_all if here else partial(_train_all, overrides=overrides)


def _train_all(
    jobs: Sequence[Job], tell: Callable[[Run], None] = lambda run: None, *, overrides: Sequence[str]
) -> list[Run]:
    """As `train_all`: what is wrong with any configuration is said before anything is launched.

    `tell` is called in this process, when the launcher is through with all runs.
    """
    failures = _train(jobs, overrides)
    runs = [Run(directory) for _, directory in jobs]
    for run in runs:
        if run.finished:
            tell(run)
    if failures:
        raise failures[0]
    return runs


def _train(jobs: Sequence[Job], overrides: Sequence[str]) -> list[Exception]:
    """Trains what is not finished, after what it starts from, and returns what went wrong."""
    jobs = [job for job in jobs if not Run(job[1]).finished]
    if not jobs:
        return []
    units = _planned(jobs, overrides)
    starts = {cfg.start.run: cfg.start.config for cfg, _ in jobs if cfg.start}
    failures = _train([(cfg, Path(directory)) for directory, cfg in starts.items()], overrides)
    begun = [[(cfg, path) for cfg, path in unit if not cfg.start or Run(cfg.start.run).finished] for unit in units]
    with _count(jobs):
        return failures + _launch([unit for unit in begun if unit], overrides)


def _planned(jobs: Sequence[Job], overrides: Sequence[str]) -> list[list[Job]]:
    from refnets.plan import plan  # imports Lightning, as `prepared` does when the configurations are sound

    with _composed(overrides) as config:
        number = processes(config.hydra.launcher)
    return plan((prepared(cfg, Run(directory), here=False) for cfg, directory in jobs), number)


def _launch(units: Sequence[Sequence[Job]], overrides: Sequence[str]) -> list[Exception]:
    """What went wrong with the units, once the launcher is through with all of them."""
    if not units:
        return []
    plain = [[(OmegaConf.to_container(cfg, resolve=True), str(directory)) for cfg, directory in unit] for unit in units]
    task = partial(train_unit, units=plain, folder=str(Path.cwd()), command=sys.argv)
    folder = Path(units[0][0][0].outputs, "sweeps").absolute()
    own = [f"hydra.sweep.dir={_quoted(folder)}", f"hydra.sweeper.max_batch_size={len(units)}"]
    try:
        with _composed([*own, *overrides]) as config:
            context = HydraContext(config_loader=GlobalHydra.instance().config_loader(), callbacks=Callbacks())
            launcher = Plugins.instance().instantiate_launcher(context, task, config)
            returned = launcher.launch([[f"+unit={number}"] for number in range(len(units))], initial_job_idx=0)
    except KeyboardInterrupt:
        print("interrupted; what is finished is kept, and the same command goes on with the rest", file=sys.stderr)
        sys.exit(130)
    return [failure for job in returned if (failure := job.return_value)]


def train_unit(cfg: DictConfig, units: Sequence, folder: str, command: list[str]) -> Exception | None:
    """What is launched: trains the unit with the number `cfg.unit`, and returns what went wrong.

    An error that is raised here would, with some launchers, end the other processes.
    """
    sys.argv = command  # for the results, which say by what command they were made
    with contextlib.chdir(folder):
        try:
            train_all([(OmegaConf.create(content), Path(directory)) for content, directory in units[cfg.unit]])
        except Exception as error:
            return error
    return None


@contextlib.contextmanager
def _composed(overrides: Sequence[str]) -> Iterator[DictConfig]:
    with hydra.initialize_config_dir(str(CONFIGS), job_name="refnets", version_base="1.3"):
        yield hydra.compose(overrides=[*OWN, *overrides], return_hydra_config=True)


def _count(jobs: Sequence[Job]) -> contextlib.AbstractContextManager[Any]:
    """Where somebody is looking, how many of the runs are finished."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()

    def line() -> str:
        return f"{sum(Run(directory).finished for _, directory in jobs)} of {len(jobs)} runs finished"

    return Live(get_renderable=line, console=Console(stderr=True), refresh_per_second=1, transient=True)


def _quoted(path: Path) -> str:
    """A path as a value of a command line of Hydra."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
