import pytest
import torch
from PIL import Image

from refnets.config.build import build
from refnets.data.signature import Signature
from refnets.network import build_model
from refnets.suitable import (
    dry_run,
    note_unlearnable,
    num_outputs_for,
    refuse_single_examples,
)
from refnets.trainer.frozen import freeze_all_but

FEW = "data.num_train=5", "data.num_test=2"


class Guess(torch.nn.Module):
    """A network that draws its outputs, in eval mode as well."""

    def forward(self, x):
        return torch.randn(len(x), 10)


def test_looking_at_the_outputs_takes_no_random_number_from_the_training(job):
    cfg, _ = job()
    before = torch.get_rng_state()
    dry_run(Guess(), build("data", cfg.data), build("loss", cfg.loss), 10)
    assert torch.equal(torch.get_rng_state(), before)


def test_after_a_look_at_its_outputs_a_network_is_trained(job):
    cfg, _ = job()
    data, model = build("data", cfg.data), build("model", cfg.model, (1, 40), 10)
    dry_run(model, data, build("loss", cfg.loss), 10)
    assert model.training


@pytest.fixture
def parts(job):
    """parts("experiment=shapes_unet", ...): data, loss and model of these overrides, on five drawn images."""

    def make(*overrides):
        cfg, _ = job(*overrides, *FEW)
        data, loss = build("data", cfg.data), build("loss", cfg.loss)
        return data, loss, build_model(cfg.model, Signature.of(data), loss.num_outputs(data.target))

    return make


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["experiment=shapes_unet", "model=yolo_lite"], "gives a vector for each cell of a grid.*: type model=unet"),
        (["experiment=shapes_yolo", "model=unet"], "gives one for each pixel.*: type model=yolo_lite"),
        (["experiment=shapes_unet", "model=cnn2d"], "needs maps.*type model=unet"),
    ],
)
def test_a_model_for_another_kind_of_target_is_refused(parts, overrides, message):
    data, loss, model = parts(*overrides)
    with pytest.raises(ValueError, match=message):
        dry_run(model, data, loss, loss.num_outputs(data.target))


def test_a_grid_as_fine_as_the_image_is_one(parts):
    data, loss, model = parts("experiment=shapes_yolo", "model.grid=64")
    assert dry_run(model, data, loss, loss.num_outputs(data.target)).shape[2:] == (64, 64)


def test_a_recipe_is_named_where_the_loss_is_for_other_targets(job):
    cfg, _ = job("experiment=mnist1d_mlp", "data=shapes_boxes")
    with pytest.raises(ValueError, match="for these type experiment=shapes_yolo"):
        num_outputs_for(build("loss", cfg.loss), build("data", cfg.data).target)


def test_another_loss_is_not_named_where_only_its_values_do_not_fit(job):
    cfg, _ = job("experiment=shapes_unet", "loss=pixelwise", "loss.class_weights=[1,2]")
    with pytest.raises(ValueError, match="class_weights has 2 numbers, the data 4 classes: [a-z, ]*$"):
        num_outputs_for(build("loss", cfg.loss), build("data", cfg.data).target)


def test_one_example_alone_in_the_last_batch_is_refused_where_it_cannot_be_normalized(parts):
    small = "experiment=shapes_deconvnet", "model.width=1", "model.bottleneck=2"
    data, _, model = parts(*small, "data.batch_size=3")
    refuse_single_examples(model, data)
    for data.batch_size in (1, 2):
        with pytest.raises(ValueError, match=f"data.batch_size={data.batch_size} leaves one of 5 examples alone"):
            refuse_single_examples(model, data)


def test_looking_for_examples_alone_leaves_the_network_as_it_was(parts):
    data, _, model = parts("experiment=shapes_unet", "data.batch_size=2")  # five examples
    before = {name: each.clone() for name, each in model.state_dict().items()}
    refuse_single_examples(model, data)
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())


def test_a_frozen_network_takes_one_example_alone(parts):
    data, _, model = parts("experiment=shapes_deconvnet", "model.width=1", "model.bottleneck=2", "data.batch_size=2")
    freeze_all_but(model, "head")
    refuse_single_examples(model, data)


def test_alone_is_what_a_step_has_of_an_example(parts):
    data, _, model = parts("experiment=shapes_unet", "model.depth=3", "data.batch_size=2")
    refuse_single_examples(model, data)
    data.augment = lambda x, y, _: (x[..., :8, :8], y[..., :8, :8])
    with pytest.raises(ValueError, match="data.batch_size=2 leaves one of 5 examples alone"):
        refuse_single_examples(model, data)


def test_the_two_views_of_an_example_are_not_alone(job):
    cfg, _ = job("experiment=mnist1d_contrastive", "model=residual_mlp", "model.batch_norm=true", "data.batch_size=19")
    data, loss = build("data", cfg.data), build("loss", cfg.loss)
    model = build_model(cfg.model, Signature.of(data), loss.num_outputs(data.target))
    refuse_single_examples(model, data)


def test_a_class_that_no_image_shows_is_counted(parts):
    data, _, _ = parts("experiment=shapes_unet")
    data.splits["train"].y[data.splits["train"].y == 2] = 0
    note_unlearnable(data, torch.zeros(2, 4, 64, 64))
    assert data.skipped == {"class that no training image shows, square": 1}


def test_a_class_whose_images_are_all_held_out_is_counted(job, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "1.png")
    cfg, _ = job("data=image_folder", f"data.root={tmp_path}", "data.test=0.5")
    data = build("data", cfg.data)
    held_out = "dog" if data.splits["train"].y == 0 else "cat"
    note_unlearnable(data, torch.zeros(2, 2))
    assert data.skipped == {f"class that no training image shows, {held_out}": 1}


def test_objects_that_share_a_cell_are_counted(parts):
    data, _, _ = parts("experiment=shapes_yolo")
    objects = int((data.splits["train"].y[..., 0] >= 0).sum())
    note_unlearnable(data, torch.zeros(2, 13, 1, 1))
    (count,) = data.skipped.values()
    assert count == objects - 5
