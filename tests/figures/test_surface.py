import torch
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.surface import draw_path, grid


def test_the_grid_goes_row_by_row_from_the_lower_left_corner():
    points = grid((0, 2), (10, 30), points=3)
    assert points[0].tolist() == [[0, 10], [1, 10], [2, 10]]
    assert points[:, 0].tolist() == [[0, 10], [0, 20], [0, 30]]


def test_a_ring_is_where_a_descent_starts():
    ax = Figure().subplots()
    draw_path(ax, torch.tensor([[1.0, 2.0], [3.0, 4.0]]), style.TRAIN)
    (ring,) = [each for each in ax.lines if each.get_markerfacecolor() == "white"]
    assert [ring.get_xdata(), ring.get_ydata()] == [1, 2]
