import pytest
import torch

from refnets.models.activation import ACTIVATIONS

Z = torch.linspace(0.1, 5, 50)


def test_the_relu_of_negative_numbers_is_zero():
    assert (ACTIVATIONS["relu"]()(-Z) == 0).all()


@pytest.mark.parametrize(
    ("name", "homogeneous"),
    [("relu", True), ("leaky_relu", True), ("gelu", False), ("sigmoid", False), ("tanh", False)],
)
def test_which_activations_are_homogeneous(name, homogeneous):
    """a(c z) = c a(z) for c > 0 (book problem 3.5)."""
    a, z = ACTIVATIONS[name](), torch.cat([-Z, Z])
    assert torch.allclose(a(3 * z), 3 * a(z)) == homogeneous
