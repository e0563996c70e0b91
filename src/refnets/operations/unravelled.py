"""A residual network as its paths, each through some blocks and past the others (book section 11.2, fig 11.4)."""

from collections.abc import Iterator, Sequence
from itertools import product

import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian

Path = tuple[bool, ...]  # through which blocks it goes


def paths(jacobians: Sequence[Tensor]) -> Iterator[tuple[Path, Tensor]]:
    """Each of the 2^n paths, and its share of the derivative of the last block's output by the first block's input.

    A block h + f(h) has the derivative I + J, and so n of them that of a product of n such sums. `jacobians` are the J
    of each block (width, width); a share, of the same shape, is the product of those that the path goes through.
    """
    for path in product((False, True), repeat=len(jacobians)):
        share = torch.eye(*jacobians[0].shape, dtype=jacobians[0].dtype)
        for through, each in zip(path, jacobians, strict=True):
            share = each @ share if through else share
        yield path, share


def jacobians_of(branches: Sequence[nn.Module], h: Tensor) -> list[Tensor]:
    """The derivative (width, width) of each branch f at what comes to it when h (width,) comes to the first."""
    found = []
    for branch in branches:
        found.append(jacobian(branch, h))
        h = h + branch(h)
    return found
