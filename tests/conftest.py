"""Jobs that write to a temporary folder, commands in this process or a fork of it, and tiny runs never trained."""

import csv
import json
import logging
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from PIL import Image

from refnets.config.jobs import jobs
from refnets.runs import Run

if TYPE_CHECKING:
    from refnets.task import Task

ROOT = Path(__file__).parents[1]
Job = Callable[..., tuple[DictConfig, Path]]
Command = Callable[..., CompletedProcess]


@pytest.fixture(autouse=True)
def outside_of_a_sweep() -> Iterator[None]:
    """What Hydra knows of the job of one test is not known in the next."""
    yield
    HydraConfig.instance().cfg = None


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """job("seed=1", ...): what a command line composes to, to be kept in a temporary folder."""

    def compose(*overrides: str) -> tuple[DictConfig, Path]:
        (only,) = jobs([*overrides, f"outputs={tmp_path}"])
        return only

    return compose


@pytest.fixture
def signal_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AbstractContextManager]:
    """with signal_at(step=14, number=signal.SIGTERM): this process gets a signal during training step 14, from 0 on."""
    from refnets.task import Task

    @contextmanager
    def patched(step: int, number: int) -> Iterator[None]:
        batches, sent = Task.batches, []

        def with_signal(task: Task, steps: range) -> Iterator:
            for at, batch in zip(steps, batches(task, steps), strict=True):
                if at == step and not sent:
                    sent.append(number)
                    signal.raise_signal(number)
                yield batch

        with monkeypatch.context() as context:
            context.setattr(Task, "batches", with_signal)
            yield

    return patched


@pytest.fixture
def largest_file() -> Callable[[int], AbstractContextManager]:
    """with largest_file(1000): whoever writes more bytes into one file gets an OSError, as where a disk is full."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Command:
    """command("train.py", "seed=1"): what the script prints and returns, in this process: no ten seconds of imports."""

    def run(*words: str) -> CompletedProcess:
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(logging.root, "handlers", [*logging.root.handlers])  # Hydra replaces them
        capsys.readouterr()
        code = _script(*words)
        out, err = capsys.readouterr()
        return CompletedProcess(words, code, out, err)

    return run


@pytest.fixture
def forked(tmp_path: Path) -> Iterator[Callable[..., multiprocessing.Process]]:
    """forked("train.py", "seed=1"): a process to be killed, which has imported what this one has.

    What it prints is in printed.txt of the temporary folder.
    """
    import refnets.trainer.fit  # noqa: F401 - before the fork, not in each

    processes = []

    def start(*words: str) -> multiprocessing.Process:
        processes.append(multiprocessing.get_context("fork").Process(target=_printing, args=(tmp_path, *words)))
        processes[-1].start()
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.join()


def _printing(folder: Path, *words: str) -> None:
    os.chdir(ROOT)
    with (folder / "printed.txt").open("a", buffering=1) as sys.stdout:
        sys.stderr = sys.stdout
        sys.exit(_script(*words))


def _script(name: str, *arguments: str) -> int:
    """The exit code."""
    argv = sys.argv
    sys.argv = [f"scripts/{name}", *arguments]
    try:
        runpy.run_path(str(ROOT / "scripts" / name), run_name="__main__")
    except SystemExit as stopped:
        if isinstance(stopped.code, str):  # as the interpreter does
            print(stopped.code, file=sys.stderr)
            return 1
        return stopped.code or 0
    finally:
        sys.argv = argv
    return 0


@pytest.fixture
def task(job: Job) -> Callable[..., "Task"]:
    """task("optimizer=adam", ...): the task of a command line, its weights drawn from seed 0."""
    import torch

    from refnets.config.build import build
    from refnets.task import Task

    def make(*overrides: str) -> "Task":
        cfg, _ = job("steps=30", "eval_every=10", "data.num_samples=500", "model.width=20", *overrides)
        torch.manual_seed(0)
        data, loss = build("data", cfg.data), build("loss", cfg.loss)
        model = build("model", cfg.model, data.input_shape, loss.num_outputs(data.target))
        parts = model, loss, data, build("optimizer", cfg.optimizer), build("scheduler", cfg.scheduler) or None
        return Task(*parts, steps=cfg.steps, eval_every=cfg.eval_every, keep=cfg.keep, seed=cfg.seed)

    return make


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the groups that are fitted."""
    from refnets.trainer import fit

    sizes, fitted = [], fit.fit
    monkeypatch.setattr(fit, "fit", lambda group, name: (sizes.append(len(group)), fitted(group, name)))
    return sizes


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A folder of images of 32 x 32 pixels: 16 dark ones of cats, and 16 bright ones of dogs."""
    rng, root = np.random.default_rng(0), tmp_path / "pets"
    for name, low in (("cat", 0), ("dog", 128)):
        (root / name).mkdir(parents=True)
        for number in range(16):
            pixels = rng.integers(low, low + 128, size=(32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


@pytest.fixture
def tiny_run(job: Job, tmp_path: Path) -> Callable[..., Run]:
    """tiny_run(test_error=[90, 40]): a finished run of two evaluations with this history."""

    def make(name: str = "run", **columns: list[float]) -> Run:
        run = Run(tmp_path / name)
        run.create(job()[0])
        history = {"step": [0, 6000], "train_loss": [2.3, 0.1], "train_error": [90, 0]}
        history |= {"test_loss": [2.3, 1.8], "test_error": [90, 38], "lr": [0.1, 0.1], **columns}
        with (run.path / "history.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([list(history), *zip(*history.values(), strict=True)])
        data = {"input_shape": [1, 40], "as_bytes": False}
        data |= {"target": {"kind": "Classes", "names": [str(digit) for digit in range(10)]}}
        result = {
            "data": data,
            "parameters": 15210,
            "seconds": 2.0,
            "device": "cpu",
            "precision": "32-true",
            "threads": 1,
        }
        (run.path / "result.json").write_text(json.dumps(result))
        return run

    return make
