"""Many networks of one architecture as one: every linear layer becomes a batched matrix product."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from refnets.models.activation import ACTIVATIONS
from refnets.models.mlp import MLP

ELEMENTWISE = tuple(ACTIVATIONS.values())


def batched(networks: Sequence[nn.Module]) -> nn.Module | None:
    """A network that takes inputs (networks, n, ...) to outputs (networks, n, ...), or None where that is not known.

    Its parameters are those of `networks`, stacked along a new first dimension; theirs become views of it, so each of
    them goes on computing with its own weights while they are trained together.
    """
    first = networks[0]
    if isinstance(first, MLP):
        return batched([network.layers for network in networks])
    if isinstance(first, nn.Sequential):
        layers = [batched(layers) for layers in zip(*networks, strict=True)]
        return None if None in layers else nn.Sequential(*layers)
    if isinstance(first, nn.Linear):
        return BatchedLinear(networks)
    if isinstance(first, nn.Flatten):
        return nn.Flatten(2)
    return first if isinstance(first, ELEMENTWISE) else None


class BatchedLinear(nn.Module):
    """The linear layers `layers`, each applied to its own inputs: (layers, n, fan_in) -> (layers, n, fan_out)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = _stack([layer.weight for layer in layers])  # (layers, fan_out, fan_in)
        self.bias = _stack([layer.bias for layer in layers])  # (layers, fan_out)

    def forward(self, x: Tensor) -> Tensor:
        """(layers, n, fan_in) -> (layers, n, fan_out)."""
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.transpose(1, 2))


def _stack(parameters: Sequence[nn.Parameter]) -> nn.Parameter:
    stacked = nn.Parameter(torch.stack([parameter.detach() for parameter in parameters]))
    for own, parameter in zip(stacked.detach(), parameters, strict=True):
        parameter.data = own
    return stacked
