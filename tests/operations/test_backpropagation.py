from itertools import pairwise

import pytest
import torch

from refnets.operations.backpropagation import backward, chain, forward, two_units


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_chain_has_the_derivatives_of_autograd():
    x, y, parameters = 0.7, -1.0, 0.5 * normal(8)

    def loss(p):
        inner = torch.exp(p[1] + p[5] * torch.sin(p[0] + p[4] * x))
        return (p[3] + p[7] * torch.cos(p[2] + p[6] * inner) - y) ** 2

    values = chain(x, y, parameters[:4].tolist(), parameters[4:].tolist())
    by_hand = [values[f"dld{name}{k}"] for name in ("beta", "omega") for k in range(4)]
    assert by_hand == pytest.approx(torch.func.grad(loss)(parameters).tolist(), rel=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_two_units_have_the_derivatives_of_autograd(seed):
    x, y, parameters = normal(20, seed=seed), normal(20, seed=seed + 100), normal(7, seed=seed + 200)
    names = "w11", "w12", "b11", "b12", "w21", "w22", "b2"
    by_hand = [two_units(x, y, *parameters)[f"dld{name}"].item() for name in names]
    autograd = torch.func.grad(lambda p: two_units(x, y, *p)["l"])(parameters)
    assert by_hand == pytest.approx(autograd.tolist(), rel=1e-10)


@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (1, 6, 6, 1), (4, 5, 2, 4, 1), (2, 8, 8, 8, 8, 3)])
@pytest.mark.parametrize("examples", [1, 7])
def test_a_network_of_any_size_has_the_derivatives_of_autograd(sizes, examples):
    weights = [normal(out, into, seed=k).requires_grad_() for k, (into, out) in enumerate(pairwise(sizes))]
    biases = [normal(out, 1, seed=k + 100).requires_grad_() for k, out in enumerate(sizes[1:])]
    f, h = forward(normal(sizes[0], examples, seed=200), weights, biases)
    y = normal(sizes[-1], examples, seed=300)
    autograd = torch.autograd.grad(((f[-1] - y) ** 2).sum(), weights + biases)
    with torch.no_grad():
        dldweights, dldbiases = backward(2 * (f[-1] - y), weights, f, h)
    torch.testing.assert_close(dldweights + dldbiases, list(autograd), rtol=1e-10, atol=1e-12)


def test_a_unit_that_is_off_has_derivatives_of_exactly_zero():
    weights, biases = [normal(2, 1), normal(1, 2)], [torch.tensor([[9.0], [-9.0]]).double(), normal(1, 1)]
    f, h = forward(torch.ones(1, 1).double(), weights, biases)
    (dldinner, dldouter), _ = backward(torch.ones(1, 1).double(), weights, f, h)
    assert (dldinner[1], dldouter[0, 1]) == (0, 0)
    assert (dldinner[0] != 0) & (dldouter[0, 0] != 0)


def test_activations_are_what_enters_each_layer():
    x = normal(3, 4)
    f, h = forward(x, [normal(2, 3), normal(1, 2)], [normal(2, 1), normal(1, 1)])
    assert h[0] is x
    assert torch.equal(h[1], f[0].clamp(min=0))
    assert len(h) == len(f) == 2
