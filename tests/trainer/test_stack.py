import signal
import time

import numpy as np
import pytest
import torch

from refnets.config.jobs import jobs
from refnets.runs import Run
from refnets.task import Task
from refnets.train import train
from refnets.train_all import train_all
from refnets.trainer import fit
from refnets.trainer.checkpoint import Checkpoint

CURVES = "[[0,1,1,0],[0,1,1,2]]", "[[0,1,1,0],[0,1,1,2],[0,1,1,4]]"  # of two and of three classes
SHORT = "steps=30", "eval_every=10", "data.num_samples=500", "model.width=20", "logger=none", "checkpoint_every=0"


@pytest.fixture
def planned(tmp_path):
    """planned("seed=0,1", ...): the jobs of a sweep, twice: to be trained alone and to be trained together."""

    def make(*overrides):
        found = [cfg for cfg, _ in jobs([*SHORT, *overrides])]
        return [[(cfg, tmp_path / way / str(i)) for i, cfg in enumerate(found)] for way in ("alone", "together")]

    return make


def _assert_same(one, other):
    assert one.history.keys() == other.history.keys()
    for key, column in one.history.items():
        assert np.allclose(column, other.history[key], rtol=1e-4, atol=1e-4), key
    for ours, theirs in zip(one.model().parameters(), other.model().parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    "overrides",
    [
        ("seed=0,1,2",),
        ("data.seed=0,1", "data.label_noise=0,0.2"),
        ("seed=0,1", "optimizer=momentum", "scheduler=step", "scheduler.step_size=7"),
        ("seed=0,1", "optimizer=adam", "optimizer.lr=0.01", "scheduler=cosine"),
        ("seed=0,1", "keep=best", "data.validation=0.2", "optimizer.lr=1"),
        ("model.width=3,10,20", "optimizer=momentum"),
        ("optimizer.lr=0.01,0.1", "optimizer.weight_decay=0,0.01", "scheduler=cosine"),
        ("seed=0,1", "optimizer=gradient_descent", "model.activation=tanh", "model.depth=1"),
    ],
)
def test_each_run_of_a_stack_is_as_if_trained_alone(planned, stacks, overrides):
    alone, together = planned(*overrides)
    runs = train_all(together)
    assert stacks == [len(together)]
    for job, run in zip(alone, runs, strict=True):
        _assert_same(train(*job), run)


@pytest.mark.parametrize(
    "overrides",
    [
        ("seed=0,1", "model.dropout=0.5"),
        ("seed=0,1", "loss=gaussian_learned", "data=noisy_curve"),
        ("model.width=10,20", "model.activation=sigmoid"),
        ("model.width=20,200",),
        ("data.num_samples=500,1000",),
        ("data.batch_size=50,100",),
        ("loss.label_smoothing=0,0.3",),
        ("eval_every=5,10",),
        ("steps=20,30",),
        ("experiment=likelihood", "data=categories", "loss=categorical", f"data.curves={CURVES[0]},{CURVES[1]}"),
    ],
)
def test_what_cannot_be_stacked_is_trained_alone(planned, stacks, overrides):
    train_all(planned(*overrides)[1])
    assert stacks == [1, 1]


@pytest.mark.parametrize("optimizer", [["optimizer=momentum"], ["optimizer=adam"], ["optimizer.lr=0.1,0.2"]])
def test_an_interrupted_stack_goes_on(planned, monkeypatch, optimizer):
    alone, together = planned("model.width=10,20", *optimizer, "scheduler=cosine")

    class Crash(fit.Checkpoints):
        def on_train_batch_end(self, *_):
            super().on_train_batch_end()
            if self.each[0].task.step == 20:
                raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(fit, "Checkpoints", Crash)
        with pytest.raises(RuntimeError):
            train_all(together)
    assert not any(Run(directory).finished for _, directory in together)
    for job, run in zip(alone, train_all(together), strict=True):
        _assert_same(train(*job), run)


@pytest.mark.parametrize("optimizer", [["optimizer=momentum"], ["optimizer.lr=0.1,0.2"]])
def test_a_stack_that_is_told_to_end_goes_on_where_it_was(planned, signal_at, optimizer):
    alone, together = planned("model.width=10,20", *optimizer, "scheduler=cosine")
    with signal_at(step=14, number=signal.SIGTERM), pytest.raises(SystemExit):
        train_all(together)
    states = [torch.load(path / "checkpoints" / "last.ckpt", weights_only=True) for _, path in together]
    assert [state["step"] for state in states] == [15] * len(together)
    for job, run in zip(alone, train_all(together), strict=True):
        _assert_same(train(*job), run)


