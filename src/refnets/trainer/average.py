"""Averaged weights: a training ends with the mean of the weights that it went through.

Minibatches drive the weights about in a wide minimum, and their mean is nearer to its middle than any of them, where
the network generalizes better (Izmailov et al. 2018, arXiv:1803.05407). Later weights count more: those after step t
of all as much as t^POWER, which is the same profile however many steps there are (Karras et al. 2024,
arXiv:2312.02696, section 3.1).
"""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from refnets.data.batches import Batch
from refnets.trainer.pause import Pause

POWER = 4  # the mean age of the weights in the average is then 1/6 of the training; with the 6.94 of Karras et al. 1/9
LAST = 10  # batch normalization is measured on the last tenth of the steps, which costs 3 % of the time


def last_steps(steps: int) -> range:
    """The last of so many steps: batch normalization is measured on their batches."""
    return range(steps - math.ceil(steps / LAST), steps)


class Average:
    """The mean of all weights of `fitted`, a network and its loss."""

    def __init__(self, fitted: nn.Module) -> None:
        self.fitted, self.weights = fitted, list(fitted.parameters())
        self.mean: list[Tensor] = []  # of each of them

    @torch.no_grad()
    def add(self, step: int) -> None:
        """Counts the weights that `step`, from 0, has led to."""
        if not self.mean:
            self.mean = [weight.clone() for weight in self.weights]
        torch._foreach_lerp_(self.mean, self.weights, 1 - (1 - 1 / (step + 1)) ** (POWER + 1))

    @torch.no_grad()
    def take_over(self, compute: Callable[[Tensor], Tensor], batches: Iterable[Batch], pause: Pause) -> None:
        """Gives the weights their mean, and batch normalization the statistics that `batches` have with it.

        The running ones are of other weights. A network that mirrors images in eval mode has those of both, for twice
        the work. A frozen layer keeps its own, as in training. Leaves all in eval mode.
        What interrupts it does not hurt: the mean stays, and all of this is done again.
        """
        for weight, mean in zip(self.weights, self.mean, strict=True):
            weight.copy_(mean)
        layers = [each for each in self.fitted.modules() if isinstance(each, _BatchNorm) and each.training]
        if layers:
            self._measure(layers, compute, batches, pause)
        self.fitted.eval()

    def _measure(self, layers: list[_BatchNorm], compute: Callable, batches: Iterable[Batch], pause: Pause) -> None:
        momenta = [layer.momentum for layer in layers]
        running = [each for layer in layers for each in (layer.running_mean, layer.running_var)]
        means = [torch.zeros_like(each) for each in running]
        self.fitted.eval()  # without dropout, as it will be used
        for layer in layers:
            layer.train().momentum = 1.0  # what is running is of one batch
        for number, (x, _) in enumerate(batches, 1):
            compute(x)
            torch._foreach_lerp_(means, running, 1 / number)
            if pause.wanted:
                pause.take()
        torch._foreach_copy_(running, means)
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
