"""Trainings that differ only in numbers, done as one: a step of all of them costs less than a step of each."""

import copy
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import lightning as L
import torch
from omegaconf import OmegaConf
from torch import Tensor, nn

from refnets.data.batches import minibatches
from refnets.models.batched import batched
from refnets.task import Task

if TYPE_CHECKING:
    from refnets.fit import Training


# What a stack has in common. Of the data, the shapes must agree: that is seen when it has been made.
COMMON = ("model", "loss", "optimizer", "scheduler", "trainer", "steps", "eval_every", "threads")
# These change every weight by its own gradient alone, so that a stack of weights is trained as each of them would be.
ELEMENTWISE = {f"torch.optim.{name}" for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "RAdam")}


def together(trainings: Sequence["Training"]) -> list[list["Training"]]:
    """The groups, of two or more, that can be trained as stacks; the others are in none."""
    groups: dict[str, list[Training]] = {}
    for training in filter(_stackable, trainings):
        groups.setdefault(_shape(training), []).append(training)
    return [group for group in groups.values() if len(group) > 1]


def _stackable(training: "Training") -> bool:
    fitted = any(parameter.requires_grad for parameter in training.task.loss.parameters())
    known = batched([copy.deepcopy(training.task.model)]) is not None
    return known and not fitted and training.cfg.optimizer._target_ in ELEMENTWISE


def _shape(training: "Training") -> str:
    task, cfg = training.task, OmegaConf.to_container(training.cfg, resolve=True)
    shapes = [[*split.x.shape, *split.y.shape] for split in task.data.splits.values()]
    return json.dumps([[cfg[key] for key in COMMON], shapes, task.data.batch_size, task.step], sort_keys=True)


class Stack(L.LightningModule):
    """Trains `tasks` together; each ends with the weights and the history that it gets alone, up to rounding.

    Their networks have one architecture that `batched` knows, their splits one shape, and loss, optimizer, schedule and
    number of steps are the same. Seeds, order of the batches and the data's values may differ.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.tasks = nn.ModuleList(tasks)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Called when the tasks are on their device: now their weights can become views of the stack's."""
        for task in self.tasks:
            task.configure_optimizers()
        self.network = batched([task.model for task in self.tasks])
        first = self.tasks[0]
        self.optimizer = first.make_optimizer(self.network.parameters())
        self.scheduler = first.make_scheduler(self.optimizer) if first.make_scheduler else None
        return self.optimizer

    def train_dataloader(self) -> range:
        """The steps at which the stretches between two evaluations begin."""
        return self.tasks[0].train_dataloader()

    def on_fit_start(self) -> None:
        """Starts the clocks."""
        for task in self.tasks:
            task.on_fit_start()

    def on_train_start(self) -> None:
        """Puts all splits on the device, evaluates the untrained networks, and takes over what was interrupted."""
        for task in self.tasks:
            task.on_train_start()
        self._gather_state()

    def training_step(self, start: int, _: int) -> None:
        """Trains from step `start` to the next evaluation, and evaluates every network."""
        first = self.tasks[0]
        stretch = range(start, min(start + first.eval_every, first.steps))
        parameters = list(self.network.parameters())
        splits = [task.splits["train"] for task in self.tasks]
        orders = [
            minibatches(split, task.data.batch_size, stretch, task.seed)
            for split, task in zip(splits, self.tasks, strict=True)
        ]
        for batches in zip(*orders, strict=True):
            x, y = (torch.stack(tensors) for tensors in zip(*batches, strict=True))  # (networks, n, ...) each
            output = self.network(x)  # (networks, n, num_outputs)
            # The loss is a mean over the examples of all networks: times their number, a sum of each one's own mean.
            loss = len(self.tasks) * first.loss(output.flatten(0, 1), y.flatten(0, 1))
            for parameter in parameters:
                parameter.grad = None
            loss.backward()
            self.optimizer.step()
            if self.scheduler:
                self.scheduler.step()
        self._scatter_state()
        for task in self.tasks:
            task.step = stretch.stop
            task.evaluate()

    def on_train_end(self) -> None:
        """Gives every network weights of its own again, and of the time its share; then what it does alone."""
        for parameter in self.tasks.parameters():
            parameter.data = parameter.detach().clone()
        for task in self.tasks:
            task.started += task.seconds * (1 - 1 / len(self.tasks))
            task.on_train_end()

    def _gather_state(self) -> None:
        """Puts what the optimizers of interrupted tasks remember together."""
        for stacked, *own in zip(
            self.network.parameters(), *(task.model.parameters() for task in self.tasks), strict=True
        ):
            states = [task.optimizer.state.get(p) for task, p in zip(self.tasks, own, strict=True)]
            if all(states):
                self.optimizer.state[stacked] = {key: _join([state[key] for state in states]) for key in states[0]}
        _copy_schedule(self.tasks[0], self)

    def _scatter_state(self) -> None:
        """Gives every task's optimizer and schedule the state they would have alone: checkpoints are of tasks."""
        for number, task in enumerate(self.tasks):
            for stacked, own in zip(self.network.parameters(), task.model.parameters(), strict=True):
                state = self.optimizer.state.get(stacked, {})
                task.optimizer.state[own] = {key: _part(value, number) for key, value in state.items()}
            _copy_schedule(self, task)


def _copy_schedule(one: Task | Stack, other: Task | Stack) -> None:
    """Learning rate and the like, and where the schedule is."""
    (group,) = one.optimizer.param_groups
    other.optimizer.param_groups[0].update({key: value for key, value in group.items() if key != "params"})
    if one.scheduler:
        other.scheduler.load_state_dict(one.scheduler.state_dict())


def _join(values: Sequence[Tensor]) -> Tensor:
    """One value per network; a count of steps, which has no dimensions, is the same for all."""
    return torch.stack(values) if values[0].dim() else values[0].clone()


def _part(value: Tensor, number: int) -> Tensor:
    return (value[number] if value.dim() else value).clone()
