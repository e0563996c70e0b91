import pytest
import torch
from scipy.special import expit

from refnets.figures.probabilities import sigmoid
from refnets.losses.binary import Bernoulli


def test_lambda_is_the_logistic_sigmoid():
    z = torch.linspace(-30, 30, 61, dtype=torch.float64)
    assert sigmoid(Bernoulli(), z).numpy() == pytest.approx(expit(z.numpy()), rel=1e-12)
