"""The processes that train one run together: the first is the command itself, the others are told what to train.

So a sweep, a search or a figure is worked through once, and there is one directory, one history, one message. The
others are started when a run first needs them, or were started by torchrun or srun together with the command. Each run
has a process group of its own (see data_parallel.py); how the next one is announced, and that something went wrong, is
written in a store that all of them see.
"""

import atexit
import itertools
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr
from datetime import timedelta
from io import StringIO
from subprocess import PIPE, Popen
from typing import Any

import torch
import torch.distributed as dist
from omegaconf import OmegaConf

from refnets.data_parallel import Share
from refnets.pause import SIGNALS
from refnets.runs import Run
from refnets.training import Training
from refnets.workers import Place, place

# One that is gone is noticed at once on CPUs; on GPUs, NCCL waits as long as for one that is slow, as in reading data.
TIMEOUT = timedelta(minutes=10)
IDLE = timedelta(days=365)


class Others:
    """The processes besides this first one."""

    def __init__(self, size: int) -> None:
        self.size, self.number = size, 0  # of the next run
        self.started: list[Popen] = []
        if place().size > 1:
            self.store = _meet(place())
        else:
            self.store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
            command = [sys.executable, "-m", "refnets.ranks", str(self.store.port), str(size)]
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
        """What is raised within, the others are told; and if it is they who have failed, it is their error."""
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
        """Of which process, and what it says, or nothing."""
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
        with _group(others.store, key, Place(0, size, 0), training.cfg.trainer.accelerator, gpu=0), others.blamed(key):
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


def join() -> None:
    """What a command does first where torchrun or srun has started several: all but the first help, and end here."""
    here = place()
    if here.rank:
        _serve(_meet(here), here)
        sys.exit(0)
    _others.append(Others(here.size))


def _serve(store: dist.Store, here: Place) -> None:
    """Trains with the first process what it announces, until it ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # those who send them mean the first
    for number in itertools.count():
        try:
            store.wait([f"{number}/job"], IDLE)
            job = json.loads(store.get(f"{number}/job"))
        except dist.DistError:  # the first process is gone
            return
        if job is None:
            return
        _help(store, str(number), here, job)


def _help(store: dist.Store, key: str, here: Place, job: dict[str, Any]) -> None:
    """One training. What goes wrong is left to the first process to say."""
    from refnets.fit import fit
    from refnets.train import own_random_numbers, prepare

    cfg, run = OmegaConf.create(job["config"]), Run(job["run"])
    gpu = here.local_rank % max(1, torch.cuda.device_count())  # 0 where srun shows every task its own GPU alone
    store.add(f"{key}/there", 1)
    with (
        own_random_numbers(cfg.seed, job["threads"]),
        _group(store, key, here, cfg.trainer.accelerator, gpu),
    ):
        try:
            with redirect_stderr(StringIO()):  # what the data lack, the first process has said
                training = prepare(cfg, run)
                training.begin()
            Share(training.task, here.rank, here.size)
            fit([training], rank=here.rank, gpu=gpu)
        except FloatingPointError:  # seen by all
            pass
        except Exception as error:
            if store.check([f"{key}/left"]):
                return
            if os.environ.get("HYDRA_FULL_ERROR"):
                traceback.print_exc()
            message = f"process {here.rank + 1} of {here.size}: {type(error).__name__}: {error}"
            store.compare_set(f"{key}/failed", "", message)  # the first failure: others follow from it


@contextmanager
def _group(store: dist.Store, key: str, here: Place, accelerator: str, gpu: int) -> Iterator[None]:
    """A process group: on GPUs with NCCL for what is on them, with Gloo for the rest."""
    backend, how = "gloo", {}
    if accelerator == "cuda":
        torch.cuda.set_device(gpu)
        backend, how = "cpu:gloo,cuda:nccl", {"device_id": torch.device("cuda", gpu)}
    how |= {"store": dist.PrefixStore(key, store), "rank": here.rank, "world_size": here.size, "timeout": TIMEOUT}
    dist.init_process_group(backend, **how)
    try:
        yield
    finally:
        dist.destroy_process_group()


def _meet(here: Place) -> dist.Store:
    """The store of the processes that torchrun or srun has started, whose host the first of them is under srun."""
    if "MASTER_PORT" not in os.environ:
        from lightning.fabric.plugins.environments import SLURMEnvironment

        nodes = os.environ["SLURM_STEP_NODELIST"]
        os.environ.setdefault("MASTER_ADDR", SLURMEnvironment.resolve_root_node_address(nodes))
        job, step = int(os.environ["SLURM_JOB_ID"]), int(os.environ["SLURM_STEP_ID"])
        os.environ["MASTER_PORT"] = str(15_000 + (job + step) % 10_000)  # which all can tell, and others hardly have
    return next(dist.rendezvous("env://", here.rank, here.size))[0]


def _main(arguments: Sequence[str]) -> None:
    """A process that `Others` has started: port of the store, number of processes, and which of them this one is."""
    port, size, rank = map(int, arguments)

    def end_with_the_first() -> None:
        sys.stdin.read()  # which ends when the first process does, however it ends
        os._exit(1)

    threading.Thread(target=end_with_the_first, daemon=True).start()
    _serve(dist.TCPStore("127.0.0.1", port), Place(rank, size, rank))


if __name__ == "__main__":
    _main(sys.argv[1:])
