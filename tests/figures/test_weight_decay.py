import pytest
import torch
from torch import nn

from refnets.figures.weight_decay import draw, norm


def network(weight, bias):
    model = nn.Linear(1, 1)
    model.load_state_dict({"weight": torch.tensor([[weight]]), "bias": torch.tensor([bias])})
    return model


def test_the_norm_counts_weights_and_biases(known_run):
    assert norm(known_run(model=network(3.0, 4.0))) == pytest.approx(5)


def test_neighbours_are_compared_seed_by_seed_and_the_worst_step_counts(known_run):
    def group(decay, sizes, losses, errors):
        config = {"optimizer": {"weight_decay": decay}}
        final = [
            {"train_loss": 2 * loss, "test_loss": loss, "train_error": 0.0, "test_error": error}
            for loss, error in zip(losses, errors, strict=True)
        ]
        made = zip(final, sizes, strict=True)
        return [known_run(final=row, config=config, model=network(size, 0.0)) for row, size in made]

    runs = {
        "0": group(0.0, (9.0, 8.0), (1.0, 2.0), (40.0, 38.0)),
        "0.01": group(0.01, (7.0, 7.0), (1.25, 1.5), (37.0, 36.0)),
        "0.1": group(0.1, (2.0, 6.5), (0.75, 1.75), (41.0, 39.0)),
    }
    numbers = {name: number.values for name, number in draw(runs)[1].items()}
    assert numbers == {
        "norm_without": [9, 8],
        "norm_with_0.1": [2, 6.5],
        "least_fall_of_norm_per_step": [2, 0.5],
        "least_rise_of_train_loss_per_step": [-1, -1],
        "fall_of_test_loss": [0.25, 0.25],
        "test_error_saved_with_0.01": [3, 2],
        "test_error_saved_with_0.1": [-1, -1],
    }
