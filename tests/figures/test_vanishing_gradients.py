import numpy as np
import pytest
import torch

from refnets.figures.vanishing_gradients import gradient_norms, mean_field


@pytest.mark.parametrize("gain", [1, 2, 400])
def test_relu_layers_multiply_the_gradient_by_the_root_of_half_the_gain(gain):
    back = mean_field(torch.relu, gain, depth=5)[::-1]
    assert back == pytest.approx(np.arange(5) * np.log10(gain / 2) / 2, abs=1e-4)  # book eq 7.33


@pytest.mark.parametrize("gain", [0.1, 1, 2, 400])
@pytest.mark.parametrize(("activation", "slope"), [(torch.sigmoid, 0.25), (torch.tanh, 1.0)])
def test_a_layer_multiplies_the_gradient_by_at_most_the_largest_slope(activation, slope, gain):
    assert (-np.diff(mean_field(activation, gain, depth=20)) <= np.log10(slope * gain**0.5) + 1e-9).all()


@pytest.mark.parametrize("activation", [torch.sigmoid, torch.tanh, torch.relu])
def test_wide_networks_are_as_mean_field_theory_says(activation):
    logs = gradient_norms(activation, [1.5 / 500], depth=10, width=500, networks=20, seed=0)
    assert logs[0].mean(0) == pytest.approx(mean_field(activation, 1.5, depth=10), abs=0.05)
