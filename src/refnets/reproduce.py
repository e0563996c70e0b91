"""One figure: train the runs it needs, draw them, judge the numbers, keep the picture and the verdict."""

import shlex
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure as Picture
from matplotlib.image import imread
from PIL import Image

from refnets.catalogue import Figure, load
from refnets.check import build
from refnets.config import WATCHING, Job, jobs, once, recipe
from refnets.faults import EXPECTED
from refnets.figures import style
from refnets.files import as_json, write
from refnets.launch import elsewhere, launch
from refnets.provenance import provenance
from refnets.runs import Run
from refnets.train_all import train_all, train_all_by
from refnets.verdict import MARK, describe, judge, overall

SHORTENED = "shortened runs"
ASIDE = ("trainer", *WATCHING)  # what may differ between runs of the same recipe: by rounding, if at all


def reproduce_all(
    names: Sequence[str], overrides: Sequence[str] = (), where: Sequence[str] = ()
) -> Iterable[dict[str, Any] | Exception]:
    """The report of each figure, or what went wrong with it, see `reproduce`.

    `where` chooses a launcher (see launch.py): it trains all runs of all figures first, so that no process waits at the
    end of a figure, and then draws them; a single one is drawn here. Raises what went wrong with a single one's runs.
    """
    train, folder = train_all_by(where), Path("outputs")
    if elsewhere(*where):
        folder = _train_first(names, overrides, train)
    calls = [partial(reproduce, name, overrides) for name in names]
    return launch(calls, where if len(names) > 1 else [], folder / "sweeps")


def _train_first(names: Sequence[str], overrides: Sequence[str], train: Callable[[list[Job]], list[Run]]) -> Path:
    """Trains all runs of the figures, and returns the folder of what is written.

    What is wrong with one of several figures is said when it is drawn.
    """
    planned: list[Job] = []
    try:
        planned = _trainings(names, overrides)
        train(planned)
    except EXPECTED as error:
        if len(names) == 1:
            raise
        if not isinstance(error, FloatingPointError):  # nothing is trained: a figure lacks its data
            for name in names:
                with suppress(*EXPECTED):
                    train(_trainings([name], overrides))
    return Path(planned[0].cfg.outputs if planned else "outputs")


def reproduce(name: str, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Draws the figure `name` from its runs, training those that are missing, and returns its report.

    `overrides` apply to every run. Runs that differ from the figure's own, if only in their seeds, are no evidence for
    it: the report gives no verdict, and is kept in figures/changed. Raises what `train_all` raises.
    """
    figure = load(name)
    if overrides and not figure.runs:
        raise ValueError(f"{name} trains nothing: {overrides[0]} would change nothing")
    commands = {key: _override(shlex.split(command), overrides) for key, command in figure.runs.items()}
    planned = {key: once(jobs(command)) for key, command in commands.items()}
    changes = _changes(planned, figure) if overrides else ""
    unique = once(job for group in planned.values() for job in group)
    trained = {job.digest: run for job, run in zip(unique, train_all(unique), strict=True)}
    runs = {key: [trained[job.digest] for job in group] for key, group in planned.items()}
    with matplotlib.rc_context(style.HOUSE):
        picture, report = draw_and_judge(figure, runs, changes)
        report |= {"runs": {key: shlex.join(command) for key, command in commands.items()}} | _cost(runs) | provenance()
        folder = _folder(planned, changes)
        _save(picture, folder / name)
    write(folder / f"{name}.json", as_json(report))
    _show_in_tensorboard(folder, name)
    return report | {"picture": str(folder / f"{name}.png")}


def draw_and_judge(figure: Figure, runs: dict[str, list[Run]], changes: str = "") -> tuple[Picture, dict[str, Any]]:
    """The signed picture, and the figure's report."""
    picture, numbers = build("draw", {"_target_": figure.draw, **figure.params}, runs)
    rows = judge(numbers, figure.expected)
    verdict = "unchecked" if changes else overall(rows)
    lines = [f"{MARK[row['verdict']]} {describe(row)}" for row in rows]
    style.sign(picture, figure.title, verdict, lines + [f"{changes}: no verdict"] * bool(changes))
    report = {"figure": figure.name, "source": figure.source, "verdict": verdict, "partial": changes == SHORTENED}
    return picture, report | {"changed": bool(changes), "numbers": rows}


def _trainings(names: Sequence[str], overrides: Sequence[str]) -> list[Job]:
    """What `reproduce` would train for these figures, each once."""
    commands = [_override(shlex.split(command), overrides) for name in names for command in load(name).runs.values()]
    return once(job for command in commands for job in jobs(command))


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


def _override(command: list[str], overrides: Sequence[str]) -> list[str]:
    """A later value of the same key takes the place of the earlier one."""
    return list({each.split("=")[0]: each for each in [*command, *overrides]}.values())


def _cost(runs: dict[str, list[Run]]) -> dict[str, Any]:
    results = [run.result for group in runs.values() for run in group]
    cost = {"seconds": round(sum(result["seconds"] for result in results), 1)}
    return cost | {key: sorted({str(result[key]) for result in results}) for key in ("device", "precision", "threads")}


def _save(picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".png", ".svg"):
        picture.savefig(path.with_suffix(suffix), dpi=200, bbox_inches="tight", pad_inches=0.1)
    with Image.open(path.with_suffix(".png")) as drawn:  # a palette of 256 colours is a third of the size
        drawn.convert("RGB").quantize(256).save(path.with_suffix(".png"), optimize=True)


def _show_in_tensorboard(folder: Path, name: str) -> None:
    """The IMAGES tab of `tensorboard --logdir outputs` shows the finished figure beside the runs."""
    from torch.utils.tensorboard import SummaryWriter

    events = folder / "tensorboard" / name
    for old in events.glob("*"):
        old.unlink()
    with SummaryWriter(str(events)) as writer:
        writer.add_image(name, imread(folder / f"{name}.png")[..., :3], dataformats="HWC")
