import torch
from matplotlib.figure import Figure
from torch import nn

from refnets.figures import map_sizes


def test_maps_are_grouped_by_resolution():
    with torch.device("meta"):
        network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ConvTranspose2d(8, 2, 2, 2))
    groups = map_sizes.trace(network, (1, 22, 22))
    assert groups == [[(1, 22), (4, 20)], [(4, 10), (8, 8)], [(2, 16)]]


def test_a_bar_is_as_high_as_the_last_map_of_its_group():
    ax = Figure().subplots()
    map_sizes.draw(ax, [[(1, 20)], [(4, 10), (8, 5)]])
    assert [bar.get_height() for bar in ax.patches] == [1, 0.25]
    assert [text.get_text() for text in ax.texts] == ["1", "20²", "8", "5²"]


def test_the_first_and_the_last_rows_of_a_group_are_measured():
    numbers = map_sizes.measure([[(1, 20)], [(4, 10), (8, 5)]])
    assert numbers["group_1_first_rows"].values == [10]
    assert numbers["group_1_rows"].values == [5]
    assert numbers["group_1_channels"].values == [8]
