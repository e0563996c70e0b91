"""Commands in children of this process, which has imported what they need: they begin in milliseconds, not in seconds.

A child is forked before anything was computed, and is in all else what `python COMMAND` would be.
"""

import atexit
import importlib
import multiprocessing
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import joblib.externals.loky.backend.fork_exec as loky
import torch.utils.tensorboard  # noqa: F401
import yaml

from refnets.data.batches import Batch
from refnets.sweep.study import open_storage
from refnets.task import Task

LOKY = "joblib.externals.loky.backend.popen_loky_posix"  # what a worker of joblib runs
yaml.SafeLoader = yaml.CSafeLoader  # a tenth of the time
FORK = multiprocessing.get_context("fork")


def start(command: list[str], folder: Path, dies_at: int | None = None, anew: bool = False) -> multiprocessing.Process:
    """A script and its arguments, in a process group of its own; its outputs are in `folder`/outputs.

    A line of `folder`/steps.csv is a step that was trained: process, run, step. What is printed goes to printed.txt.
    With `dies_at`, the process that is to write for the time of this number (opens or renames a file) dies instead.
    With `anew` it is the command itself: Python is started, and no steps are logged.
    """
    process = FORK.Process(target=_run, args=([*command, f"outputs={folder}/outputs"], folder, dies_at, anew))
    process.start()
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(process.pid, process.pid)  # as it does itself: whichever is first
    return process


def learn(folder: Path) -> None:
    """Imports what the command of this folder has imported: the next children need not."""
    for name in (folder / "modules.txt").read_text().split():
        with suppress(Exception):  # what is no module but in the list
            importlib.import_module(name)


def seconds(process: multiprocessing.Process) -> float:
    """How long it and its workers have computed: how far they are, however busy the machine is."""
    total = 0.0
    for pid in (process.pid, *workers(process.pid)):
        with suppress(OSError):  # it has just ended
            total += time.clock_gettime((~pid << 3) | 2)  # Linux: the clock of another process
    return total


def workers(driver: int) -> list[int]:
    """The processes in which a launcher of `driver` trains."""
    with suppress(OSError):
        children = Path(f"/proc/{driver}/task/{driver}/children").read_text().split()
        return [int(child) for child in children if not _tracks(child)]
    return []


def _tracks(pid: str) -> bool:
    """Whether it is a helper of multiprocessing's that trains nothing."""
    with suppress(OSError):
        return b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True


def _run(command: list[str], folder: Path, dies_at: int | None, anew: bool) -> None:
    os.setpgid(0, 0)
    printed = os.open(folder / "printed.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    if anew:
        os.execv(sys.executable, [sys.executable, *command])
    loky.fork_exec = _fork
    _log_steps(folder / "steps.csv")
    if dies_at is not None:
        _die_at(dies_at, str(folder / "outputs"))
    sys.argv, sys.path[0] = command, str(Path(command[0]).parent)
    try:
        runpy.run_path(command[0], run_name="__main__")
    finally:
        (folder / "modules.txt").write_text("\n".join(sys.modules))
        # as Python does at its end, where multiprocessing would first wait for workers that do not know of it
        threading._shutdown()
        atexit._run_exitfuncs()


def _fork(command: list[str], keep: list[int], env: dict[str, str] | None = None) -> int:
    """In place of what loky starts its workers by: without the imports."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            if descriptor > 2 and descriptor not in map(int, keep):
                with suppress(OSError):  # that of the listing itself
                    os.close(descriptor)
        os.environ.update(env or {})
        open_storage.cache_clear()  # a database that is open in the other process
        sys.argv = command[2:]
        runpy.run_module(LOKY, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _log_steps(path: Path) -> None:
    batches: Callable[[Task, range], Iterator[Batch]] = Task.batches

    def logged(task: Task, steps: range) -> Iterator[Batch]:
        run = task.records[0].path.parent
        for step, batch in zip(steps, batches(task, steps), strict=True):
            with path.open("a") as file:
                file.write(f"{os.getpid()},{run.name.rpartition('-')[2]},{step + 1}\n")
            yield batch

    Task.batches = logged


def _die_at(number: int, folder: str) -> None:
    writes = 0

    def watch(event: str, arguments: tuple) -> None:
        nonlocal writes
        if event == "os.rename" or (event == "open" and str(arguments[1])[:1] in ("w", "a")):
            writes += str(arguments[0]).startswith(folder)
            if writes > number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
