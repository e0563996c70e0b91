"""Which trainings differ only in numbers, so that stack.py can do them as one."""

import json
from collections.abc import Sequence

from omegaconf import OmegaConf

from refnets.models import batched
from refnets.trainer.training import Training

LARGEST = 64  # networks in a stack: more gain no speed, and every one keeps files open
COMMON = ("loss", "trainer", "steps", "eval_every", "threads")


def together(trainings: Sequence[Training]) -> list[list[Training]]:
    """The groups, of two or more, that can be trained as stacks; the others are in none."""
    groups: dict[str, list[Training]] = {}
    for training in trainings:
        if common := _common(training):
            groups.setdefault(common, []).append(training)
    cut = [group[start : start + LARGEST] for group in groups.values() for start in range(0, len(group), LARGEST)]
    return [group for group in cut if len(group) > 1]


def stackable(training: Training) -> bool:
    """Whether it can be trained as a part of a stack, if others are like it."""
    return _common(training) is not None


def _common(training: Training) -> str | None:
    """What the members of a stack agree in, or None for a training that cannot be in any."""
    task, cfg = training.task, OmegaConf.to_container(training.cfg, resolve=True)
    architecture = batched.architecture(task.model, task.data.batch_size or len(task.data.examples.x))
    if (
        architecture is None
        or cfg["trainer"]["devices"] > 1
        or cfg["keep"] == "average"
        or any(parameter.requires_grad for parameter in task.loss.parameters())
    ):
        return None
    if not all(parameter.requires_grad for parameter in task.model.parameters()):
        return None  # a stack trains all its weights, those of a frozen layer, too
    if getattr(task.loss, "compares_examples", False):
        return None  # it would compare those of one network with those of another
    shapes = [[*split.x.shape, *split.y.shape] for split in task.data.splits.values()]
    outputs = task.loss.num_outputs(task.data.target)  # to a softmax, one that only fills up would be a class
    measured = task.row.get("step")  # the step, unless an evaluation was interrupted
    agreed = [architecture, shapes, outputs, task.data.batch_size, task.step, measured, *(cfg[key] for key in COMMON)]
    return json.dumps(agreed, sort_keys=True)
