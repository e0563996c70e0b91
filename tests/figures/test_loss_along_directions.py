import numpy as np
import pytest
import torch
from torch import nn

from refnets.figures.loss_along_directions import curved_down, losses_along, measure, random_direction

ALONG = torch.linspace(-1, 1, 41)


def test_a_direction_is_as_long_for_each_unit_as_its_weights():
    model = nn.Sequential(nn.Linear(10, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    direction = random_direction(model, seed=0)
    assert list(direction) == ["0.weight", "2.weight"]
    for name, each in direction.items():
        assert torch.allclose(each.norm(dim=1), model.get_parameter(name).norm(dim=1))


def test_directions_have_seeds_of_their_own():
    model = nn.Linear(10, 5)
    first, again, second = (random_direction(model, seed)["weight"] for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.allclose(first, second)


def test_the_loss_of_a_linear_classifier_is_convex_along_every_direction(known_run):
    run = known_run(model=nn.Linear(6, 3).double())
    split = run.data().splits
    split["train"] = type(split["test"])(torch.randn(50, 6).double(), torch.arange(50) % 3)
    losses = losses_along(run, ALONG, directions=4)
    assert losses.shape == (4, 41)
    assert curved_down(losses[None]) == 0


def test_shares_and_rises_of_known_curves():
    x = ALONG.numpy()
    bowl, wavy = np.stack([x**2] * 2)[None], np.stack([13 * x**4 - 3 * x**2] * 2)[None]  # (1, directions, 41) each
    numbers = {name: number.values[0] for name, number in measure(wavy + 1, bowl + 7).items()}
    assert numbers["share_curved_down_residual"] == 0
    assert numbers["share_curved_down_plain"] == pytest.approx(100 * 7 / 39)  # -0.15 to 0.15: 156 x^2 < 6
    assert numbers["rise_at_1_plain_over_residual"] == pytest.approx(10)
