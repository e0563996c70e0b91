import math
import shutil
import signal
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from refnets.runs import Run
from refnets.train import train
from refnets.trainer import fit
from refnets.trainer.checkpoint import Checkpoint
from refnets.trainer.pause import Pause


def interrupt(monkeypatch, at):
    """Lets training crash after the evaluation of step `at`."""

    class Crash(fit.Checkpoints):
        def on_train_batch_end(self, *_):
            super().on_train_batch_end()
            if self.each[0].task.step == at:
                raise RuntimeError

    monkeypatch.setattr(fit, "Checkpoints", Crash)


CHOICES = "optimizer=momentum", "optimizer=adam", "keep=best", "keep=average", "scheduler=multistep"


@pytest.mark.parametrize("choice", CHOICES)
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


def test_so_it_does_within_an_epoch_and_a_stretch(job, tmp_path, signal_at, pets):
    cfg, _ = job(*recipe(pets))
    whole = train(cfg, tmp_path / "whole")
    with signal_at(step=6, number=signal.SIGTERM), pytest.raises(SystemExit):
        train(cfg, tmp_path / "cut")
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda pets: (pets / "dog").rename(pets / "ant"), r"target is .*'cat', 'dog'.* there, .*'ant', 'cat'.* here"),
        (
            lambda pets: shutil.copy(pets / "cat/0.png", pets / "cat/9.png"),
            "number of train examples is 8 there, 9 here",
        ),
    ],
)
def test_other_images_since_the_interruption_are_named(job, monkeypatch, pets, change, message):
    cfg, directory = job(*recipe(pets))
    interrupt(monkeypatch, at=5)
    with pytest.raises(RuntimeError):
        train(cfg, directory)
    monkeypatch.undo()
    change(pets)
    with pytest.raises(ValueError, match=rf"a training on other data: {message}. Delete it to train from the start"):
        train(cfg, directory)


def flip_a_bit(content):
    return content[:9000] + bytes([content[9000] ^ 1]) + content[9001:]


DAMAGE = {
    "truncated": lambda content: content[:-50],
    "half": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "garbage": lambda content: b"garbage" * 1000,
    "one bit": flip_a_bit,
}


@pytest.fixture
def cut_at_20(job, tmp_path, monkeypatch):
    """A run that was interrupted, its configuration, and the history that it would have had."""
    cfg, _ = job("steps=30", "eval_every=10", "data.num_samples=500", "checkpoint_every=0", "logger=none")
    whole = train(cfg, tmp_path / "whole")
    interrupt(monkeypatch, at=20)
    with pytest.raises(RuntimeError):
        train(cfg, tmp_path / "cut")
    monkeypatch.undo()
    return tmp_path / "cut", cfg, (whole.path / "history.csv").read_text()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_kept_aside_and_the_one_before_it_taken(cut_at_20, capsys, damage):
    directory, cfg, history = cut_at_20
    last = directory / "checkpoints" / "last.ckpt"
    last.write_bytes(damaged := DAMAGE[damage](last.read_bytes()))
    row = (directory / "history.csv").read_text().splitlines()[1]
    marked = (directory / "history.csv").read_text().replace(row, "0,9.0,9.0,9.0,9.0,9.0")
    (directory / "history.csv").write_text(marked)
    train(cfg, directory)
    assert "last.ckpt is damaged" in (said := capsys.readouterr().err)
    assert "kept as last.damaged; now previous.ckpt is tried" in said
    assert last.with_suffix(".damaged").read_bytes() == damaged
    after = (directory / "history.csv").read_text()
    assert "9.0,9.0,9.0" in after  # it went on, and did not begin anew
    assert after.replace("0,9.0,9.0,9.0,9.0,9.0", row) == history


def test_a_checkpoint_from_before_its_data_were_kept_is_good(cut_at_20):
    directory, cfg, history = cut_at_20
    for file in (directory / "checkpoints").iterdir():
        state = torch.load(file, weights_only=True)
        del state["data"]
        torch.save(state, file)
    train(cfg, directory)
    assert (directory / "history.csv").read_text() == history
    assert not list((directory / "checkpoints").glob("*.damaged"))


def test_where_all_checkpoints_are_damaged_training_begins_anew(cut_at_20, capsys):
    directory, cfg, history = cut_at_20
    for file in (directory / "checkpoints").iterdir():
        file.write_bytes(b"")
    train(cfg, directory)
    assert "the training begins anew" in capsys.readouterr().err
    assert (directory / "history.csv").read_text() == history


def test_a_kill_between_two_checkpoints_leaves_the_first(cut_at_20):
    directory, cfg, history = cut_at_20
    (directory / "checkpoints" / "last.ckpt").unlink()  # renamed, and the new one is not there yet
    (directory / "checkpoints" / "new.ckpt.tmp").write_bytes(b"half")
    assert train(cfg, directory).history["step"].tolist() == [0, 10, 20, 30]
    assert (directory / "history.csv").read_text() == history


def test_checkpoints_between_evaluations_change_no_number(job, tmp_path, monkeypatch):
    cfg, _ = job("steps=20", "eval_every=10", "model.dropout=0.5", "checkpoint_every=100", "logger=none")
    whole = train(cfg, tmp_path / "whole")
    steps, save = [], Checkpoint.save
    monkeypatch.setattr(Checkpoint, "save", lambda self: (steps.append(self.task.step), save(self)))
    monkeypatch.setattr(fit.Checkpoints, "_remind", lambda self: setattr(self.pause, "wanted", True))
    run = train(cfg, tmp_path / "saved")
    assert set(range(1, 20)) <= set(steps)
    assert (run.path / "history.csv").read_text() == (whole.path / "history.csv").read_text()


@pytest.mark.parametrize(("age", "saves"), [(19, 0), (21, 1)])
def test_checkpoints_take_a_twentieth_of_the_time_at_most(age, saves):
    """The last took a second to write; they are wanted every two seconds."""
    task, saved = SimpleNamespace(step=1, steps=9), []
    one = SimpleNamespace(task=task, step=0, save=lambda: saved.append(1))
    with Pause() as pause:
        checkpoints = fit.Checkpoints([one], 2, pause)
        checkpoints.taken, checkpoints.saved = 1.0, time.monotonic() - age
        checkpoints.on_train_batch_end()
    assert len(saved) == saves


@pytest.mark.parametrize(
    ("every", "taken", "asked"), [(60, 0.1, [60]), (2, 0.1, [10]), (2, 1.0, [20]), (math.inf, 0.1, [])]
)
def test_between_evaluations_they_are_wanted_after(every, taken, asked):
    reminded = []
    checkpoints = fit.Checkpoints([], every, SimpleNamespace(remind=reminded.append))
    checkpoints.taken = taken
    checkpoints.on_train_start()
    assert reminded == asked


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return type(self.path).touch, (self.path,)


def test_a_checkpoint_of_a_stranger_runs_nothing(tmp_path, capsys):
    (tmp_path / "checkpoints").mkdir()
    torch.save({"step": 1, "weights": Payload(tmp_path / "ran")}, tmp_path / "checkpoints" / "last.ckpt")
    Checkpoint(None, tmp_path).restore(None)
    assert "last.ckpt is damaged (UnpicklingError)" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()
