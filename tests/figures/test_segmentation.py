import pytest
import torch
from torch import nn

from refnets.data.batches import Split
from refnets.data.target import Masks
from refnets.figures import segmentation
from refnets.losses.segmentation import SoftDice


class Left(nn.Module):
    """A network that says class 1 of the left half of every image."""

    def forward(self, x):
        logits = torch.zeros(len(x), 2, *x.shape[2:])
        logits[:, 1, :, : x.shape[3] // 2] = 1
        return logits


@pytest.fixture
def run(known_run):
    made = known_run(final={"test_loss": 1.0, "test_mean_iou": 0.5}, model=Left())
    made.result |= {"seconds": 60.0, "parameters": 3}
    split = Split(torch.zeros(2, 3, 8, 8, dtype=torch.uint8), torch.zeros(2, 8, 8, dtype=torch.uint8))
    made.data = lambda: type("Data", (), {"splits": {"test": split}})
    made.signature = type("Signature", (), {"target": Masks(("sky", "road"))})
    made.loss = SoftDice
    return made


def network(input_shape, num_outputs):
    return nn.Conv2d(input_shape[0], num_outputs, 3)


PUBLISHED = {"network": network, "input_shape": (3, 32, 32), "num_outputs": 2}


def test_a_row_of_image_truth_and_prediction_for_each_image(run):
    picture, _ = segmentation.draw({"known": [run]}, **PUBLISHED, images=[0, 1])
    assert len(picture.axes) == 1 + 6
    image, truth, said = (ax.images[0].get_array() for ax in picture.axes[1:4])
    assert (image == 0).all()
    assert (truth == truth[0, 0]).all()
    assert (said[:, 100:] == truth[0, 0]).all()
    assert (said[:, :90] != truth[0, 0]).any()


def test_the_classes_are_named_in_their_colors(run):
    picture, _ = segmentation.draw({"known": [run]}, **PUBLISHED, images=[0])
    assert {"sky", "road"} <= {text.get_text() for text in picture.texts}


def test_the_maps_of_the_published_network_are_drawn_and_measured(run):
    picture, numbers = segmentation.draw({"known": [run]}, **PUBLISHED, images=[0])
    assert len(picture.axes) == 4
    assert numbers["published_parameters"].values == [2 * 3 * 9 + 2]
    assert numbers["published_convolutions"].values == [1]
    assert numbers["group_0_rows"].values == [30]
