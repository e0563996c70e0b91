import re
import sys

import pytest

from refnets.config.jobs import jobs
from refnets.processes.launch import launch
from refnets.runs import Run
from refnets.train_all import _train_elsewhere, train_all
from refnets.trainer import fit

SHORT = "steps=20", "eval_every=10", "data.num_samples=500", "model.width=20", "logger=none"
FIRST = f"experiment=mnist1d_mlp {' '.join(SHORT)}"


@pytest.fixture
def units(monkeypatch):
    """What is launched elsewhere, each trained in this process instead of another one."""
    launched = []

    def here(calls, _, folder):
        launched.extend(call.args[0] for call in calls)
        return launch(calls, [], folder)

    monkeypatch.setattr("refnets.train_all.launch", here)
    return launched


def _seeds(units):
    return [[cfg.seed for cfg, _ in unit] for unit in units]


def test_what_others_start_from_comes_before_them(units, tmp_path):
    words = [*SHORT, f"start='{FIRST} seed=7'", "seed=0,1", "train_only=layers.5", f"outputs={tmp_path}"]
    runs = _train_elsewhere(list(jobs(words)), overrides=[])
    assert _seeds(units) == [[7], [0], [1]]
    assert [run.result["final"]["step"] for run in runs] == [20, 20]


def test_a_run_that_fails_does_not_take_the_others_with_it_and_is_not_trained_again(units, tmp_path):
    planned = list(jobs([*SHORT, "optimizer.lr=1e6,0.1", "model.dropout=0.1", f"outputs={tmp_path}"]))
    with pytest.raises(FloatingPointError, match="lr=1000000.*: the loss .*may be too large"):
        _train_elsewhere(planned, overrides=[])
    assert [Run(directory).finished for _, directory in planned] == [False, True]
    assert len(units) == 2


def test_what_starts_from_a_run_that_failed_is_not_trained(units, tmp_path):
    words = [*SHORT, f"start='{FIRST} optimizer.lr=1e6'", "seed=0,1", f"outputs={tmp_path}"]
    with pytest.raises(FloatingPointError):
        _train_elsewhere(list(jobs(words)), overrides=[])
    assert len(units) == 1


def test_what_diverges_is_not_trained_again_for_each_run_that_starts_from_it(tmp_path, monkeypatch):
    fitted, fit_all = [], fit.fit
    monkeypatch.setattr(fit, "fit", lambda group, name: (fitted.append(group[0].cfg.seed), fit_all(group, name)))
    words = [*SHORT, f"start='{FIRST} optimizer.lr=1e6 seed=7'", "seed=0,1,2", "model.dropout=0.1"]
    with pytest.raises(FloatingPointError, match="; 2 other runs failed, too"):
        train_all(list(jobs([*words, f"outputs={tmp_path}"])))
    assert fitted == [7]


def test_every_run_is_told_once(units, tmp_path):
    planned = list(jobs([*SHORT, "seed=0,1", f"outputs={tmp_path}"]))
    told = []
    _train_elsewhere(planned[:1], told.append, overrides=[])
    assert [run.path for run in told] == [planned[0][1]]
    _train_elsewhere(planned, told.append, overrides=[])
    assert [run.path for run in told[1:]] == [directory for _, directory in planned]


def test_a_mistake_in_any_configuration_is_named_before_anything_is_launched(units, tmp_path):
    with pytest.raises(ValueError, match="model.width=-1: should be greater than 0"):
        _train_elsewhere(list(jobs([*SHORT, "model.width=20,-1", f"outputs={tmp_path}"])), overrides=[])
    assert units == []


def test_where_somebody_looks_it_counts_what_is_finished(units, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    _train_elsewhere(list(jobs([*SHORT, "seed=0,1", f"outputs={tmp_path}"])), overrides=[])
    shown = re.sub(r"\x1b\[[\d;?]*\w", "", capsys.readouterr().err)  # without colors
    assert "2 of 2 runs finished" in shown
