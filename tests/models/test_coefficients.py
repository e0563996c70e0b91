import pytest
import torch

from refnets.models.coefficients import from_coefficients


def test_it_is_the_equation_of_its_coefficients():
    network = from_coefficients([[0.3, -1.0, 0.5], [-1.0, 2.0, 0.1]], [[0.2, 3.0, -4.0]])
    x = torch.tensor([[0.7, 0.2]], dtype=torch.float64)
    hidden = max(0, 0.3 - 0.7 + 0.5 * 0.2), max(0, -1 + 2 * 0.7 + 0.1 * 0.2)
    assert network(x).item() == pytest.approx(0.2 + 3 * hidden[0] - 4 * hidden[1], abs=1e-15)


def test_no_random_numbers_are_drawn():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    from_coefficients([[0.3, -1.0]], [[0.2, 3.0]])
    assert torch.rand(1) == expected
