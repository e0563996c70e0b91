from functools import partial

import pytest
import torch
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import StepLR

from refnets.catalogue import load
from refnets.config.build import build
from refnets.operations.descent import SquaredError, closed_form, descend, epochs, gabor, line

PHI = torch.tensor([0.6, -0.2], dtype=torch.float64)


def points(figure):
    return build("data", load(figure).params["data"])


@pytest.fixture
def line_loss():
    return SquaredError(line, points("the_loss_of_a_line_is_convex"))


@pytest.fixture
def gabor_loss():
    return SquaredError(gabor, points("the_gabor_model_has_eight_minima"))


def test_a_line_is_affine():
    x = torch.rand(3)
    assert torch.allclose(line(PHI, x) - line(PHI, x + 1), line(PHI, x + 1) - line(PHI, x + 2))


def test_the_losses_are_those_of_the_notebooks(line_loss, gabor_loss):
    assert line_loss(PHI).item() == pytest.approx(12.367, abs=5e-4)  # notebook 6_2
    assert gabor_loss(PHI).item() == pytest.approx(16.419, abs=5e-4)  # notebook 6_3


@pytest.mark.parametrize("model", ["line_loss", "gabor_loss"])
def test_gradients_equal_finite_differences(model, request):
    loss = request.getfixturevalue(model)
    assert torch.autograd.gradcheck(loss, PHI.clone().requires_grad_())


def test_many_descents_at_once_go_where_each_goes_alone(gabor_loss):
    starts = torch.tensor([[-2.0, 20.0], [3.0, 10.0]], dtype=torch.float64)
    together = descend(gabor_loss, starts, partial(Adam, lr=0.1), 20)
    alone = [descend(gabor_loss, start, partial(Adam, lr=0.1), 20) for start in starts]
    assert torch.equal(together, torch.stack(alone, 1))


def test_each_example_comes_once_an_epoch():
    order = epochs(examples=30, batch_size=5, steps=12, starts=3, seed=0)
    first, second = order[:6].transpose(0, 1).flatten(1), order[6:].transpose(0, 1).flatten(1)  # (starts, 30) each
    assert torch.equal(first.sort(-1).values, torch.arange(30).expand(3, 30))
    assert torch.equal(second.sort(-1).values, torch.arange(30).expand(3, 30))
    assert not torch.equal(first, second)


def test_the_gradients_of_an_epochs_batches_add_up_to_the_full_gradient(gabor_loss):
    gradient = torch.func.grad(gabor_loss)
    batches = epochs(examples=30, batch_size=5, steps=6, starts=1, seed=0)[:, 0]
    assert torch.allclose(sum(gradient(PHI, batch) for batch in batches), gradient(PHI), atol=1e-12)


def test_sgd_on_the_full_batch_is_gradient_descent(gabor_loss):
    start, order = PHI[None] + 5, epochs(examples=30, batch_size=30, steps=25, starts=1, seed=0)
    full = descend(gabor_loss, start, partial(SGD, lr=0.1), 25)
    assert torch.allclose(descend(gabor_loss, start, partial(SGD, lr=0.1), 25, order), full, atol=1e-6)


def test_a_scheduler_changes_the_rate_between_steps(line_loss):
    gradient = torch.func.grad(line_loss)
    path = descend(line_loss, PHI, partial(SGD, lr=0.01), 2, scheduler=partial(StepLR, step_size=1, gamma=0.5))
    assert torch.allclose(path[1] - path[0], -0.01 * gradient(path[0]))
    assert torch.allclose(path[2] - path[1], -0.005 * gradient(path[1]))


def test_momentum_is_the_books_with_a_rate_of_one_minus_beta(gabor_loss):
    alpha, beta = 0.06, 0.6
    phi, m = PHI, torch.zeros(2)
    for _ in range(9):  # book eq 6.11
        m = beta * m + (1 - beta) * torch.func.grad(gabor_loss)(phi)
        phi = phi - alpha * m
    path = descend(gabor_loss, PHI, partial(SGD, lr=alpha * (1 - beta), momentum=beta), 9)
    assert torch.allclose(path[-1], phi)


def test_nesterov_stores_the_point_that_momentum_looks_ahead_to(gabor_loss):
    alpha, beta = 0.06, 0.6
    phi, m = PHI, torch.zeros(2)
    for _ in range(9):  # book eq 6.12 with the gradient at phi - alpha beta m (UDL errata p. 7)
        m = beta * m + (1 - beta) * torch.func.grad(gabor_loss)(phi - alpha * beta * m)
        phi = phi - alpha * m
    path = descend(gabor_loss, PHI, partial(SGD, lr=alpha * (1 - beta), momentum=beta, nesterov=True), 9)
    assert torch.allclose(path[-1], phi - alpha * beta * m)


def test_adams_first_step_is_the_rate_in_every_coordinate(gabor_loss):
    path = descend(gabor_loss, PHI, partial(Adam, lr=0.05), 1)
    assert torch.allclose((path[1] - path[0]).abs(), torch.full((2,), 0.05, dtype=torch.float64), atol=1e-6)


def test_adams_averages_of_a_constant_gradient_are_that_gradient():
    """Bias correction (book eq 6.16): every step has the size of the rate, from the first one on."""
    path = descend(lambda phi: 3 * phi[..., 0] - phi[..., 1], PHI, partial(Adam, lr=0.05, eps=0.0), 50)
    assert torch.allclose(path.diff(dim=0), torch.tensor([-0.05, 0.05], dtype=torch.float64).expand(50, 2))


def test_the_last_epoch_may_be_incomplete():
    assert epochs(examples=30, batch_size=5, steps=8, starts=2, seed=0).shape == (8, 2, 5)


def test_the_closed_form_is_where_the_gradient_is_zero(line_loss):
    assert torch.func.grad(line_loss)(closed_form(line_loss)).norm() < 1e-12
