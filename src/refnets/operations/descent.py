"""Descents on the loss of a model with two parameters, from many starts at once (book chapters 2 and 6).

Parameters phi have shape (..., 2): one start, a stack of starts, or the grid of a loss surface. With a loss for each of
them, the gradient of the sum of all losses is each one's own, so one tensor in one optimizer of `torch.optim` makes
independent descents, as long as the optimizer treats every number apart (SGD and Adam do).
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from refnets.data.points import Points

Model = Callable[[Tensor, Tensor], Tensor]


def line(phi: Tensor, x: Tensor) -> Tensor:
    """phi0 + phi1 x (book eq 2.4): (..., 2) and (n,) or (..., n) -> (..., n)."""
    return phi[..., :1] + phi[..., 1:] * x


def gabor(phi: Tensor, x: Tensor) -> Tensor:
    """sin(z) exp(-z^2 / 32) with z = phi0 + 0.06 phi1 x (book eq 6.8): (..., 2) and (n,) or (..., n) -> (..., n)."""
    z = phi[..., :1] + 0.06 * phi[..., 1:] * x
    return z.sin() * (-(z**2) / 32).exp()


class SquaredError:
    """The sum of the squared errors of `model` on all of `data`, in double precision (book eq 2.5: no average)."""

    def __init__(self, model: Model, data: Points) -> None:
        self.model = model
        self.x, self.y = torch.tensor([data.x, data.y], dtype=torch.float64)  # (n,) each

    def __call__(self, phi: Tensor, chosen: Tensor | slice = slice(None)) -> Tensor:
        """(..., 2) -> (...), of all examples, or of those whose indices are `chosen`: (batch,) or (..., batch)."""
        return ((self.model(phi, self.x[chosen]) - self.y[chosen]) ** 2).sum(-1)


def closed_form(loss: SquaredError) -> Tensor:
    """The phi of least loss (2,), by linear least squares."""
    inputs = torch.stack([torch.ones_like(loss.x), loss.x], -1)  # (n, 2)
    return torch.linalg.lstsq(inputs, loss.y[:, None]).solution[:, 0]


def descend(
    loss: Callable[..., Tensor],
    starts: Tensor,
    optimizer: Callable[..., Optimizer],
    steps: int,
    batches: Tensor | None = None,
    scheduler: Callable[..., LRScheduler] | None = None,
) -> Tensor:
    """The paths (steps + 1, ..., 2) from `starts` (..., 2); step t is on the examples batches[t], (..., batch)."""
    phi = starts.clone().requires_grad_()
    descent, path = optimizer([phi]), [starts]
    schedule = scheduler(descent) if scheduler else None
    for step in range(steps):
        descent.zero_grad()
        value = loss(phi) if batches is None else loss(phi, batches[step])
        value.sum().backward()
        descent.step()
        if schedule:
            schedule.step()
        path.append(phi.detach().clone())
    return torch.stack(path)


def epochs(examples: int, batch_size: int, steps: int, starts: int, seed: int) -> Tensor:
    """Batches (steps, starts, batch_size) of indices: for every start each example once an epoch, in random order.

    `batch_size` divides the number of examples (book section 6.2.1: batches are drawn without replacement).
    """
    generator = torch.Generator().manual_seed(seed)
    needed = -(-steps * batch_size // examples)
    order = torch.rand(starts, needed, examples, generator=generator).argsort(-1)
    return order.reshape(starts, -1, batch_size)[:, :steps].transpose(0, 1)  # (steps, starts, batch_size)
