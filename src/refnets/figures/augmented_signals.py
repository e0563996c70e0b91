"""MNIST-1D with turned and scaled copies of its training examples (notebook 9_5)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.data.batches import Split
from refnets.data.mnist1d import with_copies
from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"augmented": style.TEST, "plain": style.INK, "plain_trained_as_long": style.PUBLISHED}


def draw(runs: dict[str, list[Run]], *, example: int, copies: int, batch_size: int) -> tuple[Figure, dict[str, Number]]:
    """An example (black) and copies of it; the test errors, over the examples that were trained on."""
    picture, (left, right) = style.panels(2)
    _draw_copies(left, runs["plain"][0], example, copies)
    for name, color in COLORS.items():
        examples = runs[name][0].history["step"] * batch_size
        errors = np.stack([run.history["test_error"] for run in runs[name]])  # (runs, evaluations)
        style.band(right, examples / 1000, errors, color)
        style.label_end(right, examples[-1] / 1000, errors[:, -1].mean(), name.replace("_", " "), color)
    right.set(xlabel="thousands of examples trained on", ylabel="test error, %", xlim=(0, None), ylim=(25, 60))
    for letter, ax in zip("ab", (left, right), strict=True):
        style.title(ax, letter)
    return picture, _measure(runs)


def _draw_copies(ax: Axes, run: Run, example: int, copies: int) -> None:
    x, y = run.data().splits["train"]
    turned = with_copies(Split(x[example : example + 1], y[example : example + 1]), copies, run.data().seed).x
    for row, signal in enumerate(turned[:, 0]):
        ax.plot(signal - 5 * row, color=style.TEST if row else style.INK, linewidth=1.2)
    ax.set(xlabel="position", xlim=(0, x.shape[-1] - 1), xticks=[0, x.shape[-1] - 1], yticks=[])
    ax.spines["left"].set_visible(False)


def _measure(runs: dict[str, list[Run]]) -> dict[str, Number]:
    final = {name: np.array([run.result["final"]["test_error"] for run in group]) for name, group in runs.items()}
    lowest = [run.history["test_error"].min() for run in runs["plain"]]
    return {
        "lowest_plain_test_error": Number(lowest, "%"),
        "plain_test_error": Number(final["plain"], "%"),
        "augmented_test_error": Number(final["augmented"], "%"),
        "error_saved": Number(final["plain"] - final["augmented"], "%"),
        "error_saved_over_training_as_long": Number(final["plain_trained_as_long"] - final["augmented"], "%"),
    }
