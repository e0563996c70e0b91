"""Several processes train one network: each computes its share of every batch, and together they are as one.

They all have the same weights, draw the same batches and change them in the same way; a process then keeps the examples
that are its own. The loss of a share is weighted by its size, so that the gradients of all shares add up to that of the
whole batch, and every process makes the same step. Equal to one process are, up to rounding: weights, losses, metrics,
running statistics. Dropout alone draws other random numbers: those of the first process are the ones it draws alone,
every other process has its own in every step.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from refnets.data.batches import Batch, Split, mixed
from refnets.task import Task


class Share:
    """What this process, `rank` of `size`, computes of a task that is not yet fitted. The process group is there."""

    def __init__(self, task: Task, rank: int, size: int) -> None:
        self.rank, self.size, self.seed = rank, size, task.seed
        self.weight = 1.0  # of the loss: the part of the batch that is ours
        task.batches = partial(self._batches, task.batches)
        task.own, task.total = self.own, total
        task.watch = partial(self._in_step, task.watch)
        task.loss.register_forward_hook(self._weigh)
        task.make_optimizer = partial(self._adding_up, task.make_optimizer)
        for layer in task.model.modules():
            if isinstance(layer, _BatchNorm):
                layer.forward = partial(normalize, layer)
        _refuse_another_step(task.step, size)
        for each in task.state_dict().values():  # of the same seed or the same files: the first process has the word
            dist.broadcast(each, 0)

    def own(self, examples: Batch) -> Split:
        """The share of a batch or of a split; the sizes of shares differ by one at most."""
        return Split(*(part.tensor_split(self.size)[self.rank] for part in examples))

    def _batches(self, whole: Callable[[range], Iterable[Batch]], steps: range) -> Iterator[Batch]:
        for step, batch in zip(steps, whole(steps), strict=True):
            if self.rank:  # anew in each step: a checkpoint has the state of the first process alone
                torch.manual_seed(mixed(self.seed, step, self.rank, 2))
            share = self.own(batch)
            self.weight = len(share.x) / len(batch[0])
            yield share

    def _in_step(self, watch: Callable[[dict[str, float]], None], row: dict[str, float]) -> None:
        """Nobody goes on before the first process has written the evaluation: it may end the training."""
        watch(row)
        dist.broadcast(torch.zeros(1), 0)

    def _weigh(self, loss: nn.Module, _: Any, mean: Tensor) -> Tensor:
        if not loss.training:
            return mean
        self.loss = mean * self.weight
        return self.loss

    def _adding_up(self, make: Callable[..., Optimizer], parameters: Iterable[nn.Parameter]) -> Optimizer:
        """The optimizer, which before each step adds up the gradients of all processes, and with them the losses."""
        optimizer = make(parameters)

        def add_up(*_: Any) -> None:
            fitted = [each for group in optimizer.param_groups for each in group["params"] if each.grad is not None]
            loss = self.loss.detach()  # the task reads it later: that of the whole batch, finite for all or for none
            sums = total(torch.cat([*(each.grad.flatten() for each in fitted), loss.view(1)]))
            *gradients, whole = sums.split([*(each.numel() for each in fitted), 1])
            for each, gradient in zip(fitted, gradients, strict=True):
                each.grad = gradient.view_as(each).to(each.dtype)
            loss.copy_(whole[0])

        optimizer.register_step_pre_hook(add_up)
        return optimizer


class _Total(Function):
    """The sum of a tensor over all processes. Each one's loss depends on it, and so do their gradients add up."""

    @staticmethod
    def forward(_: Any, part: Tensor) -> Tensor:  # noqa: D102
        return total(part.clone())

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:  # noqa: D102
        return total(gradient.clone(memory_format=torch.contiguous_format))


def total(part: Tensor) -> Tensor:
    """The sum over all processes, in place."""
    dist.all_reduce(part)
    return part


def normalize(layer: _BatchNorm, x: Tensor) -> Tensor:
    """What `layer` makes of the whole batch, of which x, (n, channels, ...), is our share.

    torch has SyncBatchNorm for it, for GPUs only. Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
    """
    if not layer.training:
        return type(layer).forward(layer, x)
    over, shape = [0, *range(2, x.dim())], (1, -1, *(1 for _ in x.shape[2:]))
    wide = x if x.dtype == torch.float64 else x.float()  # also in bfloat16 the sums are not rounded
    sums = _Total.apply(torch.cat([wide.sum(over), wide.new_full((1,), x.numel() / x.shape[1])]))
    count = sums[-1].detach()  # values per channel
    centred = wide - (sums[:-1] / count).view(shape)
    variance = _Total.apply(centred.square().sum(over)) / count
    with torch.no_grad():
        layer.num_batches_tracked += 1
        layer.running_mean.lerp_(sums[:-1] / count, layer.momentum)
        layer.running_var.lerp_(variance * count / (count - 1), layer.momentum)
    scale = layer.weight * (variance + layer.eps).rsqrt()
    return (centred * scale.view(shape) + layer.bias.view(shape)).to(x.dtype)


def _refuse_another_step(step: int, size: int) -> None:
    """Raises OSError when the processes have not found the same checkpoint."""
    steps = [torch.tensor(0) for _ in range(size)]
    dist.all_gather(steps, torch.tensor(step))
    if len(found := {each.item() for each in steps}) > 1:
        raise OSError(f"the processes found checkpoints of steps {sorted(found)}: they need the same outputs folder")
