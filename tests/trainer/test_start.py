import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra.errors import HydraException
from omegaconf import OmegaConf
from PIL import Image

from refnets.config.check import check
from refnets.config.jobs import jobs
from refnets.runs import Run
from refnets.train import train
from refnets.train_all import train_all
from refnets.trainer import fit

SHORT = "steps=20", "eval_every=10", "logger=none", "data.num_samples=500", "checkpoint_every=0"
FIRST = f"experiment=mnist1d_mlp {' '.join(SHORT)}"


@pytest.fixture
def started(job):
    """started("seed=1", ...): a job that starts from the network of FIRST."""
    return lambda *overrides: job(*SHORT, f"start='{FIRST}'", *overrides)


def test_training_starts_from_the_weights_of_the_other_run(started):
    cfg, directory = started("optimizer.lr=1e-9", "seed=1")
    run = train(cfg, directory)
    first = Run(cfg.start.run)
    assert first.finished
    for ours, theirs in zip(run.model().parameters(), first.model().parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert run.history["test_loss"][0] == pytest.approx(first.history["test_loss"][-1], rel=1e-5)


def test_a_head_of_another_shape_is_new(job):
    first = f"experiment=mnist1d_masked {' '.join(SHORT[:3])} data.of.num_samples=500"
    cfg, directory = job("experiment=mnist1d_probe", *SHORT, f"start='{first}'")
    run, first = train(cfg, directory).model(), Run(cfg.start.run).model()
    assert torch.equal(run.stages[0][0].weight, first.stages[0][0].weight)
    assert run.head.weight.shape != first.head.weight.shape


def test_only_the_chosen_part_is_trained(started):
    cfg, directory = started("train_only=layers.5", "optimizer=adamw")
    ours, theirs = train(cfg, directory).model().layers, Run(cfg.start.run).model().layers
    for number in (1, 3):
        assert torch.equal(ours[number].weight, theirs[number].weight)
    assert not torch.equal(ours[5].weight, theirs[5].weight)


def test_the_other_run_is_not_trained_twice(started):
    cfg, directory = started()
    train(cfg, directory)
    before = (Path(cfg.start.run) / "result.json").stat().st_mtime_ns
    train(*started("seed=1"))
    assert (Path(cfg.start.run) / "result.json").stat().st_mtime_ns == before


def test_a_finished_run_is_started_from_where_its_data_are_no_more(job, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(2):
            Image.new("RGB", (4, 4), number).save(tmp_path / "pets" / name / f"{number}.png")
    short = "model=mlp", "model.width=4", "steps=1", "eval_every=1", "logger=none"
    first = " ".join(["data=image_folder", f"data.root={tmp_path / 'pets'}", *short])
    recipe = "data=image_folder", f"data.root={tmp_path / 'own'}", *short, f"start='{first}'"
    train(job(*recipe)[0].start.config, Path(job(*recipe)[0].start.run))
    (tmp_path / "pets").rename(tmp_path / "own")
    assert train(*job(*recipe)).finished


def test_a_finished_run_of_a_gpu_is_started_from_where_there_is_none(started, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    cfg, _ = started()
    cfg.start.config.trainer.accelerator = "cuda"
    with pytest.raises(ValueError, match="start: trainer.accelerator=cuda"):
        check(cfg)
    Path(cfg.start.run).mkdir(parents=True)
    Path(cfg.start.run, "result.json").touch()
    check(cfg)


def test_damaged_weights_of_the_other_run_are_named(started):
    cfg, directory = started()
    train(cfg.start.config, Path(cfg.start.run))
    Path(cfg.start.run, "model.safetensors").write_bytes(b"1")
    with pytest.raises(ValueError, match=r"model.safetensors cannot be read .*; delete .* to train the run again"):
        train(cfg, directory)


def test_the_runs_that_others_start_from_are_trained_together_before_them(tmp_path, stacks):
    words = [*SHORT, f"start='{FIRST} seed=${{seed}}'", "seed=0,1,2", "train_only=null,layers.5"]
    planned = list(jobs([*words, f"outputs={tmp_path}"]))
    assert len(planned) == 6
    runs = train_all(planned)
    assert stacks == [3, 3, 1, 1, 1]  # first the three; then what is trained whole; a frozen layer keeps out of stacks
    for run in runs:
        first = Run(run.config.start.run)
        assert run.history["test_loss"][0] == pytest.approx(first.history["test_loss"][-1], rel=1e-4)


def test_an_interrupted_run_goes_on_with_its_own_weights(started, tmp_path, monkeypatch):
    cfg, directory = started("optimizer=momentum", "train_only=layers.5")
    whole = train(cfg, tmp_path / "whole")

    class Crash(fit.Checkpoints):
        def on_train_batch_end(self, *_):
            super().on_train_batch_end()
            raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(fit, "Checkpoints", Crash)
        with pytest.raises(RuntimeError):
            train(cfg, directory)
    assert np.array_equal(train(cfg, directory).history["train_loss"], whole.history["train_loss"])


def test_what_is_frozen_is_evaluated_also_when_an_interrupted_run_goes_on(job, tmp_path, signal_at):
    few = "data.num_train=8", "data.num_test=4", "data.batch_size=4", "steps=9", "eval_every=9", "logger=none"
    recipe = "experiment=shapes_unet", "model.width=2", "model.depth=1", *few
    cfg, _ = job(*recipe, "train_only=head", "checkpoint_every=0")
    whole = train(cfg, tmp_path / "whole")
    with signal_at(step=4, number=signal.SIGTERM), pytest.raises(SystemExit):
        train(cfg, tmp_path / "cut")
    weights = [run.model().network.head.weight for run in (whole, train(cfg, tmp_path / "cut"))]
    assert torch.equal(*weights)


def test_ctrl_c_during_the_first_of_two_runs_keeps_it(forked, tmp_path):
    process = forked("train.py", f"start='{FIRST} steps=100000'", *SHORT, f"outputs={tmp_path}")
    while process.is_alive() and not list(tmp_path.rglob("last.ckpt")):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    process.join()
    assert process.exitcode == 130
    assert "interrupted; the same command goes on from step" in (tmp_path / "printed.txt").read_text()


def test_the_digest_depends_on_the_run_that_is_started_from(started, job):
    digests = {job(*SHORT, f"start='{FIRST} {more}'")[1].name[-8:] for more in ("", "seed=1", "optimizer.lr=0.2")}
    assert len(digests) == 3
    assert job(*SHORT, f"start='{FIRST} seed=0'")[1].name[-8:] == started()[1].name[-8:]


def test_a_shortened_run_starts_from_a_shortened_one(job):
    assert job("experiment=mnist1d_probe", "trainer=smoke")[0].start.config.steps == 20


def test_the_other_run_is_kept_and_watched_in_the_same_way(job, tmp_path):
    cfg, _ = job("experiment=mnist1d_probe", "logger=none", "checkpoint_every=7")
    assert Path(cfg.start.run).is_relative_to(tmp_path)
    assert (cfg.start.config.logger, cfg.start.config.checkpoint_every) == ({}, 7)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("start=5", "start=5: should be a command line"),
        ("start='experiment=mnist1d_mlp model.width=abc'", "start: model.width=abc: should be a valid integer"),
        ("start='model.width=7'", "start: other there is the shape of layers.1, layers.3; only"),
        ("start='data.final_seq_length=30'", "start: other there is the shape of layers.1; only the last layer may"),
        ("start='model=cnn1d'", "start: no weight there has the name and the shape of one here"),
        ("train_only=haed", "train_only=haed: MLP has no such part"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_trained(job, tmp_path, override, message):
    with pytest.raises(ValueError, match="^") as caught:
        train(*job(override, "logger=none"))
    assert message in str(caught.value)
    assert not list(tmp_path.rglob("history.csv"))


def test_layers_that_only_one_of_both_has_are_named(job, capsys):
    small = "model=cnn1d", "model.channels=2", *SHORT
    cfg, directory = job(*small, "model.depth=3", f"start='{' '.join(small)} model.depth=1'")
    train(cfg, directory)
    assert "start: layers that begin anew: 2, as stages.1.0\n" in capsys.readouterr().err
    train(*job(*small, "model.depth=1", f"start='{' '.join(small)} model.depth=2'"))
    assert "are not used: 1, as stages.1.0\n" in capsys.readouterr().err


def test_statistics_of_images_are_no_weights(job):
    with pytest.raises(ValueError, match="start: no weight there has the name and the shape of one here"):
        train(*job("experiment=shapes_unet", "start='experiment=shapes_yolo trainer=smoke'", "trainer=smoke"))


@pytest.mark.parametrize("folder", ["/home/müller/pets", "/pets (1)", "~/é", r"\'/home/müller/pets\'"])
def test_the_other_run_may_have_data_in_any_folder(job, folder):
    cfg, _ = job(f"start='data=image_folder \"data.root={folder}\"'")
    assert cfg.start.config.data.root == os.path.expanduser(folder.replace("\\'", ""))


@pytest.mark.parametrize("command", ["model.widht=7", "model=mpl", "seed=0,1"])
def test_a_command_line_that_hydra_refuses_is_named(job, command):
    with pytest.raises(HydraException, match=f"start='{command}'"):
        job(f"start='{command}'")


def test_a_run_that_starts_from_itself_is_refused(monkeypatch):
    def endless(words):
        choices = {"trainer": "default", "experiment": None}
        return OmegaConf.create({"start": "seed=0", "logger": {}, "outputs": "o", "checkpoint_every": 1}), choices

    monkeypatch.setattr("refnets.config.jobs.compose", endless)
    with pytest.raises(ValueError, match="start='seed=0' starts from itself"):
        list(jobs([]))
