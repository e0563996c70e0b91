"""One training: data -> model -> loss -> task -> trainer -> run."""

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from refnets.check import build, check
from refnets.config import flatten
from refnets.provenance import provenance
from refnets.runs import Run


def train(cfg: DictConfig, directory: Path) -> Run:
    """The run that `cfg` describes, kept in `directory`: returned at once if finished, resumed if interrupted.

    Raises ValueError before anything is computed when the configuration is wrong, OSError when the directory cannot be
    written, FloatingPointError when the loss stops being finite.
    """
    run = Run(directory)
    if run.finished:
        return run
    check(cfg)
    run.start(cfg)
    with own_random_numbers(cfg.seed, cfg.threads):
        data = build("data", cfg.data)
        loss = build("loss", cfg.loss)
        model = build("model", cfg.model, data.input_shape, loss.num_outputs(data.target))
        optimizer, scheduler = build("optimizer", cfg.optimizer), build("scheduler", cfg.scheduler) or None

        # Only now, with everything found to fit, the imports of Lightning, which take seconds.
        from refnets.checkpoint import Checkpoint
        from refnets.loggers import History
        from refnets.progress import ProgressBar
        from refnets.task import Task

        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)  # no tips, no list of devices that are not there
        warnings.filterwarnings("ignore", module="lightning.pytorch.utilities._pytree")  # how Lightning uses torch
        task = Task(model, loss, data, optimizer, scheduler, steps=cfg.steps, eval_every=cfg.eval_every, seed=cfg.seed)
        checkpoint = Checkpoint(directory / "checkpoints" / "last.ckpt", cfg.checkpoint_every)
        checkpoint.restore(task)
        loggers = [History(directory / "history.csv", task.step)]
        if cfg.logger:
            loggers.append(build("logger", cfg.logger, directory, flatten(OmegaConf.to_container(cfg, resolve=True))))
        callbacks = [checkpoint, ProgressBar("/".join(directory.parts[-2:]))]
        trainer = build("trainer", cfg.trainer, logger=loggers, callbacks=callbacks)
        started = time.perf_counter()
        trainer.fit(task)
        seconds = time.perf_counter() - started
    parameters = sum(parameter.numel() for parameter in model.parameters())
    facts = {"steps": task.step, "parameters": parameters, "seconds": seconds, "device": cfg.trainer.accelerator}
    run.finish(model, {"final": task.row} | facts | {"threads": cfg.threads} | provenance())
    return run


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
