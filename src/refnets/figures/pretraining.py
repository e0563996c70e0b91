"""Networks that begin with what another task taught them (book sections 9.3.6 and 9.3.7, fig 9.12)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {
    "pixels": style.PUBLISHED,
    "reconstruction": style.SERIES[2],
    "contrast": style.SERIES[0],
    "reconstruction_tuned": style.SERIES[4],
    "contrast_tuned": style.SERIES[3],
    "from_scratch": style.SERIES[1],
    "head_only": style.SERIES[2],
    "fine_tuned": style.SERIES[0],
}


def draw_features(runs: dict[str, list[Run]], *, example: int) -> tuple[Figure, dict[str, Number]]:
    """a) a signal, what was hidden of it, and its reconstruction; b) how alike views are; c) errors of classifiers.

    Of the networks that learned features either the last layer is trained or, where they are tuned, all.
    """
    picture, axes = style.panels(3)
    _draw_reconstruction(axes[0], runs["masked"][0], example)
    _draw_views(axes[1], runs["pairs"][0], example)
    learned = "reconstruction", "contrast", "reconstruction_tuned", "contrast_tuned"
    errors = _draw_errors(axes[2], {name: runs[name] for name in ("pixels", *learned, "from_scratch")})
    axes[2].set(xlabel="labelled examples", ylim=(0, 100))
    axes[2].tick_params("x", labelsize=8)
    style.title(axes[2], "c")
    numbers = {"pixels_error_with_all": Number(errors["pixels"][-1], "%")}
    second = min(1, len(errors["pixels"]) - 1)
    for row, amount in ((-1, "all"), (second, "more"), (0, "few")):
        for name in learned:
            for other in ("pixels", "from_scratch"):
                saved = errors[other][row] - errors[name][row]
                key = f"{name}_saves_over_{other.removeprefix('from_')}_with_{amount}"
                numbers[key] = Number(saved, "%")
    numbers["unexplained_part_of_hidden_values"] = _final(runs["masked"], "unexplained")
    numbers["unpaired_views"] = _final(runs["pairs"], "unpaired")
    return picture, numbers


def draw_transfer(runs: dict[str, list[Run]]) -> tuple[Figure, dict[str, Number]]:
    """Test errors on the new task, over the number of its examples."""
    picture, (ax,) = style.panels(1)
    errors = _draw_errors(ax, {name: runs[name] for name in ("from_scratch", "head_only", "fine_tuned")})
    ax.set(xlabel="examples of the new task", ylim=(0, 60))
    numbers = {"six_digits_error": _final(runs["six_digits"], "error")}
    for row, amount in ((0, "few"), (-1, "all")):
        numbers[f"from_scratch_error_with_{amount}"] = Number(errors["from_scratch"][row], "%")
        for name in ("head_only", "fine_tuned"):
            saved = errors["from_scratch"][row] - errors[name][row]
            numbers[f"{name}_saves_with_{amount}"] = Number(saved, "%")
    return picture, numbers


def _draw_errors(ax: Axes, groups: dict[str, list[Run]]) -> dict[str, np.ndarray]:
    """Draws the test errors in % against the number of training examples, and returns them.

    Of each group (numbers, seeds), from few to all: where more is held out for validation, there is less to train on.
    """
    errors = {}
    for name, group in groups.items():
        rows = [[run for run in group if _held_out(run) == share] for share in sorted(set(map(_held_out, group)))[::-1]]
        labels = np.array([np.mean([len(run.data().splits["train"].y) for run in row]) for row in rows])
        errors[name] = np.array([[run.result["final"]["test_error"] for run in row] for row in rows])
        style.dots(ax, labels, errors[name], COLORS[name], name.replace("_", " "))
    ax.set(xscale="log", ylabel="test error, %")
    ax.set_xticks(labels, [f"{n:.0f}" for n in labels])
    ax.minorticks_off()
    return errors


def _draw_reconstruction(ax: Axes, run: Run, example: int) -> None:
    x, y = run.data().splits["test"]
    with torch.no_grad():
        guess = run.model()(x[example : example + 1])[0]
    values, hidden = y[example, 0], y[example, 1].bool()
    ax.plot(values, color=style.PUBLISHED, linewidth=1)
    ax.plot(values.masked_fill(hidden, torch.nan), color=style.INK)
    ax.plot(guess.masked_fill(~hidden, torch.nan), color=COLORS["reconstruction"], linewidth=2)
    ax.set(xlabel="position", xticks=[0, len(values) - 1], yticks=[])
    ax.spines["left"].set_visible(False)
    style.title(ax, "a", "guessed")


def _draw_views(ax: Axes, run: Run, example: int) -> None:
    """The two views of the example and one of the next; how alike each is to the first."""
    views = run.data().splits["test"].x[2 * example : 2 * example + 3]
    with torch.no_grad():
        direction = run.loss().predict(run.model()(views))
    for row, (view, cosine) in enumerate(zip(views[:, 0], direction @ direction[0], strict=True)):
        ax.plot(view - 6 * row, color=style.PUBLISHED if row == 2 else COLORS["contrast"], linewidth=1.2)
        if row:
            style.label(ax, len(view), 1.5 - 6 * row, f"cos {cosine:.2f}", style.INK, fontsize=9)
    ax.set(xlabel="position", xticks=[0, views.shape[-1] - 1], yticks=[])
    ax.spines["left"].set_visible(False)
    style.title(ax, "b", "two views")


def _held_out(run: Run) -> float:
    data = run.config.data
    return data.get("of", data).validation


def _final(group: list[Run], quantity: str) -> Number:
    return Number([run.result["final"][f"test_{quantity}"] for run in group], "%")
