import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest
import torch
from matplotlib.image import imread

from refnets import reproduce
from refnets.catalogue import catalogue, load
from refnets.config.composition import combinations
from refnets.config.jobs import jobs
from refnets.figures import style
from refnets.runs import Run
from refnets.train import train
from refnets.verdict import Bounds

ROOT = Path(__file__).parents[1]
NAMES = [figure.name for figure in catalogue()]
DOWNLOADED = re.compile("cifar10|mnist_|isbi|camvid|bccd")
AT_HAND = [figure.name for figure in catalogue() if not DOWNLOADED.search(str(figure.runs))]


# Params that say how often something is computed, for the sake of the claim; a picture needs it no oftener than this.
OFTEN_ENOUGH = {"descents": 20, "directions": 2, "draws": 5, "networks": 2, "sets": 50, "steps": 20}


@pytest.fixture(scope="session")
def outputs(tmp_path_factory):
    """One folder for the short runs: what several figures need, and what several runs start from, is trained once."""
    return tmp_path_factory.mktemp("outputs")


def _whole(figure):
    """Whether nothing is trained for it, and nothing shortened here."""
    often = ((figure.params.get(key), n) for key, n in OFTEN_ENOUGH.items())
    return not figure.runs and not any(isinstance(value, int) and value > n for value, n in often)


UNTRAINED = [figure.name for figure in catalogue() if _whole(figure)]


@pytest.mark.parametrize("name", UNTRAINED)
def test_what_is_computed_without_training_has_the_numbers_that_are_kept(name):
    figure = load(name)
    with matplotlib.rc_context(style.HOUSE):
        _, report = reproduce.draw_and_judge(figure, {})
    measured, kept = ({row["name"]: row["mean"] for row in each["numbers"]} for each in (report, figure.report))
    assert measured == pytest.approx(kept, rel=1e-3, abs=1e-6)


def test_drawing_leaves_the_callers_random_numbers_alone():
    before = torch.get_rng_state()
    with matplotlib.rc_context(style.HOUSE):
        reproduce.draw_and_judge(load("a_residual_network_is_the_sum_of_its_paths"), {})
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", [name for name in AT_HAND if name not in UNTRAINED])
def test_every_figure_can_be_drawn_and_judged_from_short_runs(name, outputs):
    figure = load(name)
    for key, n in OFTEN_ENOUGH.items():
        if isinstance(figure.params.get(key), int):
            figure.params[key] = min(n, figure.params[key])
    short = ["trainer=smoke", "steps=2", "eval_every=1", "logger=none", f"outputs={outputs}"]
    if "shapes" in figure.runs:
        short += ["data.num_train=32", "data.num_test=4"]
    runs = {key: [train(*next(jobs([*shlex.split(command), *short])))] for key, command in figure.runs.items()}
    with matplotlib.rc_context(style.HOUSE):
        picture, _ = reproduce.draw_and_judge(figure, runs)
    assert picture.axes


@pytest.mark.parametrize("name", NAMES)
def test_the_command_lines_of_every_figure_compose(name):
    """Of a sweep the first and the last: those between give the same keys other values."""
    for command in load(name).runs.values():
        sweep = list(combinations(shlex.split(command)))
        for words in {sweep[0], sweep[-1]}:
            assert len(list(jobs(words))) == 1


def test_every_bound_has_a_source():
    sources = {figure.name: [bounds.source for bounds in figure.expected.values()] for figure in catalogue()}
    assert [name for name, said in sources.items() if not all(each.strip() for each in said)] == []


def test_what_took_hours_to_measure_comes_with_the_project():
    figure = load("twenty_residual_layers_err_on_nine_percent")
    runs = [Run(ROOT / directory) for command in figure.runs.values() for _, directory in jobs(shlex.split(command))]
    kept = {row["name"]: row["values"] for row in figure.report["numbers"]}
    assert kept["residual_20_test_error"] == [run.history["test_error"][-1] for run in runs]


