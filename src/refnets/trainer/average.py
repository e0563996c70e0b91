"""Stochastic weight averaging: a training ends with the mean of the weights that its second half went through.

Minibatches drive the weights about in a wide minimum, and their mean is nearer to its middle than any of them, where
the network generalizes better. Izmailov et al. 2018, arXiv:1803.05407.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import AveragedModel, get_swa_multi_avg_fn

from refnets.data.batches import Batch


class Average:
    """The mean of the weights of `fitted`, a network and its loss, after every step of the second half of `steps`."""

    def __init__(self, fitted: nn.ModuleList, steps: int) -> None:
        self.fitted, self.first = fitted, steps // 2
        self.mean = AveragedModel(fitted, multi_avg_fn=get_swa_multi_avg_fn())

    def add(self, step: int) -> None:
        """Counts the weights that `step`, from 0, has led to."""
        if step >= self.first:
            self.mean.update_parameters(self.fitted)

    @torch.no_grad()
    def take_over(self, compute: Callable[[Tensor], Tensor], batches: Iterable[Batch]) -> None:
        """Gives the weights their mean, and batch normalization the statistics that `batches` have with it.

        The running ones are of other weights. Those of a frozen layer stay, as do its inputs. Leaves all in eval mode.
        """
        self.fitted.load_state_dict(self.mean.module.state_dict())
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
