"""What every model of configs/model must do."""

import pytest
import torch

from refnets.check import build
from refnets.config import CONFIGS

MODELS = sorted(file.stem for file in (CONFIGS / "model").glob("*.yaml"))


@pytest.fixture(params=MODELS)
def model(request, job):
    torch.manual_seed(0)
    return build("model", job(f"model={request.param}")[0].model, (1, 40), 10)


def test_one_output_vector_per_example(model):
    assert model(torch.randn(7, 1, 40)).shape == (7, 10)


def test_a_gradient_reaches_every_parameter(model):
    model(torch.randn(64, 1, 40)).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_examples_do_not_mix(model):
    x = torch.randn(5, 1, 40)
    assert torch.allclose(model.eval()(x)[2:3], model(x[2:3]), atol=1e-6)


@pytest.mark.parametrize(
    ("experiment", "parameters"),
    [
        ("mnist1d_cnn", 2050),  # fig 10.8 a
        ("mnist1d_fc", 59065),  # fig 10.8 b
        ("mnist1d_mlp", 15210),  # fig 8.2
        ("mnist1d_benchmark", 5210),  # these four: mnist1d-classification.ipynb of the data's authors
        ("mnist1d_benchmark model=gru", 5134),
        ("mnist1d_benchmark model=mlp", 15210),
        ("mnist1d_benchmark model=mlp model.depth=0", 410),
    ],
)
def test_parameters_are_as_many_as_published(job, experiment, parameters):
    model = build("model", job(*f"experiment={experiment}".split())[0].model, (1, 40), 10)
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
