"""The joints of a ReLU network along a segment of its inputs, exactly (book sections 3.1 and 4.2).

Between two joints the network is linear, so it has one region more than it has joints.
"""

from collections.abc import Iterator
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.func import jacrev, vmap

from refnets.models.mlp import MLP

AFFINE = nn.Linear, nn.Conv1d, nn.Conv2d, nn.Flatten, nn.Dropout  # dropout does nothing in eval mode
CLIPPING = nn.ReLU, nn.LeakyReLU
SAME = 1e-12  # of the segment: corners nearer than this are one; double precision resolves 1e-16
STRAIGHT = 1e-9  # of the steepest slope: where it changes by less there is no joint


def joints(network: nn.Module, start: Tensor, end: Tensor) -> Tensor:
    """Where the slope of the output changes between `start` and `end`, inputs (*input_shape) -> (J, *input_shape).

    Joints are in their order from `start`, in double precision. Raises ValueError, naming the layer, for a network
    that is not a sequence of affine layers and (leaky) ReLUs.
    """
    network, start, end = deepcopy(network).double().eval(), start.double(), end.double()

    def output(t: Tensor) -> Tensor:
        return network(start.lerp(end, t)[None]).flatten()

    with torch.no_grad():
        t = _corners(network, start, end)
        slopes = vmap(jacrev(output))((t[1:] + t[:-1]) / 2)  # (pieces, outputs)
    change = slopes.diff(dim=0).abs().amax(1)  # (pieces - 1,)
    inner = t[1:-1][change > STRAIGHT * slopes.abs().max()]
    return start.lerp(end, inner.view(-1, *[1] * start.dim()))  # (J, *input_shape)


def _corners(network: nn.Module, start: Tensor, end: Tensor) -> Tensor:
    """Where some unit is switched on or off: t from 0 at `start` to 1 at `end`, these two included.

    An affine layer maps a broken line to a broken line with corners at the same t; a ReLU adds a corner wherever one of
    the coordinates crosses zero.
    """
    t, h = torch.tensor([0.0, 1.0], dtype=torch.float64), torch.stack([start, end])  # (corners, *shape of the layer)
    for layer in _layers(network):
        if isinstance(layer, CLIPPING):
            t, h = _cut(t, h)
        elif not isinstance(layer, AFFINE):
            raise ValueError(f"{layer} is neither affine nor a ReLU: its joints cannot be counted")
        h = layer(h)
    return t[torch.cat([t.diff() > SAME, torch.tensor([True])])]


def _cut(t: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """The broken line h(t) with a corner wherever one of its coordinates crosses zero."""
    units = h.flatten(1)  # (corners, units)
    piece, unit = (units[:-1].sign() * units[1:].sign() < 0).nonzero(as_tuple=True)
    before, after = units[piece, unit], units[piece + 1, unit]
    share = before / (before - after)
    t = torch.cat([t, t[piece].lerp(t[piece + 1], share)])
    units = torch.cat([units, units[piece].lerp(units[piece + 1], share[:, None])])
    order = t.argsort()
    return t[order], units[order].unflatten(1, h.shape[1:])  # (corners, *shape of the layer)


def _layers(network: nn.Module) -> Iterator[nn.Module]:
    """The layers in the order in which they act."""
    if isinstance(network, MLP):
        network = network.layers
    if isinstance(network, nn.Sequential):
        for part in network:
            yield from _layers(part)
    else:
        yield network
