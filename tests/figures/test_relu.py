import pytest
import torch
from torch import nn

from refnets.data.batches import Split
from refnets.figures.relu import activations, gradient_of_dead_units, zeros
from refnets.models.mlp import MLP

NETWORK = {"width": 50, "depth": 2, "activation": "relu", "init": "he_uniform", "dropout": 0.0}


@pytest.fixture
def model():
    torch.manual_seed(0)
    return MLP((4,), 3, **NETWORK)


@pytest.fixture
def train():
    torch.manual_seed(1)
    return Split(torch.randn(30, 4), torch.randint(3, (30,)))


def test_activations_lead_to_the_output(model, train):
    first, second = activations(model, train.x)
    assert torch.equal(second, model.layers[3:5](first))
    assert torch.equal(model(train.x), model.layers[-1](second))


def test_half_of_the_activations_are_zero_in_random_networks(train):
    model = {"_target_": "refnets.models.mlp.MLP", **NETWORK}
    assert zeros(train.x, model, networks=200, seed=0).mean(0) == pytest.approx([50, 50], abs=2)


def test_a_unit_that_is_always_off_has_no_gradient_and_one_that_is_sometimes_on_has(model, train):
    with torch.no_grad():
        model.layers[1].bias[:25] = -100.0
    loss = nn.CrossEntropyLoss()
    assert gradient_of_dead_units(model, loss, train) == 0
    dead = (activations(model, train.x)[0] == 0).all(0)
    assert dead[:25].all()
    assert (model.layers[1].bias.grad[~dead] != 0).all()
