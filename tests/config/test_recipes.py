import pytest
from omegaconf import OmegaConf

from refnets.config.recipes import flatten, recipe


def test_the_same_configuration_has_one_directory_however_it_is_spelled(job):
    typed = job("seed=0", "optimizer.lr=0.1")[1]
    typed.mkdir(parents=True)
    assert job()[1] == typed


@pytest.mark.parametrize("override", ["seed=1", "model.width=50", "optimizer=adam", "data.seed=1", "trainer=smoke"])
def test_another_configuration_has_another_directory(job, override):
    assert job(override)[1].name[-8:] != job()[1].name[-8:]


def test_how_a_run_is_watched_does_not_change_its_directory(job):
    assert job("logger=none", "checkpoint_every=0")[1] == job()[1]


def test_where_the_files_of_a_part_are_changes_no_run(job):
    nested = "data=some_classes", "data@data.of=mnist"
    assert job(*nested, "data.of.downloads=/elsewhere")[1] == job(*nested)[1]


def test_a_directory_names_the_experiment_and_the_overrides(job, tmp_path):
    path = job("experiment=mnist1d_fc", "seed=3", "model.dropout=0.5")[1]
    assert path.relative_to(tmp_path).match("runs/mnist1d_fc/seed=3,model.dropout=0.5-????????")


def test_flatten():
    assert flatten({"a": {"b": {"c": 1}}, "d": [2]}) == {"a.b.c": 1, "d": [2]}


def test_the_name_of_a_run_gives_the_values_that_others_stand_for(job):
    assert job("seed=1", "data.seed=${seed}")[1] == job("seed=1", "data.seed=1")[1]


NESTED = "experiment=mnist1d_mlp", "model=backbone_unet"


def test_the_name_of_a_run_says_where_an_option_was_chosen(job):
    assert job(*NESTED, "model@model.encoder=vgg")[1].name[:-9] == "model=backbone_unet,model.encoder=vgg"


def test_a_key_that_is_null_is_no_part_of_the_recipe():
    assert recipe(OmegaConf.create({"a": 1, "b": None})) == recipe(OmegaConf.create({"a": 1}))
