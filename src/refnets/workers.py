"""What a process may use of its machine where a launcher of Hydra's (hydra/launcher=joblib) starts several at once."""

import os

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

HERE = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"  # one after another, in the process of the command


def launched() -> bool:
    """Whether this process is one of several that a launcher has started, and not the one of the command."""
    if not HydraConfig.initialized():
        return False
    hydra = HydraConfig.get()
    return hydra.launcher._target_ != HERE and not OmegaConf.is_missing(hydra.job, "num")


def threads() -> int | None:
    """How many CPU threads it may use; None where it is alone: as many as it likes.

    Of this machine's cores its share. What is sent to a cluster gets the cores that were asked for, by default one.
    """
    if not launched():
        return None
    launcher, sweeper = HydraConfig.get().launcher, HydraConfig.get().sweeper
    if "n_jobs" not in launcher:
        return launcher.get("cpus_per_task") or OmegaConf.select(launcher, "ray.remote.num_cpus") or 1
    at_once = sweeper.get("max_batch_size") or sweeper.get("n_jobs") or cores()  # how many are launched; of a search
    return max(1, cores() // min(processes(launcher), at_once))


def processes(launcher: DictConfig) -> int:
    """How many of what is launched are computed at once."""
    number = launcher.get("n_jobs") or launcher.get("array_parallelism") or cores()
    return number if number > 0 else max(1, cores() + 1 + number)  # joblib: -1 is one per core


def cores() -> int:
    """The CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
