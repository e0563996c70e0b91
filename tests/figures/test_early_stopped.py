from math import log

import numpy as np
import pytest

from refnets.figures import style
from refnets.figures.early_stopped import draw

LOSS = log(4 / 3)  # of one example whose class has a probability of 3/4


@pytest.fixture
def drawn(known_run):
    curves = {"step": [0, 10, 20], "test_loss": [2.0, LOSS / 1.1, 3 * LOSS], "test_error": [90.0, 40.0, 38.0]}
    for split in ("train", "validation"):
        curves |= {f"{split}_loss": [2.0, 1.0, 0.5], f"{split}_error": [90.0, 40.0, 20.0]}
    final = {"step": 10, "test_loss": LOSS, "test_error": 0.0}
    run = known_run([[log(3), 0.0]], [0], final, {key: np.array(values) for key, values in curves.items()})
    return draw({"mlp": [run]}, top_loss=3, top_error=100)


def test_the_kept_network_is_evaluated_again_and_held_against_its_training(drawn):
    numbers = {name: number.values for name, number in drawn[1].items()}
    assert numbers["step_kept"] == [10]
    assert numbers["test_loss_kept"] == pytest.approx([LOSS])
    assert numbers["test_loss_kept_over_lowest"] == pytest.approx([1.1])
    assert numbers["last_over_kept_test_loss"] == pytest.approx([3])
    assert numbers["test_error_kept"] == [0]
    assert numbers["test_error_of_the_last"] == [38]


def test_a_circle_marks_the_kept_network(drawn):
    for ax, value in zip(drawn[0].axes, (LOSS, 0.0), strict=True):
        (circle,) = [line for line in ax.lines if line.get_marker() == "o" and line.get_color() == style.INK]
        assert [*circle.get_xdata(), *circle.get_ydata()] == pytest.approx([10, value])
