"""Transfer learning: a network begins with the weights of another one, but for its last layer (book section 9.3.6)."""

import sys
from collections.abc import Collection

import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from refnets.config.build import build
from refnets.data.signature import Signature
from refnets.network import build_model
from refnets.runs import Run


def take_over(model: nn.Module, run: Run) -> None:
    """Gives `model` those weights of the finished `run` that have the name and the shape of its own.

    With them go the mean and the standard deviation that images are normalized by: those weights are for such inputs.
    Where other layers than the last differ, as the way up of a U-Net that starts from a classifier, stderr is told.
    """
    own, theirs = model.state_dict(), run.weights()
    fitting = shared(model, theirs)
    model.load_state_dict(own | fitting)
    for names, what in ((own, "begin anew"), (theirs, f"only {run.path} has, and are not used")):
        if layers := [layer for layer in _layers(names.keys() - fitting.keys()) if layer != _last(model)]:
            print(f"start: layers that {what}: {len(layers)}, as {layers[0]}", file=sys.stderr)


def shared(model: nn.Module, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The `weights` that fit `model`. The last layer does not where another number of outputs is predicted."""
    own = model.state_dict()
    return {name: each for name, each in weights.items() if name in own and own[name].shape == each.shape}


def refuse_other_weights(model: nn.Module, start: DictConfig) -> None:
    """Raises ValueError when the weights that `start` will have do not fit `model`: before any is trained.

    Only the last layer may have another shape there, and some weight must fit.
    """
    run = Run(start.run)
    theirs = run.weights() if run.finished else _untrained(start.config)
    own, fitting = dict(model.named_parameters()), shared(model, theirs)
    other = _layers((own.keys() & theirs.keys()) - fitting.keys())
    wrong = [layer for layer in other if layer != _last(model)]
    if wrong or not own.keys() & fitting.keys():
        nothing = "no weight there has the name and the shape of one here"
        found = f"other there is the shape of {', '.join(wrong)}" if wrong else nothing
        raise ValueError(f"start: {found}; only the last layer may differ, so give both the same model and values")


def _layers(names: Collection[str]) -> list[str]:
    """The layers to which these weights belong."""
    return sorted({name.rpartition(".")[0] for name in names})


def _last(model: nn.Module) -> str:
    *_, (name, _) = model.named_parameters()
    return name.rpartition(".")[0]


def _untrained(cfg: DictConfig) -> dict[str, Tensor]:
    data, loss = build("data", cfg.data), build("loss", cfg.loss)
    with torch.random.fork_rng(devices=[]):
        return build_model(cfg.model, Signature.of(data), loss.num_outputs(data.target)).state_dict()
