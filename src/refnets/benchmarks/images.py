"""How fast a network for images is trained: through this project, and by a plain PyTorch loop over the same tensors."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from omegaconf import DictConfig
from torch import Tensor, nn

from refnets.benchmarks.rounds import in_turn
from refnets.config.build import build
from refnets.config.check import check
from refnets.config.jobs import jobs
from refnets.data.batches import Split, minibatches
from refnets.data.data import Data
from refnets.data.target import Boxes, Classes
from refnets.evaluation import NUMBERS_AT_ONCE
from refnets.losses.categorical import Categorical
from refnets.train import own_random_numbers, train
from refnets.trainer.accelerate import accelerate

RECIPE = "experiment=cifar10_resnet20", "steps=120", "eval_every=120", "logger=none"
# Few images, so that the two evaluations take a thirtieth of the time.
DATA = "data.train_per_class=64", "data.test_per_class=1"


def compare(*overrides: str, rounds: int) -> dict[str, list[float]]:
    """Seconds per step of both ways, evaluations included, and of the batches alone, `rounds` times in turn.

    Of ResNet-20 on CIFAR-10 in batches of 128, or what `overrides` say. The plain loop takes images that are normalized
    already, as they are; this project crops and mirrors them, and normalizes them within the network. Raises OSError
    without the images, ValueError when the configuration is wrong or not one of classes.
    """
    ((cfg, _),) = jobs([*RECIPE, *DATA, *overrides])
    check(cfg)
    data = build("data", cfg.data)
    if not isinstance(data.target, Classes) or not isinstance(build("loss", cfg.loss), Categorical):
        raise ValueError(f"the plain loop is for loss=categorical; these are {cfg.loss._target_} and {data.target}")
    ways = {
        "plain loop": lambda: _plain(cfg, data),
        "refnets": lambda: _refnets(cfg),
        "its batches": lambda: _batches(cfg, data),
    }
    with own_random_numbers(cfg.seed, cfg.threads):
        taken = in_turn(ways, rounds)
    return {way: [seconds / cfg.steps for seconds in times] for way, times in taken.items()}


def detections_per_second(rounds: int) -> list[float]:
    """Images of 224 x 224 in which YOLO-lite finds boxes, one after another, on one thread; of each round of 20."""
    ((cfg, _),) = jobs(["experiment=bccd_yolo", "model.grid=7"])
    loss, target = build("loss", cfg.loss), Boxes(("RBC", "WBC", "Platelets"))
    with own_random_numbers(seed=0, threads=1), torch.no_grad():
        network = build("model", cfg.model, (3, 224, 224), loss.num_outputs(target)).eval()

        def seconds() -> float:
            started = time.perf_counter()
            for _ in range(20):
                loss.predict(network(torch.rand(1, 3, 224, 224)))
            return time.perf_counter() - started

        (taken,) = in_turn({"detection": seconds}, rounds).values()
    return [20 / each for each in taken]


def _refnets(cfg: DictConfig) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return train(cfg, Path(folder)).result["seconds"]


def _plain(cfg: DictConfig, data: Data) -> float:
    device = torch.device(cfg.trainer.accelerator)
    ready = {name: Split((x.float() / 255 - 0.5) / 0.25, y).to(device) for name, (x, y) in data.splits.items()}
    model = build("model", cfg.model, data.input_shape, len(data.target.names)).to(device)
    how = {key: cfg.trainer[key] for key in ("precision", "channels_last", "compile")}
    compute = accelerate(model, **how)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    _wait(device)
    started = time.perf_counter()
    _evaluate(model, compute, ready)
    for x, y in minibatches(ready["train"], cfg.data.batch_size, range(cfg.steps), seed=0):
        optimizer.zero_grad()
        F.cross_entropy(compute(x), y).backward()
        optimizer.step()
    _evaluate(model, compute, ready)
    _wait(device)
    return time.perf_counter() - started


@torch.no_grad()
def _evaluate(model: nn.Module, compute: Callable[[Tensor], Tensor], splits: dict[str, Split]) -> list[float]:
    """The loss of every split, in as large pieces as the task takes."""
    model.eval()
    pieces = NUMBERS_AT_ONCE // splits["train"].x[0].numel()
    losses = []
    for split in splits.values():
        batches = zip(split.x.split(pieces), split.y.split(pieces), strict=True)
        losses.append(sum(F.cross_entropy(compute(x), y, reduction="sum") for x, y in batches).item())
    model.train()
    return losses


def _batches(cfg: DictConfig, data: Data) -> float:
    """What choosing, cropping and mirroring the images takes."""
    device = torch.device(cfg.trainer.accelerator)
    train = data.splits["train"].to(device)
    _wait(device)
    started = time.perf_counter()
    for _ in minibatches(train, data.batch_size, range(cfg.steps), 0, data.augment):
        pass
    _wait(device)
    return time.perf_counter() - started


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
