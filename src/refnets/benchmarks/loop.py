"""How fast training is: the network of fig 8.2 through this project, and written as a plain PyTorch loop."""

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from omegaconf import DictConfig
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from refnets.benchmarks.rounds import in_turn
from refnets.config.build import build
from refnets.config.jobs import jobs
from refnets.data.batches import Split
from refnets.train import own_random_numbers, train
from refnets.train_all import train_all

STEPS, EVAL_EVERY, BATCH_SIZE = 3000, 100, 100
Batches = Iterable[tuple[Tensor, Tensor]]


def compare(rounds: int) -> dict[str, list[float]]:
    """Microseconds per step, evaluations included, of three ways to train the same network, `rounds` times in turn."""
    ((cfg, _),) = jobs(["experiment=mnist1d_mlp"])
    splits = build("data", cfg.data).splits
    loader = DataLoader(TensorDataset(*splits["train"]), BATCH_SIZE, shuffle=True)
    ways = {
        "plain loop": lambda: _plain(cfg, splits, _sliced(splits["train"])),
        "plain loop, DataLoader": lambda: _plain(cfg, splits, _endless(loader)),
        "refnets": _refnets,
    }
    with own_random_numbers(seed=0, threads=1):
        taken = in_turn(ways, rounds)
    return {way: [seconds / STEPS * 1e6 for seconds in times] for way, times in taken.items()}


def _refnets() -> float:
    recipe = ["experiment=mnist1d_mlp", f"steps={STEPS}", f"eval_every={EVAL_EVERY}", "logger=none"]
    with tempfile.TemporaryDirectory() as folder:
        ((cfg, _),) = jobs(recipe)
        return train(cfg, Path(folder)).result["seconds"]


def stacked(ways: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[float]]:
    """Seconds to train seeds of it together, on all threads, by the overrides of each way in turn, `rounds` times."""
    return in_turn({way: partial(_together, overrides) for way, overrides in ways.items()}, rounds)


def _together(overrides: Sequence[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        planned = list(jobs(["experiment=mnist1d_mlp", "logger=none", f"outputs={folder}", *overrides]))
        return sum(run.result["seconds"] for run in train_all(planned))


def _plain(cfg: DictConfig, splits: dict[str, Split], batches: Batches) -> float:
    model = build("model", cfg.model, (1, 40), 10)
    started = time.perf_counter()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step, (x, y) in zip(range(STEPS), batches, strict=False):
        if step % EVAL_EVERY == 0:
            _evaluate(model, splits)
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    _evaluate(model, splits)
    return time.perf_counter() - started


def _evaluate(model: nn.Module, splits: dict[str, Split]) -> list[tuple[float, float]]:
    with torch.no_grad():
        outputs = [(model(split.x), split.y) for split in splits.values()]
        return [(F.cross_entropy(o, y).item(), (o.argmax(1) != y).double().mean().item()) for o, y in outputs]


def _sliced(split: Split) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        for chosen in torch.randperm(len(split.x)).split(BATCH_SIZE):
            yield split.x[chosen], split.y[chosen]


def _endless(loader: DataLoader) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield from loader
