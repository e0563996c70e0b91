"""One trial of a search: an ordinary run, whose evaluations are told to the study while it is trained."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import optuna
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from refnets.cli import EXPECTED
from refnets.config import nearest, settle
from refnets.runs import Run
from refnets.sweep.algorithms import built
from refnets.sweep.study import open_storage, trial_id


@dataclass(frozen=True)
class Link:
    """All that a trial needs to know of its study: plain values, so that it can be sent to another machine."""

    storage: str
    study: str
    objectives: tuple[str, ...]
    pruner: dict[str, Any] | None


@dataclass(frozen=True)
class Outcome:
    """How a trial ended; `run` is its directory, once that is known."""

    state: Literal["complete", "pruned", "failed", "refused"]
    values: list[float] = field(default_factory=list)
    run: str = ""
    message: str = ""


def run_trial(link: Link, composed: DictConfig) -> Outcome:
    """Trains what Hydra composed, or returns at once where that run is finished. Ctrl-C alone gets through."""
    job = HydraConfig.get()
    overrides = [override for override in job.overrides.task if not override.startswith("sweep=")]
    choices = {group: option for group, option in job.runtime.choices.items() if group != "sweep"}
    number, directory = job.sweeper.trial, ""
    try:
        cfg, directory = settle(composed, choices, overrides)
        from refnets.train import train

        run = train(cfg, directory, f"trial {number}", _watch(link, number))
        return Outcome("complete", [measured(_numbers(run), name) for name in link.objectives], str(directory))
    except optuna.TrialPruned as pruned:
        return Outcome("pruned", run=str(directory), message=str(pruned))
    except Exception as error:  # one trial, of many, that does not fit in memory must not end the others
        if not isinstance(error, EXPECTED):
            traceback.print_exc()
        refused = isinstance(error, EXPECTED) and not isinstance(error, FloatingPointError | MemoryError)
        return Outcome("refused" if refused else "failed", run=str(directory), message=f"{error}")


def measured(numbers: dict[str, float], name: str) -> float:
    """Raises ValueError when a run measures no such number."""
    if name not in numbers:
        split = name.partition("_")[0]
        how = "; for a validation split type data.validation=0.2" if split == "validation" else ""
        known = [each for each in numbers if not each.startswith("test")]
        raise ValueError(f"objective={name}: a run has {', '.join(known)}{how or nearest(name, known)}")
    return float(numbers[name])


def _numbers(run: Run) -> dict[str, float]:
    return {"parameters": run.result["parameters"], "seconds": run.result["seconds"]} | run.result["final"]


def _watch(link: Link, number: int) -> Callable[[dict[str, float]], None]:
    """What is called with every evaluation: raises TrialPruned when the trial is hopeless."""
    later = {"parameters": 0, "seconds": 0}  # known at the end

    def refuse(row: dict[str, float]) -> None:
        for name in link.objectives:
            measured(later | row, name)

    if link.pruner is None:
        return refuse
    storage = open_storage(link.storage)
    pruner = built("pruner", link.pruner)
    study = optuna.load_study(study_name=link.study, storage=storage)
    trial = trial_id(storage, link.study, number)
    (objective,) = link.objectives

    def report(row: dict[str, float]) -> None:
        refuse(row)
        storage.set_trial_intermediate_value(trial, row["step"], measured(row, objective))
        if pruner.prune(study, storage.get_trial(trial)):
            raise optuna.TrialPruned(f"{objective} {row[objective]:.6g} after {row['step']} steps")

    return report
