"""What all processes but the first do where several train one run: what the first announces, until it ends."""

import itertools
import json
import os
import signal
import traceback
from contextlib import redirect_stderr
from datetime import timedelta
from io import StringIO
from typing import Any

import torch
import torch.distributed as dist
from omegaconf import OmegaConf

from refnets.data_parallel.process_group import group
from refnets.data_parallel.share import Share
from refnets.processes.workers import Place
from refnets.runs import Run
from refnets.trainer.pause import SIGNALS

IDLE = timedelta(days=365)


def serve(store: dist.Store, here: Place) -> None:
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
    from refnets.train import own_random_numbers, prepare
    from refnets.trainer.fit import fit

    cfg, run = OmegaConf.create(job["config"]), Run(job["run"])
    gpu = here.local_rank % max(1, torch.cuda.device_count())  # 0 where srun shows every task its own GPU alone
    store.add(f"{key}/there", 1)
    with (
        own_random_numbers(cfg.seed, job["threads"]),
        group(store, key, here, cfg.trainer.accelerator, gpu),
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
