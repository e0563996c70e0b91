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


def test_epsilon_is_added_to_the_variance_and_not_as_in_the_book_to_the_standard_deviation():
    h, epsilon = np.array([[-1.0], [1.0]]), 0.5
    assert batch_normalize(h, np.ones(1), np.zeros(1), epsilon)[1, 0] == pytest.approx(1 / np.sqrt(1 + epsilon))


def test_the_gradients_of_scale_and_shift_are_sums_over_the_batch(case):
    h, gamma, delta = case
    others = tuple(axis for axis in range(h.ndim) if axis != 1)
    weights = [torch.tensor(each, requires_grad=True) for each in (gamma, delta)]
    upstream = torch.tensor(np.random.default_rng(1).normal(size=h.shape))
    (F.batch_norm(torch.tensor(h), None, None, *weights, training=True) * upstream).sum().backward()
    standard = batch_normalize(h, np.ones(3), np.zeros(3))
    assert np.allclose(weights[0].grad, (upstream.numpy() * standard).sum(others))
    assert np.allclose(weights[1].grad, upstream.numpy().sum(others))


def test_the_scale_of_the_preceding_weights_does_not_matter(case):
    h, gamma, delta = case
    assert np.allclose(batch_normalize(100 * h, gamma, delta, epsilon=0), batch_normalize(h, gamma, delta, epsilon=0))


def test_running_statistics_are_averages_with_the_unbiased_variance(case):
    h, gamma, delta = case
    running = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    F.batch_norm(torch.tensor(h), *running, torch.tensor(gamma), torch.tensor(delta), training=True, momentum=0.1)
    (mean, variance), n = statistics(h), h.size / 3
    assert np.allclose(running[0], 0.1 * mean)
    assert np.allclose(running[1], 0.9 + 0.1 * variance * n / (n - 1))


def test_a_batch_of_one_example_has_no_variance():
    assert batch_normalize(np.array([[3.0, -2.0]]), np.ones(2), np.array([0.5, 1])).tolist() == [[0.5, 1]]
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        F.batch_norm(torch.ones(1, 2), None, None, training=True)
