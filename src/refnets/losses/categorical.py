"""Cross-entropy: the negative log-likelihood of a categorical distribution (book section 5.5, table 5.11 row 9)."""

from typing import Annotated

import torch.nn.functional as F
from annotated_types import Ge, Lt
from torch import Tensor, nn
from torch.distributions import Categorical as CategoricalDistribution
from torch.distributions import Distribution

from refnets.data.target import Classes, WrongTargetError


class Categorical(nn.Module):
    """For K classes the network predicts K logits, (n, K); the targets are classes 0 to K-1, (n,).

    In training, `label_smoothing` is the share of every label that is spread evenly over all classes, as if that many
    were drawn again at random (book section 9.3.4; Szegedy et al. 2016). In eval mode nothing is smoothed, so that what
    is measured does not depend on it.
    """

    def __init__(self, label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing

    def num_outputs(self, target: object) -> int:
        """K. Raises ValueError when the targets are not classes."""
        if not isinstance(target, Classes):
            raise WrongTargetError(f"loss=categorical needs targets that are classes, the data has {target}")
        return len(target.names)

    def check(self, y: Tensor) -> None:
        """Raises ValueError when a target is not the number of a class."""
        if y.is_floating_point() or y.min() < 0:
            raise ValueError(f"loss=categorical is for targets that are integers from 0 on, the data has {y.min()}")

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        """Mean over the examples of -log softmax(logits)[y] (book eq 5.24), in nats."""
        return F.cross_entropy(logits, y, label_smoothing=self.label_smoothing if self.training else 0.0)

    def nll(self, logits: Tensor, y: Tensor) -> Tensor:
        """-log softmax(logits)[y] of each example, in nats: (..., K) and (...) -> (...)."""
        return -self.distribution(logits).log_prob(y)

    def canonical(self, logits: Tensor) -> Tensor:
        """Logits that sum to 0: adding a constant to all of them changes nothing."""
        return logits - logits.mean(-1, keepdim=True)

    def sample(self, logits: Tensor) -> Tensor:
        """One class for each vector of logits, (...)."""
        return self.distribution(logits).sample()

    def predict(self, logits: Tensor) -> Tensor:
        """The most probable class, (...) (book eq 5.5)."""
        return logits.argmax(-1)

    def distribution(self, logits: Tensor) -> Distribution:
        """The distribution over classes that the network predicts, of batch shape (n,)."""
        return CategoricalDistribution(logits=logits)
