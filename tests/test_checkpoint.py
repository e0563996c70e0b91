import pytest
import torch

from refnets import training
from refnets.runs import Run
from refnets.train import train


@pytest.mark.parametrize("choice", ["optimizer=momentum", "optimizer=adam", "keep=best", "scheduler=multistep"])
def test_an_interrupted_run_goes_on_bit_for_bit(job, tmp_path, monkeypatch, choice):
    recipe = "scheduler=cosine", choice, "model.dropout=0.5", "data.validation=0.1", "steps=30", "eval_every=10"
    cfg, _ = job(*recipe, "checkpoint_every=0", "logger=none")
    whole = train(cfg, tmp_path / "whole")

    class Crash(training.Checkpoint):
        def on_train_batch_end(self, *_):
            super().on_train_batch_end()
            if self.task.step == 20:
                raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(training, "Checkpoint", Crash)
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
