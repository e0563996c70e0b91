"""How Lightning is used: a task is fitted, its run is written, and whoever is looking sees how far it is."""

import logging
import os
import signal
import sys
import warnings

import lightning as L
from omegaconf import DictConfig, OmegaConf

from refnets.check import build
from refnets.checkpoint import Checkpoint
from refnets.config import flatten
from refnets.history import History
from refnets.progress import ProgressBar
from refnets.runs import Run
from refnets.task import Task

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)  # no tips, no list of devices that are not there
warnings.filterwarnings("ignore", module="lightning.pytorch.utilities._pytree")  # how Lightning itself uses torch
os.environ.pop("PYTORCH_NVML_BASED_CUDA_CHECK", None)  # Lightning's: with it, Adam looks for a driver at every step


def fit(task: Task, cfg: DictConfig, run: Run) -> None:
    """Trains `task` to its end, from the checkpoint of `run` if there is one.

    Ctrl-C and SIGTERM end the process with 130 and 143.
    """
    checkpoint = Checkpoint(run.path / "checkpoints" / "last.ckpt", cfg.checkpoint_every)
    checkpoint.restore(task)
    loggers = [History(run.path / "history.csv", task.step)]
    if cfg.logger:
        hyperparameters = flatten(OmegaConf.to_container(cfg, resolve=True))
        loggers.append(build("logger", cfg.logger, run.path, task.step, hyperparameters))
    trainer = L.Trainer(
        accelerator=cfg.trainer.accelerator,
        devices=1,
        max_epochs=1,  # to Lightning, a whole training is one epoch
        logger=loggers,
        callbacks=[checkpoint, ProgressBar("/".join(run.path.parts[-2:]))] if sys.stderr.isatty() else [checkpoint],
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
    )
    run.start(cfg)
    try:
        trainer.fit(task)
    except SystemExit:  # what Lightning makes of Ctrl-C and of SIGTERM
        print(f"interrupted; the same command goes on from step {checkpoint.step}", file=sys.stderr)
        sys.exit(128 + (signal.SIGTERM if trainer.received_sigterm else signal.SIGINT))
