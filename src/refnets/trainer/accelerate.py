"""How a network is computed: in which precision, with images in which memory order, compiled or not."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from refnets.config.machine import Precision


def accelerate(
    network: nn.Module, *, precision: Precision, channels_last: bool, compile: bool
) -> Callable[[Tensor], Tensor]:
    """A function that computes `network`, whose outputs are float32 whatever the precision.

    With "bf16-mixed" the layers that gain by it compute in bfloat16; weights, losses and optimizer stay in float32.
    Autocast is entered for each forward pass anew, and not by Lightning around many steps: it keeps a copy of the
    weights in bfloat16 for as long as it lasts, and would not see what an optimizer does to them.
    """
    if channels_last:
        network.to(memory_format=torch.channels_last)
    forward = torch.compile(network) if compile else network
    if precision == "32-true":
        return forward.__call__

    def in_bfloat16(x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, torch.bfloat16):
            return forward(x).float()

    return in_bfloat16
