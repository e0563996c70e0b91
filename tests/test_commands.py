"""The commands as they are typed; in a process of their own where it is the process that matters."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from refnets.catalogue import catalogue, load
from refnets.cli import print_catalogue
from refnets.runs import Run

ROOT = Path(__file__).parents[1]


def process(*words):
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "scripts").glob("*.py")))
def test_every_command_prints_help_with_an_example(command, script):
    done = command(script, "--help")
    assert done.returncode == 0
    assert f"scripts/{script} " in done.stdout


@pytest.mark.parametrize(
    "words", [["scripts/train.py", "--help"], ["scripts/figure.py"], ["scripts/report.py", "--help"]]
)
def test_what_trains_nothing_does_not_wait_for_torch(words):
    done = process("-X", "importtime", *words)
    assert "hydra" in done.stderr
    assert not re.search(r"\| +(torch|optuna)$", done.stderr, re.MULTILINE)


def test_a_mistake_in_a_sweep_does_not_wait_for_lightning(tmp_path):
    done = process("-X", "importtime", "scripts/train.py", "-m", "model.width=20,-1", f"outputs={tmp_path}")
    assert "model.width=-1: should be greater than 0" in done.stderr
    assert not re.search(r"\| +lightning$", done.stderr, re.MULTILINE)


REPORT = {"figure": "f", "source": "8.2", "verdict": "differs", "numbers": [], "changed": False, "partial": False}
REPORT |= {"picture": "f.png"}


@pytest.mark.parametrize(("words", "code"), [(["--check"], 1), ([], 0)])
def test_what_was_drawn_is_checked_and_not_what_was_drawn_earlier(monkeypatch, words, code):
    monkeypatch.setattr("refnets.reproduce_all.reproduce_all", lambda *_: [REPORT])
    monkeypatch.setattr("sys.argv", ["figure.py", "8.2", *words])
    assert runpy.run_path(str(ROOT / "scripts" / "figure.py"))["main"]() == code


def test_what_is_said_to_hydra_is_no_value_of_a_run(monkeypatch):
    asked = []
    monkeypatch.setattr("refnets.reproduce_all.reproduce_all", lambda *words: asked.extend(words) or [REPORT])
    monkeypatch.setattr("sys.argv", ["figure.py", "8.2", "seed=0", "hydra/launcher=ray", "+hydra.launcher.ray.x=4"])
    runpy.run_path(str(ROOT / "scripts" / "figure.py"))["main"]()
    assert asked[1:] == [["seed=0"], ["hydra/launcher=ray", "+hydra.launcher.ray.x=4"]]


def test_a_figure_that_cannot_be_drawn_is_named_and_the_others_are_reported(monkeypatch, capsys):
    monkeypatch.setattr("refnets.reproduce_all.reproduce_all", lambda *_: [ValueError("no images here"), REPORT])
    monkeypatch.setattr("sys.argv", ["figure.py", "8.1", "8.2"])
    assert runpy.run_path(str(ROOT / "scripts" / "figure.py"))["main"]() == 1
    said = capsys.readouterr()
    assert re.search(r"^error: \w+: no images here$", said.err, re.MULTILINE)
    assert f"{REPORT['figure']}: {REPORT['verdict']}" in said.out


def test_a_claim_with_brackets_is_printed_as_it_is(capsys):
    figure = load("a_stride_lets_only_its_multiples_through")
    print_catalogue([figure])
    assert figure.claim in " ".join(capsys.readouterr().out.split())


def test_the_catalogue_lists_every_figure(command):
    listed = command("figure.py").stdout.split()
    assert [figure.name for figure in catalogue() if figure.name not in listed] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train.py", "model=mpl"], "error: there is no model=mpl; did you mean 'mlp'?"),
        (["train.py", "model=null"], "there is no model=null; there are backbone_unet, cnn1d, "),
        (["train.py", "optimizer=SGD"], "there is no optimizer=SGD; did you mean 'sgd'?"),
        (["train.py", "loss=mse"], "there is no loss=mse; did you mean 'gaussian'?"),
        (["train.py", "lr=0.1"], "there is no lr; did you mean 'optimizer.lr'?"),
        (["train.py", "epochs=3"], "there is no epochs; did you mean 'steps'?"),
        (["train.py", "seed", "=", "1"], "error: seed should be key=value, without spaces around = and after commas"),
        (["train.py", "8.2"], "figures are drawn by scripts/figure.py 8.2"),
        (["train.py", "-m", "seed=0,", "1"], "error: seed=0, ends with a comma: type the values without spaces"),
        (["train.py", "model.width=[1"], "error: model.width=[1 cannot be read: is a bracket or a quote missing"),
        (["train.py", "seed=0,1"], "seed=0,1 are several values: type -m for a run of each, or seed=[0,1] for a list"),
        (["train.py", "scheduler=none"], "there is no scheduler=none; did you mean 'constant'?"),
        (["train.py", "hydra.job.chdir=abc"], "chdir=abc: Value 'abc' is not a valid bool"),
        (["train.py", "model.widht=3"], "there is no model.widht; did you mean 'model.width'?"),
        (["train.py", "model=backbone_unet", "model@model.encoder=mpl"], "there is no model=mpl; did you mean 'mlp'?"),
        (
            ["train.py", "model=backbone_unet", "model@model.encoder=vgg", "model.encoder.dropuot=0"],
            "there is no model.encoder.dropuot; did you mean 'model.encoder.dropout'?",
        ),
        (["train.py", "sede=3"], "there is no sede; did you mean 'seed'?"),
        (["train.py", "model.width=abc"], "error: model.width=abc: should be a valid integer"),
        (["train.py", "-m", "model.width=-1,-2"], "error: model.width=-1: should be greater than 0"),
        (["train.py", "--config-dir", "mine"], "error: --config-dir mine: there is no such folder in "),
        (["train.py", "-m", "sweep=grid,search"], "error: sweep=grid,search: one sweep at a time"),
        (["train.py", "outputs=/proc/outputs"], "error: outputs=/proc/outputs cannot be written"),
        (["train.py", "data=voc", "data.root=/my pets (1)"], """type "data.root='/my pets (1)'\""""),
        (["train.py", "data=voc", "data.root=~/é"], f"""type "data.root='{Path.home()}/é'\""""),
        (["train.py", "data=voc", "data.root=/it's"], """type "data.root='/it\\'s'\""""),
        (["train.py", "data=voc", "data.root=/cats,dogs"], """type "data.root='/cats,dogs'\""""),
        (["train.py", "start=experiment=mnist1d_mlp seed=1"], """type "start='experiment=mnist1d_mlp seed=1'\""""),
        (["train.py", "data=voc", "data.images={split}/JPEGImages"], """type "data.images='{split}/JPEGImages'\""""),
        (["figure.py", "8.22"], "error: there is no figure '8.22'; did you mean '8.2'?"),
        (["figure.py", "8.2", "model=mpl"], "there is no model=mpl; did you mean 'mlp'?"),
        (["figure.py", "8.2", "model.width=[1"], "error: model.width=[1 cannot be read"),
        (["figure.py", "seed=1"], "error: seed=1 of which figure? type its number or name too, or: all"),
    ],
)
def test_a_mistake_ends_the_command_with_what_to_type(command, words, message):
    done = command(*words)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_what_else_is_wrong_with_a_sweep_is_not_hidden_by_its_values(command):
    done = command("train.py", "-m", "seed=0,1", "hydra.foo=1")
    assert done.stderr.startswith("error: Could not override 'hydra.foo'.")


