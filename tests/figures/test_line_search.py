import pytest
import torch

from refnets.data.points import Points
from refnets.figures.line_search import search
from refnets.operations.descent import SquaredError, line


@pytest.fixture
def searched():
    """2 phi0^2 + 2 phi1^2 from (1, 2): the gradient is (4, 8), and a quarter of it leads to the minimum."""
    loss = SquaredError(line, Points(x=[-1.0, 1.0], y=[0.0, 0.0], batch_size=None))
    start = torch.tensor([1.0, 2.0], dtype=torch.float64)
    return lambda furthest: search(loss, start, steps=1, furthest=furthest, tolerance=1e-9)


def test_a_search_of_a_round_bowl_ends_at_its_lowest_point(searched):
    path, distances = searched(1.0)
    assert distances == pytest.approx([0.25], abs=1e-6)
    assert path[-1].tolist() == pytest.approx([0, 0], abs=1e-5)


def test_no_search_goes_further_than_allowed(searched):
    path, distances = searched(0.125)
    assert distances == pytest.approx([0.125], abs=1e-4)
    assert path[-1].tolist() == pytest.approx([0.5, 1], abs=1e-3)


def test_line_search_stops_where_the_loss_is_least_along_its_line():
    loss = SquaredError(line, Points(x=[0.0, 1.0, 2.0], y=[1.0, 0.0, 5.0], batch_size=None))
    path, _ = search(loss, torch.zeros(2, dtype=torch.float64), steps=1, furthest=1.0, tolerance=1e-8)
    along = path[0] + torch.linspace(0, 2, 101, dtype=torch.float64)[:, None] * (path[1] - path[0])
    assert loss(along).argmin() == 50
