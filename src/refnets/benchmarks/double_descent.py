"""How long the figure of double descent takes: through this project, and by the loop of notebook 8_3."""

import tempfile
import time
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from omegaconf import DictConfig
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from refnets.benchmarks.rounds import in_turn
from refnets.config.build import build
from refnets.config.jobs import Job, jobs
from refnets.data.batches import Split
from refnets.train_all import train_all


def compare(widths: Sequence[int], epochs: int, rounds: int) -> dict[str, list[float]]:
    """Seconds to train the networks of these widths for so many of the 1000 epochs, both ways, `rounds` times in turn.

    Both use as many threads as they like, and evaluate as they do: the notebook after every epoch, the figure twice.
    """
    cfg, _ = _recipe(widths, epochs, "outputs")[0]
    splits = build("data", cfg.data).splits
    ways = {
        "notebook": lambda: sum(_notebook(cfg, width, splits, epochs) for width in widths),
        "refnets": lambda: _refnets(widths, epochs),
    }
    return in_turn(ways, rounds)


def fit(model: nn.Module, train: Split, test: Split, epochs: int) -> list[tuple[float, float]]:
    """Trains `model` as notebook 8_3 does; the errors on the training and the test data in % after every epoch."""
    batches = DataLoader(TensorDataset(*train), batch_size=100, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    errors = []
    for _ in range(epochs):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        errors.append((_evaluate(model, *train), _evaluate(model, *test)))
    return errors


def _evaluate(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """With a graph for gradients that nobody asks for, as in the notebook."""
    output = model(x)
    F.cross_entropy(output, y).item()
    return 100 * (output.argmax(1) != y).double().mean().item()


def _notebook(cfg: DictConfig, width: int, splits: dict[str, Split], epochs: int) -> float:
    model = build("model", {**cfg.model, "width": width}, splits["train"].x.shape[1:], 10)
    started = time.perf_counter()
    fit(model, splits["train"], splits["test"], epochs)
    return time.perf_counter() - started


def _refnets(widths: Sequence[int], epochs: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return sum(run.result["seconds"] for run in train_all(_recipe(widths, epochs, folder)))


def _recipe(widths: Sequence[int], epochs: int, outputs: str) -> list[Job]:
    """Of the figure of notebook 8_3, but for the number of epochs: of 4000 examples in batches of 100."""
    swept = ",".join(map(str, widths))
    recipe = ["experiment=double_descent", f"model.width={swept}", f"steps={40 * epochs}", "logger=none"]
    return list(jobs([*recipe, f"outputs={outputs}"]))
