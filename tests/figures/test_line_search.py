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
