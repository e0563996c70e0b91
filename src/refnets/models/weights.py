"""Weights that the same architecture has elsewhere under other names, as in torchvision."""

from collections.abc import Mapping

from torch import Tensor, nn


def load_in_order(model: nn.Module, state_dict: Mapping[str, Tensor]) -> None:
    """Loads tensors by their order instead of their names.

    For example `load_in_order(model, torchvision.models.resnet50(weights="DEFAULT").state_dict())`. The order is that
    in which the layers were made, from the input to the output, which implementations of one paper share where names
    differ. Every tensor must have the shape of its place and the last part of its name (weight, bias, running_mean).
    Batch normalization's count of batches is passed over: older files lack it, and nothing depends on it. Raises
    ValueError, before anything is loaded, with the first place that does not fit.
    """
    ours, theirs = _places(model.state_dict()), _places(state_dict)
    for (name, tensor), (other, given) in zip(ours.items(), theirs.items(), strict=False):
        if tensor.shape != given.shape or _kind(name) != _kind(other):
            shapes = f"{tuple(tensor.shape)}, but {other!r} has {tuple(given.shape)}"
            raise ValueError(f"{name!r} is {shapes}: other architectures, or tensors sorted by name")
    if len(ours) != len(theirs):
        raise ValueError(f"the model has {len(ours)} tensors, the state dict {len(theirs)}: other architectures")
    model.load_state_dict(dict(zip(ours, theirs.values(), strict=True)), strict=False)


def _places(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in state_dict.items() if _kind(name) != "num_batches_tracked"}


def _kind(name: str) -> str:
    return name.rpartition(".")[2]
