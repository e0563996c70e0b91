"""Several values that are independent given the input: their log-likelihoods add (book section 5.6)."""

from torch import Tensor, nn

from refnets.data.target import Values, WrongTargetError
from refnets.losses.likelihood import Likelihood


class Independent(nn.Module):
    """K values, each with a distribution `of` its own: outputs (..., K P), targets (..., K).

    Raises ValueError when `of` is no distribution of one number.
    """

    def __init__(self, of: Likelihood) -> None:
        super().__init__()
        if not isinstance(getattr(of, "outputs", None), int):
            raise ValueError(
                f"loss.of: {type(of).__name__} is no distribution of one number; type loss@loss.of=laplace"
            )
        self.of = of

    def num_outputs(self, target: object) -> int:
        """K P. Raises ValueError when the targets are not several numbers each."""
        if not isinstance(target, Values) or target.size == 1:  # single ones have another shape, (n,)
            raise WrongTargetError(f"loss=independent needs targets of several numbers each, the data has {target}")
        return target.size * self.of.outputs

    def nll(self, output: Tensor, y: Tensor) -> Tensor:
        """-log p(y), summed over the K values, (...)."""
        return self.of.nll(self._split(output), y).sum(-1)

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        """The mean over the examples of -log p(y), in nats."""
        return self.nll(output, y).mean()

    def predict(self, output: Tensor) -> Tensor:
        """The point estimate of each value, (..., K)."""
        return self.of.predict(self._split(output))

    def sample(self, output: Tensor) -> Tensor:
        """One value drawn for each predicted distribution, (..., K)."""
        return self.of.sample(self._split(output))

    def check(self, y: Tensor) -> None:
        """Raises ValueError with the first value outside the support."""
        self.of.check(y)

    def _split(self, output: Tensor) -> Tensor:
        return output.unflatten(-1, (-1, self.of.outputs))  # (..., K, P)
