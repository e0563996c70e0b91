"""Reconstruction of what was hidden: generative self-supervised learning (book section 9.3.7)."""

from torch import Tensor, nn

from refnets.data.target import Hidden, WrongTargetError


class MaskedSquaredError(nn.Module):
    """Squared error of the hidden values alone. Outputs (n, P): all values of the input. Targets (n, 2, P)."""

    def num_outputs(self, target: object) -> int:
        """P. Raises ValueError when nothing is hidden."""
        if not isinstance(target, Hidden):
            raise WrongTargetError(
                f"loss=masked needs targets that are partly hidden (data=masked), the data has {target}"
            )
        return target.size

    def check(self, y: Tensor) -> None:
        """Raises ValueError when nothing of an example is hidden."""
        if not (y[:, 1].sum(1) > 0).all():
            raise ValueError("loss=masked is for examples of which something is hidden, the data has one without")

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        """Mean over the examples of the mean over their hidden values."""
        values, hidden = y.unbind(1)  # (n, P) each
        return ((hidden * (output - values).square()).sum(1) / hidden.sum(1)).mean()

    def predict(self, output: Tensor) -> Tensor:
        """The reconstruction, (n, P)."""
        return output
