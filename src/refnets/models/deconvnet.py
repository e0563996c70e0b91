"""The deconvolution network for segmentation (Noh et al. 2015, arXiv:1505.04366; book section 10.5.3, fig 10.19)."""

from collections.abc import Sequence

from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize

WIDTHS = 1, 2, 4, 8, 8  # channels of the five stages, times `width`
CONVOLUTIONS = 2, 2, 3, 3, 3  # in each: those of VGG-16


class DeconvNet(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs, height, width): one vector per pixel.

    The encoder is that of VGG-16: 13 convolutions, and pooling that halves the image after each of five stages. What is
    left (7x7 of 224x224) is one kernel, to a map of 1x1 with `bottleneck` channels, and back again by a transposed
    convolution. The decoder is the encoder's mirror image: unpooling puts every value where the maximum was that the
    stage pooled, and transposed convolutions fill in what is between. Sides must be multiples of 32.

    With width 64, bottleneck 4096 and 21 classes: 251,805,653 parameters. 14,723,136 of them are in the encoder,
    222,324,224 in the bottleneck (7x7, 1x1 and 7x7 back), 14,756,928 in the decoder, each with biases and batch
    normalization after every layer, and 1,365 in the 1x1 convolution at the end.

    Batch normalization of a 1x1 map needs two examples: when training, no batch may hold one image only, not even the
    last of an epoch, which is smaller where `data.batch_size` does not divide the number of images.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        width: PositiveInt,
        bottleneck: PositiveInt,
        init: Init,
    ) -> None:
        super().__init__()
        fan_in = image_channels("deconvnet", input_shape, multiple=2 ** len(WIDTHS))
        self.pool, self.unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        for factor, convolutions in zip(WIDTHS, CONVOLUTIONS, strict=True):
            features = factor * width
            down = [fan_in] + [features] * convolutions  # channels before, between and after the convolutions
            up = [features] * convolutions + [fan_in if self.encoder else features]
            self.encoder.append(_layers(nn.Conv2d, down))
            self.decoder.insert(0, _layers(nn.ConvTranspose2d, up))
            fan_in = features
        kernel = [side // 2 ** len(WIDTHS) for side in input_shape[1:]]
        self.bottleneck = nn.Sequential(
            *normalized(nn.Conv2d(features, bottleneck, kernel)),
            *normalized(nn.Conv2d(bottleneck, bottleneck, 1)),
            *normalized(nn.ConvTranspose2d(bottleneck, features, kernel)),
        )
        self.head = nn.Conv2d(width, num_outputs, 1)
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs, height, width)."""
        places = []  # of the maximum in every square of 2x2 that was pooled
        for stage in self.encoder:
            x, place = self.pool(stage(x))  # 112, 56, 28, 14, 7 pixels a side, of 224
            places.append(place)
        x = self.bottleneck(x)  # 1x1 inside; (n, 8 width, height / 32, width / 32) again
        for stage in self.decoder:
            x = stage(self.unpool(x, places.pop()))  # 14, 28, 56, 112, 224
        return self.head(x)


def _layers(convolution: type[nn.Module], channels: Sequence[int]) -> nn.Sequential:
    """3x3 convolutions, transposed or not, between maps of so many channels."""
    pairs = zip(channels, channels[1:], strict=False)
    return nn.Sequential(*(layer for pair in pairs for layer in normalized(convolution(*pair, 3, padding=1))))


def normalized(convolution: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    """The convolution, batch normalization and ReLU."""
    return [convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU()]
