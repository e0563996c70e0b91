"""The search: takes trials from the study, launches them, tells how they ended, until there are as many as wanted."""

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from hydra.errors import HydraException

from refnets.config.composition import GROUPS, compose
from refnets.config.jobs import sweep_job
from refnets.config.recipes import recipe
from refnets.faults import nearest
from refnets.sweep.algorithms import built
from refnets.sweep.report import report
from refnets.sweep.space import Space
from refnets.sweep.study import Study, Trial
from refnets.sweep.trial import Link, Outcome

DIRECTIONS = ("minimize", "maximize")
Train = Callable[[Sequence[Trial]], list[Outcome]]


@dataclass(frozen=True)
class Search:
    """What is searched for, and where it is kept."""

    space: Space
    objectives: dict[str, str]  # each with its direction
    folder: Path
    link: Link
    settings: dict[str, Any]  # n_trials and the like, see hydra_plugins/refnets_sweeper.py
    command: list[str]  # what every trial has before its own overrides
    flags: Sequence[str] = ()  # and what a command of it has before that, as --config-dir

    @classmethod
    def of(
        cls, settings: dict[str, Any], experiment: str, arguments: Sequence[str], home: Path, flags: Sequence[str] = ()
    ) -> "Search":
        """The search by Hydra's `settings`, whose sweep chose the `experiment`, and a command line.

        Raises ValueError or HydraException when it cannot be done: before anything is trained.
        """
        objectives = objectives_of(settings)
        own = [override for override in arguments if override.startswith("sweep=")]
        params = {"experiment": experiment} | settings["params"]
        space = Space.of(params, settings["when"], [each for each in arguments if each not in own])
        _refuse_settings(settings, space, objectives)
        _refuse_instructions_of_options(space)
        name = settings["study_name"] or _name(space, objectives, own)
        folder = home / name
        storage = settings["storage"] or f"sqlite:///{folder.absolute()}/study.db"
        link = Link(storage, name, tuple(objectives), settings["pruner"])
        return cls(space, objectives, folder, link, settings, own, flags)


def search(wanted: Search, train: Train) -> dict[str, Any]:
    """Trains what is left of the trials, and reports the best. Raises ValueError when too many failed.

    What interrupts it leaves trials running, and the same command goes on with them.
    """
    settings, total = wanted.settings, wanted.settings["n_trials"]
    with Study(wanted.folder, wanted.link.study, wanted.link.storage, wanted.objectives) as study:
        print(f"{wanted.folder}: {len(study.trials)} of {total} trials begun", flush=True)
        study.begin_with([wanted.space.point(values) for values in settings["first"]])
        while batch := study.take(wanted.space, total, settings["n_jobs"], settings["sampler"], settings["seed"]):
            for trial, outcome in zip(batch, train(batch), strict=True):
                study.tell(trial.number, outcome.state, outcome.values, run=outcome.run, message=outcome.message)
                _refuse_failures(study, outcome, settings["max_failure_rate"] * total)
                print(_line(wanted, trial, outcome), flush=True)
        with FileLock(wanted.folder / "lock"):  # others that share the study write the same files
            return report(study, wanted.objectives, wanted.command, wanted.flags)


def objectives_of(settings: dict[str, Any]) -> dict[str, str]:
    """Each objective with its direction. Raises ValueError when it is not one to choose by."""
    names, directions = (
        value if isinstance(value, list) else [value] for value in (settings["objective"], settings["direction"])
    )
    if len(directions) == 1:
        directions = directions * len(names)
    if len(names) != len(directions):
        raise ValueError(f"objective={names} has {len(names)} names, direction={directions} {len(directions)}")
    for name, direction in zip(names, directions, strict=True):
        if str(name).startswith("test"):
            raise ValueError(
                f"objective={name}: what is chosen by the test split is no measure of it; type"
                f" hydra.sweeper.objective=validation{name[4:]} data.validation=0.2"
            )
        if direction not in DIRECTIONS:
            raise ValueError(
                f"direction={direction}: should be minimize or maximize{nearest(str(direction), DIRECTIONS)}"
            )
    return dict(zip(names, directions, strict=True))


def _refuse_settings(settings: dict[str, Any], space: Space, objectives: dict[str, str]) -> None:
    """Raises ValueError for what cannot be searched, or not so."""
    if not space.searched:
        raise ValueError("nothing is searched: type optimizer.lr='tag(log,interval(1e-4,1))', or sweep=NAME")
    if settings["n_jobs"] < 1:
        raise ValueError(
            f"hydra.sweeper.n_jobs={settings['n_jobs']}: should be 1 or more: how many trials are launched at once"
        )
    for values in settings["first"]:
        space.point(values)
    for key in ("sampler", "pruner"):
        if settings[key]:
            built(key, settings[key])
    if settings["pruner"] and len(objectives) > 1:
        raise ValueError(
            "a pruner stops what is hopeless by one objective; with several type hydra.sweeper.pruner=null"
        )


def _refuse_instructions_of_options(space: Space) -> None:
    """Raises ValueError when the file of an option that may be chosen tells Hydra to run something, see `compose`."""
    for part in space.parts:
        searched = [f"{key}={each}" for key, among in part.searched.items() for each in getattr(among, "choices", ())]
        for override in (*searched, *part.fixed.values()):
            if override.partition("=")[0] in GROUPS:
                with suppress(HydraException):  # of options that do not go together: such a trial is refused
                    compose([override])


def _name(space: Space, objectives: dict[str, str], own: Sequence[str]) -> str:
    """The sweep's own name, or the experiment's, and a digest: what is searched otherwise is another study."""
    overrides = list(space.fixed.values())
    cfg, directory = sweep_job(own, overrides)
    text = json.dumps([recipe(cfg), space.described(), objectives], sort_keys=True)
    label = own[0].partition("=")[2] if own else directory.parent.name
    return f"{label}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _line(wanted: Search, trial: Trial, outcome: Outcome) -> str:
    values = ", ".join(f"{name} {value:.6g}" for name, value in zip(wanted.objectives, outcome.values, strict=False))
    return f"trial {trial.number} {outcome.state}: {values or outcome.message}"


def _refuse_failures(study: Study, outcome: Outcome, most: float) -> None:
    states = [trial.state.name for trial in study.trials]
    if outcome.state == "refused" and "COMPLETE" not in states:
        raise ValueError(outcome.message)
    if (failed := states.count("FAIL")) > most:
        raise ValueError(
            f"{failed} of {len(states)} trials failed (hydra.sweeper.max_failure_rate), at last: {outcome.message}"
        )
