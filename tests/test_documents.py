"""What the documents tell to type or to read is there."""

import json
import re
import shlex
from pathlib import Path

import pytest

from refnets.catalogue import catalogue, find
from refnets.config.check import check
from refnets.config.jobs import jobs
from refnets.report import results

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["ERRATA.md", "CONTRIBUTING.md", "SECURITY.md"]


@pytest.mark.parametrize("name", ["README.md", "ERRATA.md"])
def test_every_figure_that_is_typed_is_there(name):
    typed = re.findall(r"scripts/figure\.py (\"[^\"]+\"|[\w.=,]+)", (ROOT / name).read_text())
    assert typed
    for word in typed:
        assert find(word.strip('"'))


def trainings():
    """The overrides of every scripts/train.py in README.md."""
    text = re.sub(r"\\\n\s+", "", (ROOT / "README.md").read_text())
    found = re.findall(r"^    uv run (?:--extra \w+ )?scripts/train\.py (.*)$", text, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in found]


@pytest.mark.parametrize("words", trainings(), ids=" ".join)
def test_every_training_that_the_readme_tells_is_sound(words, monkeypatch, tmp_path):
    monkeypatch.setattr("refnets.config.check.find_spec", lambda extra: True)  # whether or not it is installed
    words = [word for word in words if not word.startswith(("-m", "sweep=", "hydra"))]
    for cfg, _ in jobs([*words, f"outputs={tmp_path}"]):
        check(cfg, here=False)


def test_results_are_those_of_the_reports(monkeypatch):
    monkeypatch.chdir(ROOT)
    speed = json.loads((ROOT / "outputs" / "benchmark.json").read_text())
    assert (ROOT / "RESULTS.md").read_text() == results(catalogue(), speed), "type uv run scripts/report.py"


def test_the_speed_that_the_readme_tells_was_measured():
    tables = json.loads((ROOT / "outputs" / "benchmark.json").read_text())
    readme = " ".join((ROOT / "README.md").read_text().split())

    def ratio(table, way):
        (line,) = [each for each in tables[table]["lines"] if each.startswith(f"{way} ")]
        return f"{float(re.search(r'([0-9.]+) times', line)[1]):.2f} times"

    assert f"{ratio('steps', 'refnets')} as much for the network of fig 8.2" in readme
    assert f"{ratio('images', 'refnets')} for ResNet-20" in readme
    assert f"a DataLoader loop {ratio('steps', 'plain loop, DataLoader')}" in readme


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_is_named_is_there(name):
    named = re.findall(r"`((?:src|tests|configs|scripts)/[\w/.]+\.\w+)[` :]", (ROOT / name).read_text())
    assert named
    assert [path for path in named if not (ROOT / path).exists() and "/x." not in path] == []


def test_every_module_in_the_readme_is_there():
    modules = re.findall(r"[\w/]+\.py\b", (ROOT / "README.md").read_text())
    assert modules
    assert [each for each in modules if not any((ROOT / home / each).exists() for home in ("", "src/refnets"))] == []
