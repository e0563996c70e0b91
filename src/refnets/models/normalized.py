"""A network that takes images as they are stored: normalizing them is its first layer, and is kept with its weights."""

import torch
from torch import Tensor, nn

from refnets.data.batches import channel_statistics


class Normalized(nn.Module):
    """`network` on images of numbers from 0 to 255, bytes or not: (n, channels, height, width) -> what it puts out.

    The network sees every channel with mean 0 and standard deviation 1 over the training images.
    """

    def __init__(self, network: nn.Module, channels: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("std", torch.ones(channels, 1, 1))

    def measure(self, images: Tensor) -> None:
        """Takes mean and standard deviation of each channel from `images`, the bytes to train on."""
        mean, std = channel_statistics(images)
        self.mean.copy_(mean[:, None, None])
        self.std.copy_(std[:, None, None].clamp(min=1))  # a channel that is the same everywhere becomes zero

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> the output of `network`."""
        return self.network((x - self.mean) / self.std)
