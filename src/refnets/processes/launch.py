"""Calls made where one of Hydra's launchers takes them: processes of this machine, Slurm, a Ray cluster."""

import contextlib
import pickle
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.callbacks import Callbacks
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.types import HydraContext
from omegaconf import DictConfig

from refnets.config.composition import CONFIGS, hydra_aside, quoted
from refnets.faults import EXPECTED
from refnets.processes.workers import HERE, processes

# What is launched has no configuration of its own but the number of its call.
OWN = "hydra/hydra_logging=none", "hydra/job_logging=none", "hydra.output_subdir=null", "hydra.sweep.subdir=."


def launch(calls: Sequence[Callable[[], Any]], overrides: Sequence[str], folder: Path) -> Iterable[Any]:
    """What each call returns, or the exception that it raises.

    They are made by the launcher of these overrides (hydra/launcher=joblib, hydra.launcher.n_jobs=4), which keeps its
    own files in `folder`; without, in this process, each when it is asked for. Raises HydraException when there is no
    such launcher.
    """
    if not calls or not elsewhere(*overrides):
        return map(_outcome, calls)
    own = [f"hydra.sweep.dir={quoted(str(folder.absolute()))}", f"hydra.sweeper.max_batch_size={len(calls)}"]
    # Packed here: every process gets all of them, and needs to unpack one.
    task = partial(_launched, calls=list(map(pickle.dumps, calls)), folder=str(Path.cwd()), command=sys.argv)
    with _composed([*overrides, *own]) as config:
        context = HydraContext(config_loader=GlobalHydra.instance().config_loader(), callbacks=Callbacks())
        launcher = Plugins.instance().instantiate_launcher(context, task, config)
        returned = launcher.launch([[f"+call={number}"] for number in range(len(calls))], initial_job_idx=0)
    return [_outcome(partial(getattr, job, "return_value")) for job in returned]


@lru_cache
def elsewhere(*overrides: str) -> bool:
    """Whether these choose a launcher which does not compute in this process."""
    if not overrides:
        return False
    with _composed(overrides) as config:
        return config.hydra.launcher._target_ != HERE


def at_once(overrides: Sequence[str]) -> int:
    """How many calls the launcher makes at once."""
    with _composed(overrides) as config:
        return processes(config.hydra.launcher)


def _launched(cfg: DictConfig, calls: Sequence[bytes], folder: str, command: list[str]) -> Any:
    """What is launched: the call with the number `cfg.call`."""
    sys.argv = command  # for the results, which say by what command they were made
    with contextlib.chdir(folder), hydra_aside():
        made = _outcome(pickle.loads(calls[cfg.call]))
    if isinstance(made, Exception) and not isinstance(made, EXPECTED):  # whatever it is, it can be sent as text
        return RuntimeError("".join(traceback.format_exception(made)))
    return made


def _outcome(call: Callable[[], Any]) -> Any:
    """An error that is raised where it is launched would, with some launchers, end the other processes."""
    try:
        return call()
    except Exception as error:
        return error


@contextlib.contextmanager
def _composed(overrides: Sequence[str]) -> Iterator[DictConfig]:
    with hydra_aside(), hydra.initialize_config_dir(str(CONFIGS), job_name="refnets", version_base="1.3"):
        yield hydra.compose(overrides=[*OWN, *overrides], return_hydra_config=True)
