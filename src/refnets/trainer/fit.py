"""How Lightning is used: tasks are fitted, their runs are written, and whoever is looking sees how far they are."""

import logging
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import lightning as L
from lightning.pytorch.callbacks import LambdaCallback
from lightning.pytorch.loggers import Logger
from lightning.pytorch.plugins.environments import LightningEnvironment
from omegaconf import OmegaConf
from torch import nn

from refnets.config.build import build
from refnets.config.recipes import flatten
from refnets.memory import keep_freed
from refnets.processes.workers import launched
from refnets.trainer.accelerate import accelerate
from refnets.trainer.checkpoints import Checkpoints
from refnets.trainer.history import History
from refnets.trainer.pause import Pause
from refnets.trainer.progress import ProgressBar
from refnets.trainer.stack import Stack
from refnets.trainer.training import Training

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)  # no tips, no list of devices that are not there
warnings.filterwarnings("ignore", module="lightning.pytorch.utilities._pytree")  # how Lightning itself uses torch
warnings.filterwarnings("ignore", "The `srun` command is available")  # data_parallel/ranks.py knows who there is
os.environ.pop("PYTORCH_NVML_BASED_CUDA_CHECK", None)  # Lightning's: with it, Adam looks for a driver at every step

# Exit codes of Lightning's own handlers -> those that shells expect. 1 is for Ctrl-C, typed twice or before the first
# step, None for SIGTERM before it.
EXIT_CODES = {1: 130, None: 143}


def fit(trainings: Sequence[Training], name: str = "", rank: int = 0, gpu: int = 0) -> None:
    """Trains one task, or several as a stack, to the end, from their checkpoints if there are any.

    `name` is what the progress bar calls them, by default the run's directory. Of processes that train together, see
    data_parallel/ranks.py, the one of `rank` 0 writes, and each has a `gpu` of its own. After the next step, Ctrl-C and
    SIGTERM end the process with 130 and 143, see pause.py.
    """
    keep_freed()
    first, pause = trainings[0], Pause()
    every = first.cfg.checkpoint_every if rank == 0 else math.inf
    checkpoints = Checkpoints([training.checkpoint for training in trainings], every, pause)
    pause.save = checkpoints.save
    for training in trainings:
        if rank == 0:
            training.run.create(training.cfg)
            training.task.records = _records(training)
        training.task.pause = pause
        training.task.accelerate = _accelerate(training, len(trainings))
    # Lightning listens to signals as well, until training starts.
    callbacks = [checkpoints, LambdaCallback(on_train_start=lambda *_: pause.listen())]
    if rank == 0 and sys.stderr.isatty() and not launched():  # bars of several processes would overwrite each other
        callbacks.append(ProgressBar(first.task, name or "/".join(first.run.path.parts[-2:])))
    trainer = _trainer(first.cfg.trainer.accelerator, gpu, trainings, callbacks)
    with pause, _interruptible(first):
        trainer.fit(first.task if len(trainings) == 1 else Stack(trainings))


@contextmanager
def _interruptible(first: Training) -> Iterator[None]:
    """Where the training is ended by Ctrl-C or SIGTERM, says so, and ends the process as shells expect."""
    try:
        yield
    except SystemExit as stopped:
        if stopped.code in EXIT_CODES:
            print(f"interrupted; the same command goes on from step {first.checkpoint.step}", file=sys.stderr)
            sys.exit(EXIT_CODES[stopped.code])
        raise


def _accelerate(training: Training, together: int) -> Callable[[nn.Module], Callable]:
    """How its network is computed; a stack of several compiles a network of its own."""
    how = training.cfg.trainer
    return partial(
        accelerate, precision=how.precision, channels_last=how.channels_last, compile=how.compile and together == 1
    )


def _trainer(accelerator: str, gpu: int, trainings: Sequence[Training], callbacks: list[L.Callback]) -> L.Trainer:
    return L.Trainer(
        accelerator=accelerator,
        devices=[gpu] if accelerator == "cuda" else 1,
        plugins=LightningEnvironment(),  # for it, every process trains alone
        max_epochs=1,  # to Lightning, a whole training is one epoch
        logger=[record for training in trainings for record in training.task.records],
        callbacks=callbacks,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
    )


def _records(training: Training) -> list[Logger]:
    task, cfg, run = training.task, training.cfg, training.run
    records: list[Logger] = [History(run.path / "history.csv")]
    if cfg.logger:
        hyperparameters = flatten(OmegaConf.to_container(cfg, resolve=True))
        records.append(build("logger", cfg.logger, run.path, task.step, hyperparameters))
    return records
