import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from refnets.catalogue import load
from refnets.config.build import build
from refnets.operations.descent import SquaredError, gabor
from refnets.operations.stationary_points import stationary_points

WINDOW = ((-10.0, 10.0), (2.5, 22.5))  # that of the book


@pytest.fixture(scope="module")
def loss():
    return SquaredError(gabor, build("data", load("the_gabor_model_has_eight_minima").params["data"]))


@pytest.fixture(scope="module")
def found(loss):
    return stationary_points(loss, WINDOW, starts=31, iterations=40)


def test_minima_are_where_another_method_goes_from_anywhere(loss, found):
    for phi0 in np.linspace(*WINDOW[0], 6):
        for phi1 in np.linspace(*WINDOW[1], 6):
            end = minimize(lambda phi: loss(torch.from_numpy(phi)).item(), (phi0, phi1)).x
            if all(low < value < high for value, (low, high) in zip(end, WINDOW, strict=True)):
                assert (found[0] - torch.from_numpy(end)).norm(dim=-1).min() < 0.01


def test_the_other_minima_are_as_deep_as_published(loss, found):
    expected = [0.646, 3.356, 3.670, 5.039, 5.511, 6.528, 9.961, 10.182]
    assert loss(found[0]).sort().values.tolist() == pytest.approx(expected, abs=1e-3)


def test_from_a_saddle_the_loss_falls_in_one_direction_and_rises_in_another(loss, found):
    angle = torch.linspace(0, torch.pi, 100, dtype=torch.float64)[:, None]
    around = 0.1 * torch.cat([angle.cos(), angle.sin()], -1)
    for saddle in found[1]:
        change = loss(saddle + around) - loss(saddle)
        assert change.min() < 0 < change.max()
