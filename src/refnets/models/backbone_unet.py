"""A U-Net whose way down is a classification network (book section 11.5.3; Ronneberger et al. 2015)."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels, without_head
from refnets.models.initialize import Init, initialize
from refnets.models.unet import convolutions


class BackboneUNet(nn.Module):
    """Images (n, channels, height, width) of any size that `encoder` takes -> outputs (n, num_outputs, height, width).

    Down: the stages of the network that `encoder` makes, whose head is dropped. Up: for each stage but the deepest, the
    map is enlarged to the size of what the stage gives, which comes beside it, and two 3x3 convolutions make as many
    channels of them as the stage has, at most `width`. Maps count as maps of the whole image, also those of cnn2d,
    whose convolutions leave out the border. What the head makes of the last map is enlarged to the image.
    `init` is for the way up. `stages` have the names they have in the classifier: training can start from its weights.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        encoder: Callable[..., nn.Module],
        width: PositiveInt,
        init: Init,
    ) -> None:
        super().__init__()
        image_channels("backbone_unet", input_shape)
        self.stages, self.channels, self.strides = without_head("encoder", encoder, input_shape, num_outputs)
        self.decoder, features = nn.ModuleList(), self.channels[-1]
        for skip in reversed(self.channels[:-1]):
            fan_in, features = features + skip, min(skip, width)
            self.decoder.append(nn.Sequential(*convolutions(fan_in, features, padding=True, batch_norm=True)))
        self.head = nn.Conv2d(features, num_outputs, 1)
        initialize(self.decoder, init)
        initialize(self.head, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs, height, width)."""
        size, skips = x.shape[-2:], []
        for stage in self.stages:
            x = stage(x)  # (n, channels, height / stride, width / stride) of this stage
            skips.append(x)
        x = skips.pop()
        for merge in self.decoder:
            skip = skips.pop()
            x = merge(torch.cat([skip, _resize(x, skip.shape[-2:])], 1))  # as large as the skip
        return _resize(self.head(x), size)


def _resize(x: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(x, size, mode="bilinear")