@pytest.mark.parametrize("step", [10, 20])
def test_a_stack_that_was_killed_between_the_saves_of_its_networks_goes_on_bit_for_bit(planned, monkeypatch, step):
    undisturbed, together = planned("seed=0,1,2")
    save = Checkpoint.save

    def killed(checkpoint):
        if (checkpoint.task.seed, checkpoint.task.step) == (1, step):
            raise RuntimeError
        save(checkpoint)

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoint, "save", killed)
        with pytest.raises(RuntimeError):
            train_all(together)
    for one, other in zip(train_all(undisturbed), train_all(together), strict=True):
        assert (one.path / "history.csv").read_bytes() == (other.path / "history.csv").read_bytes()


@pytest.mark.parametrize("step", [20, 30])
def test_a_stack_that_is_told_to_end_between_the_evaluations_of_its_networks_goes_on(planned, monkeypatch, step):
    alone, together = planned("seed=0,1,2", "keep=best", "data.validation=0.2", "optimizer.lr=1.5")  # best: step 10
    evaluate = Task.evaluate

    def told(task):
        if (task.seed, task.step) == (1, step):
            signal.raise_signal(signal.SIGTERM)
        evaluate(task)

    with monkeypatch.context() as patched:
        patched.setattr(Task, "evaluate", told)
        with pytest.raises(SystemExit):
            train_all(together)
    for job, run in zip(alone, train_all(together), strict=True):
        expected = train(*job)
        _assert_same(expected, run)
        assert run.result["final"]["step"] == expected.result["final"]["step"]


@pytest.mark.parametrize("goes_on", [slice(None), slice(1)])
def test_a_network_of_a_stack_counts_its_share_of_the_time(planned, signal_at, goes_on):
    _, together = planned("seed=0,1,2,3")
    begun, counted = time.perf_counter(), 0
    with signal_at(step=14, number=signal.SIGTERM), pytest.raises(SystemExit):
        train_all(together)
    taken = time.perf_counter() - begun
    for _, path in together:
        last = path / "checkpoints" / "last.ckpt"
        state = torch.load(last, weights_only=True)
        counted += state["seconds"]
        torch.save(state | {"seconds": 1000.0}, last)
    assert counted < taken
    for run in train_all(together[goes_on]):
        assert 1000 < run.result["seconds"] < 1100


def test_a_stack_that_does_not_fit_in_memory_is_trained_one_by_one(planned, stacks, monkeypatch):
    def too_large(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("refnets.trainer.stack.Stack.training_step", too_large)
    assert all(run.finished for run in train_all(planned("seed=0,1")[1]))
    assert stacks == [2, 1, 1]


def test_a_checkpoint_of_one_run_does_not_hold_the_others(planned):
    alone, together = planned("seed=0,1,2,3", "optimizer=momentum")
    train_all(together)
    train(*alone[0])
    sizes = [(path / "checkpoints" / "last.ckpt").stat().st_size for _, path in (alone[0], together[0])]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


def test_checkpoints_between_evaluations_change_no_number_of_a_stack(planned, monkeypatch):
    undisturbed, disturbed = planned("seed=0,1", "optimizer=momentum", "scheduler=cosine")
    expected = train_all(undisturbed)
    monkeypatch.setattr(fit.Checkpoints, "_remind", lambda self: setattr(self.pause, "wanted", True))
    for one, other in zip(expected, train_all(disturbed), strict=True):
        assert (one.path / "history.csv").read_bytes() == (other.path / "history.csv").read_bytes()


def test_a_run_that_diverges_does_not_take_the_others_with_it(planned, monkeypatch):
    evaluate = Task.evaluate

    def diverging(task):
        if task.seed == 1 and task.step == 20:
            raise FloatingPointError
        evaluate(task)

    monkeypatch.setattr(Task, "evaluate", diverging)
    good, bad, also_good = planned("seed=0,1,2")[1]
    with pytest.raises(FloatingPointError):
        train_all([bad, good, also_good])
    assert Run(good[1]).finished
    assert Run(also_good[1]).finished


def test_a_loss_that_is_not_finite_is_in_no_checkpoint(planned, signal_at):
    (cfg, path), other = planned("optimizer.lr=1e30,0.1", "eval_every=30")[1]
    with signal_at(step=20, number=signal.SIGINT), pytest.raises(KeyboardInterrupt):
        train_all([(cfg, path), other])
    assert not (path / "checkpoints" / "last.ckpt").exists()
