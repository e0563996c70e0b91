import numpy as np
import pytest

from refnets.figures.shattered_gradients import X, autocorrelation, measure


def test_the_gradient_of_a_shallow_network_is_that_of_the_notebook_written_out():
    """Notebook 11_1 with K = 1, D = 5: weights of both layers are drawn before the biases."""
    normal = np.random.RandomState(1).normal
    first, last, bias = normal(size=(5, 1)) * 0.2**0.5, normal(size=(1, 5)) * 0.2**0.5, normal(size=(5, 1)) * 0.2**0.5
    expected = (last @ (first * (first * X.numpy() + bias > 0)))[0]
    assert measure(5, 1, variance=0.2, residual=False, networks=1)[0] == pytest.approx(expected)


@pytest.mark.parametrize(("residual", "factor"), [(False, 1), (True, 2)])
def test_a_layer_keeps_the_mean_square_a_residual_one_doubles_it(residual, factor):
    shallow, deep = (measure(100, depth, 2 / 100, residual, 60) ** 2 for depth in (1, 4))
    assert (deep.mean() / shallow.mean()) ** (1 / 3) == pytest.approx(factor, rel=0.15)


def test_with_half_the_variance_deep_gradients_shatter_less():
    glorot, he = (measure(100, 24, variance / 100, False, 20) for variance in (1, 2))
    assert _near(glorot) > _near(he) + 0.1


def test_a_constant_is_as_correlated_as_the_inputs_overlap():
    assert autocorrelation(np.ones(256)) == pytest.approx(1 - np.arange(128) / 256)


def _near(gradients: np.ndarray) -> float:
    """The mean autocorrelation at distance 0.25."""
    return np.mean([autocorrelation(each)[16] for each in gradients])
