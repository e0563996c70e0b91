"""The processes that train one run together: the first is the command itself, the others are told what to train.

So a sweep, a search or a figure is worked through once, and there is one directory, one history, one message. The
others (see followers.py) are started when a run first needs them, or were started by torchrun or srun together with the
command. Each run has a process group of its own (see process_group.py); how the next one is announced, and that
something went wrong, is written in a store that all of them see.
"""

import atexit
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from subprocess import PIPE, Popen

import torch
import torch.distributed as dist
from omegaconf import OmegaConf

from refnets.data_parallel.process_group import group, meet
from refnets.data_parallel.share import Share
from refnets.processes.workers import Place, place
from refnets.trainer.training import Training


class Others:
    """The processes besides this first one."""

    def __init__(self, size: int) -> None:
        self.size, self.number = size, 0  # of the next run
        self.started: list[Popen] = []
        if place().size > 1:
            self.store = meet(place())
        else:
            self.store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
            command = [sys.executable, "-m", "refnets.data_parallel.follow", str(self.store.port), str(size)]
            quiet = {"TORCH_CPP_LOG_LEVEL": "ERROR", **os.environ}
            for rank in range(1, size):  # in sessions of their own: Ctrl-C is for the first process
                how = {"stdin": PIPE, "env": quiet, "start_new_session": True}
                self.started.append(Popen([*command, str(rank)], **how))
        atexit.register(self.end)

    def announce(self, training: Training) -> str:
        """Tells them the next run; when they are all there, returns what its keys in the store begin with."""
        key = f"{self.number}"
        cfg = OmegaConf.to_container(training.cfg, resolve=True)
        job = {"config": cfg, "run": str(training.run.path), "threads": torch.get_num_threads()}
        self.store.set(f"{key}/job", json.dumps(job))
        self.number += 1
        while self.store.add(f"{key}/there", 0) < self.size - 1:
            if self.lost():
                raise ChildProcessError(self.lost())
            time.sleep(0.02)
        return key

    @contextmanager
    def blamed(self, key: str) -> Iterator[None]:
        """Tells the other processes of an error inside; if one of them failed first, its error is raised instead."""
        try:
            yield
        except BaseException as error:
            failure = self.failure(key) if isinstance(error, RuntimeError) else ""  # as of a closed connection
            self.store.set(f"{key}/left", "")  # before our connections close, so that nobody wonders
            if failure:
                raise ChildProcessError(f"{failure}; the same command goes on from the last checkpoint") from error
            raise

    @contextmanager
    def watched(self, key: str) -> Iterator[None]:
        """For GPUs: ends this process when another one has failed. One that waits in NCCL cannot be interrupted."""
        over = threading.Event()

        def end_if_alone() -> None:
            while not over.wait(1):
                if failure := self.failure(key):
                    print(f"error: {failure}; the same command goes on from the last checkpoint", file=sys.stderr)
                    os._exit(1)

        threading.Thread(target=end_if_alone, daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def failure(self, key: str) -> str:
        """Which process has failed, and what it says, or nothing."""
        time.sleep(0.2)  # one that was killed takes a moment to be gone
        return self.lost() or (self.store.get(f"{key}/failed").decode() if self.store.check([f"{key}/failed"]) else "")

    def lost(self) -> str:
        """Which of those that were started here has ended, and how."""
        for rank, process in enumerate(self.started, start=2):
            if process.poll() is not None:
                return f"process {rank} of {self.size} has ended with exit code {process.returncode}"
        return ""

    def end(self) -> None:
        """They have nothing to lose: all that is written, the first process has written."""
        self.store.set(f"{self.number}/job", json.dumps(None))
        for process in self.started:
            process.kill()
            process.wait()


_others: list[Others] = []  # none or one: those of the latest run that was trained together


@contextmanager
def shared_out(training: Training) -> Iterator[None]:
    """Within it the training is shared out among `trainer.devices` processes, the others of which join in.

    Raises ChildProcessError when one of them has failed or is gone.
    """
    size = training.cfg.trainer.devices
    if size == 1:
        yield
        return
    others = _ready(size)
    try:
        key = others.announce(training)
        with group(others.store, key, Place(0, size, 0), training.cfg.trainer.accelerator, gpu=0), others.blamed(key):
            Share(training.task, 0, size)
            with others.watched(key) if training.cfg.trainer.accelerator == "cuda" else nullcontext():
                yield
    except BaseException:
        if others.started:  # in whatever state they are
            _dismiss()
        raise


def _ready(size: int) -> Others:
    """Those that are there, or new ones."""
    if _others and (_others[0].size != size or _others[0].lost()):
        _dismiss()
    if not _others:
        _others.append(Others(size))
    return _others[0]


def _dismiss() -> None:
    others = _others.pop()
    others.end()
    atexit.unregister(others.end)


def meet_others(size: int) -> None:
    """Notes that this first process was started together with others, `size` in all."""
    _others.append(Others(size))
