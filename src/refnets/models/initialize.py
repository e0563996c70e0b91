"""How weights begin (book section 7.5)."""

from functools import partial
from math import prod
from typing import Literal

from torch import nn

Init = Literal["default", "he_uniform", "he_normal", "he_fan_out"]
TRANSPOSED = nn.ConvTranspose2d
CONVOLUTIONS = nn.Conv1d, nn.Conv2d, TRANSPOSED


def initialize(network: nn.Module, init: Init) -> None:
    """Sets all weights and biases of the linear and convolutional layers of `network`.

    default     PyTorch's own: uniform of variance 1 / (3 fan_in), biases likewise (figs 8.2, 8.10 and 10.8)
    he_uniform  uniform of variance 2 / fan_in, biases zero (the book's notebooks)
    he_normal   normal of variance 2 / fan_in, biases zero (He et al. 2015, book eq 7.32)
    he_fan_out  convolutions normal of variance 2 / fan_out, biases zero, which keeps the variance of the gradients
                (He et al. 2015, book eq 7.33; residual networks); linear layers as in default
    """
    if init == "default":
        return
    draw, layers = {
        "he_uniform": (nn.init.kaiming_uniform_, (nn.Linear, *CONVOLUTIONS)),
        "he_normal": (nn.init.kaiming_normal_, (nn.Linear, *CONVOLUTIONS)),
        "he_fan_out": (partial(nn.init.kaiming_normal_, mode="fan_out"), CONVOLUTIONS),
    }[init]
    for layer in network.modules():
        if isinstance(layer, layers):
            transposed = isinstance(layer, TRANSPOSED)  # its weights are (inputs, outputs, ...)
            draw(layer.weight.transpose(0, 1) if transposed else layer.weight, nonlinearity="relu")
            if transposed and init != "he_fan_out":
                layer.weight.data *= prod(layer.stride) ** 0.5  # an output meets one weight in so many: its fan_in
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
