"""What only a GPU shows: that it computes what the CPU does."""

import signal

import pytest
import torch

from refnets.train import train
from refnets.train_all import train_all

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
RECIPE = "steps=20", "eval_every=10", "logger=none"
FEW = "data.num_train=32", "data.num_test=16", "data.batch_size=8"
UNET = "experiment=shapes_unet", *FEW, "model.width=4"


@pytest.mark.parametrize("recipe", [["experiment=mnist1d_benchmark"], UNET], ids=["signals", "images"])
def test_a_short_run_has_the_losses_of_the_cpu(job, recipe):
    accurate = "trainer.precision=32-true", "trainer.channels_last=false", "trainer.compile=false"
    runs = [train(*job(*recipe, *RECIPE, *where)) for where in ([], ["trainer=cuda", *accurate])]
    for split in ("train", "test"):
        cpu, cuda = (run.history[f"{split}_loss"] for run in runs)
        assert cuda == pytest.approx(cpu, rel=3e-2)
        assert cuda[-1] < 0.95 * cuda[0]


def test_bfloat16_learns_as_much(job):
    runs = [train(*job("experiment=mnist1d_benchmark", *RECIPE, *where)) for where in ([], ["trainer=cuda"])]
    cpu, cuda = (run.history["train_loss"] for run in runs)
    assert cuda[-1] == pytest.approx(cpu[-1], rel=0.05)


def test_dropout_does_not_depend_on_whether_the_run_it_starts_from_was_finished(job, tmp_path):
    cuda = "trainer=cuda", "trainer.compile=false"
    first = f"experiment=mnist1d_mlp {' '.join(RECIPE)}"
    cfg, _ = job("experiment=mnist1d_mlp", f"start='{first}'", "model.dropout=0.5", *RECIPE, *cuda)
    fresh, again = (train(cfg, tmp_path / name) for name in ("fresh", "again"))
    assert again.history["train_loss"] == pytest.approx(fresh.history["train_loss"], rel=1e-3)


CLASSES = "experiment=cifar10_resnet20", "data=image_folder", "data.root=pets", "data.test=0.25", "data.batch_size=8"
CLASSES += "data.padding=2", "data.flip=true", "optimizer.lr=0.01"
BOXES = "experiment=shapes_yolo", *FEW, "optimizer.lr=1e-4"
MASKS = *UNET, "data.rotate=10", "data.light=0.2"


@pytest.mark.parametrize("recipe", [CLASSES, BOXES, MASKS], ids=["classes", "boxes", "masks"])
def test_images_in_bfloat16_and_channels_last_are_learned(job, pets, monkeypatch, recipe):
    monkeypatch.chdir(pets.parent)
    run = train(*job(*RECIPE, *recipe, "logger=tensorboard", "trainer=cuda"))  # with augmentation and pictures
    assert (run.result["device"], run.result["precision"]) == ("cuda", "bf16-mixed")
    assert run.history["train_loss"][-1] < 0.95 * run.history["train_loss"][0]
    assert run.model()(run.data().splits["test"].x).isfinite().all()  # on the CPU


def test_a_stack_is_as_runs_alone(job, tmp_path, stacks):
    where = "trainer=cuda", "trainer.precision=32-true", "trainer.compile=false", "data.num_samples=500", *RECIPE
    cfgs = [job("experiment=mnist1d_mlp", f"seed={seed}", *where)[0] for seed in (0, 1)]
    stack = train_all([(cfg, tmp_path / "stack" / str(cfg.seed)) for cfg in cfgs])
    assert stacks == [2]
    for cfg, run in zip(cfgs, stack, strict=True):
        alone = train(cfg, tmp_path / "alone" / str(cfg.seed))
        assert run.history["train_loss"] == pytest.approx(alone.history["train_loss"], rel=1e-3)


def test_an_interrupted_run_draws_the_dropout_that_it_would_have_drawn(job, tmp_path, signal_at):
    cfg, _ = job("experiment=mnist1d_mlp", "model.dropout=0.5", *RECIPE, "trainer=cuda", "trainer.compile=false")
    whole = train(cfg, tmp_path / "whole")
    with signal_at(step=14, number=signal.SIGTERM), pytest.raises(SystemExit):
        train(cfg, tmp_path / "cut")
    assert train(cfg, tmp_path / "cut").history["train_loss"] == pytest.approx(whole.history["train_loss"], rel=1e-3)
