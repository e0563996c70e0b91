import numpy as np
import pytest
import torch

from refnets.figures.initialization import log_variance, squares
from refnets.operations.random_networks import propagate


@pytest.mark.parametrize(
    ("variance", "width", "factor"),
    [(0.02, 100, 1.0), (0.1, 100, 5.0), (0.025, 80, 1.0)],  # the last: exercise of notebook 7_3
)
def test_the_variance_changes_by_half_the_width_times_the_variance_of_the_weights(variance, width, factor):
    propagated = propagate(torch.relu, [variance], 20, width, networks=200, seed=0, loss=squares)
    forward, backward = (log_variance(values)[0, :, :6] for values in propagated)  # (networks, 6 layers)
    assert np.diff(forward.mean(0)) == pytest.approx([np.log10(factor)] * 5, abs=0.05)
    assert np.diff(backward.mean(0)) == pytest.approx([-np.log10(factor)] * 5, abs=0.05)


def test_fifty_layers_of_large_weights_do_not_overflow():
    for values in propagate(torch.relu, [1.0], 50, 100, networks=2, seed=0, loss=squares):
        assert np.isfinite(log_variance(values)).all()
