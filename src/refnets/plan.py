"""Which trainings are computed together, and which of them first, so that several processes are done soon."""

import math
from collections.abc import Iterable
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from refnets.config.jobs import Job
from refnets.trainer.stackable import stackable, together
from refnets.trainer.training import Training

SMALLEST = 4  # networks in a part of a stack: halves of four take hardly less time than the four
BEGINNING = 2_000_000  # what a step costs whatever the size of the network, as so many multiplications and additions


def plan(trainings: Iterable[Training], processes: int) -> list[list[Job]]:
    """The units that one process trains: a stack or a single network, the longest first.

    A stack that would take longer than all other processes together is cut into parts. Of large networks not all may
    fit in the memory at once: those that no stack can have are not kept.
    """
    costs: dict[Path, float] = {}
    jobs: dict[Path, Job] = {}
    candidates = []
    for training in trainings:
        path = training.run.path
        costs[path], jobs[path] = cost(training), Job(training.cfg, path)
        if stackable(training):
            candidates.append(training)
    stacks = [[training.run.path for training in stack] for stack in together(candidates)]
    stacked = {path for stack in stacks for path in stack}
    units = [*stacks, *([path] for path in jobs if path not in stacked)]

    def total(unit: Iterable[Path]) -> float:
        return sum(costs[path] for path in unit)

    share = total(jobs) / processes
    parts = [part for unit in units for part in _cut(unit, math.ceil(total(unit) / share))]
    return [[jobs[path] for path in part] for part in sorted(parts, key=total, reverse=True)]


def cost(training: Training) -> float:
    """About how long it takes: the multiplications and additions of its forward passes, and the beginning of each."""
    task = training.task
    task.model.eval()
    examples = task.data.examples.x
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        task.model(examples[:1])
    step = (task.data.batch_size or len(examples)) * counter.get_total_flops()
    return task.steps * (BEGINNING + step)


def _cut(unit: list[Path], parts: int) -> list[list[Path]]:
    """At most so many parts of nearly equal size, none of them too small to be worth a stack."""
    parts = max(1, min(parts, len(unit) // SMALLEST))
    return [unit[first::parts] for first in range(parts)]
