"""Several trainings: in this process, those that differ only in numbers as one; or wherever a launcher takes them."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live

from refnets.config.check import check
from refnets.config.jobs import Job
from refnets.processes.launch import at_once, elsewhere, launch
from refnets.runs import Run
from refnets.train import finish, own_random_numbers, prepare_apart, train

if TYPE_CHECKING:
    from refnets.trainer.training import Training

Tell = Callable[[Run], None]


def train_all(jobs: Sequence[Job], tell: Tell = lambda run: None) -> list[Run]:
    """The runs of several configurations; those that differ only in numbers train together, see trainer/stackable.py.

    `tell` is called with each run when it is finished. Raises what `train` raises; a FloatingPointError of one run when
    all others are trained. Those for which the memory is too small together are trained one by one.
    """
    told = _train_stacks(jobs, tell)
    runs, failures, broken = [], [], set()
    for number, (cfg, directory) in enumerate(jobs, start=1):  # also those that did not fit a stack, or broke one
        if cfg.start and cfg.start.run in broken:
            failures.append(f"{directory}: what it starts from has failed")
            continue
        try:
            runs.append(train(cfg, directory, f"run {number} of {len(jobs)}"))
            if directory not in told:
                tell(runs[-1])
        except FloatingPointError as failure:
            failures.append(f"{directory}: {failure}")
            if cfg.start and not Run(cfg.start.run).finished:
                broken.add(cfg.start.run)
    if failures:
        raise FloatingPointError(failures[0] + f"; {len(failures) - 1} other runs failed, too" * (len(failures) > 1))
    return runs


def train_all_by(overrides: Sequence[str]) -> Callable[..., list[Run]]:
    """`train_all` by the launcher of these overrides, see processes/launch.py.

    There, what is wrong with any configuration is said before anything is launched, and `tell` is called in this
    process when the launcher is through with all runs.
    """
    return partial(_train_elsewhere, overrides=overrides) if elsewhere(*overrides) else train_all


def _train_stacks(jobs: Sequence[Job], tell: Tell) -> set[Path]:
    """Trains what is trained together, and returns the directories of the runs that are told."""
    unfinished = [(cfg, run) for cfg, directory in jobs if not (run := Run(directory)).finished]
    if len(unfinished) < 2:
        return set()
    for cfg, _ in unfinished:
        check(cfg)
    import torch

    from refnets.trainer.stackable import stackable, together  # imports Lightning: mistakes are found before

    told = set()
    # The others are prepared again in their turn: of large networks not all may fit in the memory at once.
    trainings = [training for cfg, run in unfinished if stackable(training := prepare_apart(cfg, run))]
    for group in together(_startable(trainings)):
        cfg = group[0].cfg
        threads = cfg.threads and min(cfg.threads * len(group), torch.get_num_threads())
        with contextlib.suppress(FloatingPointError, MemoryError), own_random_numbers(cfg.seed, threads):
            finish(group, f"{len(group)} of {len(jobs)} runs")
            for training in group:  # those that are left, as another process began them, are trained alone
                if training.run.finished:
                    tell(training.run)
                    told.add(training.run.path)
    return told


def _startable(trainings: "Sequence[Training]") -> "list[Training]":
    """Those that can be trained now that the runs they start from are, without those whose start has failed."""
    starts = {cfg.start.run: cfg.start.config for cfg in (training.cfg for training in trainings) if cfg.start}
    with contextlib.suppress(FloatingPointError):
        train_all([Job(cfg, Path(directory)) for directory, cfg in starts.items()])
    return [each for each in trainings if not each.cfg.start or Run(each.cfg.start.run).finished]


def _train_elsewhere(jobs: Sequence[Job], tell: Tell = lambda run: None, *, overrides: Sequence[str]) -> list[Run]:
    failures = _launch(jobs, overrides)
    runs = [Run(directory) for _, directory in jobs]
    for run in runs:
        if run.finished:
            tell(run)
    if failures:
        raise failures[0]
    return runs


def _launch(jobs: Sequence[Job], overrides: Sequence[str]) -> list[Exception]:
    """Trains what is not finished, after what it starts from, and returns what went wrong."""
    jobs = [job for job in jobs if not Run(job.directory).finished]
    if not jobs:
        return []
    for cfg, _ in jobs:
        check(cfg, here=False)
    from refnets.plan import plan  # imports Lightning: mistakes are found before

    units = plan((prepare_apart(cfg, Run(directory)) for cfg, directory in jobs), at_once(overrides))
    starts = {cfg.start.run: cfg.start.config for cfg, _ in jobs if cfg.start}
    failures = _launch([Job(cfg, Path(directory)) for directory, cfg in starts.items()], overrides)
    begun = [[job for job in unit if not job.cfg.start or Run(job.cfg.start.run).finished] for unit in units]
    folder = Path(jobs[0].cfg.outputs, "sweeps")
    with _count(jobs):
        made = launch([partial(train_all, unit) for unit in begun if unit], overrides, folder)
        return failures + [each for each in made if isinstance(each, Exception)]


def _count(jobs: Sequence[Job]) -> contextlib.AbstractContextManager[Any]:
    """Where somebody is looking, how many of the runs are finished."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()

    def line() -> str:
        return f"{sum(Run(directory).finished for _, directory in jobs)} of {len(jobs)} runs finished"

    return Live(get_renderable=line, console=Console(stderr=True), refresh_per_second=1, transient=True)
