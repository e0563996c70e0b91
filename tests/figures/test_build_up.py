import numpy as np
import pytest
import torch

from refnets.data.points import Points
from refnets.figures.build_up import combined, draw_regions, fit
from refnets.models.coefficients import from_coefficients


def test_the_combined_equation_is_the_one_written_out():
    theta, phi = [[0.3, -1.0], [-1.0, 2.0]], [0.1, 0.5, -1.5]
    psi = [[0.3, 2.0, -1.0], [-0.2, 2.0, 1.2]]

    def a(z):
        return max(z, 0)

    for x in (0.0, 0.2, 0.6, 1.0):
        y = 0.1 + 0.5 * a(0.3 + 2.0 * a(0.3 - 1.0 * x) - 1.0 * a(-1.0 + 2.0 * x))
        y += -1.5 * a(-0.2 + 2.0 * a(0.3 - 1.0 * x) + 1.2 * a(-1.0 + 2.0 * x))
        assert combined(torch.tensor([x], dtype=torch.float64), theta, psi, phi).item() == pytest.approx(y, abs=1e-12)


def test_the_fit_finds_a_network_again():
    theta, phi = [[0.3, -1.0], [-1.0, 2.0]], [0.1, 0.5, -1.5]
    x = torch.linspace(0, 1, 30)
    y = from_coefficients(theta, [phi])(x[:, None].double())[:, 0]
    start = [[0.25, -1.0], [-1.1, 2.1]], [0.0, 0.6, -1.4]
    found = from_coefficients(*fit(*start, Points(x=x.tolist(), y=y.tolist(), batch_size=None)))
    assert np.allclose(found(x[:, None].double())[:, 0].detach(), y.detach(), atol=1e-5)


def test_of_each_region_slope_and_active_units_are_known():
    picture, numbers = draw_regions(theta=[[-0.5, 1.0], [1.0, -1.0], [-1.5, 1.0]], phi=[0.0, 2.0, 1.0, -3.0], end=2.0)
    measured = {name: number.values for name, number in numbers.items()}
    assert [measured[f"joint_{i}"] for i in (1, 2, 3)] == [[0.5], [1.0], [1.5]]
    assert [measured[f"unit_{i}_in_region_2"] for i in (1, 2, 3)] == [[1], [1], [0]]
    assert measured["slope_of_region_3_minus_those_of_1_and_4"] == pytest.approx([2 + 1 - (2 - 3)])
    assert picture.axes[3].get_xlim() == (0, 2)