@pytest.fixture
def reproduced(tmp_path):
    """reproduced("seed=0", ...): the report of a changed fig 8.2, in a temporary folder."""

    def make(*overrides):
        (name,) = [figure.name for figure in catalogue() if figure.number == "8.2"]
        return reproduce.reproduce(name, [*overrides, "logger=none", f"outputs={tmp_path}"])

    return make


def test_a_shortened_figure_is_partial_and_reproduces_nothing(reproduced):
    report = reproduced("seed=0", "trainer=smoke")
    assert report["partial"]
    assert report["verdict"] == "unchecked"


def test_so_is_a_figure_whose_own_recipe_is_shortened():
    figure = load("narrow_normal_distributions_are_high")
    assert reproduce.draw_and_judge(figure, {})[1]["verdict"] == "reproduced"
    _, report = reproduce.draw_and_judge(replace(figure, partial=True), {})
    assert (report["verdict"], report["partial"]) == ("unchecked", True)


def test_but_what_differs_differs_however_short_the_recipe():
    figure = load("narrow_normal_distributions_are_high")
    wrong = {name: Bounds("nobody", min=1e9) for name in figure.expected}
    assert reproduce.draw_and_judge(replace(figure, partial=True, expected=wrong), {})[1]["verdict"] == "differs"


def test_a_figure_of_another_recipe_has_no_verdict_and_lies_apart(reproduced, tmp_path):
    report = reproduced("seed=0", "steps=20", "model.dropout=0.1")
    assert report["changed"]
    assert report["verdict"] == "unchecked"
    assert report["picture"] == str(tmp_path / "figures" / "changed" / f"{report['figure']}.png")


@pytest.mark.parametrize(
    ("override", "changes"),
    [
        ("trainer=cuda", ""),
        ("logger=none", ""),
        ("optimizer.lr=0.2", "changed recipe"),
        ("seed=0,1", "changed recipe"),
        ("steps=5999", "shortened runs"),
    ],
)
def test_hardware_does_not_change_the_recipe_but_all_else_does(override, changes):
    figure = load("training_error_falls_test_error_stays")
    command = (
        [*figure.runs["mlp"].split(), override] if override != "seed=0,1" else ["experiment=mnist1d_mlp", override]
    )
    assert reproduce._changes({"mlp": list(jobs(command))}, figure) == changes


def test_overrides_of_a_figure_that_trains_nothing_are_refused():
    with pytest.raises(
        ValueError, match="trains nothing: seed=1 would change nothing; what it draws is in configs/figure"
    ):
        reproduce.reproduce("mnist1d_examples_are_distorted_templates", ["seed=1"])


def test_overrides_take_the_place_of_what_the_figure_says(reproduced):
    assert [row["n"] for row in reproduced("seed=0", "trainer=smoke")["numbers"]] == [1] * 6


def test_the_report_and_the_picture_are_kept(reproduced):
    report = reproduced("seed=0", "trainer=smoke")
    path = Path(report.pop("picture"))
    assert json.loads(path.with_suffix(".json").read_text()) == report
    assert {"numbers", "runs", "seconds", "device", "threads", "versions", "commit", "command"} <= set(report)
    assert imread(path).shape[1] > 1000  # pixels wide
    assert path.stat().st_size < 200_000
    assert path.with_suffix(".svg").exists()
    assert list((path.parent / "tensorboard").rglob("events*"))


def test_committed_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in (ROOT / "outputs" / "figures").glob("*.png")}
    assert sizes
    assert {name: size for name, size in sizes.items() if size > 200_000} == {}


def test_groups_of_one_recipe_are_trained_once(tmp_path):
    (name,) = [figure.name for figure in catalogue() if figure.number == "3.1"]
    reproduce.reproduce(name, ["optimizer.lr=0.2", "steps=2", "eval_every=1", "logger=none", f"outputs={tmp_path}"])
    digests = [path.name.rpartition("-")[2] for path in (tmp_path / "runs").glob("*/*")]
    assert len(digests) == len(set(digests))
