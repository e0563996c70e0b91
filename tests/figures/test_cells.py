from matplotlib.figure import Figure
from numpy import array

from refnets.figures.cells import cells, squares


def test_cells_of_one_square_share_a_color():
    colors = squares(4, 2)
    assert len(set(colors[:2, :2].flat)) == len(set(colors[2:, 2:].flat)) == 1
    assert len(set(colors.flat)) == 4


def test_numbers_are_written_where_the_image_has_them():
    ax = Figure().subplots()
    cells(ax, array([[1, 2.25], [3, -4]]))
    assert [(each.get_text(), *each.get_position()) for each in ax.texts][1] == ("2.2", 1.5, 0.52)
