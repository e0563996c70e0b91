"""What trained networks say of the test data, and what was measured of them."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from refnets.runs import Run
from refnets.verdict import Number


def logits_of(runs: list[Run]) -> tuple[Tensor, Tensor]:
    """What each network puts out for the test data they have in common, (runs, n, K), and the true classes, (n,)."""
    x, y = runs[0].data().splits["test"]
    with torch.no_grad():
        return torch.stack([run.model()(x) for run in runs]), y


def error(classes: Tensor, y: Tensor) -> Tensor:
    """The percentage of predicted classes (..., n) that are not y, (...)."""
    return 100 * (classes != y).double().mean(-1)


def by_width(runs: list[Run]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The widths in their order, and of each split the last error in percent, (widths, seeds)."""
    widths = sorted({run.config.model.width for run in runs})
    groups = [[run for run in runs if run.config.model.width == width] for width in widths]
    errors = {
        split: np.array([[run.history[f"{split}_error"][-1] for run in group] for group in groups])
        for split in ("train", "test")
    }
    return np.array(widths), errors


def measure(runs: Sequence[Run]) -> dict[str, Number]:
    """What was measured of the network that was kept, on the test split; minutes of training, and parameters."""
    final = [run.result["final"] for run in runs]
    columns = [key for key in final[0] if key.startswith("test_") and key != "test_loss"]
    numbers = {key: Number([row[key] for row in final]) for key in columns}
    numbers["minutes"] = Number([run.result["seconds"] / 60 for run in runs], "min")
    return numbers | {"parameters": Number([run.result["parameters"] for run in runs])}
