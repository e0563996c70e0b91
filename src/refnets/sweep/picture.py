"""The picture of a search: what every trial reached, and which parameters mattered."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial, TrialState

from refnets.figures import style


def save(
    folder: Path, trials: list[FrozenTrial], objectives: dict[str, str], importance: dict[str, dict[str, float]]
) -> None:
    """Writes search.png and search.svg."""
    with matplotlib.rc_context(style.HOUSE):
        style.save(draw(trials, objectives, importance), folder / "search")


def draw(trials: list[FrozenTrial], objectives: dict[str, str], importance: dict[str, dict[str, float]]) -> Figure:
    """Panel a: the history of one objective, or the first two against each other. Panel b: importance for the first."""
    picture, (left, right) = style.panels(2)
    if len(objectives) == 1:
        draw_history(left, trials, *next(iter(objectives.items())))
    else:
        draw_front(left, trials, objectives)
    style.title(left, "a")
    name = next(iter(objectives))
    draw_importance(right, importance[name])
    style.title(right, "b", f"for {_words(name)}" if len(objectives) > 1 else "")
    return picture


def draw_history(ax: Axes, trials: list[FrozenTrial], objective: str, direction: str) -> None:
    """A dot for every trial, a cross for a pruned one where it was stopped; the line is the best so far."""
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    pruned = [trial for trial in trials if trial.state is TrialState.PRUNED and trial.value is not None]
    values = np.array([trial.value for trial in complete])
    best = (np.minimum if direction == "minimize" else np.maximum).accumulate(values)
    numbers = [trial.number for trial in complete]
    ax.plot(numbers, values, "o", color=style.TEST, markersize=3, alpha=0.7)
    ax.plot(
        [trial.number for trial in pruned], [trial.value for trial in pruned], "x", color=style.PUBLISHED, markersize=4
    )
    ax.step([*numbers, len(trials) - 1], [*best, best[-1]], where="post", color=style.INK)
    style.label_end(ax, len(trials) - 1, best[-1], "best", style.INK)
    ax.set(xlabel="trial", ylabel=_axis(objective))
    near = np.quantile(values, 0.9 if direction == "minimize" else 0.1)  # what went wrong would hide the rest
    margin = abs(near - best[-1]) * 0.1 or 1
    low, high = sorted([near, best[-1]])
    ax.set_ylim(low - margin, high + margin)


def draw_front(ax: Axes, trials: list[FrozenTrial], objectives: dict[str, str]) -> None:
    """All complete trials; those that no other beats in both objectives are joined."""
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    (first, second), signs = list(objectives)[:2], [1 if d == "minimize" else -1 for d in objectives.values()][:2]
    points = np.array([trial.values[:2] for trial in complete])  # (trials, 2)
    front = sorted(map(tuple, points[_unbeaten(points * signs)]))
    ax.plot(*points.T, "o", color=style.TEST, markersize=3, alpha=0.7)
    ax.plot(*zip(*front, strict=True), "o-", color=style.INK, markersize=3)
    style.label_end(ax, *front[-1], "best", style.INK)
    ax.set(xlabel=_axis(first), ylabel=_axis(second))


def draw_importance(ax: Axes, importance: dict[str, float]) -> None:
    """A bar for each parameter, the most important one on top; the names are in the panel."""
    shares = dict(sorted(importance.items(), key=lambda item: item[1]))
    ax.barh(range(len(shares)), [100 * share for share in shares.values()], color=style.TEST, alpha=0.35, height=0.8)
    for row, name in enumerate(shares):
        ax.text(1, row, name, va="center", fontsize=8)
    ax.set(xlabel="importance, %", xlim=(0, 100), yticks=[])
    ax.spines["left"].set_visible(False)


def _unbeaten(costs: np.ndarray) -> np.ndarray:
    """Whether each of `costs`, shape (n, objectives), is on the front of what is to be small."""
    no_worse = (costs[:, None] <= costs).all(-1)
    better = (costs[:, None] < costs).any(-1)
    return ~(no_worse & better).any(0)


def _axis(objective: str) -> str:
    unit = {"error": ", %", "seconds": ", s"}.get(objective.rpartition("_")[2], "")
    return f"{_words(objective)}{unit}"


def _words(objective: str) -> str:
    return objective.replace("_", " ")
