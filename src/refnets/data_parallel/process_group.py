"""How processes that train together find each other: a store that all of them see, and a process group for each run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist

from refnets.processes.workers import Place

# One that is gone is noticed at once on CPUs; on GPUs, NCCL waits as long as for one that is slow, as in reading data.
TIMEOUT = timedelta(minutes=10)


@contextmanager
def group(store: dist.Store, key: str, here: Place, accelerator: str, gpu: int) -> Iterator[None]:
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


def meet(here: Place) -> dist.Store:
    """The store of the processes that torchrun or srun has started; under srun the first of them is the host."""
    if "MASTER_PORT" not in os.environ:
        from lightning.fabric.plugins.environments import SLURMEnvironment

        nodes = os.environ["SLURM_STEP_NODELIST"]
        os.environ.setdefault("MASTER_ADDR", SLURMEnvironment.resolve_root_node_address(nodes))
        job, step = int(os.environ["SLURM_JOB_ID"]), int(os.environ["SLURM_STEP_ID"])
        os.environ["MASTER_PORT"] = str(15_000 + (job + step) % 10_000)  # which all can tell, and others hardly have
    return next(dist.rendezvous("env://", here.rank, here.size))[0]
