"""What a detector says of every cell of its grid, and which of its boxes remain (book fig 10.18)."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from refnets.data.boxes import iou
from refnets.figures import style
from refnets.figures.predictions import measure
from refnets.overlay import color, objects
from refnets.runs import Run
from refnets.verdict import Number


def draw(
    runs: dict[str, list[Run]],
    *,
    network: Callable[..., nn.Module] | None,
    input_shape: tuple[int, int, int],
    num_outputs: int,
    image: int,
) -> tuple[Figure, dict[str, Number]]:
    """One test image: a the likeliest class of each cell, b all boxes, as thick as they are sure, c those that remain.

    Shown is what the first of the runs says; the numbers are of all of them, of those on images of `one_shape`, and of
    the published `network`, if any.
    """
    group = next(iter(runs.values()))
    run, names = group[0], group[0].signature.target.names
    x = run.data().splits["test"].x[image : image + 1]
    with torch.no_grad():
        output, loss = run.model()(x), run.loss()
    grid = loss.grid(output)
    picture, axes = style.panels(3)
    for letter, ax, name in zip("abc", axes, ("class of each cell", "all boxes", "after suppression"), strict=True):
        ax.imshow(x[0].permute(1, 2, 0).numpy(), extent=(0, 1, 1, 0), interpolation="nearest")
        ax.set(xlim=(0, 1), ylim=(1, 0), aspect=x.shape[2] / x.shape[3])
        ax.axis("off")
        style.title(ax, letter, name)
    _draw_cells(axes[0], grid.classes[0])
    confidences = grid.confidence[0].flatten().clamp(0, 1).tolist()
    for confidence, sides in zip(confidences, grid.boxes[0].flatten(0, 2).tolist(), strict=True):
        _frame(axes[1], sides, style.INK, 3 * confidence)
    for number, score, *sides in objects(loss.predict(output)[0]).flip(0).tolist():  # the best over the others
        shade = color(int(number))
        _frame(axes[2], sides, shade, 1.5)
        look = {"color": "white", "backgroundcolor": shade, "fontsize": 5, "va": "top"}
        axes[2].text(*sides[:2], f"{score:.2f}", **look).get_bbox_patch().set(boxstyle="square,pad=0.1", linewidth=0)
    style.key(picture, {name: color(number) for number, name in enumerate(names)})
    numbers = {"boxes_per_image": Number(len(confidences))} | measure(group)
    numbers["largest_iou_of_those_kept"] = Number(largest_iou(run))
    if one_shape := runs.get("one_shape"):
        numbers["iou_of_one_shape"] = Number([iou_of_the_surest_box(run) for run in one_shape])
    return picture, numbers | (_measure_network(network, input_shape, num_outputs, loss.boxes) if network else {})


@torch.no_grad()
def largest_iou(run: Run) -> float:
    """The largest IoU of two objects of one class found in a test image: what suppression leaves of overlaps."""
    model, loss, x = run.model(), run.loss(), run.data().splits["test"].x
    found = torch.cat([loss.predict(model(part)) for part in x.split(64)])  # (n, most, 6)
    classes, sides = found[..., 0], found[..., 2:]
    overlap = iou(sides[:, :, None], sides[:, None])  # (n, most, most)
    same = (classes[:, :, None] == classes[:, None]) & (classes >= 0)[:, None]
    return (overlap * (same & ~torch.eye(found.shape[1], dtype=torch.bool))).max().item()


@torch.no_grad()
def iou_of_the_surest_box(run: Run) -> float:
    """The IoU of the surest box with that of the only object, mean over the test images; 0 where nothing is found."""
    x, y = run.data().splits["test"]
    surest = run.loss().predict(run.model()(x))[:, 0]  # (n, 6)
    return iou(y[:, 0, 1:], surest[:, 2:]).mean().item()


def _draw_cells(ax: Axes, classes: Tensor) -> None:
    """The grid, each cell in the color of its likeliest class; `classes` (rows, columns, K)."""
    rows, columns = classes.shape[:2]
    for row, column in torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).tolist():
        shade = color(int(classes[row, column].argmax()))
        at, size = (column / columns, row / rows), (1 / columns, 1 / rows)
        ax.add_patch(Rectangle(at, *size, facecolor=shade, alpha=0.45, edgecolor="white", linewidth=0.5))


def _frame(ax: Axes, sides: Sequence[float], shade: str, linewidth: float) -> None:
    left, top, right, bottom = sides
    at, size = (left, top), (right - left, bottom - top)
    ax.add_patch(Rectangle(at, *size, fill=False, edgecolor=shade, linewidth=linewidth))


def _measure_network(
    network: Callable[..., nn.Module], input_shape: tuple[int, int, int], num_outputs: int, boxes: int
) -> dict[str, Number]:
    """What the published network has: the shape of its output with `boxes` in a cell, convolutions, parameters."""
    with torch.device("meta"):
        published = network(input_shape, num_outputs)
        _, outputs, rows, columns = published(torch.empty(1, *input_shape)).shape
    numbers = {
        "outputs_per_cell": outputs,
        "rows": rows,
        "columns": columns,
        "boxes": boxes * rows * columns,
        "convolutions": sum(isinstance(layer, nn.Conv2d) for layer in published.modules()),
        "parameters_of_convolutions": sum(each.numel() for each in published.stages.parameters()),
        "parameters": sum(each.numel() for each in published.parameters()),
    }
    return {f"published_{name}": Number(value) for name, value in numbers.items()}
