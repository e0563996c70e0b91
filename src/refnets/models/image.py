"""What networks for images ask of their inputs, and of the networks they build on."""

from collections.abc import Callable, Sequence

from torch import nn

SCALED = "; images of your own are scaled by data.size"


def image_channels(model: str, input_shape: Sequence[int], smallest: int = 1, multiple: int = 1) -> int:
    """The channels of images of shape (channels, height, width).

    Raises ValueError, in the name of `model`, for other inputs, for images of fewer than `smallest` pixels a side, and
    for those with a side that is no multiple of `multiple`.
    """
    if len(input_shape) != 3:
        raise ValueError(
            f"model={model} takes images of shape (channels, height, width), the data has {tuple(input_shape)}"
        )
    channels, height, width = input_shape
    if min(height, width) < smallest:
        raise ValueError(
            f"model={model} needs images of at least {smallest} x {smallest}, the data has {height} x {width}{SCALED}"
        )
    if height % multiple or width % multiple:
        raise ValueError(
            f"model={model} needs images whose sides are multiples of {multiple}, the data has {height} x {width}"
            f"{SCALED}"
        )
    return channels


def without_head(
    argument: str, make: Callable[..., nn.Module], input_shape: Sequence[int], num_outputs: int
) -> tuple[nn.Sequential, list[int], list[int]]:
    """The stages of the network that the model's `argument` makes, their channels and their strides.

    Raises ValueError, in the name of that argument, when it cannot be made, or is not built of stages.
    """
    try:
        network = make(input_shape, num_outputs)
    except ValueError as error:  # which speaks of a model of its own
        raise ValueError(str(error).replace("model.", f"model.{argument}.")) from error
    if not hasattr(network, "strides"):
        name = type(network).__name__
        raise ValueError(f"model.{argument}: {name} has no stages for images; try model@model.{argument}=resnet_cifar")
    return network.stages, list(network.channels), list(network.strides)
