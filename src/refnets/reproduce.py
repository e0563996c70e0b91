"""One figure: train the runs it needs, draw them, judge the numbers, keep the picture and the verdict."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure as Picture
from matplotlib.image import imread

from refnets.catalogue import PICTURES, Figure, load
from refnets.check import build
from refnets.config import jobs
from refnets.figures import style
from refnets.provenance import provenance
from refnets.runs import Run, write
from refnets.train import train
from refnets.verdict import MARK, describe, judge, overall


def reproduce(name: str, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Draws the figure `name` from its runs, training those that are missing, and returns its report.

    `overrides` apply to every run of the figure. Raises what `train` raises.
    """
    figure = load(name)
    commands = {key: _override(shlex.split(command), overrides) for key, command in figure.runs.items()}
    runs = {key: [train(*job) for job in jobs(command)] for key, command in commands.items()}
    with matplotlib.rc_context(style.HOUSE):
        picture, report = draw_and_judge(figure, runs)
        _save(picture, PICTURES / name)
    _show_in_tensorboard(name)
    report |= {"runs": {key: " ".join(command) for key, command in commands.items()}} | _cost(runs) | provenance()
    write(PICTURES / f"{name}.json", json.dumps(report, indent=2) + "\n")
    return report


def draw_and_judge(figure: Figure, runs: dict[str, list[Run]]) -> tuple[Picture, dict[str, Any]]:
    """The signed picture and what it shows. When a run is shorter than the figure asks for, the report says partial."""
    picture, numbers = build("draw", {"_target_": figure.draw, **figure.params}, runs)
    rows, partial = judge(numbers, figure.expected), _shortened(figure, runs)
    verdict = overall(rows, partial)
    lines = [f"{MARK[row['verdict']]} {describe(row)}" for row in rows]
    style.sign(picture, figure.title, verdict, [*lines, *["partial: the runs were shortened"] * partial])
    claim = {"figure": figure.name, "source": figure.source, "verdict": verdict, "partial": partial}
    return picture, claim | {"numbers": rows}


def _override(command: list[str], overrides: Sequence[str]) -> list[str]:
    """A later value of the same key takes the place of the earlier one."""
    return list({each.split("=")[0]: each for each in [*command, *overrides]}.values())


def _shortened(figure: Figure, runs: dict[str, list[Run]]) -> bool:
    return any(
        min(run.config.steps for run in runs[key]) < min(cfg.steps for cfg, _ in jobs(shlex.split(command)))
        for key, command in figure.runs.items()
    )


def _cost(runs: dict[str, list[Run]]) -> dict[str, Any]:
    results = [run.result for group in runs.values() for run in group]
    cost = {"seconds": round(sum(result["seconds"] for result in results), 1)}
    return cost | {key: sorted({str(result[key]) for result in results}) for key in ("device", "threads")}


def _save(picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".png", ".svg"):
        picture.savefig(path.with_suffix(suffix), dpi=200, bbox_inches="tight", pad_inches=0.1)


def _show_in_tensorboard(name: str) -> None:
    """The IMAGES tab of `tensorboard --logdir outputs` shows the finished figure beside the runs."""
    from torch.utils.tensorboard import SummaryWriter

    events = PICTURES / "tensorboard" / name
    for old in events.glob("*"):
        old.unlink()
    with SummaryWriter(str(events)) as writer:
        writer.add_image(name, imread(PICTURES / f"{name}.png")[..., :3], dataformats="HWC")
