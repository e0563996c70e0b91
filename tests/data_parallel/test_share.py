"""Two processes on this machine; the second is a fork of this one, which saves it the imports."""

import multiprocessing
import os
import signal

import pytest
import torch
import torch.distributed as dist

from refnets.data_parallel import followers, ranks
from refnets.data_parallel.share import Share
from refnets.processes.workers import Place
from refnets.runs import Run
from refnets.task import Task
from refnets.train import train
from refnets.trainer import training

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="where there are GPUs, a fork cannot train")

MLP = "data.num_samples=500", "model.width=20", "data.batch_size=67", "steps=20", "eval_every=10", "logger=none"
SHAPES = (
    "data.num_train=11",
    "data.num_test=5",
    "data.batch_size=3",
    "data.size=[32,32]",
    "optimizer=momentum",
    "threads=1",
    *MLP[3:],
)
RECIPES = {
    "momentum": ["optimizer=momentum", "scheduler=cosine", *MLP],
    "batch norm of vectors": ["experiment=mnist1d_residual_mlp", "model.batch_norm=true", "optimizer=adam", *MLP],
    "full batch": ["optimizer=gradient_descent", *MLP[:2], *MLP[3:]],
    "a loss with a number to fit": ["experiment=likelihood", "data=noisy_curve", "loss=gaussian_learned", *MLP[3:]],
    "examples that are changed": ["experiment=mnist1d_masked", *MLP[3:]],
    "batch norm of maps, metrics of masks": ["experiment=shapes_unet", "model.width=4", *SHAPES, "optimizer.lr=0.001"],
    "a mean of weights": ["experiment=shapes_unet", "model.width=4", *SHAPES, "optimizer.lr=0.001", "keep=average"],
    "metrics of boxes": [
        "experiment=shapes_yolo",
        "model.grid=4",
        "loss.score_threshold=0.01",
        *SHAPES,
        "optimizer.lr=1e-5",
    ],
}


class Fork(multiprocessing.get_context("fork").Process):
    """Instead of `python -m refnets.data_parallel.follow PORT SIZE RANK`."""

    def __init__(self, command, **_):
        port, size, rank = map(int, command[-3:])
        super().__init__(target=self._serve, args=(port, Place(rank, size, rank)), daemon=True)
        self.start()

    def _serve(self, port, here):
        followers.serve(dist.TCPStore("127.0.0.1", port), here)
        os._exit(0)

    def poll(self):
        return self.exitcode

    returncode = property(poll)
    wait = multiprocessing.Process.join


@pytest.fixture(autouse=True)
def forked(monkeypatch):
    monkeypatch.setattr(ranks, "Popen", Fork)
    yield
    while ranks._others:
        ranks._dismiss()


@pytest.fixture
def by(job, tmp_path):
    """by(2, ...): the run of this recipe, trained by two processes."""

    def run(processes, *overrides, where="run"):
        cfg, _ = job(*overrides, f"trainer.devices={processes}")
        return train(cfg, tmp_path / where / str(processes))

    return run


def assert_equal(one, other, rel=1e-4):
    for column, values in one.history.items():
        assert other.history[column] == pytest.approx(values, rel=rel, abs=1e-6, nan_ok=True), column
    theirs = other.model().state_dict()
    for name, ours in one.model().state_dict().items():
        assert torch.allclose(ours, theirs[name], rtol=rel, atol=1e-5), name


@pytest.mark.parametrize("recipe", RECIPES)
def test_two_processes_are_as_one(by, recipe):
    alone, two = by(1, *RECIPES[recipe]), by(2, *RECIPES[recipe])
    assert_equal(alone, two)
    assert two.result["devices"] == 2


class CrashError(Exception):
    pass


def crash(monkeypatch, at, rank, error=CrashError):
    """Lets one of the processes fail after the evaluation of step `at`."""
    evaluate = Task.evaluate

    def evaluate_and_crash(task):
        evaluate(task)
        if task.step == at and dist.is_initialized() and dist.get_rank() == rank:
            raise error

    monkeypatch.setattr(Task, "evaluate", evaluate_and_crash)


def cut(by, monkeypatch, *overrides):
    """A run of two processes that ends at step 15, with a checkpoint of step 10."""
    with monkeypatch.context() as patched:
        crash(patched, at=15, rank=0)
        with pytest.raises(CrashError):
            by(2, *overrides, where="cut")


