import pytest

from refnets.figures.overfitting import mean_squared_error


def test_the_error_is_the_mean_of_the_squares(known_run):
    run = known_run([[1.0], [2.0], [5.0]], [1, 4, 4])  # the network puts out 1, 2, 5
    assert mean_squared_error(run, "test") == pytest.approx((0 + 4 + 1) / 3)
