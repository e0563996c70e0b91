"""A shallow network with the parameters that a notebook gives it (book section 3.1)."""

from collections.abc import Sequence

from torch import Tensor


def shallow_network(
    x: Tensor,
    *,
    beta_0: Sequence[float],
    omega_0: Sequence[float],
    beta_1: Sequence[float],
    omega_1: Sequence[Sequence[float]],
) -> Tensor:
    """beta_1 + omega_1 ReLU(beta_0 + omega_0 x): inputs (n,), D hidden units -> outputs (n, K), omega_1 is (K, D)."""
    into, out = x.new_tensor([beta_0, omega_0]), x.new_tensor(omega_1)
    hidden = (into[0] + x[:, None] * into[1]).relu()  # (n, D)
    return hidden @ out.T + x.new_tensor(beta_1)
