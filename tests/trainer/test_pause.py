import signal

import pytest
import torch

from refnets.evaluation import measure
from refnets.train import train
from refnets.trainer.average import Average
from refnets.trainer.pause import Pause

SHORT = "steps=30", "eval_every=10", "data.num_samples=510", "data.batch_size=7", "checkpoint_every=100", "logger=none"


def resumes(cfg, folder):
    """Trains the rest of folder/cut, and the whole in one go, and compares them."""
    torch.manual_seed(2)  # whatever the process that resumes has drawn before
    resumed, whole = train(cfg, folder / "cut"), train(cfg, folder / "whole")
    assert (resumed.path / "history.csv").read_text() == (whole.path / "history.csv").read_text()
    for ours, theirs in zip(resumed.model().parameters(), whole.model().parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_ends_training_after_the_step_and_it_goes_on_bit_for_bit(job, tmp_path, signal_at, capsys, number):
    cfg, _ = job(*SHORT, "model.dropout=0.5", "optimizer=momentum", "scheduler=cosine")
    with signal_at(step=14, number=number), pytest.raises(SystemExit) as ended:
        train(cfg, tmp_path / "cut")
    assert ended.value.code == 128 + number
    assert "interrupted; the same command goes on from step 15" in capsys.readouterr().err
    resumes(cfg, tmp_path)


RECIPES = "optimizer=adam", "keep=best data.validation=0.1", "keep=average", "data.batch_size=null"


@pytest.mark.parametrize("recipe", RECIPES)
def test_so_does_every_recipe(job, tmp_path, signal_at, recipe):
    cfg, _ = job(*SHORT, *recipe.split())
    with signal_at(step=24, number=signal.SIGTERM), pytest.raises(SystemExit):
        train(cfg, tmp_path / "cut")
    resumes(cfg, tmp_path)


def test_it_is_wanted_when_the_time_is_over():
    with Pause() as pause:
        pause.remind(100)
        pause.remind(0.01)
        pause.timer.join()
    assert pause.wanted


@pytest.mark.parametrize(("step", "keep"), [(0, "best"), (20, "best"), (30, "best"), (30, "average")])
def test_a_signal_during_an_evaluation_does_not_wait_for_its_end(job, tmp_path, monkeypatch, step, keep):
    cfg, _ = job(*SHORT, f"keep={keep}", "data.validation=0.1")
    ended = []

    def told(task, *of):
        if task.step != step:
            return measure(task, *of)
        signal.raise_signal(signal.SIGTERM)
        measured = measure(task, *of)
        ended.append(of)
        return measured

    with monkeypatch.context() as patched:
        patched.setattr("refnets.task.measure", told)
        with pytest.raises(SystemExit):
            train(cfg, tmp_path / "cut")
    assert not ended
    resumes(cfg, tmp_path)


def test_so_does_one_while_batch_normalization_is_measured_with_averaged_weights(job, tmp_path, monkeypatch):
    cfg, _ = job(*SHORT, "keep=average", "model=residual_mlp", "model.batch_norm=true")
    take_over, batches = Average.take_over, []

    def told(average, compute, last, pause):
        batches.append(iter(list(last)))
        signal.raise_signal(signal.SIGTERM)
        take_over(average, compute, batches[0], pause)

    with monkeypatch.context() as patched:
        patched.setattr(Average, "take_over", told)
        with pytest.raises(SystemExit):
            train(cfg, tmp_path / "cut")
    assert len(list(batches[0])) == 2  # left, of three
    resumes(cfg, tmp_path)


def test_whoever_listened_before_decides_once_there_is_a_checkpoint(job, tmp_path, signal_at):
    """As submitit, which has the job queued again by SIGUSR2, and lets SIGTERM pass."""
    cfg, _ = job(*SHORT)
    heard = []
    before = signal.signal(signal.SIGUSR2, lambda *_: heard.append(list(tmp_path.rglob("last.ckpt"))))
    try:
        with signal_at(step=14, number=signal.SIGUSR2):
            run = train(cfg, tmp_path / "cut")
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert heard == [[tmp_path / "cut" / "checkpoints" / "last.ckpt"]]
    assert run.history["step"].tolist() == [0, 10, 20, 30]


def test_a_loss_that_is_not_finite_is_not_kept_as_a_checkpoint(job, signal_at):
    cfg, directory = job(*SHORT, "optimizer.lr=1e20")
    with signal_at(step=8, number=signal.SIGINT), pytest.raises(KeyboardInterrupt):
        train(cfg, directory)
    assert not (directory / "checkpoints" / "last.ckpt").exists()


def test_a_second_signal_does_not_wait():
    with Pause() as pause:
        pause.listen()
        signal.raise_signal(signal.SIGINT)
        assert pause.wanted
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_signal_that_no_step_followed_is_not_lost():
    def last_step():
        with Pause() as pause:
            pause.listen()
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        last_step()


def test_what_was_ignored_before_stays_ignored():
    """As by nohup."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Pause() as pause:
            pause.listen()
            signal.raise_signal(signal.SIGINT)
            assert not pause.wanted
    finally:
        signal.signal(signal.SIGINT, before)
