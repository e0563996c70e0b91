"""What a command has kept, and which steps its processes have trained."""

import json
from pathlib import Path
from typing import Any

import optuna


def kept(outputs: Path) -> dict[str, Any]:
    """All that must not depend on when a command was interrupted."""
    found: dict[str, Any] = {}
    for result in outputs.glob("runs/*/*/result.json"):
        run = result.parent
        found |= {f"{run.name}/{path.name}": path.read_bytes() for path in (run / "history.csv", *run.glob("*.safe*"))}
        facts = json.loads(result.read_text())
        found[f"{run.name}/result.json"] = {key: facts[key] for key in ("final", "steps", "parameters", "data")}
    for report in outputs.glob("figures/**/*.json"):
        found[report.name] = json.loads(report.read_text())["numbers"]
    for database in outputs.glob("sweeps/*/study.db"):
        study = optuna.load_study(study_name=None, storage=f"sqlite:///{database}")
        for trial in study.trials:
            found[f"trial {trial.number}"] = trial.state.name, trial.params, trial.values
    return found


def differences(expected: dict[str, Any], found: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What of `expected` is lost or another, and what there is besides."""
    return [key for key in expected if expected[key] != found.get(key)], sorted(found.keys() - expected.keys())


class Steps:
    """A log of children.py: which process trained which step of which run."""

    def __init__(self, path: Path, every: int) -> None:
        """A run that goes on may repeat up to `every` steps."""
        self.path, self.every = path, every
        self.at_the_end: dict[str, int] = {}  # lines of each run when it was first seen finished

    def of_runs(self) -> dict[str, list[str]]:
        """The processes that trained a step of each run, a line each."""
        runs: dict[str, list[str]] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            process, run, _ = line.split(",")
            runs.setdefault(run, []).append(process)
        return runs

    def note_finished(self, outputs: Path) -> None:
        """To be called between attempts: no step of a finished run may follow."""
        runs = self.of_runs()
        for result in outputs.glob("runs/*/*/result.json"):
            digest = result.parent.name.rpartition("-")[2]
            self.at_the_end.setdefault(digest, len(runs.get(digest, [])))

    def repeated(self, once: dict[str, list[str]]) -> dict[str, int]:
        """Steps of each run that were trained again without need; `once` is the log of the undisturbed command."""
        excess = {}
        for run, lines in self.of_runs().items():
            needed = len(once.get(run, [])) + self.every * (len(set(lines)) - 1)
            excess[run] = max(len(lines) - needed, len(lines) - self.at_the_end.get(run, len(lines)))
        return {run: steps for run, steps in excess.items() if steps > 0}
