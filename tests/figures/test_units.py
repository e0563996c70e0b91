import numpy as np
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from refnets.figures import style, units


def test_a_marked_output_leads_to_its_inputs():
    ax = Figure().subplots()
    units.convolution(ax, 12, 3, marked=[1], stride=2, padding=1, dilation=2)
    inputs = [line.get_xdata()[0] for line in ax.lines if same_color(line.get_color(), style.SERIES[0])]
    assert inputs == [1, 3, 5]  # output 1 begins at 2 x 1 - 1


def test_a_weight_is_where_the_matrix_has_it():
    ax = Figure().subplots()
    units.weights(ax, np.array([[0.5, 0, -1], [0, 0.5, 0]]), np.array([0.5, -1]))
    assert [squares.get_offsets().tolist() for squares in ax.collections] == [[[0, 0], [1, 1]], [[2, 0]]]
