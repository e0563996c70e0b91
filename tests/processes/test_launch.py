import csv
import os
from functools import partial
from importlib.util import find_spec

import pytest
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, JobStatus

from refnets.config.hints import LAUNCHERS
from refnets.processes.launch import launch
from refnets.reproduce_all import reproduce_all
from refnets.runs import Run

SHORT = "steps=20", "eval_every=10", "data.num_samples=500", "model.width=20", "logger=none"
PACKAGE = {"joblib": "joblib", "submitit_local": "submitit", "submitit_slurm": "submitit", "ray": "ray"}
# Ray waits a minute for its processes, of which those of the dashboard are ten.
OWN = {"ray": ["+hydra.launcher.ray.init.include_dashboard=false"]}


def test_without_a_launcher_calls_are_made_here_and_what_they_raise_is_returned(tmp_path):
    made = list(launch([os.getpid, partial(int, "x"), os.getpid], [], tmp_path))
    assert made[0] == made[2] == os.getpid()
    assert "invalid literal" in str(made[1])


def test_a_process_that_fails_leaves_the_results_of_the_others(monkeypatch, tmp_path):
    class Failing:
        def launch(self, *_, **__):
            lost = JobReturn(status=JobStatus.FAILED)
            lost.return_value = OSError("no such folder on this node")
            done = JobReturn(status=JobStatus.COMPLETED)
            done.return_value = 1
            return [lost, done]

    monkeypatch.setattr("refnets.processes.launch.elsewhere", lambda *_: True)
    monkeypatch.setattr(Plugins, "instantiate_launcher", lambda *_: Failing())
    lost, done = launch([os.getpid, os.getpid], [], tmp_path)
    assert isinstance(lost, OSError)
    assert done == 1


@pytest.fixture(params=PACKAGE)
def launcher(request):
    """The words that choose a launcher which is installed."""
    if not find_spec(f"hydra_plugins.hydra_{PACKAGE[request.param]}_launcher"):
        pytest.skip(
            f"hydra/launcher={request.param} is not installed: uv run --extra {LAUNCHERS[request.param]} pytest"
        )
    if request.param == "submitit_slurm" and "REFNETS_TEST_SLURM" not in os.environ:
        pytest.skip("on a cluster: REFNETS_TEST_SLURM=1 uv run pytest --basetemp=FOLDER, which all nodes see")
    return [f"hydra/launcher={request.param}", *OWN.get(request.param, [])]


def test_a_figure_has_the_same_numbers_whatever_launches_its_runs(launcher, tmp_path):
    def report(place, where):
        overrides = [*SHORT, "seed=0,1", "model.activation=relu,tanh", f"outputs={tmp_path / place}"]
        (made,) = reproduce_all(["training_error_falls_test_error_stays"], overrides, where)
        return made

    ours, theirs = report("here", []), report("there", launcher)
    assert ours["numbers"] == theirs["numbers"]
    histories = [sorted((tmp_path / where / "runs").glob("*/*/history.csv")) for where in ("here", "there")]
    assert len(histories[0]) == 4
    for one, other in zip(*histories, strict=True):
        assert one.parent.name == other.parent.name
        with one.open() as first, other.open() as second:
            assert list(csv.reader(first)) == list(csv.reader(second))
    assert {Run(path.parent).result["command"] for path in histories[1]} == {theirs["command"]}


@pytest.mark.parametrize("processes", [1, 2])  # of one, joblib makes none but computes in that of the command
def test_a_sweep_in_parallel_goes_on_when_one_run_fails(command, tmp_path, processes):
    if not find_spec("hydra_plugins.hydra_joblib_launcher"):
        pytest.skip("hydra/launcher=joblib is not installed: uv run --extra joblib pytest")
    words = "-m", *SHORT, "optimizer.lr=1e6,0.1", f"outputs={tmp_path}", "hydra/launcher=joblib"
    done = command("train.py", *words, f"hydra.launcher.n_jobs={processes}")
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
