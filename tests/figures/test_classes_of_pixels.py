import numpy as np
import pytest

from refnets.figures import classes_of_pixels


@pytest.fixture
def drawn(known_run):
    final = {"test_loss": 1.0, "test_mean_iou": 0.5, "test_iou_sky": 0.8, "test_iou_pole": 0.2}
    history = {"step": np.array([0, 10]), "train_mean_iou": np.array([0, 0.9]), "test_mean_iou": np.array([0, 0.5])}
    run = known_run(final=final, history=history)
    run.result |= {"seconds": 60.0, "parameters": 3}
    return classes_of_pixels.draw({"known": [run]})


def test_the_mean_iou_of_every_split_is_drawn(drawn):
    left = drawn[0].axes[0]
    assert [line.get_ydata().tolist() for line in left.lines] == [[0, 0.9], [0, 0.5]]
    assert [text.get_text() for text in left.texts] == ["train", "test"]


def test_every_class_has_a_bar_and_its_name(drawn):
    right = drawn[0].axes[1]
    assert [bar.get_width() for bar in right.patches] == [0.8, 0.2]
    assert [text.get_text() for text in right.texts] == ["sky 0.80", "pole 0.20"]
