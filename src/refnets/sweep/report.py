"""What a search has found, printed and kept beside the study: search.json, search.png, trials/NUMBER."""

import os
import shlex
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial

from refnets.config.composition import GROUPS, choices_of, compose, is_part, quoted
from refnets.config.jobs import sweep_job
from refnets.config.recipes import flatten
from refnets.files import as_json, write
from refnets.runs import Run
from refnets.sweep.study import Study, overrides_of, run_of

STATES = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL", "running": "RUNNING"}


def report(
    study: Study, objectives: dict[str, str], sweep: Sequence[str] = (), flags: Sequence[str] = ()
) -> dict[str, Any]:
    """The best trial or, of several objectives, the trials that no other beats in all of them.

    Test errors are read once: of the one best trial, when all is chosen. `sweep` is ["sweep=NAME"] of its file, `flags`
    are those of the command, as ["--config-dir", "mine"].
    """
    trials = study.trials
    states = [trial.state.name for trial in trials]
    counts = {name: states.count(state) for name, state in STATES.items()}
    best = _best(study, len(objectives)) if counts["complete"] else []
    described = [_described(each, objectives, sweep, flags) for each in best]
    found = {"objectives": objectives, "trials": counts, "best": described}
    if len(best) == 1:
        found["test"] = _test(Path(run_of(best[0])))
    found["importance"] = importance(study, list(objectives))
    link_runs(study.folder, trials)
    write(study.folder / "search.json", as_json(found))
    if best:
        from refnets.sweep.picture import save  # imports matplotlib

        save(study.folder, trials, objectives, found["importance"])
    _print(study.folder, found)
    return found


def _best(study: Study, objectives: int) -> list[FrozenTrial]:
    """Of one objective one trial, of equal ones the first; of several those on the front, each point once."""
    points: dict[tuple[str, ...], FrozenTrial] = {}
    for trial in sorted(study.optuna.best_trials, key=lambda trial: (trial.values, trial.number)):
        points.setdefault(tuple(overrides_of(trial)), trial)
    return list(points.values())[: 1 if objectives == 1 else None]


def importance(study: Study, objectives: list[str]) -> dict[str, dict[str, float]]:
    """The share of each parameter in what tells good trials from others, by PED-ANOVA; none when too few are done."""
    found = {}
    for number, name in enumerate(objectives):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is an experimental feature
            try:
                how = {"evaluator": PedAnovaImportanceEvaluator(), "target": lambda trial, n=number: trial.values[n]}
                found[name] = {key: float(value) for key, value in get_param_importances(study.optuna, **how).items()}
            except (ValueError, RuntimeError):  # too few trials, or all of the same parameters
                found[name] = {}
    return found


def link_runs(folder: Path, trials: list[FrozenTrial]) -> None:
    """`tensorboard --logdir FOLDER` shows the trials of this search, and no other run."""
    for trial in trials:
        link, run = folder / "trials" / f"{trial.number:03}", run_of(trial)
        if run and not link.is_symlink():
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(os.path.relpath(run, link.parent), target_is_directory=True)


def _described(
    trial: FrozenTrial, objectives: dict[str, str], sweep: Sequence[str], flags: Sequence[str]
) -> dict[str, Any]:
    overrides = overrides_of(trial)
    command = shlex.join(["scripts/train.py", *flags, *overrides, *said_by(sweep, overrides)])
    values = dict(zip(objectives, trial.values, strict=True))
    facts = {"trial": trial.number, "values": values, "parameters": trial.params}
    return facts | {"command": f"uv run {command}", "run": run_of(trial)}


def said_by(sweep: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """What the file of a sweep says for every run, beside the `overrides` of one: ["model=cnn1d", "steps=500"]."""
    if not sweep:
        return []
    typed = next(choices_of(overrides))  # without values, as some may be of the sweep's own options
    (_, options), (_, in_its) = compose(typed), compose([*sweep, *typed])
    groups = [each for each in in_its if (each in GROUPS or is_part(each)) and each != "sweep"]
    said = [f"{each}={in_its[each]}" for each in groups if in_its[each] not in (None, options.get(each))]
    (plain, _), (written, _) = compose([*overrides, *said]), compose([*sweep, *overrides])
    if written.start != plain.start:
        said.append(f"start={_typed(written.start)}")
    jobs = sweep_job([], [*overrides, *said]), sweep_job(sweep, overrides)
    alone, in_sweep = (flatten(OmegaConf.to_container(job.cfg, resolve=True)) for job in jobs)
    return said + [f"{key}={_typed(value)}" for key, value in in_sweep.items() if value != alone.get(key)]


def _typed(value: object) -> object:
    """As on a command line of Hydra."""
    return quoted(value) if isinstance(value, str) else "null" if value is None else value


def _test(run: Path) -> dict[str, float]:
    return {key: value for key, value in Run(run).result["final"].items() if key.startswith("test_")}


def _print(folder: Path, found: dict[str, Any]) -> None:
    counts = ", ".join(f"{number} {name}" for name, number in found["trials"].items() if number)
    print(f"{folder}: {counts or 'no trial yet'}")
    for best in found["best"]:
        print("best: trial {}, {}".format(best["trial"], _numbers(best["values"])))
        print(f"  {best['command']}")
    if found.get("test"):
        print(f"  {_numbers(found['test'])}: of the best alone, which they did not choose")
    for name, shares in found["importance"].items():
        if shares:
            print(f"importance for {name}: " + ", ".join(f"{key} {100 * share:.0f} %" for key, share in shares.items()))
    picture = f"picture: {folder / 'search.png'}; " if found["best"] else ""
    print(f"  {picture}all trials: tensorboard --logdir {folder}")


def _numbers(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.6g}" for name, value in values.items())
