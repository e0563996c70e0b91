"""What a process may use of its machine where a launcher of Hydra's (hydra/launcher=joblib) starts several at once.

Also which of the processes that torchrun or srun has started this one is.
"""

import os
from typing import NamedTuple

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

HERE = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"  # one after another, in the process of the command


class Place(NamedTuple):
    """Which of the processes that torchrun or srun has started together this one is."""

    rank: int
    size: int
    local_rank: int  # among those of its machine


def place() -> Place:
    """The place of this process; without either of them it is alone."""
    torchrun, srun = ("RANK", "WORLD_SIZE", "LOCAL_RANK"), ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID")
    for names in (torchrun, srun):
        if all(name in os.environ for name in names):
            return Place(*(int(os.environ[name]) for name in names))
    return Place(0, 1, 0)


def launched() -> bool:
    """Whether this process is one of several that a launcher has started, and not the one of the command."""
    if not HydraConfig.initialized():
        return False
    hydra = HydraConfig.get()
    return hydra.launcher._target_ != HERE and not OmegaConf.is_missing(hydra.job, "num")


def allowed_threads(together: int = 1) -> int | None:
    """How many CPU threads it may use; None where it is alone: as many as it likes.

    Of this machine's cores its share. What is sent to a cluster gets the cores that were asked for, by default one.
    The processes that train one run `together` share what one would get; those that srun has started have their own.
    """
    if "SLURM_STEP_NUM_TASKS" in os.environ and place().size > 1:
        return int(os.environ.get("SLURM_CPUS_PER_TASK", 1))
    of_one = _threads_of_a_run()
    here = min(together, int(os.environ.get("LOCAL_WORLD_SIZE", together)))
    return max(1, (of_one or cores()) // here) if here > 1 else of_one


def _threads_of_a_run() -> int | None:
    if not launched():
        return None
    launcher, sweeper = HydraConfig.get().launcher, HydraConfig.get().sweeper
    if "n_jobs" not in launcher:
        return launcher.get("cpus_per_task") or OmegaConf.select(launcher, "ray.remote.num_cpus") or 1
    at_once = sweeper.get("max_batch_size") or cores()  # how many are launched
    return max(1, cores() // min(processes(launcher), at_once))


def processes(launcher: DictConfig) -> int:
    """How many of what is launched are computed at once."""
    number = launcher.get("n_jobs") or launcher.get("array_parallelism") or cores()
    return number if number > 0 else max(1, cores() + 1 + number)  # joblib: -1 is one per core


def cores() -> int:
    """The CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
