import csv
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from refnets.data.mnist1d import MNIST1D
from refnets.data.target import Classes
from refnets.models.mlp import MLP
from refnets.runs import Run
from refnets.train import finish, train
from refnets.train_all import train_all

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"
MARKED = "0,9.0,9.0,9.0,9.0,9.0"
SHORT = "steps=20", "eval_every=10", "logger=none"


@pytest.mark.parametrize("experiment", sorted(file.stem for file in GOLDEN.glob("*.csv")))
def test_losses_are_the_golden_ones(job, experiment):
    """golden/X.csv is the history.csv of `scripts/train.py experiment=X trainer=smoke`."""
    run = train(*job(f"experiment={experiment}", "trainer=smoke", "logger=none"))
    with (GOLDEN / f"{experiment}.csv").open() as file:
        golden = list(csv.DictReader(file))
    for column, values in run.history.items():
        assert values == pytest.approx([float(row[column]) for row in golden], rel=1e-4), column


def test_every_experiment_has_golden_losses():
    """But those on images, which must be downloaded or take minutes."""
    files = (ROOT / "configs" / "experiment").glob("*.yaml")
    images = re.compile("override /data: (cifar10|mnist\n|isbi2012|camvid|bccd|shapes_)")
    assert {file.stem for file in GOLDEN.glob("*.csv")} == {f.stem for f in files if not images.search(f.read_text())}


def test_a_run_can_be_opened_again(job):
    cfg, directory = job(*SHORT)
    train(cfg, directory)
    run = Run(directory)
    assert run.config.model == cfg.model
    assert run.history["step"].tolist() == [0, 10, 20]
    assert run.result["final"]["test_error"] == run.history["test_error"][-1]
    x, y = run.data().splits["test"]
    assert 100 * (run.model()(x).argmax(1) != y).double().mean().item() == pytest.approx(run.history["test_error"][-1])


def test_a_finished_run_is_returned_at_once(job):
    cfg, directory = job(*SHORT)
    train(cfg, directory)
    before = {file: file.stat().st_mtime_ns for file in directory.rglob("*")}
    train(cfg, directory)
    assert {file: file.stat().st_mtime_ns for file in directory.rglob("*")} == before


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(job, tmp_path):
    rows = [train(job(*SHORT, f"seed={seed}")[0], tmp_path / str(i)).history for i, seed in enumerate([0, 0, 1])]
    assert np.array_equal(rows[0]["train_loss"], rows[1]["train_loss"])
    assert not np.array_equal(rows[0]["train_loss"], rows[2]["train_loss"])


def test_keeping_the_best_network_changes_no_step(job):
    last, best = (train(*job(*SHORT, "data.validation=0.1", f"keep={keep}")) for keep in ("last", "best"))
    assert (best.path / "history.csv").read_text() == (last.path / "history.csv").read_text()


def test_without_a_validation_split_none_is_best(job):
    with pytest.raises(ValueError, match=r"keep=best .* no such split: data.validation=0.1"):
        train(*job(*SHORT, "keep=best"))


def test_what_is_trained_together_is_told_before_the_others_and_once(job):
    jobs = [job("trainer=smoke", "logger=none", change) for change in ("model.dropout=0.1", "seed=1", "seed=2")]
    told = []
    train_all(jobs, told.append)
    assert [run.path for run in told] == [jobs[number][1] for number in (1, 2, 0)]


def test_what_another_process_has_finished_meanwhile_is_told_with_the_rest(job, monkeypatch):
    jobs, told = [job("trainer=smoke", "logger=none", change) for change in ("seed=1", "seed=2")], []
    monkeypatch.setattr("refnets.train_all.finish", lambda group, name: [train(*jobs[0]), finish(group, name)])
    train_all(jobs, told.append)
    assert {run.path for run in told} == {directory for _, directory in jobs}


def test_the_callers_random_numbers_and_threads_are_left_alone(job):
    torch.manual_seed(7)
    expected, threads = torch.rand(1), torch.get_num_threads()
    torch.manual_seed(7)
    train(*job(*SHORT))
    assert torch.rand(1) == expected
    assert torch.get_num_threads() == threads


def test_what_was_measured_before_the_loss_stopped_being_finite_is_kept(job):
    cfg, directory = job(*SHORT, "optimizer.lr=1e6")
    with pytest.raises(FloatingPointError):
        train(cfg, directory)
    assert Run(directory).history["step"].tolist() == [0]
    assert not Run(directory).finished


