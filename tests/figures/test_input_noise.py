import pytest
import torch

from refnets.figures.input_noise import limit, train

EXAMPLES = torch.tensor([0.2, 0.5, 0.6]).double(), torch.tensor([1.0, -1.0, 2.0]).double()


def test_the_limit_is_the_mean_target_of_noisy_inputs():
    random = torch.Generator().manual_seed(0)
    noisy = EXAMPLES[0] + 0.1 * torch.randn(400000, 3, generator=random)
    near = (noisy - 0.4).abs() < 0.01
    expected = EXAMPLES[1].expand(noisy.shape)[near].mean()
    assert limit(*EXAMPLES, 0.1, torch.tensor([0.4]).double()).item() == pytest.approx(expected.item(), abs=0.02)


def test_little_noise_leaves_the_nearest_target():
    assert limit(*EXAMPLES, 0.01, torch.tensor([0.25, 0.54]).double()).tolist() == pytest.approx([1, -1], abs=1e-3)


def test_networks_do_not_depend_on_those_trained_beside_them():
    network = {"width": 4, "depth": 1, "activation": "tanh", "init": "default", "dropout": 0.0}
    both = train(*EXAMPLES, [0.0, 0.1], network, copies=2, lr=0.01, steps=3, networks=2, seed=0)
    alone = train(*EXAMPLES, [0.1], network, copies=2, lr=0.01, steps=3, networks=2, seed=0)
    assert torch.allclose(both[1], alone[0], atol=1e-6)