def test_hints_know_the_options_of_a_folder_of_ones_own(command, tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "own.yaml").write_text("# @package _global_\ndefaults: [override /model: cnn1d]\n")
    done = command("train.py", "--config-dir", str(tmp_path), "experiment=own", "model.chanels=3")
    assert done.stderr.splitlines()[-1] == "error: there is no model.chanels; did you mean 'model.channels'?"


def test_training_is_quiet_when_nobody_is_looking(tmp_path):
    done = process("scripts/train.py", "trainer=smoke", f"outputs={tmp_path}")
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_a_run_that_was_finished_before_is_told(command, tmp_path):
    words = "train.py", "trainer=smoke", "logger=none", f"outputs={tmp_path}"
    first, second = command(*words), command(*words)
    assert second.stdout == first.stdout
    assert "finished before" not in first.stderr
    assert "finished before, and nothing is trained; to train it anew, delete the folder" in second.stderr


def test_a_sweep_trains_every_combination(command, tmp_path):
    done = command("train.py", "-m", "seed=0,1", "trainer=smoke", "logger=none", f"outputs={tmp_path}")
    assert done.returncode == 0
    assert len(list((tmp_path / "runs" / "mnist1d_mlp").iterdir())) == 2


def test_a_terminal_that_knows_ascii_only_shows_marks_by_their_names():
    code = "from refnets.cli import plain_errors\nwith plain_errors([]): print(chr(0x2713))"
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "\\N{CHECK MARK}\n"


def test_an_experiment_of_your_own_is_trained(command, tmp_path):
    file = tmp_path / "mine" / "experiment" / f"{tmp_path.name}.yaml"  # a name of its own: options are cached by name
    file.parent.mkdir(parents=True)
    text = "defaults: [override /model: cnn1d]\nsteps: 2\neval_every: 1\nmodel: {channels: 3}\n"
    file.write_text(f"# @package _global_\n{text}")
    words = "--config-dir", str(tmp_path / "mine"), f"experiment={tmp_path.name}", "logger=none", f"outputs={tmp_path}"
    done = command("train.py", *words)
    assert done.returncode == 0, done.stderr
    (result,) = tmp_path.glob(f"runs/{tmp_path.name}/*/result.json")
    assert Run(result.parent).config.model.channels == 3
