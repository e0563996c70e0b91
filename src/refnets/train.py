"""One training: data -> loss -> model -> task -> fit -> run. For several see train_all.py."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from refnets.config.build import build
from refnets.config.check import check
from refnets.config.untrusted import refuse_links
from refnets.data.signature import Signature
from refnets.faults import enough_memory
from refnets.processes.lock import locked
from refnets.processes.workers import allowed_threads
from refnets.runs import Run

if TYPE_CHECKING:
    from refnets.trainer.training import Training


def train(
    cfg: DictConfig, directory: Path, name: str = "", watch: Callable[[dict[str, float]], None] | None = None
) -> Run:
    """The run that `cfg` describes, kept in `directory`: returned at once if finished, resumed if interrupted.

    The run that it starts from, if any, is trained first in the same way; what another process trains is waited for.
    `name` is what the progress bar calls it; `watch` is called with every evaluation, and ends the training by what it
    raises. Raises ValueError before anything is trained when the configuration is wrong or does not fit the data,
    OSError when the directory cannot be written, MemoryError when there is too little memory, FloatingPointError when
    the loss stops being finite.
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
            finish([training], name)
    return run


def prepare(cfg: DictConfig, run: Run) -> "Training":
    """What is to be trained, from its first step on, of a checked configuration. Raises what `train` raises."""
    from refnets.models.normalized import Normalized
    from refnets.network import build_model
    from refnets.suitable import check_fit, num_outputs_for
    from refnets.trainer.frozen import freeze_all_but
    from refnets.trainer.start import refuse_other_weights  # imports torch

    data = build("data", cfg.data)
    loss = build("loss", cfg.loss)
    num_outputs = num_outputs_for(loss, data.target)
    model = build_model(cfg.model, Signature.of(data), num_outputs)
    if isinstance(model, Normalized):
        model.measure(data.splits["train"].x)
    if cfg.train_only is not None:
        freeze_all_but(model, cfg.train_only)
    if cfg.start:
        refuse_other_weights(model, cfg.start)
    check_fit(model, data, loss, num_outputs, cfg.keep, cfg.trainer.devices)
    optimizer, scheduler = build("optimizer", cfg.optimizer), build("scheduler", cfg.scheduler) or None

    from refnets.task import Task  # Lightning takes seconds to import: only now that everything is found to fit
    from refnets.trainer.training import Training

    numbers = {key: cfg[key] for key in ("steps", "eval_every", "keep", "seed")}
    task = Task(model, loss, data, optimizer, scheduler, **numbers)
    return Training(task, cfg, run)


def prepare_apart(cfg: DictConfig, run: Run) -> "Training":
    """`prepare` with random numbers of its own."""
    with own_random_numbers(cfg.seed, cfg.threads), enough_memory(cfg):
        return prepare(cfg, run)


def finish(trainings: "Sequence[Training]", name: str) -> None:
    """Trains one, or several as a stack, to the end: what no other process has finished meanwhile.

    Of a stack, what was interrupted at another step than the others is not trained here, but alone by `train_all`.
    `name` is what the progress bar calls it.
    """
    from refnets.data_parallel.ranks import shared_out
    from refnets.trainer.checkpoints import latest_of_all, writable
    from refnets.trainer.fit import fit
    from refnets.trainer.stackable import together

    first = trainings[0]
    for training in trainings:
        refuse_links(training.run.path)
    locks = locked(training.run.path for training in trainings)
    with enough_memory(first.cfg), writable(first.checkpoint), locks:
        left = [training for training in trainings if not training.run.finished]
        step = latest_of_all(training.checkpoint for training in left) if len(left) > 1 else None
        for training in left:
            training.begin(step)
        groups = together(left) if len(trainings) > 1 else [[each] for each in left]
        for group in groups:
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
    was_initialized = torch.cuda.is_initialized()
    gpus = range(torch.cuda.device_count()) if was_initialized else ()
    with torch.random.fork_rng(gpus):
        torch.manual_seed(seed)
        wanted = threads or callers_threads
        torch.set_num_threads(min(wanted, allowed_threads(processes) or wanted))
        try:
            yield
        finally:
            torch.set_num_threads(callers_threads)
    if torch.cuda.is_initialized() and not was_initialized:  # there was no state yet, only what it would start from
        torch.cuda.manual_seed_all(torch.initial_seed())
