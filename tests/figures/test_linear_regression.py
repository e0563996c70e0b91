import torch

from refnets.data.points import Points
from refnets.figures.line_search import search
from refnets.figures.linear_regression import closed_form
from refnets.operations.descent import SquaredError, line

LOSS = SquaredError(line, Points(x=[0.0, 1.0, 2.0], y=[1.0, 0.0, 5.0], batch_size=None))


def test_the_closed_form_is_where_the_gradient_is_zero():
    assert torch.func.grad(LOSS)(closed_form(LOSS)).norm() < 1e-12


def test_line_search_stops_where_the_loss_is_least_along_its_line():
    path, _ = search(LOSS, torch.zeros(2, dtype=torch.float64), steps=1, furthest=1.0, tolerance=1e-8)
    along = path[0] + torch.linspace(0, 2, 101, dtype=torch.float64)[:, None] * (path[1] - path[0])
    assert LOSS(along).argmin() == 50
