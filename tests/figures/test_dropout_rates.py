from math import exp, log

import pytest
import torch
from torch import nn

from refnets.figures.dropout_rates import draw, monte_carlo


def test_probabilities_are_averaged_over_random_passes(known_run):
    """Dropout of a half makes a logit of 2 either 0 or 4: the probability is on average that of 1/2 and sigmoid(4)."""
    run = known_run([[2.0, 0.0]], [0], model=nn.Dropout(0.5))
    _, loss = monte_carlo(run, passes=4000, seed=0)
    assert loss[-1].item() == pytest.approx(-log((0.5 + 1 / (1 + exp(-4))) / 2), abs=0.02)


def test_the_callers_random_numbers_are_left_alone(known_run):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    monte_carlo(known_run(model=nn.Dropout(0.5)), passes=3, seed=1)
    assert torch.equal(torch.rand(1), expected)


def test_errors_are_compared_with_those_without_dropout(known_run):
    def run(rate, train, test, loss):
        final = {"train_error": train, "test_error": test, "train_loss": 0.0, "test_loss": loss}
        return known_run([[1.0, 0.0]], [1], final, config={"model": {"dropout": rate}})

    runs = {
        "0": [run(0.0, 0.0, 40.0, 2.0), run(0.0, 1.0, 38.0, 3.0)],
        "0.1": [run(0.1, 5.0, 36.0, 1.0), run(0.1, 5.0, 37.0, 1.0)],
        "0.5": [run(0.5, 30.0, 50.0, 1.5), run(0.5, 35.0, 51.0, 1.5)],
    }
    numbers = {name: number.values for name, number in draw(runs, passes=2, seed=0)[1].items()}
    assert numbers["least_fall_of_gap_between_train_and_test"] == [40 - 31, 37 - 32]
    assert numbers["test_error_saved_with_0.1"] == [4, 1]
    assert numbers["test_loss_saved_with_0.1"] == [1, 2]
    assert numbers["train_error_with_0.5"] == [30, 35]
    assert numbers["test_error_saved_with_0.5"] == [-10, -13]
    # Nothing is dropped from these: every pass is wrong, and costs log(1 + e).
    assert numbers["error_saved_by_passes_with_0.5"] == [-50, -49]
    assert numbers["loss_saved_by_passes_with_0.5"] == pytest.approx([1.5 - log(1 + exp(1))] * 2)
