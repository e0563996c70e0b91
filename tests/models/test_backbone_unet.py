from functools import partial

import pytest
import torch

from refnets.config.build import build
from refnets.config.check import check
from refnets.models.backbone_unet import BackboneUNet
from refnets.models.darknet import Darknet

ENCODERS = {  # name -> the smallest image that it takes, and values that make it quick
    "cnn2d": (16, []),
    "darknet": (1, []),
    "densenet": (32, ["growth=8", "blocks=[1,1,1,1]"]),
    "densenet_cifar": (4, ["blocks=[2,2,2]"]),
    "resnet": (1, ["depth=18"]),
    "resnet_cifar": (1, ["depth=8"]),
    "vgg": (32, ["depth=11", "width=8"]),
    "yolo": (64, ["width=4", "hidden=8"]),
}


@pytest.fixture(params=ENCODERS)
def encoder(request):
    return request.param


@pytest.fixture
def network(job, encoder):
    """network(shape): with this encoder, made small."""

    def make(shape, num_outputs=5):
        values = [f"model.encoder.{value}" for value in ENCODERS[encoder][1]]
        cfg, _ = job("model=backbone_unet", f"model@model.encoder={encoder}", *values, "model.width=16")
        check(cfg)
        torch.manual_seed(0)
        return build("model", cfg.model, shape, num_outputs)

    return make


def test_the_output_has_the_size_of_the_image(network, encoder):
    height, width = (64, 128) if encoder == "yolo" else (33, 50)
    assert network((3, height, width)).eval()(torch.randn(2, 3, height, width)).shape == (2, 5, height, width)


def test_the_smallest_image_has_an_output_too(network, encoder):
    side = ENCODERS[encoder][0]
    assert network((3, side, side)).eval()(torch.randn(2, 3, side, side)).shape == (2, 5, side, side)


def test_the_way_down_is_the_classifier_without_its_head(job, network, encoder):
    values = [f"model.{value}" for value in ENCODERS[encoder][1]]
    classifier = build("model", job(f"model={encoder}", *values)[0].model, (3, 64, 64), 10)
    names = {name for name in classifier.state_dict() if not name.startswith("head")}
    assert {name for name in network((3, 64, 64)).state_dict() if name.startswith("stages")} == names


@pytest.mark.parametrize(("encoder", "name"), [("mlp", "MLP"), ("unet", "UNet"), ("hourglass", "StackedHourglass")])
def test_an_encoder_without_stages_is_refused(job, encoder, name):
    cfg, _ = job("model=backbone_unet", f"model@model.encoder={encoder}")
    with pytest.raises(ValueError, match=f"model.encoder: {name} has no stages for images; try model@model.encoder="):
        build("model", cfg.model, (3, 32, 32), 5)


def test_a_value_of_the_encoder_is_checked_before_anything_is_built(job):
    with pytest.raises(ValueError, match="model.encoder.depth=21.5: should be a valid integer"):
        check(job("model=backbone_unet", "model.encoder.depth=21.5")[0])


def test_an_encoder_that_is_not_chosen_as_an_option_is_named(job):
    with pytest.raises(ValueError, match=r"model.encoder=resnet: choose an option, model@model.encoder=NAME"):
        check(job("model=backbone_unet", "model.encoder=resnet")[0])


def test_width_limits_the_channels_on_the_way_up():
    encoder = partial(Darknet, channels=[4, 8, 16, 32], blocks=[0, 0, 0, 0], stem_stride=2, init="he_normal")
    model = BackboneUNet((3, 64, 64), 5, encoder=encoder, width=8, init="he_normal")
    assert [merge[0].in_channels for merge in model.decoder] == [32 + 16, 8 + 8, 8 + 4]
    assert [merge[0].out_channels for merge in model.decoder] == [8, 8, 4]
