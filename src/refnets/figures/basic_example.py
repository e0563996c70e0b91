"""The "basic example" of the notes, chapter 6: a line fitted to three points by gradient descent."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.data.points import Points
from refnets.figures import style
from refnets.verdict import Number

GRID = np.linspace(0, 4, 81)


def draw(*, data: Points, w: float, b: float, lr: float, steps: int) -> tuple[Figure, dict[str, Number]]:
    """Panel a: the line y = w x + b before and after. Panel b: the path of gradient descent over the mean loss."""
    x, y = np.array(data.x), np.array(data.y)
    path, (dldw, dldb) = descend(x, y, (w, b), lr, steps), slopes(x, y, w, b)
    losses = mean_loss(x, y, *path.T)
    picture, axes = style.panels(2)
    for shown, color in ((0, style.PUBLISHED), (1, style.TRAIN), (steps, style.TEST)):
        line = path[shown] @ [GRID, np.ones_like(GRID)]
        axes[0].plot(GRID, line, color=color)
        style.label_end(axes[0], GRID[-1], line[-1], f"step {shown}", color)
    axes[0].plot(x, y, "o", color=style.INK, markersize=4)
    axes[0].set(xlabel="x", ylabel="y", xticks=[0, 2, 4], yticks=[0, 2, 4], xlim=(0, 4))
    style.title(axes[0], "a", "fit")
    _draw_path(axes[1], x, y, path, losses)
    return picture, {
        "derivative_by_w": Number(dldw),
        "derivative_by_b": Number(dldb),
        "w_after_one_step": Number(path[1, 0]),
        "b_after_one_step": Number(path[1, 1]),
        "loss_after_one_step": Number(losses[1]),
        "w_minus_1_at_the_end": Number(path[-1, 0] - 1),
        "b_minus_1_at_the_end": Number(path[-1, 1] - 1),
    }


def mean_loss(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The mean over the examples of (w x + b - y)^2, for w and b of any one shape."""
    return ((np.multiply.outer(w, x) + np.expand_dims(b, -1) - y) ** 2).mean(-1)


def slopes(x: np.ndarray, y: np.ndarray, w: float, b: float) -> tuple[float, float]:
    """The derivatives of `mean_loss` with respect to w and b."""
    error = w * x + b - y
    return (2 * error * x).mean(), (2 * error).mean()


def descend(x: np.ndarray, y: np.ndarray, start: tuple[float, float], lr: float, steps: int) -> np.ndarray:
    """w and b after 0, 1, ... steps of gradient descent, shape (steps + 1, 2)."""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - lr * np.array(slopes(x, y, *path[-1])))
    return np.array(path)


def _draw_path(ax: Axes, x: np.ndarray, y: np.ndarray, path: np.ndarray, losses: np.ndarray) -> None:
    w, b = np.meshgrid(np.linspace(-0.2, 1.8, 121), np.linspace(-0.2, 1.4, 121))
    levels = [0.01, 0.1, 0.5, 2, 5, 10, 20]
    ax.contour(w, b, mean_loss(x, y, w, b), levels, colors=style.PUBLISHED, linewidths=0.7)
    ax.plot(*path.T, color=style.TEST)
    for step, offset in ((0, (-2, -12)), (1, (-8, 6)), (-1, (6, 4))):
        ax.plot(*path[step], "o", color=style.INK, markersize=4)
        ax.annotate(f"{losses[step]:.2f}", path[step], offset, textcoords="offset points", fontsize=9)
    ax.set(xlabel="w", ylabel="b", xticks=[0, 1], yticks=[0, 1])
    style.title(ax, "b", "mean loss")
