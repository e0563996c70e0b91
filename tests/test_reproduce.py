import json

import matplotlib
import pytest
from matplotlib.image import imread

from refnets import reproduce
from refnets.catalogue import catalogue, load
from refnets.config import jobs
from refnets.figures import style

NAMES = [figure.name for figure in catalogue()]


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_can_be_drawn_and_judged_from_tiny_runs(name, tiny_run):
    figure = load(name)
    runs = {key: [tiny_run(f"{key}{seed}") for seed in range(2)] for key in figure.runs}
    with matplotlib.rc_context(style.HOUSE):
        picture, report = reproduce.draw_and_judge(figure, runs)
    assert picture.axes
    assert {row["name"] for row in report["numbers"]} == set(figure.expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_lines_of_every_figure_compose(name):
    for command in load(name).runs.values():
        assert list(jobs(command.split()))


@pytest.mark.parametrize("name", NAMES)
def test_every_bound_has_a_source(name):
    assert all(bounds["source"] for bounds in load(name).expected.values())


@pytest.fixture
def report(monkeypatch, tmp_path):
    """The report of fig 8.2 made of one smoke run, in a temporary folder."""
    monkeypatch.setattr(reproduce, "PICTURES", tmp_path / "figures")
    (name,) = [figure.name for figure in catalogue() if figure.number == "8.2"]
    return reproduce.reproduce(name, ["seed=0", "trainer=smoke", f"outputs={tmp_path}"])


def test_a_shortened_figure_is_partial_and_reproduces_nothing(report):
    assert report["partial"]
    assert report["verdict"] == "unchecked"


def test_a_report_says_how_it_was_made(report):
    facts = {"figure", "source", "numbers", "runs", "seconds", "device", "threads", "versions", "commit", "command"}
    assert facts <= set(report)


def test_overrides_take_the_place_of_what_the_figure_says(report):
    assert [row["n"] for row in report["numbers"]] == [1] * 4


def test_the_report_and_the_picture_are_kept(report, tmp_path):
    path = tmp_path / "figures" / report["figure"]
    assert json.loads(path.with_suffix(".json").read_text()) == report
    assert imread(path.with_suffix(".png")).shape[1] > 1000  # pixels wide
    assert path.with_suffix(".png").stat().st_size < 200_000
    assert path.with_suffix(".svg").exists()
    assert list((tmp_path / "figures" / "tensorboard").rglob("events*"))
