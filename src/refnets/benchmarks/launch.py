"""What parallel processes gain, and what a run costs besides its training."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

from refnets.benchmarks.rounds import in_turn
from refnets.config.jobs import jobs
from refnets.runs import Run
from refnets.train_all import train_all, train_all_by


def compare(runs: int, steps: int, rounds: int) -> dict[str, list[float]]:
    """Seconds for so many runs, in turn and by joblib in a process per core, in each of `rounds` rounds in turn.

    Dropout keeps the networks out of a stack. The processes are started, and import torch, before the first round.
    """
    ways = {"in turn": train_all, "joblib": train_all_by(["hydra/launcher=joblib"])}
    recipe = "experiment=mnist1d_mlp", "model.dropout=0.1", f"seed=range({runs})", f"steps={steps}", "logger=none"

    def seconds(train: Callable[..., list[Run]]) -> float:
        with tempfile.TemporaryDirectory() as folder:
            planned = list(jobs([*recipe, f"eval_every={steps}", f"outputs={folder}"]))
            started = time.perf_counter()
            train(planned)
            return time.perf_counter() - started

    return in_turn({way: partial(seconds, train) for way, train in ways.items()}, rounds)


def start_up(command: list[str]) -> float:
    """Seconds from typing `python command` to its end, the second of two times."""
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            outputs = [f"outputs={folder}"] if "trainer=smoke" in command else []
            started = time.perf_counter()
            subprocess.run([sys.executable, *command, *outputs], check=True, capture_output=True)
            seconds = time.perf_counter() - started
    return seconds
