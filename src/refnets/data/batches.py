"""Splits that fit in memory, and the order in which their examples are trained on."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Split(NamedTuple):
    """The examples of a split: inputs x of shape (n, *input_shape) and one target each, y of shape (n, ...)."""

    x: Tensor
    y: Tensor

    def to(self, device: torch.device) -> "Split":
        """The same split on `device`."""
        return Split(self.x.to(device), self.y.to(device))


GATHERED_AT_ONCE = 2**24  # numbers: an epoch of signals, a part of one of images; bounds the memory
Batch = tuple[Tensor, Tensor]
Augment = Callable[[Tensor, Tensor, torch.Generator], Batch]  # a batch -> what is trained on instead


def minibatches(
    split: Split, batch_size: int | None, steps: range, seed: int, augment: Augment | None = None
) -> Iterator[Batch]:
    """The batches of training steps `steps`: every example once an epoch, in an order drawn anew for each epoch.

    Step t of a seed is the same batch however training is cut into pieces, so a resumed run goes on as if nothing had
    happened. One gather of many batches and views into it are cheaper than one gather a batch. The last batch of an
    epoch is smaller when `batch_size` does not divide the number of examples; None is the whole split (gradient
    descent). `augment` changes each batch on its device, by random numbers that belong to the step.
    """
    batches = _sliced(split, batch_size, steps, seed)
    if augment is None:
        yield from batches
        return
    generator = torch.Generator(split.x.device)
    for step, (x, y) in zip(steps, batches, strict=True):
        yield augment(x, y, generator.manual_seed(mixed(seed, step, 1)))


def hold_out(split: Split, fraction: float, seed: int) -> tuple[Split, Split]:
    """The split without `fraction` of its examples, and those, the validation split.

    Raises ValueError when one of the two is empty.
    """
    kept, held = held_out(len(split.x), fraction, seed, "validation")
    return Split(split.x[kept], split.y[kept]), Split(split.x[held], split.y[held])


def held_out(n: int, fraction: float, seed: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of those of n training examples that are kept, and of those that are held out; see `hold_out`."""
    kept = n - round(fraction * n)
    if not 0 < kept < n:
        raise ValueError(f"data.{name}={fraction} of {n} training examples leaves a split without examples")
    order = np.random.default_rng((seed, 1)).permutation(n)  # another one than that of the noisy labels
    return order[:kept], order[kept:]


def first_per_class(split: Split, count: int | None, option: str) -> Split:
    """The first `count` examples of each class, in their order; None is all. ValueError when a class has fewer."""
    if count is None:
        return split
    members = torch.nn.functional.one_hot(split.y)  # (n, classes)
    if count > (fewest := members.sum(0).min().item()):
        raise ValueError(f"{option}={count}: there are only {fewest} of a class")
    number_in_class = members.cumsum(0).gather(1, split.y[:, None])[:, 0]  # (n,), from 1
    return Split(split.x[number_in_class <= count], split.y[number_in_class <= count])


def _sliced(split: Split, batch_size: int | None, steps: range, seed: int) -> Iterator[Batch]:
    n = len(split.x)
    if batch_size is None:
        yield from (split for _ in steps)
        return
    per_epoch = -(-n // batch_size)
    gathered = max(1, GATHERED_AT_ONCE // (batch_size * split.x[0].numel())) * batch_size  # whole batches
    for epoch in range(steps.start // per_epoch, -(-steps.stop // per_epoch)) if steps else ():
        first = max(steps.start - epoch * per_epoch, 0) * batch_size
        last = min(steps.stop - epoch * per_epoch, per_epoch) * batch_size
        order = _permutation(n, seed, epoch)[first:last].to(split.x.device)
        for chosen in order.split(gathered):
            x, y = split.x.index_select(0, chosen), split.y.index_select(0, chosen)  # 4 times as fast as x[chosen]
            yield from zip(x.split(batch_size), y.split(batch_size), strict=True)


def _permutation(n: int, seed: int, epoch: int) -> Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(mixed(seed, epoch)))


def mixed(*numbers: int) -> int:
    """One seed made of several, such that near ones give unrelated random numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def channel_statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (of all, not of a sample) of each channel of bytes (n, channels, height, width).

    Exact, from how often each of the 256 values occurs: no copy of the images as numbers is made.
    """
    counts = torch.stack([channel.flatten().bincount(minlength=256) for channel in images.unbind(1)])  # (channels, 256)
    shares, values = counts.double() / counts[0].sum(), torch.arange(256, dtype=torch.float64)
    mean = shares @ values
    return mean, (shares @ values.square() - mean.square()).sqrt()
