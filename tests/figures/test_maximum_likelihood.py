import pytest
import scipy.stats as st
import torch

from refnets.figures.maximum_likelihood import criteria
from refnets.losses.gaussian import Gaussian

MEAN = torch.tensor([[0.1, -0.4, 2.0], [0.0, 1.0, 0.5]], dtype=torch.float64)  # two networks, three examples
Y = torch.tensor([0.3, 0.0, 1.0], dtype=torch.float64)


def test_the_likelihood_is_the_product_of_the_densities():
    likelihood, nll, squares = criteria(Gaussian("fixed", 0.7), MEAN, Y)
    expected = st.norm.pdf(Y, MEAN, 0.7).prod(1)
    assert likelihood.numpy() == pytest.approx(expected, rel=1e-12)
    assert (-nll).exp().numpy() == pytest.approx(expected, rel=1e-12)
    assert squares.tolist() == pytest.approx([0.04 + 0.16 + 1, 0.09 + 1 + 0.25])
