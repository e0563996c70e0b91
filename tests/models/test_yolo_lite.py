import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from refnets.config.build import build
from refnets.config.check import check
from refnets.data.boxes import iou
from refnets.models.yolo_lite import scaled
from refnets.train import train


@pytest.fixture
def network(job):
    """network(shape, "model.grid=14"): what such a command line describes."""

    def make(shape, *overrides, num_outputs=13):
        cfg, _ = job("model=yolo_lite", *overrides)
        check(cfg)
        torch.manual_seed(0)
        return build("model", cfg.model, shape, num_outputs).eval()

    return make


@pytest.mark.parametrize(("grid", "cells"), [("7", (7, 7)), ("14", (14, 14)), ("[6,8]", (6, 8)), ("[15,20]", (15, 20))])
def test_any_grid_can_be_had_of_any_image(network, grid, cells):
    model = network((3, 60, 83), f"model.grid={grid}")
    assert model(torch.randn(2, 3, 60, 83)).shape == (2, 13, *cells)


@pytest.mark.parametrize("backbone", ["cnn2d", "densenet_cifar", "resnet_cifar", "vgg"])
def test_any_network_for_images_can_be_the_backbone(network, backbone):
    small = {"densenet_cifar": ["model.backbone.blocks=[1,1,1]"], "vgg": ["model.backbone.width=8"]}
    model = network((3, 40, 50), f"model@model.backbone={backbone}", *small.get(backbone, []))
    assert model(torch.randn(2, 3, 40, 50)).shape == (2, 13, 7, 7)


@pytest.mark.parametrize("name", ["cnn2d", "darknet", "densenet_cifar", "resnet", "resnet_cifar", "vgg", "yolo"])
def test_only_the_stages_are_called_as_in_the_classifier(network, job, name):
    """Training can start from its weights: only the last layer may have another shape."""
    small = {"yolo": ["width=4", "hidden=8"], "vgg": ["width=8"]}.get(name, [])
    model = network((3, 64, 64), f"model@model.backbone={name}", *(f"model.backbone.{each}" for each in small))
    cfg, _ = job(f"model={name}", *(f"model.{each}" for each in small))
    classifier = build("model", cfg.model, (3, 64, 64), 5)
    both = model.state_dict().keys() & classifier.state_dict().keys()
    assert both
    assert {each.partition(".")[0] for each in both} == {"stages"}


def test_a_mistake_in_the_backbone_has_the_name_to_type(network):
    with pytest.raises(
        ValueError, match=r"model.backbone.blocks=.* gives 5 stages, model.backbone.channels=\[16, 32\]"
    ):
        network((3, 64, 64), "model.backbone.channels=[16,32]")


@pytest.mark.parametrize("grid", [7, 14])
def test_a_cell_in_the_middle_sees_the_whole_image(network, grid):
    model, x = network((3, 224, 224), f"model.grid={grid}"), torch.randn(1, 3, 224, 224, requires_grad=True)
    model(x)[0, :, grid // 2, grid // 2].square().sum().backward()
    assert (x.grad.abs().sum(1) > 0).float().mean() > 0.99


@pytest.mark.parametrize(("grid", "most"), [(7, 0.2e9), (14, 0.3e9)])
def test_an_image_costs_little(network, grid, most):
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network((3, 224, 224), f"model.grid={grid}")(torch.empty(1, 3, 224, 224))
    assert counter.get_total_flops() / 2 < most  # multiplications; 30 images a second are 0.35e9 on a slow core


@pytest.mark.parametrize(
    ("grid", "message"), [("0", "should be greater than 0"), ("[1,2,3]", "List should have at most 2 items")]
)
def test_a_grid_that_is_none_is_named(network, grid, message):
    with pytest.raises(ValueError, match=rf"model.grid={grid[0]}.*{message}".replace("[", r"\[")):
        network((3, 64, 64), f"model.grid={grid}")


def test_larger_maps_are_averaged_and_smaller_ones_interpolated():
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert scaled(x, (2, 2)).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert scaled(x[..., :1, :2], (1, 4)).flatten().tolist() == pytest.approx([0, 0.25, 0.75, 1])
    assert scaled(x[..., :2], (2, 4))[0, 0, :, 0].tolist() == [2, 10]  # means of two rows, columns interpolated


def test_a_backbone_without_stages_is_refused(network):
    with pytest.raises(ValueError, match="model.backbone: MLP has no stages for images; try model@model.backbone="):
        network((3, 64, 64), "model@model.backbone=mlp")


def test_it_learns_the_boxes_of_eight_images_by_heart(job):
    few = "data.num_train=8", "data.num_test=1", "data.most=1", "data.flip=false", "data.shift=0", "data.scale=[1,1]"
    run = train(*job("experiment=shapes_yolo", *few, "threads=1", "steps=120", "eval_every=120", "logger=none"))
    x, y = run.data().splits["train"]
    surest = run.loss().predict(run.model()(x).detach())[:, 0]  # (8, 6)
    assert torch.equal(surest[:, 0], y[:, 0, 0])
    assert iou(surest[:, 2:], y[:, 0, 1:]).mean() > 0.5
