import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from refnets.figures import style


def test_a_band_is_one_standard_deviation_to_both_sides_of_the_mean():
    ax = Figure().subplots()
    style.band(ax, np.array([0, 1]), np.array([[1.0, 4.0], [3.0, 4.0]]), style.TEST)
    assert ax.lines[0].get_ydata().tolist() == [2, 4]
    corners = ax.collections[0].get_paths()[0].vertices
    assert [corners[:, 1].min(), corners[:, 1].max()] == pytest.approx([2 - 2**0.5, 4])


def test_names_of_curves_that_end_close_together_are_moved_apart():
    figure = Figure()
    ax = figure.subplots()
    ax.set(ylim=(0, 1))
    for name, y in (("upper", 0.51), ("lower", 0.5), ("far", 0.9)):
        style.label_end(ax, 1, y, name, style.INK)
    style.sign(figure, "A claim", "reproduced", ["a number"])
    heights = {text.get_text(): text.xy[1] for text in ax.texts}
    assert heights == {"lower": pytest.approx(0.5), "upper": pytest.approx(0.58), "far": pytest.approx(0.9)}


def test_dots_are_runs_and_the_line_their_mean():
    ax = Figure().subplots()
    style.dots(ax, [0, 1], np.array([[1.0, 3.0], [5.0, 6.0]]), style.TEST)
    assert ax.lines[-1].get_ydata().tolist() == [2, 5.5]


def test_small_marks_keep_their_colors_beside_photographs(tmp_path):
    figure, rng = Figure(), np.random.default_rng(0)
    *photographs, marks = figure.subplots(2, 3).flat
    for ax in photographs:
        ax.imshow(rng.integers([90, 120, 60], [130, 160, 100], size=(128, 128, 3), dtype=np.uint8))
    colors = {"#0072b2": (0, 114, 178), "#d55e00": (213, 94, 0), "#009e73": (0, 158, 115), "#56b4e9": (86, 180, 233)}
    for y, color in enumerate(colors):
        marks.text(0.1, y / 10, "class", color=color)
    style.save(figure, tmp_path / "a.png")
    figure.savefig(tmp_path / "b.png", dpi=200, bbox_inches="tight", pad_inches=0.1)
    written, drawn = (np.asarray(Image.open(tmp_path / name).convert("RGB"), int) for name in ("a.png", "b.png"))
    of_colors = (drawn[..., None, :] == list(colors.values())).all(-1).any(-1)  # (height, width)
    assert np.abs(written - drawn)[of_colors].max() < 10
