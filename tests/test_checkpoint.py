import numpy as np
import pytest
import torch
from PIL import Image

from refnets import training
from refnets.runs import Run
from refnets.train import train


def interrupt(monkeypatch, at):
    """Lets training crash after the evaluation of step `at`."""

    class Crash(training.Checkpoint):
        def on_train_batch_end(self, *_):
            super().on_train_batch_end()
            if self.task.step == at:
                raise RuntimeError

    monkeypatch.setattr(training, "Checkpoint", Crash)


@pytest.mark.parametrize("choice", ["optimizer=momentum", "optimizer=adam", "keep=best", "scheduler=multistep"])
def test_an_interrupted_run_goes_on_bit_for_bit(job, tmp_path, monkeypatch, choice):
    recipe = "scheduler=cosine", choice, "model.dropout=0.5", "data.validation=0.1", "steps=30", "eval_every=10"
    cfg, _ = job(*recipe, "checkpoint_every=0", "logger=none")
    whole = train(cfg, tmp_path / "whole")

    with monkeypatch.context() as patched:
        interrupt(patched, at=20)
        with pytest.raises(RuntimeError):
            train(cfg, tmp_path / "cut")
    assert not Run(tmp_path / "cut").finished
    torch.manual_seed(2)  # whatever the process that resumes has drawn before
    resumed = train(cfg, tmp_path / "cut")
    assert (resumed.path / "history.csv").read_text() == (whole.path / "history.csv").read_text()
    for ours, theirs in zip(resumed.model().parameters(), whole.model().parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_best_network_may_be_one_from_before_the_interruption(job):
    cfg, directory = job("keep=best", "data.validation=0.1", "steps=20", "eval_every=10", "checkpoint_every=0")
    train(cfg, directory)
    (directory / "result.json").unlink()
    state = torch.load(directory / "checkpoints" / "last.ckpt", weights_only=True)
    state["best"]["row"]["validation_loss"] = 0.0
    torch.save(state, directory / "checkpoints" / "last.ckpt")
    resumed = train(cfg, directory)
    assert resumed.result["final"] == state["best"]["row"]
    for name, kept in resumed.model().state_dict().items():
        assert torch.equal(kept, state["best"]["weights"][f"model.{name}"])


def test_time_before_the_interruption_counts(job, monkeypatch, tmp_path):
    cfg, directory = job("steps=20", "eval_every=10", "logger=none", "checkpoint_every=0")
    train(cfg, directory)
    (directory / "result.json").unlink()
    state = torch.load(directory / "checkpoints" / "last.ckpt", weights_only=True)
    torch.save(state | {"seconds": 1000.0}, directory / "checkpoints" / "last.ckpt")
    assert 1000 < train(cfg, directory).result["seconds"] < 1100


@pytest.fixture
def pets(tmp_path):
    """A folder of eight images of 6 x 6 pixels, cats and dogs."""
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(4):
            pixels = rng.integers(256, size=(6, 6, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number}.png")
    return tmp_path / "pets"


def recipe(pets):
    """Batches of 3 of 8 images: an epoch ends within a stretch of 5 steps, and with a smaller batch."""
    images = "data=image_folder", f"data.root={pets}", "data.padding=1", "data.flip=true", "data.batch_size=3"
    return *images, "model=mlp", "model.width=5", "steps=15", "eval_every=5", "checkpoint_every=0", "logger=none"


def test_training_on_changed_images_goes_on_bit_for_bit_within_an_epoch(job, tmp_path, monkeypatch, pets):
    cfg, _ = job(*recipe(pets))
    whole = train(cfg, tmp_path / "whole")
    interrupt(monkeypatch, at=10)
    with pytest.raises(RuntimeError):
        train(cfg, tmp_path / "cut")
    monkeypatch.undo()
    resumed = train(cfg, tmp_path / "cut")
    assert (resumed.path / "history.csv").read_text() == (whole.path / "history.csv").read_text()


def test_another_class_since_the_interruption_is_named(job, monkeypatch, pets):
    cfg, directory = job(*recipe(pets))
    interrupt(monkeypatch, at=5)
    with pytest.raises(RuntimeError):
        train(cfg, directory)
    monkeypatch.undo()
    (pets / "emu").mkdir()
    (pets / "cat" / "0.png").rename(pets / "emu" / "0.png")
    with pytest.raises(ValueError, match=r"is \(2, 5\) there, \(3, 5\) here. Have the data other classes"):
        train(cfg, directory)


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return type(self.path).touch, (self.path,)


def test_a_checkpoint_of_a_stranger_runs_nothing(tmp_path):
    torch.save({"step": 1, "weights": Payload(tmp_path / "ran")}, tmp_path / "last.ckpt")
    with pytest.raises(ValueError, match=r"last.ckpt is damaged \(UnpicklingError\); delete it"):
        training.Checkpoint(None, tmp_path / "last.ckpt", 1).restore()
    assert not (tmp_path / "ran").exists()
