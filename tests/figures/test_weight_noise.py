import copy

import pytest
import torch

from refnets.figures.weight_noise import losses, norm, outputs, perturbed, rises, train
from refnets.models.batched import batched
from refnets.models.mlp import MLP

EXAMPLES = torch.tensor([0.2, 0.5, 0.6]).double(), torch.tensor([1.0, -1.0, 2.0]).double()
NETWORK = {"width": 4, "depth": 1, "activation": "tanh", "init": "default", "dropout": 0.0}


@pytest.fixture
def networks() -> list[MLP]:
    torch.manual_seed(0)
    return [MLP((1,), 1, **NETWORK) for _ in range(4)]


def noise(networks: list[MLP], *deviations: float) -> torch.Tensor:
    """Of the first weights of all networks, (networks, 4, 1)."""
    stacked, generator = batched(copy.deepcopy(networks)), torch.Generator().manual_seed(1)
    (name, own), *_ = stacked.named_parameters()
    return (perturbed(stacked, torch.tensor(deviations), generator)[name] - own).detach()


def test_no_deviation_leaves_the_weights(networks):
    assert noise(networks, 0.0).abs().max() == 0


def test_the_noise_of_two_deviations_differs_in_scale_alone(networks):
    small, large = noise(networks, 0.1, 0.3).unflatten(0, (2, 2))
    assert torch.allclose(large, 3 * small, atol=1e-6)


def test_every_network_has_noise_of_its_own(networks):
    first, second, *_ = noise(networks, 0.1)
    assert (first - second).abs().min() > 0


def test_losses_are_those_of_the_networks_alone(networks):
    stacked = batched(copy.deepcopy(networks))
    x, y = (each.float() for each in EXAMPLES)
    alone = [(network(x[:, None])[:, 0] - y).square().mean().item() for network in networks]
    assert losses(dict(stacked.named_parameters()), stacked, *EXAMPLES).tolist() == pytest.approx(alone, rel=1e-5)


def test_the_norm_is_that_of_all_parameters(networks):
    alone = [torch.cat([each.flatten() for each in network.parameters()]).norm().item() for network in networks]
    assert norm(batched(copy.deepcopy(networks))).tolist() == pytest.approx(alone, rel=1e-5)


def test_the_loss_of_a_fitted_network_rises_with_the_square_of_small_perturbations():
    stacked = train(*EXAMPLES, [0.0], NETWORK, lr=0.05, steps=2000, networks=2, seed=0)
    small, large = rises(stacked, *EXAMPLES, [0.01, 0.02], draws=400, seed=0).mean(1)
    assert (large / small).item() == pytest.approx(4, rel=0.3)


def test_networks_do_not_depend_on_those_trained_beside_them():
    both = train(*EXAMPLES, [0.0, 0.1], NETWORK, lr=0.01, steps=3, networks=2, seed=0)
    alone = train(*EXAMPLES, [0.1], NETWORK, lr=0.01, steps=3, networks=2, seed=0)
    assert torch.allclose(outputs(both, EXAMPLES[0])[2:], outputs(alone, EXAMPLES[0]), atol=1e-6)
