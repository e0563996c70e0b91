"""Derivatives by hand against those of autograd and of finite differences."""

from collections.abc import Callable

import torch
from torch import Tensor

from refnets.verdict import Number

Loss = Callable[[Tensor], Tensor]  # (parameters,) -> ()


def compare(by_hand: Tensor, loss: Loss, at: Tensor, change: float) -> dict[str, Number]:
    """The largest relative differences between `by_hand` and the gradient of `loss`, both of shape (parameters,)."""
    gradients = {"autograd": torch.func.grad(loss)(at), "finite_differences": finite_differences(loss, at, change)}
    differences = {name: relative_difference(by_hand, gradient) for name, gradient in gradients.items()}
    return {f"relative_difference_to_{name}": Number(each.max()) for name, each in differences.items()}


def finite_differences(loss: Loss, at: Tensor, change: float) -> Tensor:
    """The slope of `loss` in each direction of the vector `at`, measured from -change to +change."""
    moves = change * torch.eye(len(at), dtype=at.dtype)
    return torch.stack([(loss(at + move) - loss(at - move)) / (2 * change) for move in moves])


def relative_difference(a: Tensor, b: Tensor) -> Tensor:
    """|a - b| over the larger of |a| and |b|, elementwise; two zeros do not differ."""
    larger = torch.maximum(a.abs(), b.abs())
    return (a - b).abs() / larger.clamp(min=torch.finfo(larger.dtype).tiny)
