import numpy as np
import pytest
import torch

from refnets.data.batches import Split
from refnets.figures.augmented_signals import draw


@pytest.fixture
def drawn(known_run):
    def run(*errors):
        history = {"step": np.array([0, 40, 80]), "test_error": np.array(errors)}
        made = known_run(final={"test_error": errors[-1]}, history=history)
        made.data().splits["train"] = Split(torch.tensor([[[1.0, 2.0, 4.0, 8.0]]]), torch.tensor([3]))
        return made

    runs = {
        "plain": [run(90.0, 35.0, 36.0), run(90.0, 38.0, 37.0)],
        "plain_trained_as_long": [run(90.0, 35.0, 34.0), run(90.0, 38.0, 37.5)],
        "augmented": [run(90.0, 33.0, 31.0), run(90.0, 33.0, 32.0)],
    }
    return draw(runs, example=0, copies=2, batch_size=100)


def test_the_lowest_error_is_of_all_evaluations_and_the_others_of_the_last(drawn):
    assert {name: number.values for name, number in drawn[1].items()} == {
        "lowest_plain_test_error": [35, 37],
        "plain_test_error": [36, 37],
        "augmented_test_error": [31, 32],
        "error_saved": [5, 5],
        "error_saved_over_training_as_long": [3, 5.5],
    }


def test_the_example_is_drawn_above_its_turned_and_scaled_copies(drawn):
    example, *copies = [line.get_ydata() + 5 * row for row, line in enumerate(drawn[0].axes[0].lines)]
    assert example.tolist() == [1, 2, 4, 8]
    for copy in copies:
        scale = copy.max() / 8
        assert 0.8 <= scale <= 1.2
        assert sorted(copy / scale) == pytest.approx([1, 2, 4, 8])


def test_curves_are_over_the_examples_trained_on(drawn):
    assert {line.get_xdata()[-1] for line in drawn[0].axes[1].lines} == {8}  # thousands
