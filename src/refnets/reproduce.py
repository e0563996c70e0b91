"""One figure: train the runs it needs, draw them, judge the numbers, keep the picture and the verdict.

For several see reproduce_all.py.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure as Picture
from matplotlib.image import imread

from refnets.catalogue import Figure, load
from refnets.config.build import build
from refnets.config.jobs import Job, jobs, once
from refnets.config.recipes import WATCHING, recipe
from refnets.figures import style
from refnets.files import as_json, write
from refnets.provenance import provenance
from refnets.runs import Run
from refnets.train_all import train_all
from refnets.verdict import MARK, describe, judge, overall

SHORTENED = "shortened runs"
ASIDE = ("trainer", *WATCHING)  # what may differ between runs of the same recipe: by rounding, if at all


def reproduce(name: str, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Draws the figure `name` from its runs, training those that are missing, and returns its report.

    `overrides` apply to every run. Runs that differ from the figure's own, if only in their seeds, are no evidence for
    it: the report gives no verdict, and is kept in figures/changed. Raises what `train_all` raises.
    """
    figure = load(name)
    if overrides and not figure.runs:
        values = f"what it draws is in configs/figure/{name}.yaml"
        raise ValueError(f"{name} trains nothing: {overrides[0]} would change nothing; {values}")
    commands = command_lines(figure, overrides)
    planned = {key: once(jobs(command)) for key, command in commands.items()}
    changes = _changes(planned, figure) if overrides else ""
    unique = once(job for group in planned.values() for job in group)
    trained = {job.digest: run for job, run in zip(unique, train_all(unique), strict=True)}
    runs = {key: [trained[job.digest] for job in group] for key, group in planned.items()}
    with matplotlib.rc_context(style.HOUSE):
        picture, report = draw_and_judge(figure, runs, changes)
        report |= {"runs": {key: shlex.join(command) for key, command in commands.items()}} | _cost(runs) | provenance()
        folder = _folder(planned, changes)
        style.save(picture, folder / name)
    write(folder / f"{name}.json", as_json(report))
    _show_in_tensorboard(folder, name)
    return report | {"picture": str(folder / f"{name}.png")}


def draw_and_judge(figure: Figure, runs: dict[str, list[Run]], changes: str = "") -> tuple[Picture, dict[str, Any]]:
    """The signed picture, and the figure's report."""
    import torch  # takes seconds

    given = (runs,) if figure.runs else ()  # more than half of the figures train nothing: their functions take no runs
    with torch.random.fork_rng(devices=[]):  # networks that a figure draws have random weights
        picture, numbers = build("draw", {"_target_": figure.draw, **figure.params}, *given)
    rows = judge(numbers, figure.expected)
    shortened = figure.partial or changes == SHORTENED
    verdict, reason = overall(rows), changes or (SHORTENED if shortened else "")
    if changes or (figure.partial and verdict == "reproduced"):
        verdict = "unchecked"
    lines = [f"{MARK[row['verdict']]} {describe(row)}" for row in rows]
    if reason and verdict == "unchecked":
        lines.append(f"{reason}: no verdict")
    style.sign(picture, figure.title, verdict, lines)
    report = {"figure": figure.name, "source": figure.source, "verdict": verdict, "partial": shortened}
    return picture, report | {"changed": bool(changes), "numbers": rows}


def command_lines(figure: Figure, overrides: Sequence[str]) -> dict[str, list[str]]:
    """What the figure has trained, by name; a later value of a key takes the place of an earlier one."""
    given = {key: [*shlex.split(command), *overrides] for key, command in figure.runs.items()}
    return {key: list({each.split("=")[0]: each for each in words}.values()) for key, words in given.items()}


def _changes(planned: dict[str, list[Job]], figure: Figure) -> str:
    """In what `planned` differs from the recipes that the figure asks for, hardware aside."""

    def recipes(jobs: list[Job]) -> set[str]:
        return {recipe(cfg, ASIDE) for cfg, _ in jobs}

    asked = {key: list(jobs(shlex.split(command))) for key, command in figure.runs.items()}
    if any(min(job.cfg.steps for job in planned[key]) < min(job.cfg.steps for job in asked[key]) for key in asked):
        return SHORTENED
    return "changed recipe" if any(recipes(planned[key]) != recipes(asked[key]) for key in asked) else ""


def _folder(planned: dict[str, list[Job]], changes: str) -> Path:
    outputs = next((cfg.outputs for group in planned.values() for cfg, _ in group), "outputs")
    return Path(outputs, "figures", "changed") if changes else Path(outputs, "figures")


def _cost(runs: dict[str, list[Run]]) -> dict[str, Any]:
    results = [run.result for group in runs.values() for run in group]
    cost = {"seconds": round(sum(result["seconds"] for result in results), 1)}
    return cost | {key: sorted({str(result[key]) for result in results}) for key in ("device", "precision", "threads")}


def _show_in_tensorboard(folder: Path, name: str) -> None:
    """The IMAGES tab of `tensorboard --logdir outputs` shows the finished figure beside the runs."""
    from torch.utils.tensorboard import SummaryWriter

    events = folder / "tensorboard" / name
    for old in events.glob("*"):
        old.unlink()
    with SummaryWriter(str(events)) as writer:
        writer.add_image(name, imread(folder / f"{name}.png")[..., :3], dataformats="HWC")