def test_a_killed_run_resumes_and_equals_an_undisturbed_one(forked, command, signal_at, tmp_path):
    recipe = "steps=200", "eval_every=20", "model.dropout=0.2", "optimizer=momentum", "checkpoint_every=0"
    recipe += ("logger=none",)
    with signal_at(step=110, number=signal.SIGKILL):
        killed = forked("train.py", *recipe, f"outputs={tmp_path / 'killed'}")
    killed.join()
    (checkpoint,) = tmp_path.rglob("last.ckpt")
    directory = checkpoint.parents[1]
    assert not Run(directory).finished
    header, first, *_ = (directory / "history.csv").read_text().splitlines()
    (directory / "history.csv").write_text((directory / "history.csv").read_text().replace(first, MARKED, 1))
    for outputs in "killed", "undisturbed":
        assert command("train.py", *recipe, f"outputs={tmp_path / outputs}").returncode == 0
    after, alone = [path.read_text() for path in sorted(tmp_path.rglob("history.csv"))]
    assert MARKED in after  # it went on, and did not start again
    assert after.replace(MARKED, first) == alone


def _when_there(folder, name, alive):
    """The file, once the process, which must be alive until then, has written it."""
    while alive():
        if found := next(folder.rglob(name), None):
            return found
        time.sleep(0.01)
    raise AssertionError(f"the process ended without {name}")


def test_the_result_says_what_the_numbers_depend_on(job):
    result = train(*job(*SHORT)).result
    assert {"device", "threads", "versions", "commit", "command", "seconds", "parameters"} <= set(result)


def test_the_result_says_how_many_examples_are_evaluated_in_a_second(job, monkeypatch):
    def slow(*of):
        time.sleep(0.5)
        return {"loss": 1.0}

    monkeypatch.setattr("refnets.task.measure", slow)
    run = train(*job(*SHORT))
    train_and_test = sum(len(split.x) for split in run.data().splits.values())
    assert run.result["evaluated_per_second"] == pytest.approx(train_and_test, rel=0.2)  # half a second for each split


def test_ctrl_c_says_how_to_go_on(tmp_path):
    command = [sys.executable, "scripts/train.py", "steps=100000", "logger=none", "checkpoint_every=0"]
    process = subprocess.Popen([*command, f"outputs={tmp_path}"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    _when_there(tmp_path, "last.ckpt", lambda: process.poll() is None)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert re.search(r"interrupted; the same command goes on from step [1-9]", errors)


def test_a_run_killed_before_its_result_was_written_finishes(job):
    cfg, directory = job(*SHORT, "checkpoint_every=0")
    whole = train(cfg, directory).history["train_loss"]
    (directory / "result.json").unlink()
    run = train(cfg, directory)
    assert run.result["final"]["step"] == 20
    assert np.array_equal(run.history["train_loss"], whole)


def test_targets_outside_the_support_of_the_loss_are_named_and_nothing_is_trained(job):
    cfg, directory = job("data=noisy_curve", "loss=gamma", *SHORT)
    with pytest.raises(ValueError, match="Gamma is for targets in .*, the data has -"):
        train(cfg, directory)
    assert not directory.exists()


def test_what_was_fitted_of_the_loss_is_kept(job):
    run = train(*job("experiment=likelihood", "data=noisy_curve", "loss=gaussian_learned", *SHORT))
    assert run.loss().log_variance.item() != 0


def test_inputs_that_are_not_finite_are_refused_and_nothing_is_trained(job):
    cfg, directory = job("data=line_points", "data.x=[0,1]", "data.y=[1,2]", "loss=gaussian", *SHORT)
    cfg.data.x[1] = float("nan")
    with pytest.raises(ValueError, match="the inputs of the train split have values that are not finite"):
        train(cfg, directory)
    assert not directory.exists()


def test_a_seed_that_is_no_number_is_named(job):
    with pytest.raises(ValueError, match="seed=abc: "):
        train(*job("seed=abc"))


def test_a_class_that_the_data_do_not_have_is_named_and_nothing_is_trained(job, monkeypatch):
    monkeypatch.setattr(MNIST1D, "target", Classes(tuple("012345678")))
    cfg, directory = job(*SHORT)
    with pytest.raises(ValueError, match="the train split has class 9; the data have classes 0 to 8"):
        train(cfg, directory)
    assert not directory.exists()


def test_a_model_with_another_number_of_outputs_is_named_and_nothing_is_trained(job, monkeypatch):
    monkeypatch.setattr(MLP, "forward", lambda self, x: self.layers(x)[:, :3])
    cfg, directory = job(*SHORT)
    message = r"MLP gives outputs of shape \(2, 3\) for 2 examples; the loss needs \(2, 10\)"
    with pytest.raises(ValueError, match=message):
        train(cfg, directory)
    assert not directory.exists()
