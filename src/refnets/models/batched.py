"""Many networks as one: every linear layer becomes a batched matrix product."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from refnets.models.mlp import MLP

# Activations that are 0 at 0. A hidden unit whose weights are all 0 then stays so: its activation is 0, so the weights
# that lead from it get no gradient; and as these are 0 too, neither do the weights that lead to it.
PADDABLE = nn.ReLU, nn.LeakyReLU, nn.GELU, nn.Tanh
# Work of a step: parameters times examples. Up to SMALL starting the operations takes longer than the arithmetic, so
# padding costs little, and up to a quarter of SMALL nothing. It is 10,000 parameters times 100 examples; with 10,000
# examples, networks that are padded would no longer fit the cache.
SMALL = 1_000_000
# Beyond LARGE the arithmetic takes so much longer than starting it that two networks at once are slower than in turn.
LARGE = 100_000_000


def architecture(network: nn.Module, examples: int) -> str | None:
    """Networks of which this is the same can be batched, in steps of so many examples.

    None where it is not known how, or does not pay.
    """
    layers = [layer for layer in network.modules() if not isinstance(layer, MLP | nn.Sequential)]
    if not all(isinstance(layer, (nn.Linear, nn.Flatten, nn.Sigmoid, *PADDABLE)) for layer in layers):
        return None
    work = examples * sum(parameter.numel() for parameter in network.parameters())
    if work > LARGE:
        return None
    if work <= SMALL and not any(isinstance(layer, nn.Sigmoid) for layer in layers):
        return f"{' '.join(type(layer).__name__ for layer in layers)}, larger: {work > SMALL / 4}"
    return str(network)


def batched(networks: Sequence[nn.Module]) -> nn.Module:
    """A network that takes inputs (networks, n, ...) to outputs (networks, n, ...), of networks of one `architecture`.

    Its parameters are those of `networks`, padded with zeros to one shape and stacked along a new first dimension;
    theirs become views of it, so each of them goes on computing with its own weights while they are trained together.
    """
    first = networks[0]
    if isinstance(first, MLP):
        return batched([network.layers for network in networks])
    if isinstance(first, nn.Sequential):
        return nn.Sequential(*(batched(layers) for layers in zip(*networks, strict=True)))
    if isinstance(first, nn.Linear):
        return BatchedLinear(networks)
    return nn.Flatten(2) if isinstance(first, nn.Flatten) else first


class BatchedLinear(nn.Module):
    """The linear layers `layers`, each applied to its own inputs: (layers, n, fan_in) -> (layers, n, fan_out)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = _joint([layer.weight for layer in layers])  # (layers, fan_out, fan_in)
        self.bias = _joint([layer.bias for layer in layers])  # (layers, fan_out)

    def forward(self, x: Tensor) -> Tensor:
        """(layers, n, fan_in) -> (layers, n, fan_out)."""
        return _Linear.apply(x, self.weight, self.bias)


class _Linear(torch.autograd.Function):
    """With gradients that lie in memory as the weights do; those of autograd are transposed, and have to be copied."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return torch.baddbmm(bias.unsqueeze(1), x, weight.transpose(1, 2))

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        x, weight = (saved.to(gradient.dtype) for saved in ctx.saved_tensors)  # in bfloat16 if computed in it
        of_x = gradient.bmm(weight) if ctx.needs_input_grad[0] else None
        return of_x, gradient.transpose(1, 2).bmm(x), gradient.sum(1)


def stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors of one number of dimensions, padded with zeros to the largest of their shapes, in a new one."""
    shape = [max(sizes) for sizes in zip(*(tensor.shape for tensor in tensors), strict=True)]
    stacked = tensors[0].new_zeros(len(tensors), *shape)
    for number, tensor in enumerate(tensors):
        part(stacked, number, tensor.shape).copy_(tensor)
    return stacked


def part(stacked: Tensor, number: int, shape: torch.Size) -> Tensor:
    """What `stack` made of the tensor with this number and shape, as a view."""
    return stacked[number][tuple(slice(size) for size in shape)]


def _joint(parameters: Sequence[nn.Parameter]) -> nn.Parameter:
    stacked = nn.Parameter(stack([parameter.detach() for parameter in parameters]))
    for number, parameter in enumerate(parameters):
        parameter.data = part(stacked.detach(), number, parameter.shape)
    return stacked
