import itertools

import torch
from torch import nn

from refnets.models.residual_mlp import ResidualMLP


def test_it_is_the_network_of_notebook_11_2_written_out():
    model, x = (
        ResidualMLP((1, 40), 10, width=100, depth=2, batch_norm=False, residual=True, init="he_uniform"),
        torch.randn(7, 1, 40),
    )
    linear1, linear2, linear3, linear4 = (layer for layer in model.modules() if isinstance(layer, nn.Linear))
    h = linear1(x.flatten(1))
    h = h + linear2(h.relu())
    h = h + linear3(h.relu())
    assert torch.allclose(model(x), linear4(h), atol=1e-6)


def test_with_batch_norm_every_branch_normalizes_its_input():
    model, seen = ResidualMLP((40,), 10, width=100, depth=3, batch_norm=True, residual=True, init="he_uniform"), []
    for branch in model.branches:
        branch[1].register_forward_hook(lambda _, inputs, output: seen.append(inputs[0]))
    model(3 * torch.randn(64, 40) + 1)
    assert len(seen) == 3
    for h in seen:
        assert torch.allclose(h.mean(0), torch.zeros(100), atol=1e-5)
        assert torch.allclose(h.var(0, correction=0), torch.ones(100), atol=1e-3)


def test_a_plain_network_is_the_residual_one_without_shortcuts():
    setting = {"width": 100, "depth": 2, "batch_norm": False, "init": "he_uniform"}
    plain, residual = (ResidualMLP((40,), 10, residual=value, **setting) for value in (False, True))
    plain.load_state_dict(residual.state_dict())
    x = torch.randn(7, 40)
    first, second = residual.branches
    assert torch.allclose(plain(x), residual.head(second(first(residual.stem(x)))), atol=1e-6)
    assert not torch.allclose(plain(x), residual(x))


def test_a_linear_residual_network_is_the_sum_of_its_paths():
    """Each goes through some of the branches, in their order, and past the others (book fig 11.4)."""
    model = ResidualMLP((6,), 3, width=5, depth=4, batch_norm=False, residual=True, init="he_uniform").double()
    for branch in model.branches:
        branch[0] = nn.Identity()  # in place of the ReLU; he_uniform has no biases
    x, total = torch.randn(7, 6, dtype=torch.float64), 0
    for length in range(5):
        for path in itertools.combinations(model.branches, length):
            h = model.stem(x)
            for branch in path:
                h = branch(h)
            total = total + model.head(h)
    assert torch.allclose(model(x), total, atol=1e-10)
