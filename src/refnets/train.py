"""One training: data -> model -> loss -> task -> trainer -> run."""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from refnets.check import build, check
from refnets.config import flatten
from refnets.runs import Run

if TYPE_CHECKING:
    import lightning as L
    from torch import nn

    from refnets.task import Task


def train(cfg: DictConfig, directory: Path) -> Run:
    """The run that `cfg` describes, kept in `directory`: returned at once if finished, resumed if interrupted.

    Raises ValueError before anything is trained when the configuration is wrong or does not fit the data, OSError when
    the directory cannot be written, FloatingPointError when the loss stops being finite.
    """
    run = Run(directory)
    if run.finished:
        return run
    check(cfg)
    with own_random_numbers(cfg.seed, cfg.threads):
        data = build("data", cfg.data)
        loss = build("loss", cfg.loss)
        model = build("model", cfg.model, data.input_shape, loss.num_outputs(data.target))
        _refuse_bad_values(data, loss)
        task = _task(cfg, model, loss, data)
        trainer = _trainer(cfg, run, task)
        run.start(cfg)
        _fit(trainer, task)
        run.finish(task)
    return run


def _refuse_bad_values(data: Any, loss: nn.Module) -> None:
    for name, split in data.splits.items():
        if not split.x.isfinite().all():
            raise ValueError(f"the inputs of the {name} split have values that are not finite")
        loss.check(split.y)


def _task(cfg: DictConfig, model: nn.Module, loss: nn.Module, data: Any) -> Task:
    from refnets.task import Task  # imports Lightning, which takes seconds: only once everything is found to fit

    optimizer, scheduler = build("optimizer", cfg.optimizer), build("scheduler", cfg.scheduler) or None
    return Task(model, loss, data, optimizer, scheduler, steps=cfg.steps, eval_every=cfg.eval_every, seed=cfg.seed)


def _trainer(cfg: DictConfig, run: Run, task: Task) -> L.Trainer:
    """Lightning's, with all optional features off: a run keeps its own history and checkpoints, shows its progress.

    If there is a checkpoint, the task goes on from it.
    """
    import lightning as L

    from refnets.checkpoint import Checkpoint
    from refnets.loggers import History
    from refnets.progress import ProgressBar

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)  # no tips, no list of devices that are not there
    warnings.filterwarnings("ignore", module="lightning.pytorch.utilities._pytree")  # how Lightning uses torch
    checkpoint = Checkpoint(run.path / "checkpoints" / "last.ckpt", cfg.checkpoint_every)
    checkpoint.restore(task)
    loggers = [History(run.path / "history.csv", task.step)]
    if cfg.logger:
        hyperparameters = flatten(OmegaConf.to_container(cfg, resolve=True))
        loggers.append(build("logger", cfg.logger, run.path, task.step, hyperparameters))
    return L.Trainer(
        accelerator=cfg.trainer.accelerator,
        devices=1,
        max_epochs=1,  # to Lightning, a whole training is one epoch
        logger=loggers,
        callbacks=[checkpoint, ProgressBar("/".join(run.path.parts[-2:]))],
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
    )


def _fit(trainer: L.Trainer, task: Task) -> None:
    try:
        trainer.fit(task)
    except SystemExit:  # what Lightning makes of Ctrl-C and of SIGTERM
        print(f"interrupted after step {task.step}; the same command goes on from the last checkpoint", file=sys.stderr)
        sys.exit(128 + (signal.SIGTERM if trainer.received_sigterm else signal.SIGINT))


@contextmanager
def own_random_numbers(seed: int, threads: int | None) -> Iterator[None]:
    """Weights and dropout follow from `seed`; the caller's random numbers and threads are left as they were."""
    import torch

    callers_threads = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        torch.set_num_threads(threads or callers_threads)
        try:
            yield
        finally:
            torch.set_num_threads(callers_threads)
