"""Several correlated values at once (table 5.11 row 6)."""

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, constraints

from refnets.data.target import Values, WrongTargetError
from refnets.losses.likelihood import Likelihood, positive


class MultivariateGaussian(Likelihood):
    """N(mean, L L^T) of K values: outputs (..., K + K(K+1)/2), targets (..., K).

    Outputs: K means, then the lower triangle of L row by row, with the logarithm of each diagonal element in its place;
    so the covariance is positive definite whatever the network predicts, and a triangular solve replaces its inverse.
    """

    support = constraints.real_vector

    def num_outputs(self, target: object) -> int:
        """K + K(K+1)/2. Raises ValueError when the targets are not vectors."""
        if not isinstance(target, Values) or target.size == 1:  # single ones have another shape, (n,)
            raise WrongTargetError(f"loss=multivariate_gaussian needs targets that are vectors, the data has {target}")
        return target.size + target.size * (target.size + 1) // 2

    def distribution(self, output: Tensor) -> MultivariateNormal:
        """(..., K + K(K+1)/2) -> normal distributions of K values."""
        size = _size(output.shape[-1])
        rows, columns = torch.tril_indices(size, size, device=output.device)
        entries = torch.where(rows == columns, positive(output[..., size:]), output[..., size:])
        factor = output.new_zeros(*output.shape[:-1], size, size)
        factor[..., rows, columns] = entries  # (..., K, K)
        return MultivariateNormal(output[..., :size], scale_tril=factor, validate_args=False)

    def predict(self, output: Tensor) -> Tensor:
        """The mean, (..., K)."""
        return output[..., : _size(output.shape[-1])]


def _size(outputs: int) -> int:
    """K, of which K + K(K+1)/2 is `outputs`. Raises ValueError when there is none."""
    if not (fitting := [size for size in range(outputs) if size + size * (size + 1) // 2 == outputs]):
        raise ValueError(f"loss=multivariate_gaussian has {outputs} outputs: should be 5 for 2 values, 9 for 3 ...")
    return fitting[0]
