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


def test_small_marks_keep_their_colours_beside_photographs(tmp_path):
    figure = Figure()
    photograph, marks = figure.subplots(1, 2)
    photograph.imshow(np.random.default_rng(0).integers(50, 200, size=(60, 60, 3), dtype=np.uint8))
    colors = {"#0072b2": (0, 114, 178), "#d55e00": (213, 94, 0), "#009e73": (0, 158, 115)}
    for y, color in enumerate(colors):
        marks.plot([0, 1], [y, y], color=color)
    style.save(figure, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as written:
        pixels = np.asarray(written.convert("RGB"), dtype=int)
    nearest = [np.abs(pixels - color).max(-1).min() for color in (*colors.values(), (255, 255, 255))]
    assert max(nearest) < 10
