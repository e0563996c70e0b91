import numpy as np
import pytest

from refnets.figures.initialization import propagate


@pytest.mark.parametrize(("variance", "factor"), [(0.02, 1.0), (0.1, 5.0)])
def test_the_variance_changes_by_half_the_width_times_the_variance_of_the_weights(variance, factor):
    forward, backward = (logs[:, :6] for logs in propagate(variance, depth=20, width=100, networks=200, seed=0))
    assert np.diff(forward.mean(0)) == pytest.approx([np.log10(factor)] * 5, abs=0.05)
    assert np.diff(backward.mean(0)) == pytest.approx([-np.log10(factor)] * 5, abs=0.05)


def test_fifty_layers_of_large_weights_do_not_overflow():
    forward, backward = propagate(1.0, depth=50, width=100, networks=2, seed=0)
    assert np.isfinite(forward).all()
    assert np.isfinite(backward).all()
