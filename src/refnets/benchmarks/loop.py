"""How fast training is: the network of fig 8.2 through this project, and written as a plain PyTorch loop."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from omegaconf import DictConfig
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from refnets.config.check import build
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
    taken: dict[str, list[float]] = {"plain loop": [], "plain loop, DataLoader": [], "refnets": []}
    with own_random_numbers(seed=0, threads=1):
        for _ in range(1 + rounds):
            taken["plain loop"].append(_plain(cfg, splits, _sliced(splits["train"])))
            taken["plain loop, DataLoader"].append(_plain(cfg, splits, _endless(loader)))
            taken["refnets"].append(_refnets())
    return {way: [seconds / STEPS * 1e6 for seconds in times[1:]] for way, times in taken.items()}  # the first warms up


def _refnets() -> float:
    recipe = ["experiment=mnist1d_mlp", f"steps={STEPS}", f"eval_every={EVAL_EVERY}", "logger=none"]
    with tempfile.TemporaryDirectory() as folder:
        ((cfg, _),) = jobs(recipe)
        return train(cfg, Path(folder)).result["seconds"]


def stacked(ways: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[float]]:
    """Seconds to train seeds of it together, on all threads, by the overrides of each way in turn, `rounds` times."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(1 + rounds):
        for way, overrides in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                planned = list(jobs(["experiment=mnist1d_mlp", "logger=none", f"outputs={folder}", *overrides]))
                taken[way].append(sum(run.result["seconds"] for run in train_all(planned)))
    return {way: times[1:] for way, times in taken.items()}  # the first warms up


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


def start_up(command: list[str]) -> float:
    """Seconds from typing `python command` to its end, the second of two times."""
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            outputs = [f"outputs={folder}"] if "trainer=smoke" in command else []
            started = time.perf_counter()
            subprocess.run([sys.executable, *command, *outputs], check=True, capture_output=True)
            seconds = time.perf_counter() - started
    return seconds
