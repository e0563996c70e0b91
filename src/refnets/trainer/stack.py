"""Trainings that differ only in numbers, done as one: a step of all of them costs less than a step of each."""

from collections.abc import Callable, Iterator, Sequence

import lightning as L
import torch
from torch import Tensor, nn

from refnets.data.batches import Batch
from refnets.models import batched
from refnets.task import Task
from refnets.trainer.training import Training

# These change every weight by its own gradient alone, so one of them can train a stack of weights.
ELEMENTWISE = {"torch.optim.SGD", "torch.optim.Adam", "torch.optim.AdamW"}


class Stack(L.LightningModule):
    """Trains several tasks together; each ends with the weights and the history that it gets alone, up to rounding.

    Their networks have one `architecture`, their splits one shape, their losses nothing to fit. Seeds, the data's
    values, optimizers, schedules and the widths of small networks may differ.
    """

    def __init__(self, trainings: Sequence[Training]) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.tasks = nn.ModuleList(training.task for training in trainings)
        recipes = [(training.cfg.optimizer, training.cfg.scheduler) for training in trainings]
        self.shared = recipes[0][0]._target_ in ELEMENTWISE and all(recipe == recipes[0] for recipe in recipes)
        self.step_loss = _compiled(self._mean_loss) if trainings[0].cfg.trainer.compile else self._mean_loss

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Called when the tasks are on their device: now their weights can become views of the stack's.

        With one recipe, one optimizer trains the stacked weights, which takes fewer operations than one for each task.
        """
        for task in self.tasks:
            task.configure_optimizers()
        self.network = batched.batched([task.model for task in self.tasks])
        if self.shared:
            first = self.tasks[0]
            self.optimizer = first.make_optimizer(self.network.parameters())
            self.scheduler = first.make_scheduler(self.optimizer) if first.make_scheduler else None
        self.steppers = [self] if self.shared else list(self.tasks)
        return [stepper.optimizer for stepper in self.steppers]

    def train_dataloader(self) -> range:
        """The steps at which the stretches between two evaluations begin."""
        return self.tasks[0].train_dataloader()

    def on_fit_start(self) -> None:
        """Starts the clocks, each of which counts its share of the time."""
        for task in self.tasks:
            task.time_share = 1 / len(self.tasks)
            task.on_fit_start()

    def on_train_start(self) -> None:
        """Puts all splits on the device, evaluates the untrained networks, and takes over what was interrupted."""
        for task in self.tasks:
            task.on_train_start()
        self.compute = self.tasks[0].accelerate(self.network)
        if self.shared:
            self._gather_state()
            return
        for stacked, members in self._members():
            stacked.grad = torch.zeros_like(stacked)
            for number, (_, own) in enumerate(members):
                own.grad = batched.part(stacked.grad, number, own.shape)

    def training_step(self, begin: int, _: int) -> None:
        """Trains to the end of the stretch that begins with step `begin`, and evaluates every network."""
        stretch, pause = self.tasks[0].left(begin), self.tasks[0].pause
        parameters, losses = list(self.network.parameters()), []
        for x, y in self._batches(stretch):
            # A mean over the examples of all networks: times their number, it is the sum of each one's own mean.
            loss = len(self.tasks) * self.step_loss(x, y)
            for parameter in parameters:
                # Writing it anew is faster than adding to zeros, but the tasks' own gradients may be views of it.
                parameter.grad = None if self.shared else parameter.grad.zero_()
            loss.backward()
            for stepper in self.steppers:
                stepper.optimizer.step()
                if stepper.scheduler:
                    stepper.scheduler.step()
            losses.append(loss.detach())
            if pause.wanted:
                self._advance(losses)
                pause.take()
        self._advance(losses)
        for task in self.tasks:
            task.evaluate()

    def _mean_loss(self, x: Tensor, y: Tensor) -> Tensor:
        output = self.compute(x)  # (networks, n, num_outputs)
        return self.tasks[0].loss(output.flatten(0, 1), y.flatten(0, 1))

    def _advance(self, losses: list[Tensor]) -> None:
        """Lets every task be where the steps that had these losses have led, as if trained alone."""
        if self.shared:
            self._scatter_state()
        first, *others = self.tasks
        first.advance(losses)
        for task in others:
            task.step = first.step
        losses.clear()

    def on_train_end(self) -> None:
        """Gives every network weights of its own again."""
        for parameter in self.tasks.parameters():
            parameter.data, parameter.grad = parameter.detach().clone(), None
        for task in self.tasks:
            task.on_train_end()

    def _batches(self, stretch: range) -> Iterator[Batch]:
        """x and y of every step, (networks, n, ...) each: every network has its own order of its own examples."""
        for batches in zip(*(task.batches(stretch) for task in self.tasks), strict=True):
            x, y = zip(*batches, strict=True)
            yield torch.stack(x), torch.stack(y)

    def _members(self) -> Iterator[tuple[nn.Parameter, list[tuple[Task, nn.Parameter]]]]:
        """Every parameter of the stack, with the tasks' own that are views of it."""
        members = zip(*(task.model.parameters() for task in self.tasks), strict=True)
        for stacked, own in zip(self.network.parameters(), members, strict=True):
            yield stacked, list(zip(self.tasks, own, strict=True))

    def _gather_state(self) -> None:
        """Puts together what the optimizers of interrupted tasks remember."""
        for stacked, members in self._members():
            states = [task.optimizer.state.get(own) for task, own in members]
            if all(states):
                self.optimizer.state[stacked] = {key: _join([state[key] for state in states]) for key in states[0]}
        _copy_schedule(self.tasks[0], self)

    def _scatter_state(self) -> None:
        """Gives every task's optimizer and schedule the state they would have alone: checkpoints are of tasks."""
        for stacked, members in self._members():
            state = self.optimizer.state.get(stacked, {})
            for number, (task, own) in enumerate(members):
                task.optimizer.state[own] = {key: _part(value, number, own.shape) for key, value in state.items()}
        for task in self.tasks:
            _copy_schedule(self, task)


def _compiled(loss: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """For the shapes of one stack: for any it would be slower, and after eight stacks not compiled any more."""
    torch.compiler.reset()
    return torch.compile(loss, dynamic=False)


def _copy_schedule(one: Task | Stack, other: Task | Stack) -> None:
    """Learning rate and the like, and where the schedule is."""
    (group,) = one.optimizer.param_groups
    other.optimizer.param_groups[0].update({key: value for key, value in group.items() if key != "params"})
    if one.scheduler:
        other.scheduler.load_state_dict(one.scheduler.state_dict())


def _join(values: Sequence[Tensor]) -> Tensor:
    """One value per network; a count of steps, which has no dimensions, is the same for all."""
    return batched.stack(values) if values[0].dim() else values[0].clone()


def _part(value: Tensor, number: int, shape: torch.Size) -> Tensor:
    return (batched.part(value, number, shape) if value.dim() else value).clone()
