"""How weights begin (book section 7.5)."""

from typing import Literal

from torch import nn

Init = Literal["default", "he_uniform", "he_normal"]


def initialize(network: nn.Module, init: Init) -> None:
    """Sets all weights and biases of the linear and convolutional layers of `network`.

    default     PyTorch's own: uniform of variance 1 / (3 fan_in), biases likewise (figs 8.2, 8.10 and 10.8)
    he_uniform  uniform of variance 2 / fan_in, biases zero (the book's notebooks)
    he_normal   normal of variance 2 / fan_in, biases zero (He et al. 2015, book eq 7.32)
    """
    if init == "default":
        return
    draw = {"he_uniform": nn.init.kaiming_uniform_, "he_normal": nn.init.kaiming_normal_}[init]
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d):
            draw(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
