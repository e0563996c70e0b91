import csv
import os
import sys
from importlib.util import find_spec

import pytest
from omegaconf import OmegaConf

from refnets import launch, reproduce
from refnets.config import jobs
from refnets.runs import Run

SHORT = "steps=20", "eval_every=10", "data.num_samples=500", "model.width=20", "logger=none"
FIRST = f"experiment=mnist1d_mlp {' '.join(SHORT)}"
PACKAGE = {"joblib": "joblib", "submitit_local": "submitit", "submitit_slurm": "submitit", "ray": "ray"}
# Ray waits a minute for its processes, of which those of the dashboard are ten.
OWN = {"ray": ["+hydra.launcher.ray.init.include_dashboard=false"]}


@pytest.fixture
def here(monkeypatch):
    """The launched units, each trained in this process instead of another one."""
    units = []

    def in_this_process(launched, _):
        units.extend(launched)
        plain = [[(cfg, str(directory)) for cfg, directory in unit] for unit in launched]
        ours = {"units": plain, "folder": ".", "command": sys.argv}
        failures = [launch.train_unit(OmegaConf.create({"unit": i}), **ours) for i in range(len(plain))]
        return [failure for failure in failures if failure]

    monkeypatch.setattr(launch, "_launch", in_this_process)
    return units


def _seeds(units):
    return [[cfg.seed for cfg, _ in unit] for unit in units]


def test_what_others_start_from_comes_before_them(here, tmp_path):
    words = [*SHORT, f"start='{FIRST} seed=7'", "seed=0,1", "train_only=layers.5", f"outputs={tmp_path}"]
    runs = launch._train_all(list(jobs(words)), overrides=[])
    assert _seeds(here) == [[7], [0], [1]]
    assert [run.result["final"]["step"] for run in runs] == [20, 20]


def test_a_run_that_fails_does_not_take_the_others_with_it_and_is_not_trained_again(here, tmp_path):
    planned = list(jobs([*SHORT, "optimizer.lr=1e6,0.1", "model.dropout=0.1", f"outputs={tmp_path}"]))
    with pytest.raises(FloatingPointError, match="lr=1000000.*: the loss .*may be too large"):
        launch._train_all(planned, overrides=[])
    assert [Run(directory).finished for _, directory in planned] == [False, True]
    assert len(here) == 2


def test_what_starts_from_a_run_that_failed_is_not_trained(here, tmp_path):
    words = [*SHORT, f"start='{FIRST} optimizer.lr=1e6'", "seed=0,1", f"outputs={tmp_path}"]
    with pytest.raises(FloatingPointError):
        launch._train_all(list(jobs(words)), overrides=[])
    assert len(here) == 1


def test_every_run_is_told_once(here, tmp_path):
    planned = list(jobs([*SHORT, "seed=0,1", f"outputs={tmp_path}"]))
    told = []
    launch._train_all(planned[:1], told.append, overrides=[])
    assert [run.path for run in told] == [planned[0][1]]
    launch._train_all(planned, told.append, overrides=[])
    assert [run.path for run in told[1:]] == [directory for _, directory in planned]


def test_a_mistake_in_any_configuration_is_named_before_anything_is_launched(here, tmp_path):
    with pytest.raises(ValueError, match="model.width=-1: should be greater than 0"):
        launch._train_all(list(jobs([*SHORT, "model.width=20,-1", f"outputs={tmp_path}"])), overrides=[])
    assert here == []


@pytest.fixture(params=PACKAGE)
def launcher(request):
    """The words that choose a launcher which is installed."""
    if not find_spec(f"hydra_plugins.hydra_{PACKAGE[request.param]}_launcher"):
        pytest.skip(f"hydra/launcher={request.param} is not installed: uv run --extra {request.param} pytest")
    if request.param == "submitit_slurm" and "REFNETS_TEST_SLURM" not in os.environ:
        pytest.skip("on a cluster: REFNETS_TEST_SLURM=1 uv run pytest --basetemp=FOLDER, which all nodes see")
    return [f"hydra/launcher={request.param}", *OWN.get(request.param, [])]


def test_a_figure_has_the_same_numbers_whatever_launches_its_runs(launcher, tmp_path):
    def report(where, train):
        overrides = [*SHORT, "seed=0,1", "model.activation=relu,tanh", f"outputs={tmp_path / where}"]
        return reproduce.reproduce("training_error_falls_test_error_stays", overrides, train)

    ours, theirs = report("here", launch.train_all), report("there", launch.train_all_by(launcher))
    assert ours["numbers"] == theirs["numbers"]
    histories = [sorted((tmp_path / where / "runs").glob("*/*/history.csv")) for where in ("here", "there")]
    assert len(histories[0]) == 4
    for one, other in zip(*histories, strict=True):
        assert one.parent.name == other.parent.name
        with one.open() as first, other.open() as second:
            assert list(csv.reader(first)) == list(csv.reader(second))
    assert {Run(path.parent).result["command"] for path in histories[1]} == {theirs["command"]}


def test_a_sweep_in_parallel_goes_on_when_one_run_fails(command, tmp_path):
    if not find_spec("hydra_plugins.hydra_joblib_launcher"):
        pytest.skip("hydra/launcher=joblib is not installed: uv run --extra joblib pytest")
    words = "-m", *SHORT, "optimizer.lr=1e6,0.1", f"outputs={tmp_path}", "hydra/launcher=joblib"
    done = command("train.py", *words)
    assert done.returncode == 1
    assert ": the loss of step" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(list(tmp_path.glob("runs/*/*/result.json"))) == 1


def test_a_launcher_that_is_not_installed_or_not_there_says_what_to_type(command):
    def message(name):
        return command("figure.py", "8.2", f"hydra/launcher={name}").stderr

    assert "there is no hydra/launcher=jobli; did you mean 'joblib'?" in message("jobli")
    if not find_spec("hydra_plugins.hydra_ray_launcher"):
        assert "hydra/launcher=ray is not installed: begin the command with `uv run --extra ray`" in message("ray")
