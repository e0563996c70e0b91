import sys

import pytest

from refnets.train import train

SHORT = "steps=20", "eval_every=10", "logger=none"
RECIPES = [("experiment=mnist1d_mlp", "error"), ("experiment=toy_regression", "loss")]


@pytest.mark.parametrize(("recipe", "measured"), RECIPES)
def test_where_somebody_looks_it_says_how_far_the_training_is(job, monkeypatch, capsys, recipe, measured):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    final = train(*job(recipe, *SHORT), name="run 1 of 2").result["final"]
    shown = capsys.readouterr().err
    assert "run 1 of 2" in shown
    assert "20/20" in shown
    assert f"{measured} {final[f'train_{measured}']:.3g} / {final[f'test_{measured}']:.3g}" in shown


def test_elsewhere_nothing_is_printed(job, capsys):
    train(*job(*SHORT))
    assert capsys.readouterr().err == ""
