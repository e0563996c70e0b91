import pytest
import torch

from refnets.models.gru import GRU


def test_it_is_the_recursion_of_its_units():
    torch.manual_seed(0)
    model, x = GRU((2, 5), 3, width=4), torch.randn(1, 2, 5)
    forth, back = (
        recursion(model.units, x[0, :, order].T, end)
        for order, end in ((slice(None), ""), ([4, 3, 2, 1, 0], "_reverse"))
    )
    h = torch.cat([forth, back.flip(0)], 1)  # (positions, 2 width)
    assert torch.allclose(model(x)[0], model.head.weight @ h.flatten() + model.head.bias, atol=1e-6)


def recursion(units, signal, end):
    """Reset gate r, update gate z, proposal n of what is remembered, one position after another."""
    w, u, b, c = (getattr(units, f"{name}_l0{end}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    h, said = torch.zeros(4), []
    for x in signal:
        (from_x, from_h) = (w @ x + b).chunk(3), (u @ h + c).chunk(3)
        r, z = ((from_x[i] + from_h[i]).sigmoid() for i in (0, 1))
        h = (1 - z) * (from_x[2] + r * from_h[2]).tanh() + z * h
        said.append(h)
    return torch.stack(said)  # (positions, width)


def test_it_refuses_inputs_that_are_no_signals():
    with pytest.raises(ValueError, match=r"takes inputs of shape \(channels, positions\), the data has \(3, 32, 32\)"):
        GRU((3, 32, 32), 10, width=6)
