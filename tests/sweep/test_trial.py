import sys

import hydra
import optuna
import pytest

from refnets.config.composition import CONFIGS
from refnets.runs import Run
from refnets.sweep.study import Trial
from refnets.sweep.trial import Link, _watch, measured, train_trials
from refnets.train import train

SHORT = "steps=30", "eval_every=10", "data.validation=0.1", "logger=none"
FAST = "trainer=smoke", "logger=none", "data.validation=0.2"


@pytest.fixture
def link(tmp_path):
    """A study with one finished trial, which was good from the start, and one that is running."""
    url = f"sqlite:///{tmp_path}/study.db"
    study = optuna.create_study(storage=url, study_name="s")
    good = study.ask()
    for step in range(0, 31, 10):
        good.report(1.0, step)
    study.tell(good, 1.0)
    study.ask()
    pruner = {"_target_": "optuna.pruners.MedianPruner", "n_startup_trials": 1, "n_warmup_steps": 10}
    return Link(url, "s", ("validation_error",), pruner)


def test_pruning_stops_a_hopeless_trial_at_an_evaluation_of_its_task(job, link):
    cfg, directory = job(*SHORT)
    with pytest.raises(optuna.TrialPruned, match="validation_error .* after 10 steps"):
        train(cfg, directory, watch=_watch(link, 1))
    assert Run(directory).history["step"].tolist() == [0, 10]
    assert not Run(directory).finished
    reported = optuna.load_study(study_name="s", storage=link.storage).trials[1].intermediate_values
    assert list(reported) == [0, 10]


def test_watching_changes_no_number(job):
    rows = []
    (cfg, directory), (_, other) = job(*SHORT), job(*SHORT, "checkpoint_every=2")
    watched = train(cfg, directory, watch=rows.append)
    assert [row["validation_error"] for row in rows] == watched.history["validation_error"].tolist()
    alone = train(cfg, other.with_name("other"))
    assert watched.history["train_loss"].tolist() == alone.history["train_loss"].tolist()


def test_an_objective_that_is_not_measured_ends_the_first_evaluation(job, tmp_path):
    cfg, directory = job("steps=30", "eval_every=10", "logger=none")
    watch = _watch(Link("", "s", ("validation_error",), None), 0)
    with pytest.raises(ValueError, match=r"objective=validation_error: .*type data.validation=0.2"):
        train(cfg, directory, watch=watch)
    with pytest.raises(ValueError, match="did you mean 'train_error'"):
        measured({"train_error": 1.0}, "train_eror")
    with pytest.raises(ValueError, match="objective=validation_iou_cat: has no value"):
        measured({"validation_iou_cat": float("nan")}, "validation_iou_cat")


def test_a_trial_that_cannot_be_composed_is_refused_and_the_others_are_trained(link, tmp_path):
    alone = Link(link.storage, link.study, link.objectives, pruner=None)
    common = [*FAST, "model.width=10", f"outputs={tmp_path}"]
    trials = [Trial(number, [*common, odd]) for number, odd in enumerate(["seed=-1", "model.widht=3", "seed=1"])]
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        refused, misspelt, trained = train_trials(alone, [], lambda calls: [call() for call in calls], trials)
    assert (refused.state, misspelt.state, trained.state) == ("refused", "refused", "complete")
    assert "seed" in refused.message
    assert "there is no model.widht; did you mean 'model.width'?" in misspelt.message


def test_a_search_trains_ordinary_runs_and_goes_on(command, tmp_path):
    (mine := tmp_path / "mine").mkdir()
    search = "hydra/sweeper=optuna", "optimizer.lr=choice(0.1,1e9)", *FAST, f"outputs={tmp_path}"
    search = "--config-dir", str(mine), *search
    done = command("train.py", "-m", *search, "hydra.sweeper.n_trials=4", "hydra.sweeper.max_failure_rate=1")
    assert done.returncode == 0, done.stderr
    assert "failed: the loss of step" in done.stdout
    (best,) = [line.split("scripts/")[1] for line in done.stdout.splitlines() if "uv run" in line]
    assert f"--config-dir {mine}" in best
    assert "optimizer.lr=0.1" in best
    finished = list(tmp_path.glob("runs/mnist1d_mlp/*/result.json"))
    assert len(finished) == 1
    (folder,) = tmp_path.glob("sweeps/*/")
    assert folder.name.startswith("mnist1d_mlp-")
    assert any(link.resolve() == finished[0].parent for link in folder.glob("trials/*"))
    written = finished[0].stat().st_mtime_ns
    again = command("train.py", "-m", *search, "hydra.sweeper.n_trials=5", "hydra.sweeper.max_failure_rate=1")
    assert "4 of 5 trials begun" in again.stdout
    assert finished[0].stat().st_mtime_ns == written
    assert best in again.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep=mnist1d_cn"], "there is no sweep=mnist1d_cn; did you mean 'mnist1d_cnn'?"),
        (["hydra/sweeper=optuna"], "error: nothing is searched"),
        (["hydra/sweeper=optuna", "model.widht=choice(1,2)"], "there is no model.widht; did you mean 'model.width'?"),
        (["sweep=mnist1d_cnn", "hydra.sweeper.objective=test_error"], "error: objective=test_error: what is chosen"),
        (["sweep=mnist1d_cnn", "hydra.sweeper.n_trails=3"], "n_trails"),
    ],
)
def test_a_mistake_ends_the_search_with_what_to_type(command, tmp_path, arguments, message):
    done = command("train.py", "-m", *arguments, f"outputs={tmp_path}")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_optuna_the_command_says_what_to_type(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)  # to import it is a ModuleNotFoundError
    done = command("train.py", "-m", "sweep=mnist1d_cnn")
    assert done.returncode == 1
    assert "begin the command with `uv run --extra sweep`" in done.stderr
