"""Images, their true masks and what a network says of their pixels (book figs 10.19 and 11.10)."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from torch import Tensor, nn

from refnets.figures import map_sizes, style
from refnets.figures.predictions import measure
from refnets.overlay import color, painted
from refnets.runs import Run
from refnets.verdict import Number

CONVOLUTIONS = nn.Conv2d, nn.ConvTranspose2d


def draw(
    runs: dict[str, list[Run]],
    *,
    network: Callable[..., nn.Module],
    input_shape: tuple[int, int, int],
    num_outputs: int,
    images: list[int],
) -> tuple[Figure, dict[str, Number]]:
    """Panel a: the maps of the published `network`. Then a row for each of the test `images`.

    Shown is what the first of the runs says; the numbers are of all of them.
    """
    (group,) = runs.values()
    numbers = measure(group)
    picture = Figure(figsize=(6.3, 2.0 + 1.9 * len(images)))
    grid = GridSpec(1 + len(images), 3, picture, height_ratios=[1.15] + [1] * len(images))
    with torch.device("meta"):
        published = network(input_shape, num_outputs)
        groups = map_sizes.trace(published, input_shape)
    ax = picture.add_subplot(grid[0, :])
    map_sizes.draw(ax, groups)
    style.title(ax, "a", "channels above, rows × columns below the maps")
    numbers |= map_sizes.measure(groups)
    numbers["published_convolutions"] = Number(sum(isinstance(m, CONVOLUTIONS) for m in published.modules()))
    numbers["published_parameters"] = Number(sum(each.numel() for each in published.parameters()))
    _draw_images(picture, grid, group[0], images)
    return picture, numbers


def _draw_images(picture: Figure, grid: GridSpec, run: Run, images: Sequence[int]) -> None:
    x, y = (part[images] for part in run.data().splits["test"])
    with torch.no_grad():
        predicted = run.loss().predict(run.model()(x))
    target = run.signature.target
    for row, (image, truth, said) in enumerate(zip(x, y, predicted, strict=True), start=1):
        panels = image, painted(image, truth, target), painted(image, said, target)
        for column, (panel, name) in enumerate(zip(panels, ("image", "truth", "network"), strict=True)):
            ax = picture.add_subplot(grid[row, column])
            ax.imshow(_pixels(panel), interpolation="nearest")
            ax.axis("off")
            if row == 1:
                style.title(ax, "bcd"[column], name)
    seen = np.unique(np.concatenate([y.flatten(), predicted.flatten()]))
    style.key(picture, {target.names[number]: color(number) for number in seen if number < len(target.names)})


def _pixels(image: Tensor) -> np.ndarray:
    return image.permute(1, 2, 0).numpy()  # (height, width, 3)
