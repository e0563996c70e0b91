"""What only a GPU shows: that it computes what the CPU does."""

import pytest
import torch

from refnets.train import train

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
RECIPE = "steps=20", "eval_every=10", "logger=none"
IMAGES = "experiment=shapes_unet", "data.num_train=32", "data.num_test=16", "data.batch_size=8", "model.width=4"


@pytest.mark.parametrize("recipe", [["experiment=mnist1d_benchmark"], IMAGES], ids=["signals", "images"])
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
