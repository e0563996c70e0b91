import pytest
import torch

from refnets.data.toy_regression import function
from refnets.figures.bias_variance import bias_and_variance, fits, new_error
from refnets.figures.toy import X

TRUTH = function(X)


def test_curves_around_a_shifted_truth_have_the_square_of_the_shift_as_bias_and_their_own_variance():
    bias, variance = bias_and_variance(torch.stack([TRUTH + 0.5 - 1, TRUTH + 0.5 + 1]))
    assert bias == pytest.approx(0.25)
    assert variance == pytest.approx(2)  # (1 + 1) / (2 - 1)


def test_the_true_function_errs_by_the_noise_alone():
    assert new_error(TRUTH.expand(200, -1), 0.3, seed=0) == pytest.approx(0.09, rel=0.02)


def test_without_noise_many_units_have_no_bias():
    curves = fits(examples=50, units=30, noise=0.0, sets=20, seed=0)
    assert bias_and_variance(curves)[0] < 1e-3
