import numpy as np
import pytest
from matplotlib.figure import Figure

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
