"""Transfer learning: a network begins with the weights of a trained one, and part of it may stay as it began.

Book section 9.3.6, fig 9.12 a: its last layer is replaced by one for the new task, and that alone is trained, or all.
"""

import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from refnets.config.build import build
from refnets.data.signature import Signature
from refnets.faults import nearest
from refnets.network import build_model
from refnets.runs import Run


def take_over(model: nn.Module, run: Run) -> None:
    """Gives `model` those weights of the finished `run` that have the name and the shape of its own.

    With them go the mean and the standard deviation that images are normalized by: those weights are for such inputs.
    """
    model.load_state_dict(model.state_dict() | shared(model, run.weights()))


def shared(model: nn.Module, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Those of `weights` that fit `model`. The last layer does not where another number of outputs is predicted."""
    own = model.state_dict()
    return {name: each for name, each in weights.items() if name in own and own[name].shape == each.shape}


def refuse_other_weights(model: nn.Module, start: DictConfig) -> None:
    """Raises ValueError when the weights that `start` will have do not fit `model`: before any is trained.

    Only the last layer may have another shape there, and some weight must fit.
    """
    run = Run(start.run)
    theirs = run.weights() if run.finished else _untrained(start.config)
    own, fitting = dict(model.named_parameters()), shared(model, theirs)
    *_, last = (name.rpartition(".")[0] for name in own)
    other = dict.fromkeys(name.rpartition(".")[0] for name in own if name in theirs and name not in fitting)
    wrong = [name for name in other if name != last]
    if wrong or not own.keys() & fitting.keys():
        nothing = "no weight there has the name and the shape of one here"
        found = f"other there is the shape of {', '.join(wrong)}" if wrong else nothing
        raise ValueError(f"start: {found}; only the last layer may differ, so give both the same model and values")


def _untrained(cfg: DictConfig) -> dict[str, Tensor]:
    data, loss = build("data", cfg.data), build("loss", cfg.loss)
    with torch.random.fork_rng(devices=[]):
        return build_model(cfg.model, Signature.of(data), loss.num_outputs(data.target)).state_dict()


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
