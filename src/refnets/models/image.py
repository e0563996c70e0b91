"""What networks for images ask of their inputs."""

from collections.abc import Sequence


def image_channels(model: str, input_shape: Sequence[int], smallest: int = 1) -> int:
    """The channels of images of shape (channels, height, width).

    Raises ValueError, in the name of `model`, for other inputs and for images of fewer than `smallest` pixels a side.
    """
    if len(input_shape) != 3:
        raise ValueError(
            f"model={model} takes images of shape (channels, height, width), the data has {tuple(input_shape)}"
        )
    channels, height, width = input_shape
    if min(height, width) < smallest:
        raise ValueError(
            f"model={model} needs images of at least {smallest} x {smallest}, the data has {height} x {width}"
        )
    return channels
