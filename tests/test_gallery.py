from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from refnets.overlay import LEGIBLE
from refnets.train import train

FEW = "data.num_train=8", "data.num_test=5", "data.batch_size=8", "steps=4", "eval_every=2"


@pytest.mark.parametrize(
    "recipe", [["experiment=shapes_unet", "model.width=2", "model.depth=1"], ["experiment=shapes_yolo"]]
)
def test_every_evaluation_shows_the_same_images_with_truth_and_prediction(job, recipe):
    cfg, directory = job(*recipe, *FEW)
    run = train(cfg, directory)
    shown = EventAccumulator(str(directory / "tensorboard")).Reload()
    (tag,) = shown.Tags()["images"]
    assert tag == "test: image, truth, prediction"
    pictures = shown.Images(tag)
    assert [picture.step for picture in pictures] == run.history["step"].tolist() == [0, 2, 4]
    first, *others = (np.asarray(Image.open(BytesIO(picture.encoded_image_string))) for picture in pictures)
    assert first.shape[0] > 4 * LEGIBLE  # four rows: image, truth, prediction
    known = 2 * first.shape[1] // 3  # columns of images and truths
    for other in others:
        assert np.array_equal(other[:, :known], first[:, :known])
    x = run.data().splits["test"].x[0].permute(1, 2, 0).numpy()  # (64, 64, 3)
    assert np.array_equal(first[4 : 4 + LEGIBLE : 3, 4 : 4 + LEGIBLE : 3], x)
