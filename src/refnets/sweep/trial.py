"""One trial of a search: an ordinary run, whose evaluations are told to the study while it is trained."""

import math
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import optuna
from hydra.errors import HydraException
from omegaconf import DictConfig

from refnets.config.hints import hints
from refnets.config.jobs import sweep_job
from refnets.faults import EXPECTED, nearest
from refnets.runs import Run
from refnets.sweep.algorithms import built
from refnets.sweep.study import Trial, open_storage, trial_id
from refnets.train import train


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


Launch = Callable[[Sequence[Callable[[], Outcome]]], Iterable[Outcome | Exception]]  # what each call returns or raises


def train_trials(
    link: Link, sweep: Sequence[str], launch: Launch, trials: Sequence[Trial], flags: Sequence[str] = ()
) -> list[Outcome]:
    """How the trials of a search ended that `launch` trains; `sweep` is what each has before its own overrides.

    `flags` are those of the search's command.
    """
    # What a trial raises is its outcome: an exception is of the launcher.
    made = launch([_call(link, sweep, trial, flags) for trial in trials])
    return [Outcome("failed", message=repr(each)) if isinstance(each, Exception) else each for each in made]


def _call(link: Link, sweep: Sequence[str], trial: Trial, flags: Sequence[str]) -> Callable[[], Outcome]:
    """What is launched for a trial. One that cannot be composed is refused; the others are trained all the same."""
    try:
        return partial(_train, link, trial.number, *sweep_job(sweep, trial.overrides))
    except EXPECTED as error:
        meant = hints([*flags, *sweep, *trial.overrides], str(error)) if isinstance(error, HydraException) else []
        return partial(Outcome, "refused", message="\n".join([str(error), *meant]))


def _train(link: Link, number: int, cfg: DictConfig, directory: Path) -> Outcome:
    """Trains one, or returns at once where that run is finished. Ctrl-C alone gets through."""
    try:
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
    """Raises ValueError when a run measures no such number, or it has no value."""
    if name not in numbers:
        split = name.partition("_")[0]
        how = "; for a validation split type data.validation=0.2" if split == "validation" else ""
        known = [each for each in numbers if not each.startswith("test")]
        raise ValueError(f"objective={name}: a run has {', '.join(known)}{how or nearest(name, known)}")
    if math.isnan(numbers[name]):
        raise ValueError(f"objective={name}: has no value (NaN); does no image of that split show such a class?")
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
