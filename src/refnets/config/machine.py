"""What a run asks of its machine: devices, a compiler, processes. Checked before anything is loaded."""

import os
import shutil
from dataclasses import dataclass
from typing import Literal

from hydra.core.hydra_config import HydraConfig
from pydantic import PositiveInt

from refnets.processes.workers import cores, launched, place, processes

COMPILERS = os.environ.get("CXX", "g++"), "clang++"  # torch.compile needs one of them


Precision = Literal["32-true", "bf16-mixed"]


@dataclass
class Hardware:
    """The group configs/trainer."""

    accelerator: Literal["cpu", "cuda"]
    devices: PositiveInt
    precision: Precision
    channels_last: bool
    compile: bool


def check_hardware(hardware: Hardware) -> None:
    """Raises ValueError when it is not here, naming what is."""
    _check_device(hardware)
    _check_processes(hardware.devices, hardware.accelerator)


def _check_device(hardware: Hardware) -> None:
    import torch

    if hardware.accelerator == "cuda" and not torch.cuda.is_available():
        raise ValueError("trainer.accelerator=cuda: no CUDA device here; type trainer=default")
    if hardware.compile and not any(map(shutil.which, COMPILERS)):
        raise ValueError(f"trainer.compile=True: no compiler here ({', '.join(COMPILERS)}); type trainer.compile=false")
    there = torch.cuda.device_count()
    if hardware.accelerator == "cuda" and place().size == 1 and hardware.devices > max(1, there):
        raise ValueError(f"trainer.devices={hardware.devices}: the CUDA devices here are {there}, and each needs one")


def _check_processes(devices: int, accelerator: str) -> None:
    """Those that train one run together, against those that are already there, and the cores of this machine."""
    started = place().size
    if started == 1 and accelerator == "cpu" and devices > (most := cores()):
        raise ValueError(f"trainer.devices={devices}: there are {most} cores; type at most {most}")
    if started > 1 and launched():
        raise ValueError(f"{started} processes were started for each run: a launcher of Hydra's should start one")
    if started > 1 and devices != started:
        raise ValueError(f"trainer.devices={devices}, but {started} processes were started: type {started}")
    if devices > 1 and launched() and "n_jobs" in (launcher := HydraConfig.get().launcher):
        runs = processes(launcher)
        if runs * devices > cores():
            raise ValueError(
                f"trainer.devices={devices}: {runs} runs at once need {runs * devices} processes, for {cores()} cores:"
                f" type hydra.launcher.n_jobs={max(1, cores() // devices)}"
            )
