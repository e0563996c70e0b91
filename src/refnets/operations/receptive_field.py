"""The inputs that a hidden unit of a convolutional network depends on (book section 10.2.6, fig 10.6)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def receptive_field(layers: Sequence[tuple[int, int, int]]) -> int:
    """The number of inputs, from the first to the last, that layers of (kernel_size, stride, dilation) lead to a unit.

    1 + the sum of (kernel_size - 1) times dilation times the strides of all layers before.
    """
    field, step = 1, 1  # step: how many inputs lie between neighbouring units
    for kernel_size, stride, dilation in layers:
        field += (kernel_size - 1) * dilation * step
        step *= stride
    return field


def layers_of(network: nn.Module) -> list[tuple[int, int, int]]:
    """(kernel_size, stride, dilation) of the one-dimensional convolutions of `network`, first to last."""
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv1d)]
    return [(each.kernel_size[0], each.stride[0], each.dilation[0]) for each in convolutions]


def influence(stages: Sequence[nn.Module], x: Tensor, unit: int) -> Tensor:
    """Which positions of x (n, channels, positions) have a gradient at position `unit` of the last stage: (positions,).

    Of any example and channel, because a ReLU that is off passes none.
    """
    x = x.clone().requires_grad_()
    h = x
    for stage in stages:
        h = stage(h)  # (n, channels, positions of this stage)
    (gradient,) = torch.autograd.grad(h[..., unit].square().sum(), x)
    return (gradient != 0).any(0).any(0)
