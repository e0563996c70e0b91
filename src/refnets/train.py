"""One training: data -> model -> loss -> task -> fit -> run; or several of them together."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from refnets.check import build, check
from refnets.data.signature import Signature
from refnets.faults import enough_memory, writable
from refnets.lock import locked
from refnets.runs import Run
from refnets.untrusted import printable
from refnets.workers import threads as allowed

if TYPE_CHECKING:
    from refnets.training import Training


def train(
    cfg: DictConfig, directory: Path, name: str = "", watch: Callable[[dict[str, float]], None] | None = None
) -> Run:
    """The run that `cfg` describes, kept in `directory`: returned at once if finished, resumed if interrupted.

    The run that it starts from, if any, is trained first in the same way; what another process trains is waited for.
    `name` is what the progress bar calls it; `watch` is called with every evaluation, and ends the training by what it
    raises. Raises ValueError before anything is trained when the configuration is
    wrong or does not fit the data, OSError when the directory cannot be written, MemoryError when there is too little
    memory, FloatingPointError when the loss stops being finite.
    """
    run = Run(directory)
    if not run.finished:
        check(cfg)
        with own_random_numbers(cfg.seed, cfg.threads, cfg.trainer.devices):
            with enough_memory(cfg):
                training = prepare(cfg, run)
            if cfg.start:
                train(cfg.start.config, Path(cfg.start.run))
            training.task.watch = watch or training.task.watch
            _fit([training], name)
    return run


def train_all(jobs: Sequence[tuple[DictConfig, Path]], tell: Callable[[Run], None] = lambda run: None) -> list[Run]:
    """The runs of several configurations; those that differ only in numbers are trained together (see stack.py).

    `tell` is called with each run when it is finished. Raises what `train` raises; a FloatingPointError of one run when
    all others are trained. Those for which the memory is too small together are trained one by one.
    """
    told = _train_stacks(jobs, tell)
    runs, failures = [], []
    for number, (cfg, directory) in enumerate(jobs, start=1):  # also those that did not fit a stack, or broke one
        try:
            runs.append(train(cfg, directory, f"run {number} of {len(jobs)}"))
            if directory not in told:
                tell(runs[-1])
        except FloatingPointError as failure:
            failures.append(f"{directory}: {failure}")
    if failures:
        raise FloatingPointError(failures[0] + f"; {len(failures) - 1} other runs failed, too" * (len(failures) > 1))
    return runs


def prepare(cfg: DictConfig, run: Run) -> "Training":
    """What is to be trained, from its first step on, of a checked configuration. Raises what `train` raises."""
    from refnets.models.normalized import Normalized, build_model
    from refnets.start import freeze_all_but, refuse_foreign  # imports torch
    from refnets.suitable import (
        note_unlearnable,
        outputs_for,
        refuse_bad_values,
        refuse_single_examples,
        refuse_small_crops,
        refuse_unshareable,
        refuse_wrong_outputs,
    )

    data = build("data", cfg.data)
    loss = build("loss", cfg.loss)
    num_outputs = outputs_for(loss, data.target)
    model = build_model(cfg.model, Signature.of(data), num_outputs)
    if isinstance(model, Normalized):
        model.measure(data.splits["train"].x)
    if cfg.train_only is not None:
        freeze_all_but(model, cfg.train_only)
    if cfg.start:
        refuse_foreign(model, cfg.start.config)
    refuse_bad_values(data, loss)
    if cfg.keep == "best" and "validation" not in data.splits:
        raise ValueError(
            "keep=best chooses by the validation loss, and the data have no such split: data.validation=0.1"
        )
    refuse_unshareable(data, loss, cfg.trainer.devices)
    output = refuse_wrong_outputs(model, data, loss, num_outputs)
    refuse_small_crops(model, data)
    refuse_single_examples(model, data)
    for reason, count in note_unlearnable(data, output).items():
        print(printable(f"data: {reason}: {count}"), file=sys.stderr)
    optimizer, scheduler = build("optimizer", cfg.optimizer), build("scheduler", cfg.scheduler) or None

    from refnets.task import Task  # Lightning takes seconds to import: only now that everything is found to fit
    from refnets.training import Training

    numbers = {key: cfg[key] for key in ("steps", "eval_every", "keep", "seed")}
    task = Task(model, loss, data, optimizer, scheduler, **numbers)
    return Training(task, cfg, run)


def prepared(cfg: DictConfig, run: Run, here: bool = True) -> "Training":
    """`prepare` with random numbers of its own, once the configuration is checked; see `check` for `here`."""
    check(cfg, here)
    with own_random_numbers(cfg.seed, cfg.threads), enough_memory(cfg):
        return prepare(cfg, run)


def _train_stacks(jobs: Sequence[tuple[DictConfig, Path]], tell: Callable[[Run], None]) -> set[Path]:
    """Trains what is trained together, and returns the directories of the runs that are told."""
    unfinished = [(cfg, run) for cfg, directory in jobs if not (run := Run(directory)).finished]
    if len(unfinished) < 2:
        return set()
    import torch

    from refnets.stack import stackable, together

    told = set()
    # The others are prepared again in their turn: of large networks not all may fit in the memory at once.
    trainings = [training for cfg, run in unfinished if stackable(training := prepared(cfg, run))]
    for group in together(_startable(trainings)):
        cfg = group[0].cfg
        threads = cfg.threads and min(cfg.threads * len(group), torch.get_num_threads())
        with contextlib.suppress(FloatingPointError, MemoryError), own_random_numbers(cfg.seed, threads):
            _fit(group, f"{len(group)} of {len(jobs)} runs")
            for training in group:
                tell(training.run)
                told.add(training.run.path)
    return told


def _startable(trainings: "Sequence[Training]") -> "list[Training]":
    """Those that can be trained now that the runs they start from are, without those whose start has failed."""
    starts = {cfg.start.run: cfg.start.config for cfg in (training.cfg for training in trainings) if cfg.start}
    with contextlib.suppress(FloatingPointError):
        train_all([(cfg, Path(directory)) for directory, cfg in starts.items()])
    return [each for each in trainings if not each.cfg.start or Run(each.cfg.start.run).finished]


def _fit(trainings: "Sequence[Training]", name: str) -> None:
    """Trains what no other process has finished meanwhile; of a stack, what was not interrupted at another step."""
    from refnets.checkpoint import latest_of_all
    from refnets.fit import fit
    from refnets.ranks import shared_out
    from refnets.stack import together

    first = trainings[0]
    locks = locked(training.run.path for training in trainings)
    with enough_memory(first.cfg), writable(first.checkpoint), locks:
        left = [training for training in trainings if not training.run.finished]
        step = latest_of_all(training.checkpoint for training in left) if len(left) > 1 else None
        for training in left:
            training.begin(step)
        for group in together(left) if len(trainings) > 1 else [left] * bool(left):
            with shared_out(group[0]):  # several processes for one training; a stack has one
                fit(group, name)
            for training in group:
                training.run.finish(training.task)


@contextmanager
def own_random_numbers(seed: int, threads: int | None, processes: int = 1) -> Iterator[None]:
    """Weights and dropout follow from `seed`; the caller's random numbers and threads are left as they were.

    Where several processes train at once, as do the `processes` of this run, none gets more threads than its share of
    the cores.
    """
    import torch

    callers_threads = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        wanted = threads or callers_threads
        torch.set_num_threads(min(wanted, allowed(processes) or wanted))
        try:
            yield
        finally:
            torch.set_num_threads(callers_threads)