DROPOUT = *MLP, "eval_every=5", "checkpoint_every=0", "model.dropout=0.5"


def test_an_interrupted_run_of_two_goes_on_bit_for_bit(by, monkeypatch):
    whole = by(2, *DROPOUT)
    cut(by, monkeypatch, *DROPOUT)
    assert (by(2, *DROPOUT, where="cut").path / "history.csv").read_text() == (whole.path / "history.csv").read_text()


def test_an_interrupted_run_of_two_goes_on_alone(by, monkeypatch, tmp_path):
    recipe = *MLP, "eval_every=5", "checkpoint_every=0", "optimizer=adam"
    cut(by, monkeypatch, *recipe)
    (tmp_path / "cut" / "2").rename(tmp_path / "cut" / "1")
    resumed = by(1, *recipe, where="cut")
    assert_equal(by(1, *recipe), resumed)


def test_the_number_of_processes_is_not_part_of_the_recipe(job):
    assert job(*MLP, "trainer=ddp")[1].name.rpartition("-")[2] == job(*MLP)[1].name.rpartition("-")[2]


def test_every_process_draws_its_own_dropout_and_the_first_what_it_draws_alone():
    batch = torch.zeros(6, 1), torch.zeros(6)

    def drawn(rank):
        share = Share.__new__(Share)
        share.rank, share.size, share.seed = rank, 3, 0
        torch.manual_seed(5)
        return [torch.rand(1).item() for _ in share._batches(lambda steps: [batch for _ in steps], range(3))]

    torch.manual_seed(5)
    alone = [torch.rand(1).item() for _ in range(3)]
    assert drawn(0) == alone
    assert len({*drawn(0), *drawn(1), *drawn(2)}) == 9


def test_a_share_that_is_not_finite_ends_all_with_one_message(by, monkeypatch, capfd):
    batches = Share._batches

    def broken(share, whole, steps):
        for step, (x, y) in zip(steps, batches(share, whole, steps), strict=True):
            yield (x * torch.nan if share.rank == 1 and step == 12 else x), y

    monkeypatch.setattr(Share, "_batches", broken)
    with pytest.raises(FloatingPointError, match="the loss of step 13 is nan"):
        by(2, *MLP)
    assert capfd.readouterr().err == ""


def test_an_error_of_another_process_ends_this_one_with_its_message(by, monkeypatch, capfd):
    crash(monkeypatch, at=10, rank=1, error=MemoryError("too much"))
    with pytest.raises(ChildProcessError, match="process 2 of 2: MemoryError: too much; the same command goes on"):
        by(2, *MLP)
    assert capfd.readouterr().err == ""


def test_a_process_that_is_killed_ends_this_one(by, monkeypatch):
    class Killed(BaseException):
        def __init__(self):
            os.kill(os.getpid(), signal.SIGKILL)

    crash(monkeypatch, at=10, rank=1, error=Killed)
    with pytest.raises(ChildProcessError, match="process 2 of 2 has ended with exit code -9"):
        by(2, *MLP)


def test_after_a_failure_others_are_started(by, monkeypatch):
    cut(by, monkeypatch, *MLP, "eval_every=5")
    assert by(2, *MLP).result["final"]["step"] == 20


def test_what_watches_is_called_once_and_may_end_the_training(job, tmp_path):
    rows = []

    def watch(row):
        rows.append(row["step"])
        if row["step"] == 10:
            raise CrashError

    with pytest.raises(CrashError):
        train(job(*MLP, "trainer=ddp")[0], tmp_path, watch=watch)
    assert rows == [0, 10]
    assert Run(tmp_path).history["step"].tolist() == [0, 10]


def test_processes_with_different_checkpoints_are_refused(by, monkeypatch):
    restore = training.Checkpoint.restore

    def forget(checkpoint, step):
        restore(checkpoint, step)
        if dist.is_initialized():
            checkpoint.task.step = 5

    monkeypatch.setattr(training.Checkpoint, "restore", forget)
    with pytest.raises(OSError, match=r"found checkpoints of steps \[0, 5\]: they need the same outputs folder"):
        by(2, *MLP)
