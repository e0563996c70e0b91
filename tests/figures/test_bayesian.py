import pytest
import torch

from refnets.figures.bayesian import predict, sample, standard_errors
from refnets.operations.ridge import features, posterior

AT = torch.tensor([0.1, 0.7], dtype=torch.float64)


@pytest.fixture
def parameters():
    x = torch.linspace(0, 1, 9, dtype=torch.float64)
    return posterior(x, (7 * x).sin(), 4, noise=0.3, prior=10.0)


def test_the_prediction_has_mean_and_deviation_of_the_outputs_of_samples(parameters):
    outputs = features(AT, 4) @ sample(parameters, 20000, seed=0).mT  # (2, samples)
    mean, deviation = predict(parameters, AT)
    assert outputs.mean(1).numpy() == pytest.approx(mean.numpy(), abs=0.01)
    assert outputs.std(1).numpy() == pytest.approx(deviation.numpy(), rel=0.02)


def test_samples_are_as_far_from_the_mean_as_chance_brings_them(parameters):
    drawn = sample(parameters, 1000, seed=0)
    assert 0.2 < standard_errors(drawn, parameters) < 3
    assert standard_errors(drawn + 0.2, parameters) > 10
