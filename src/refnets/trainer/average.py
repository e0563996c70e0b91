"""Stochastic weight averaging: a training ends with the mean of the weights that its second half went through.

Minibatches drive the weights about in a wide minimum, and their mean is nearer to its middle than any of them, where
the network generalizes better. Izmailov et al. 2018, arXiv:1803.05407.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from refnets.data.batches import Batch


class Average:
    """The mean of the weights of `fitted` after every step of the second half of `steps`.

    torch's AveragedModel would ask the GPU in every step how many it has averaged.
    """

    def __init__(self, fitted: nn.Module, steps: int) -> None:
        self.fitted, self.first = fitted, steps // 2
        self.mean: list[Tensor] = []  # of each parameter

    @torch.no_grad()
    def add(self, step: int) -> None:
        """Counts the weights that `step`, from 0, has led to."""
        if step == self.first:
            self.mean = [weight.detach().clone() for weight in self.fitted.parameters()]
        elif step > self.first:
            for mean, weight in zip(self.mean, self.fitted.parameters(), strict=True):
                mean.lerp_(weight, 1 / (step + 1 - self.first))

    @torch.no_grad()
    def take_over(self, compute: Callable[[Tensor], Tensor], batches: Iterable[Batch]) -> None:
        """Gives the weights their mean, and batch normalization the statistics that `batches` have with it.

        The running ones are of other weights. Those of a frozen layer stay, as do its inputs. Leaves all in eval mode.
        """
        for mean, weight in zip(self.mean, self.fitted.parameters(), strict=True):
            weight.copy_(mean)
        layers = [each for each in self.fitted.modules() if isinstance(each, _BatchNorm) and each.training]
        momenta = [layer.momentum for layer in layers]
        self.fitted.eval()  # without dropout, as it will be used
        for layer in layers:
            layer.train().reset_running_stats()
            layer.momentum = None  # every batch counts as much
        for x, _ in batches if layers else ():
            compute(x)
        self.fitted.eval()
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
