import numpy as np
import pytest

from refnets.figures.basic_example import descend, mean_loss, slopes

X, Y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])


def test_the_first_step_is_that_of_the_notes():
    assert slopes(X, Y, 0, 0) == pytest.approx((-40 / 3, -6))
    assert descend(X, Y, (0, 0), lr=0.01, steps=1)[-1] == pytest.approx([0.13333, 0.06], abs=1e-5)
    assert mean_loss(X, Y, np.array([0, 2 / 15]), np.array([0, 0.06])) == pytest.approx([9.6667, 7.6475], abs=5e-5)


def test_the_derivatives_are_the_slopes_of_the_mean_loss():
    w, b, change = 0.3, -0.7, 1e-3
    by_w = (mean_loss(X, Y, w + change, b) - mean_loss(X, Y, w - change, b)) / (2 * change)
    by_b = (mean_loss(X, Y, w, b + change) - mean_loss(X, Y, w, b - change)) / (2 * change)
    assert slopes(X, Y, w, b) == pytest.approx((by_w, by_b), rel=1e-8)


def test_gradient_descent_ends_at_least_squares():
    x, y = np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.0, 2.0])
    assert descend(x, y, (0, 0), lr=0.05, steps=3000)[-1] == pytest.approx(np.polyfit(x, y, 1), abs=1e-6)
