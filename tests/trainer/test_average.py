import pytest
import torch
import torch.nn.functional as F
from torch import nn

from refnets.models.unet import UNet
from refnets.train import train
from refnets.trainer.average import Average
from refnets.trainer.pause import Pause

SHORT = "keep=average", "steps=20", "eval_every=10", "logger=none"
VECTORS = "experiment=mnist1d_residual_mlp", "model.batch_norm=true", "data.num_samples=500"


@pytest.fixture
def stepped(monkeypatch):
    """The weights after every step of the latest training, by step."""
    weights = {}
    add = Average.add

    def remember(average, step):
        weights[step] = [each.detach().clone() for each in average.fitted.parameters()]
        add(average, step)

    monkeypatch.setattr(Average, "add", remember)
    return weights


@pytest.mark.parametrize("recipe", [("experiment=likelihood", "data=noisy_curve", "loss=gaussian_learned"), VECTORS])
def test_a_run_ends_with_a_mean_of_its_weights_in_which_later_ones_count_more(job, stepped, recipe):
    run = train(*job(*recipe, *SHORT))
    assert list(stepped) == list(range(20))
    shares = torch.arange(1, 21.0) ** 5
    shares = shares.diff(prepend=torch.zeros(1)) / shares[-1]  # as t^4: t^5 - (t - 1)^5
    kept = [*run.model().parameters(), *run.loss().parameters()]
    for ours, *weights in zip(kept, *stepped.values(), strict=True):
        mean = torch.tensordot(shares.to(ours.dtype), torch.stack(weights), 1)
        assert torch.allclose(ours, mean, rtol=1e-4, atol=1e-6)


def test_the_last_evaluation_is_of_that_network(job):
    run = train(*job(*VECTORS, *SHORT))
    x, y = run.data().splits["test"]
    assert run.history["test_loss"][-1] == pytest.approx(F.cross_entropy(run.model()(x), y).item(), rel=1e-5)


@pytest.fixture
def averaged():
    """averaged(network, batches): after four steps that change all its weights."""

    def average(network, batches):
        mean = Average(nn.ModuleList([network, nn.Identity()]))
        for step in range(4):
            for weight in network.parameters():
                weight.data = torch.randn_like(weight)
            mean.add(step)
        mean.take_over(network, batches, Pause())
        return network

    torch.manual_seed(0)
    return average


def test_batch_normalization_has_the_statistics_of_the_batches(averaged):
    batches = [(torch.randn(5, 3), None) for _ in range(4)]
    linear, _, normalization = averaged(nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5), nn.BatchNorm1d(2)), batches)
    outputs = torch.stack([linear(x) for x, _ in batches])  # (4, 5, 2)
    assert torch.allclose(normalization.running_mean, outputs.mean((0, 1)), atol=1e-6)
    assert torch.allclose(normalization.running_var, outputs.var(1).mean(0), atol=1e-6)
    assert normalization.momentum == nn.BatchNorm1d(2).momentum


def test_that_of_a_network_that_mirrors_images_has_those_of_both(averaged):
    how = {"padding": True, "batch_norm": True, "dropout": 0.0, "mirror": True, "init": "he_normal"}
    x = torch.randn(2, 1, 8, 8)
    network = averaged(UNet((1, 8, 8), 2, width=2, depth=1, **how), [(x, None)])
    convolution, normalization, *_ = network.down[0]
    maps = convolution(torch.cat([x, x.flip(-1)]))  # (4, 2, 8, 8)
    assert torch.allclose(normalization.running_mean, maps.mean((0, 2, 3)), atol=1e-6)


def test_that_of_a_frozen_layer_keeps_its_own(averaged):
    network = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    network[0].eval()
    averaged(network, [(torch.randn(5, 3) + 7, None)])
    assert torch.equal(network[0].running_mean, torch.zeros(3))
