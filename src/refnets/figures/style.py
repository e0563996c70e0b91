"""The house style: how every picture looks, and what the colors mean everywhere."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike
from PIL import Image

# Okabe & Ito's color-blind safe palette, blue and vermilion a little calmer.
TRAIN, TEST = "#d9793b", "#22779b"
INK, PUBLISHED = "#2b2b2b", "#9a9a9a"
SERIES = (TEST, TRAIN, "#3a8f5c", "#8c5aa8", "#b08c1f")  # several curves of one kind, in their order
SURFACE = LinearSegmentedColormap.from_list("surface", ["#fdfbf6", "#c3d8e2", "#6d9db5", "#3c6e8a"])  # valleys bright
ON_SURFACE, FEATURE_MAP = "#6f6f6f", "#cfe1ea"  # what is published, on a surface; blocks of feature maps
VERDICTS = {"reproduced": "#2e7d4f", "differs": "#b3261e", "unchecked": "#6b6b6b"}

HOUSE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "text.color": INK,
    "lines.linewidth": 1.5,
    "svg.fonttype": "none",
}


def save(picture: Figure, path: Path) -> None:
    """Writes path.png, of 256 colors, which is a third of the size, and path.svg."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".png", ".svg"):
        picture.savefig(path.with_suffix(suffix), dpi=200, bbox_inches="tight", pad_inches=0.1)
    with Image.open(path.with_suffix(".png")) as drawn:
        # The default takes colors of photographs for those of small marks, whose color says something.
        few = drawn.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
        few.save(path.with_suffix(".png"), optimize=True)


def panels(columns: int) -> tuple[Figure, list[Axes]]:
    """A row of panels."""
    figure = Figure(figsize=(6.3, 2.6))
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def title(ax: Axes, letter: str, text: str = "") -> None:
    """The panel's letter, and after it what sets the panel apart from its neighbours."""
    ax.set_title(rf"$\bf{{{letter}}}$   {text}", pad=8)


def band(ax: Axes, x: np.ndarray, curves: np.ndarray, color: str) -> None:
    """The mean of `curves`, shape (n, len(x)), and a band of one standard deviation over the n runs."""
    mean, spread = curves.mean(0), curves.std(0, ddof=1) if len(curves) > 1 else 0.0
    ax.fill_between(x, mean - spread, mean + spread, color=color, alpha=0.25, linewidth=0)
    ax.plot(x, mean, color=color)


def two_sigma(ax: Axes, x: ArrayLike, mean: ArrayLike, sigma: ArrayLike, color: str, alpha: float = 0.25) -> None:
    """The mean, and a band of two standard deviations to either side."""
    ax.fill_between(x, mean - 2 * sigma, mean + 2 * sigma, color=color, alpha=alpha, linewidth=0)
    ax.plot(x, mean, color=color)


def dots(ax: Axes, x: Sequence[float], values: np.ndarray, color: str, name: str = "") -> None:
    """A dot for every run of `values`, shape (len(x), n), and the line of their means, named at its end."""
    ax.plot(x, values, "o", color=color, markersize=2.5, alpha=0.7, clip_on=False)
    ax.plot(x, values.mean(1), color=color)
    label_end(ax, x[-1], values[-1].mean(), name, color)


def published(ax: Axes, x: Sequence[float], y: Sequence[float], name: str = "") -> None:
    """The published curve, thin and grey behind ours; `name` is written above its fall."""
    ax.plot(x, y, color=PUBLISHED, linewidth=0.8, zorder=0)
    label(ax, x[len(x) // 8], y[len(x) // 8], name, PUBLISHED, align="left", fontsize=9)


def label(ax: Axes, x: float, y: float, text: str, color: str, align: str = "right", fontsize: float = 11) -> None:
    """Names a curve where it is, above the point (x, y), instead of in a legend."""
    halo = [withStroke(linewidth=2, foreground="white")]
    look = {"color": color, "ha": align, "fontsize": fontsize, "path_effects": halo}
    look["zorder"] = 1  # over the published curves, under ours
    ax.annotate(text, (x, y), (0, 4), textcoords="offset points", **look)


def label_end(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    """Names a curve beside its right end (x, y); names that would meet are moved apart in the end, by `sign`."""
    look = {"color": color, "fontsize": 9, "va": "center", "gid": "end", "annotation_clip": False}
    ax.annotate(text, (x, y), (3, 0), textcoords="offset points", **look)


def key(figure: Figure, names: dict[str, str]) -> None:
    """Below the panels the names of what has a color but no place of its own, each in its color."""
    figure.supxlabel(" ", fontsize=9)  # keeps the line free
    for place, (name, color) in enumerate(names.items()):
        at = 0.02 + place / max(6, len(names))
        figure.text(at, 0.01, name, color=color, fontsize=8, va="bottom", fontweight="bold")


def power_of_ten(value: float) -> str:
    """The nearest power of ten, as in a formula: 0.01 is 10^{-2}; 0 is 0."""
    return f"10^{{{round(np.log10(value))}}}" if value else "0"


def _spread_ends(ax: Axes) -> None:
    """Moves the names at the ends of curves up until they are a line of text apart."""
    ends = sorted((text for text in ax.texts if text.get_gid() == "end"), key=lambda text: text.xy[1])
    lowest = -np.inf
    for text in ends:
        x, y = (ax.transData - ax.transAxes).transform(text.xy)
        lowest = max(y, lowest + 0.08)  # of the height of the panel
        text.xy = tuple((ax.transAxes - ax.transData).transform((x, lowest)))


def sign(figure: Figure, title: str, verdict: str, lines: Sequence[str]) -> None:
    """Writes the claim above the panels, and below them the verdict and the numbers it rests on."""
    for ax in figure.axes:
        _spread_ends(ax)
    figure.suptitle("\n".join(textwrap.wrap(title, 68)), x=0.01, ha="left", fontsize=11, fontweight="bold")
    figure.text(0.01, -0.02, verdict, color=VERDICTS[verdict], fontweight="bold", fontsize=9, va="top")
    figure.text(0.17, -0.02, "\n".join(lines), fontsize=9, va="top", linespacing=1.4)
