"""MNIST-1D: noisy signals in ten classes (Greydanus & Kobak 2024, arXiv:2011.14439; book section 8.1)."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import numpy as np
import torch
from annotated_types import Ge, Gt, Le, Lt, MultipleOf
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt

from refnets.data.batches import Split, hold_out
from refnets.data.data import Data
from refnets.data.mnist1d_generator import generate
from refnets.data.target import Classes
from refnets.memory import refuse_larger

if TYPE_CHECKING:
    from torchmetrics import Metric

OURS = ("label_noise", "validation", "augmented", "batch_size")  # the arguments that are not the generator's
SCALES = 0.8, 1.2  # of augmented examples, notebook 9_5


@dataclass(kw_only=True)
class MNIST1D(Data):
    """The data set: inputs of shape (1, final_seq_length), that is one channel, and digits 0 to 9 as targets.

    `seed` decides what the data is, and only that. `label_noise` is the fraction of the training labels that are drawn
    again uniformly from all ten classes, so nine tenths of it really change. `validation` is the fraction of the
    training examples held out to choose among networks; `augmented` says how many distorted copies of the others are
    trained on besides (notebook 9_5). The other arguments are those of the `mnist1d` package, whose defaults (seed 42)
    give the frozen data set that its authors publish.
    """

    num_samples: Annotated[int, Gt(0), MultipleOf(10)]
    train_split: Annotated[float, Gt(0), Lt(1)]
    template_len: PositiveInt
    padding: tuple[NonNegativeInt, NonNegativeInt]
    scale_coeff: float
    max_translation: PositiveInt
    corr_noise_scale: NonNegativeFloat
    iid_noise_scale: NonNegativeFloat
    shear_scale: float
    shuffle_seq: bool
    final_seq_length: PositiveInt
    seed: NonNegativeInt
    label_noise: Annotated[float, Ge(0), Le(1)]
    validation: Annotated[float, Ge(0), Lt(1)]
    augmented: NonNegativeInt
    batch_size: PositiveInt | None

    target = Classes(tuple("0123456789"))

    @property
    def input_shape(self) -> tuple[int, int]:
        """(channels, positions)."""
        return 1, self.final_seq_length

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train, validation (if any is held out) and test.

        Inputs are standardized jointly, as published: mean 0 and standard deviation 1 over all splits.
        """
        generator = {key: value for key, value in asdict(self).items() if key not in OURS}
        if not 1 <= int(self.num_samples * self.train_split) < self.num_samples:
            raise ValueError(
                f"data.train_split={self.train_split} of {self.num_samples} leaves a split without examples"
            )
        positions = self.template_len + sum(self.padding) + self.final_seq_length
        refuse_larger(
            f"data.num_samples={self.num_samples}, data.augmented={self.augmented}: the signals",
            8 * positions * (self.num_samples + self.augmented),
        )
        made = generate(**generator | {"padding": tuple(self.padding)})
        train = _split(made["x"], _resample(made["y"], self.label_noise, self.seed))
        splits = {"train": train}
        if self.validation:
            splits["train"], splits["validation"] = hold_out(train, self.validation, self.seed)
        splits["train"] = with_copies(splits["train"], self.augmented, self.seed)
        return splits | {"test": _split(made["x_test"], made["y_test"])}

    def metrics(self) -> dict[str, "Metric"]:
        """The error rate in percent."""
        from refnets.metrics import ErrorRate  # torchmetrics takes seconds to import

        return {"error": ErrorRate()}


def with_copies(split: Split, copies: int, seed: int) -> Split:
    """The split and `copies` of its examples, drawn at random, each turned around its circle of positions and scaled.

    The generator shifts its signals around the same circle, and scales them, so a copy is still of its class.
    """
    rng = np.random.default_rng((seed, 2))
    n, _, positions = split.x.shape
    chosen = rng.integers(n, size=copies)
    offsets = rng.integers(positions, size=(copies, 1))
    scales = torch.tensor(rng.uniform(*SCALES, size=(copies, 1, 1)), dtype=split.x.dtype)
    turned = torch.tensor((np.arange(positions) - offsets) % positions).unsqueeze(1)  # (copies, 1, positions)
    x = split.x[chosen].gather(2, turned) * scales  # (copies, 1, positions)
    return Split(torch.cat([split.x, x]), torch.cat([split.y, split.y[chosen]]))


def _split(x: np.ndarray, y: np.ndarray) -> Split:
    return Split(torch.tensor(x, dtype=torch.float32).unsqueeze(1), torch.tensor(y))  # x: (n, 1, positions)


def _resample(y: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(y))[: round(fraction * len(y))]
    y = y.copy()
    y[chosen] = rng.integers(10, size=len(chosen))
    return y
