"""Activation functions by name (book eq 3.2 and the notes of chapter 3, fig 3.13)."""

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
