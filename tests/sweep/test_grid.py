"""Grids that are kept in a file, as configs/sweep/grid.yaml."""

from pathlib import Path

import pytest

from refnets.runs import Run

WIDTHS = """
# @package _global_
defaults:
  - override /hydra/sweeper: grid
hydra:
  sweeper:
    params: {model.width: "10,20", seed: 0}
"""
SHORT = "trainer=smoke", "logger=none", "data.num_samples=500"


@pytest.fixture
def trained(command, tmp_path):
    """trained("seed=1"): experiment, width and seed of every run that this grid has said to be finished."""
    (tmp_path / "mine" / "sweep").mkdir(parents=True)
    (tmp_path / "mine" / "sweep" / f"{tmp_path.name}.yaml").write_text(WIDTHS)  # Hydra's answers are kept by name

    def train(*overrides):
        folder = "--config-dir", str(tmp_path / "mine")
        done = command("train.py", *folder, "-m", f"sweep={tmp_path.name}", *SHORT, *overrides, f"outputs={tmp_path}")
        assert done.returncode == 0
        runs = [Run(Path(line.partition(": step ")[0])) for line in done.stdout.splitlines()]
        return [(run.path.parent.name, run.config.model.width, run.config.seed) for run in runs]

    return train


def test_its_values_are_combined(trained):
    assert trained() == [("mnist1d_mlp", 10, 0), ("mnist1d_mlp", 20, 0)]


def test_what_is_typed_goes_before(trained):
    assert trained("model.width=30") == [("mnist1d_mlp", 30, 0)]


def test_what_else_the_file_says_holds(trained, tmp_path):
    with (tmp_path / "mine" / "sweep" / f"{tmp_path.name}.yaml").open("a") as file:
        file.write("model: {depth: 1}\n")
    trained()
    assert {Run(path.parent).config.model.depth for path in tmp_path.glob("runs/*/*/result.json")} == {1}


def test_the_same_twice_is_trained_once(trained):
    assert trained("model.width=10,10", "seed=0") == [("mnist1d_mlp", 10, 0)]


def test_without_an_experiment(trained, tmp_path):
    assert trained("~experiment", "steps=20", "eval_every=20", "model.width=10") == [("no_experiment", 10, 0)]


def test_an_experiment_that_is_typed_is_chosen(trained):
    assert trained("experiment=mnist1d_fc", "model.width=30") == [("mnist1d_fc", 30, 0)]


def test_so_does_what_it_says_of_an_option_that_it_chooses(trained, tmp_path):
    other = WIDTHS.replace("defaults:\n", "defaults:\n  - override /optimizer: adam\n")
    (tmp_path / "mine" / "sweep" / f"{tmp_path.name}.yaml").write_text(f"{other}optimizer: {{lr: 0.02}}\n")
    trained()
    assert {Run(path.parent).config.optimizer.lr for path in tmp_path.glob("runs/*/*/result.json")} == {0.02}


def test_values_that_follow_others_are_those_of_each_run(trained, tmp_path):
    followed = WIDTHS.replace("seed: 0", 'seed: "3,4", data.seed: "${seed}", data.batch_size: null')
    (tmp_path / "mine" / "sweep" / f"{tmp_path.name}.yaml").write_text(followed.replace("10,20", "10"))
    trained()
    runs = [Run(path.parent).config for path in tmp_path.glob("runs/*/*/result.json")]
    assert sorted((run.seed, run.data.seed, run.data.batch_size) for run in runs) == [(3, 3, None), (4, 4, None)]
