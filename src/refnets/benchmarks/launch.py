"""What parallel processes gain, and what a run costs besides its training."""

import tempfile
import time

from refnets.config.jobs import jobs
from refnets.train_all import train_all, train_all_by


def compare(runs: int, steps: int, rounds: int) -> dict[str, list[float]]:
    """Seconds for so many runs, in turn and by joblib in a process per core, in each of `rounds` rounds in turn.

    Dropout keeps the networks out of a stack. The processes are started, and import torch, before the first round.
    """
    ways = {"in turn": train_all, "joblib": train_all_by(["hydra/launcher=joblib"])}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    recipe = "experiment=mnist1d_mlp", "model.dropout=0.1", f"seed=range({runs})", f"steps={steps}", "logger=none"
    for _ in range(1 + rounds):
        for way, train in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                planned = list(jobs([*recipe, f"eval_every={steps}", f"outputs={folder}"]))
                started = time.perf_counter()
                train(planned)
                taken[way].append(time.perf_counter() - started)
    return {way: times[1:] for way, times in taken.items()}
