import numpy as np
import pytest
import torch
from scipy.stats import norm

from refnets.figures.distributions import _compare, density
from refnets.losses.gaussian import Gaussian


def test_the_density_of_one_distribution_at_many_values():
    y = [-1.0, 0.0, 2.5]
    ours = density(Gaussian("predicted"), torch.tensor([0.3, 2 * np.log(1.7)]), y)
    assert ours == pytest.approx(norm.pdf(y, 0.3, 1.7), rel=1e-6)


def test_a_published_curve_is_compared_after_scaling_it_to_area_one():
    x = np.linspace(-6, 6, 400)
    numbers = _compare("half", norm.pdf(x), norm.pdf(x), {"x": x, "value": norm.pdf(x) / 2})
    assert numbers["published_area_half"].values == pytest.approx([0.5], abs=1e-3)
    assert numbers["distance_half"].values == pytest.approx([0], abs=1e-3)
    assert numbers["maxima_half"].values == [1]


def test_two_maxima_are_counted():
    x = np.linspace(-6, 6, 400)
    two = norm.pdf(x, -3) + norm.pdf(x, 3)
    assert _compare("two", two, two, {"x": x, "value": two})["maxima_two"].values == [2]
