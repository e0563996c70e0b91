from math import log

import pytest
import torch

from refnets.figures.label_smoothing import draw, reliability

# Both predictions are class 0 with a probability of 3/4; one is right.
LOGITS, Y = [[log(3), 0.0], [log(3), 0.0]], [0, 1]
HISTORY = {"step": [0, 10], "test_loss": [0.7, 0.8]}


def test_confidence_and_accuracy_are_means_over_examples_of_like_confidence():
    probabilities = torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.4, 0.6]])
    confidence, correct = reliability(probabilities, torch.tensor([0, 1, 1, 1]), bins=2)
    assert confidence == pytest.approx([55, 85])
    assert correct == pytest.approx([50, 100])


@pytest.fixture
def numbers(known_run):
    def run(loss, error):
        final = {"test_loss": loss, "test_error": error}
        return known_run(LOGITS, Y, final, {key: torch.tensor(values).numpy() for key, values in HISTORY.items()})

    runs = {"hard": [run(1.8, 38.0), run(1.6, 36.0)], "smoothed": [run(1.3, 37.0), run(1.2, 36.5)]}
    _, numbers = draw(runs, top=2, bins=1)
    return {name: number.values for name, number in numbers.items()}


def test_the_size_of_logits_is_their_deviation_from_their_mean(numbers):
    assert numbers["hard_size_of_logits"] == pytest.approx([log(3) / 2] * 2)


def test_the_calibration_error_is_confidence_less_accuracy(numbers):
    assert numbers["hard_calibration_error"] == pytest.approx([75 - 50] * 2)


def test_losses_and_errors_are_compared_seed_by_seed(numbers):
    assert numbers["fall_of_test_loss"] == pytest.approx([0.5, 0.4])
    assert numbers["fall_of_test_error"] == pytest.approx([1, -0.5])
