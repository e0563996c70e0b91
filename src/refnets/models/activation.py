"""Activation functions by name (book sections 3.1.1 and 3.6)."""

from typing import Literal

from torch import nn

Activation = Literal["relu", "leaky_relu", "gelu", "sigmoid", "tanh"]
ACTIVATIONS: dict[Activation, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
