"""A part of a network may stay as it began, as all but the last layer in transfer learning (book fig 9.12 a)."""

from torch import nn

from refnets.faults import nearest


def freeze_all_but(model: nn.Module, part: str) -> None:
    """Leaves only the weights of `part` to be trained: "head", "stages.2". Raises ValueError when there is none."""
    network, part = getattr(model, "network", model), part.removeprefix("network.")  # of a Normalized one
    parts = sorted(name for name, module in network.named_modules() if name and list(module.parameters()))
    if part not in parts:
        name = type(network).__name__
        raise ValueError(f"train_only={part}: {name} has no such part{nearest(part, parts)} ({', '.join(parts)})")
    model.requires_grad_(False)
    network.get_submodule(part).requires_grad_(True)


def evaluate_frozen(model: nn.Module) -> None:
    """Sets what is frozen to evaluation. Otherwise its running statistics would still move."""
    for module in model.modules():
        if (own := list(module.parameters())) and not any(parameter.requires_grad for parameter in own):
            module.eval()
