import numpy as np
import pytest
import torch
import torch.nn.functional as F

from refnets.operations.normalization import batch_normalize, normalize, statistics


@pytest.fixture(params=[(8, 3), (5, 3, 7), (4, 3, 5, 6)], ids=str)
def case(request):
    rng = np.random.default_rng(0)
    return 2 + 3 * rng.normal(size=request.param), rng.normal(size=3), rng.normal(size=3)  # h, gamma, delta


def test_it_is_torchs_in_training(case):
    h, gamma, delta = case
    expected = F.batch_norm(torch.tensor(h), None, None, torch.tensor(gamma), torch.tensor(delta), training=True)
    assert np.allclose(batch_normalize(h, gamma, delta), expected.numpy(), atol=1e-12)


def test_it_is_torchs_in_a_trained_network(case):
    h, gamma, delta = case
    mean, variance = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.0, 4.0])
    expected = F.batch_norm(*map(torch.tensor, (h, mean, variance, gamma, delta)))
    assert np.allclose(normalize(h, mean, variance, gamma, delta), expected.numpy(), atol=1e-12)


def test_every_channel_has_the_new_mean_and_standard_deviation(case):
    h, gamma, delta = case
    mean, variance = statistics(batch_normalize(h, gamma, delta, epsilon=0))
    assert np.allclose(mean, delta)
    assert np.allclose(variance, gamma**2)


def test_epsilon_keeps_a_constant_channel_finite():
    assert batch_normalize(np.full((4, 1), 7.0), np.ones(1), np.zeros(1)).tolist() == [[0], [0], [0], [0]]
