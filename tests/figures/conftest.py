"""Runs of which everything is known."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from omegaconf import OmegaConf
from torch import Tensor, nn

from refnets.data.batches import Split
from refnets.losses.categorical import Categorical
from refnets.runs import Run


@pytest.fixture
def known_run() -> Callable[..., Run]:
    """known_run([[2, 0]], [1], final={...}): a run whose network puts out these logits for its test data."""

    def make(
        logits: list[list[float]] = ((0.0, 0.0),),
        y: list[int] = (0,),
        final: dict | None = None,
        history: dict | None = None,
        config: dict | None = None,
        model: nn.Module | None = None,
    ) -> Run:
        data = SimpleNamespace(splits={"test": Split(torch.tensor(logits), torch.tensor(y))}, seed=0)
        network = model or Remembered(torch.tensor(logits))
        parts = {"data": lambda: data, "model": lambda: network, "loss": lambda: Categorical().eval()}
        known = {"result": {"final": final}, "history": history, "config": OmegaConf.create(config or {})}
        return SimpleNamespace(**parts, **known)

    return make


class Remembered(nn.Module):
    """A network that puts out the same whatever the inputs."""

    def __init__(self, output: Tensor) -> None:
        super().__init__()
        self.output = output

    def forward(self, x: Tensor) -> Tensor:
        """What is remembered."""
        return self.output
