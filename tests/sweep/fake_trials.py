"""Trials that train nothing: python fake_trials.py FOLDER TOTAL '{"seconds": 0.1}' searches with them."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from refnets.sweep.search import Search, search
from refnets.sweep.space import Space
from refnets.sweep.trial import Link, Outcome

SQLITE = "sqlite:///{}/study.db"
SETTINGS = {"n_trials": 8, "n_jobs": 1, "first": [], "seed": 0, "max_failure_rate": 0.5}
SETTINGS |= {"sampler": {"_target_": "optuna.samplers.TPESampler", "n_startup_trials": 4}}


class Trials:
    """The objective is (x - 3)^2 of x=..., unless `answer` says how a trial ends.

    The first trial waits for so many processes; in trial `kill_in` this one is killed.
    """

    def __init__(self, folder, answer=None, seconds=0.0, processes=1, kill_in=None):
        self.folder, self.answer, self.seconds, self.trained = folder, answer, seconds, []
        self.processes, self.kill_in = processes, kill_in

    def __call__(self, batch):
        return [self._train(trial.number, dict(each.split("=") for each in trial.overrides)) for trial in batch]

    def _train(self, number, values):
        self.trained.append(values)
        run = self.folder / "runs" / str(number)
        run.mkdir(parents=True, exist_ok=True)
        with (run / "trained").open("a") as file:
            file.write(f"{values}\n")
        if number == self.kill_in:
            os.kill(os.getpid(), signal.SIGKILL)
        while number == 0 and len(list(self.folder.glob("*.driver"))) < self.processes:
            time.sleep(0.01)
        time.sleep(self.seconds)
        value = (float(values.get("x", 0)) - 3) ** 2
        (run / "result.json").write_text(json.dumps({"final": {"validation_error": value, "test_error": value + 1}}))
        outcome = self.answer(values) if self.answer else Outcome("complete", [value])
        return Outcome(outcome.state, outcome.values, str(run), outcome.message)


def make(folder, params=None, when=None, objectives=None, arguments=(), storage=None, **settings):
    """A search for x, kept in `folder`; the journal takes a sixth of the time of SQLite."""
    objectives = objectives or {"validation_error": "minimize"}
    storage = (storage or "journal:{}/study.log").format(folder)
    link = Link(storage, "s", tuple(objectives), None)
    space = Space.of(params or {"x": "interval(0,10)"}, when or {}, arguments)
    return Search(space, objectives, folder, link, SETTINGS | settings, [])


if __name__ == "__main__":
    folder, total, how = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    search(make(folder, n_trials=total, storage=SQLITE), Trials(folder, **how))
