import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from refnets.operations.ridge import bend, features, posterior, ridge

X = torch.linspace(0, 1, 9, dtype=torch.float64)
Y = (7 * X).sin()


def test_features_are_one_and_the_activations():
    expected = [[1, 0.5, 0.5 - 1 / 3, 0]]
    assert features(torch.tensor([0.5]).double(), 3).numpy() == pytest.approx(torch.tensor(expected).numpy())


def test_ridge_minimizes_its_loss_and_does_not_penalize_the_bias():
    def loss(phi):
        phi = torch.from_numpy(phi)
        return ((features(X, 4) @ phi - Y).square().sum() + 0.3 * phi[1:].square().sum()).item()

    found = minimize(loss, np.zeros(5)).x
    assert ridge(X, Y, 4, 0.3).numpy() == pytest.approx(found, abs=1e-4)


def test_data_sets_can_be_fitted_together():
    x, y = torch.stack([X, X**2]), torch.stack([Y, Y + 1])
    together = ridge(x, y, 4, 0.1)
    for one, *data in zip(together, x, y, strict=True):
        assert torch.allclose(one, ridge(*data, 4, 0.1))


def test_the_posterior_is_the_prior_times_the_likelihood():
    parameters = posterior(X, Y, 3, noise=0.3, prior=2.0)

    def log_product(phi):
        prior = torch.distributions.Normal(0.0, 2.0**0.5).log_prob(phi).sum()
        return prior + torch.distributions.Normal(features(X, 3) @ phi, 0.3).log_prob(Y).sum()

    one, other = torch.randn(2, 4, generator=torch.Generator().manual_seed(0)).double()
    expected = log_product(one) - log_product(other)
    assert (parameters.log_prob(one) - parameters.log_prob(other)).item() == pytest.approx(expected.item())


def test_the_bend_counts_changes_of_slope_up_and_down():
    assert bend(torch.tensor([5.0, 7.0, -2.0, 3.0])).item() == 5


def descend(optimizer, penalty, steps=50):
    phi = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    descent = optimizer([phi])
    for _ in range(steps):
        loss = (features(X, 4) @ phi - Y).square().mean() + penalty * phi.square().sum()
        descent.zero_grad()
        loss.backward()
        descent.step()
    return phi.detach()


def test_weight_decay_is_the_l2_penalty_of_plain_gradient_descent():
    decayed = descend(lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.02), 0)
    assert torch.allclose(decayed, descend(lambda p: torch.optim.SGD(p, lr=0.1), 0.01), atol=1e-12)


def test_decaying_weights_is_not_the_l2_penalty_of_adam():
    decayed = descend(lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.02), 0)
    assert (decayed - descend(lambda p: torch.optim.Adam(p, lr=0.1), 0.01)).abs().max() > 0.1
