"""The minima and saddle points of a loss of two parameters, found numerically (figs 6.3 and 6.4)."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import grad, jacrev, vmap

Window = tuple[tuple[float, float], tuple[float, float]]  # from where to where, of both parameters


def stationary_points(
    loss: Callable[[Tensor], Tensor], window: Window, starts: int, iterations: int
) -> tuple[Tensor, Tensor]:
    """All minima and all saddle points inside the window, (n, 2) each: Newton's method from a grid of starts x starts.

    Newton's method goes to where the gradient is zero, up or down; the curvatures there say what has been found.
    """
    gradient, hessian = vmap(grad(loss)), vmap(jacrev(grad(loss)))
    sides = [torch.linspace(*ends, starts, dtype=torch.float64) for ends in window]
    phi = torch.cartesian_prod(*sides)  # (starts^2, 2)
    for _ in range(iterations):
        step = (torch.linalg.pinv(hessian(phi)) @ gradient(phi)[..., None]).squeeze(-1)
        phi = phi - step / step.norm(dim=-1, keepdim=True).clamp(min=1)  # no further than 1, lest it leaves the window
    low, high = torch.tensor(window).T
    found = phi[((low < phi) & (phi < high)).all(-1) & (gradient(phi).norm(dim=-1) < 1e-8)]
    found = torch.unique(found.round(decimals=3), dim=0)  # many starts lead to the same point
    curvatures = torch.linalg.eigvalsh(hessian(found))  # (n, 2), the lower one first
    return found[curvatures[:, 0] > 0], found[(curvatures[:, 0] < 0) & (curvatures[:, 1] > 0)]
