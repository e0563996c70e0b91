"""Which trainings are computed together, and which of them first, so that several processes are done soon."""

import math
from collections.abc import Sequence

import torch
from torch.utils.flop_counter import FlopCounterMode

from refnets.stack import together
from refnets.training import Training

SMALLEST = 4  # networks in a part of a stack: halves of four take hardly less time than the four
BEGINNING = 2_000_000  # of one step, in multiplications and additions: what small networks take whatever their size


def plan(trainings: Sequence[Training], processes: int) -> list[list[Training]]:
    """The units that one process trains: a stack or a single network, the longest first.

    A stack that would take longer than all other processes together is cut into parts.
    """
    stacks = together(trainings)
    stacked = {training.run.path for stack in stacks for training in stack}
    units = [*stacks, *([training] for training in trainings if training.run.path not in stacked)]
    costs = {training.run.path: cost(training) for training in trainings}

    def total(unit: Sequence[Training]) -> float:
        return sum(costs[training.run.path] for training in unit)

    share = total(trainings) / processes
    parts = [part for unit in units for part in _cut(unit, math.ceil(total(unit) / share))]
    return sorted(parts, key=total, reverse=True)


def cost(training: Training) -> float:
    """About how long it takes: the multiplications and additions of its forward passes, and the beginning of each."""
    task = training.task
    task.model.eval()
    examples = getattr(task.data, "examples", task.data.splits["train"]).x
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        task.model(examples[:1])
    step = (task.data.batch_size or len(examples)) * counter.get_total_flops()
    return (task.steps - task.step) * (BEGINNING + step)


def _cut(unit: list[Training], parts: int) -> list[list[Training]]:
    """At most so many parts of nearly equal size, none of them too small to be worth a stack."""
    parts = max(1, min(parts, len(unit) // SMALLEST))
    return [unit[first::parts] for first in range(parts)]
