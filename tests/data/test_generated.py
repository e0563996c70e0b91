import math

import pytest
import torch

from refnets.config.build import build
from refnets.data.generated import Generated
from refnets.data.target import Classes, Ordering, Values
from refnets.losses.categorical import Categorical
from refnets.losses.gaussian import Gaussian
from refnets.losses.masked import MaskedSquaredError
from refnets.losses.multivariate import MultivariateGaussian
from refnets.losses.ranking import PlackettLuce

FLAT = 0.0, 0.0, 1.0, 0.0  # a curve that is 0 everywhere


def generated(likelihood, *curves, **changed):
    how = {"num_samples": 2000, "seed": 0, "batch_size": None, **changed}
    return Generated(likelihood=likelihood, curves=list(curves), **how)


def test_the_curves_are_the_true_outputs():
    data = generated(Gaussian("predicted"), (1.0, 2.0, 0.5, 0.0), FLAT)
    x = torch.tensor([[0.0], [0.5], [1.0]])
    assert torch.allclose(data.outputs(x), torch.tensor([[1.0, 0], [3.0, 0], [1.0, 0]]), atol=1e-6)


def test_the_least_possible_loss_is_the_entropy_of_what_was_drawn():
    data = generated(Gaussian("predicted"), FLAT, FLAT)
    entropy, deviation = 0.5 * math.log(2 * math.pi * math.e), 0.5**0.5  # of -log p of a standard normal
    assert data.nll(data.splits["test"]) == pytest.approx(entropy, abs=4 * deviation / 2000**0.5)


@pytest.mark.parametrize(
    ("likelihood", "outputs", "target"),
    [
        (Gaussian("predicted"), 2, Values(1)),
        (MultivariateGaussian(), 5, Values(2)),
        (PlackettLuce(), 3, Ordering(3)),
        (Categorical(), 4, Classes(("A", "B", "C", "D"))),
    ],
)
def test_the_target_is_what_the_likelihood_draws(likelihood, outputs, target):
    assert generated(likelihood, *[FLAT] * outputs).target == target


def test_the_callers_random_numbers_are_left_as_they_were():
    data = generated(Gaussian("predicted"), FLAT, FLAT)
    before = torch.random.get_rng_state()
    _ = data.target, data.splits
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_random_numbers_of_gpus_are_left_as_they_were(monkeypatch):
    monkeypatch.setattr("torch.cuda.manual_seed_all", lambda seed: pytest.fail("a GPU has another seed now"))
    assert generated(Gaussian("predicted"), FLAT, FLAT).splits["train"].y.isfinite().all()


def test_splits_follow_from_the_seed():
    data = [generated(Gaussian("predicted"), FLAT, FLAT, seed=seed) for seed in (0, 0, 1)]
    first, same, other = (each.splits["test"].y for each in data)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_another_number_of_curves_than_outputs_is_refused(job):
    cfg, _ = job("experiment=likelihood", "data.curves=[[0,1,1,0]]")
    with pytest.raises(ValueError, match="data.curves has 1 curves, the likelihood has 2 outputs"):
        build("data", cfg.data)


def test_what_cannot_be_drawn_from_is_refused():
    with pytest.raises(ValueError, match="from MaskedSquaredError nothing is drawn"):
        generated(MaskedSquaredError(), FLAT)
