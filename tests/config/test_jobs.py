import shutil
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from refnets.config.check import check
from refnets.config.composition import CONFIGS
from refnets.config.jobs import jobs

OPTIONS = [
    f"{folder.name}={file.stem}"
    for folder in CONFIGS.iterdir()
    if folder.is_dir() and folder.name not in ("figure", "published", "sweep")
    for file in sorted(folder.glob("*.yaml"))
]

EXPERIMENTS = sorted(file.stem for file in (CONFIGS / "experiment").glob("*.yaml"))


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_fits_the_default_experiment(job, option, monkeypatch):
    if option == "trainer=cuda":
        monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("refnets.config.check.find_spec", lambda extra: True)  # whether or not it is installed
    check(job(option)[0])


@pytest.mark.parametrize(
    "options", [("model=cnn1d", "optimizer=adam", "scheduler=cosine"), ("model=mlp", "scheduler=constant")]
)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_stays_sound_when_parts_are_exchanged(job, experiment, options):
    check(job(f"experiment={experiment}", *options)[0])


def test_another_optimizer_does_not_inherit_the_learning_rate_of_the_experiment(job):
    assert job("experiment=mnist1d_cnn", "optimizer=adam")[0].optimizer.lr == 0.001


def test_a_value_typed_for_the_other_option_is_kept(job):
    assert job("experiment=mnist1d_cnn", "optimizer=adam", "optimizer.lr=0.02")[0].optimizer.lr == 0.02


@pytest.mark.parametrize("experiment", ["mnist1d_mlp", "mnist1d_fc", "shapes_yolo", "cifar10_resnet20"])
def test_gradient_descent_takes_the_whole_training_set(job, experiment):
    assert job(f"experiment={experiment}", "optimizer=gradient_descent")[0].data.batch_size is None


def test_an_experiment_sets_no_batch_size_but_the_whole_training_set():
    said = {name: OmegaConf.load(CONFIGS / "experiment" / f"{name}.yaml") for name in EXPERIMENTS}
    assert [name for name, cfg in said.items() if OmegaConf.select(cfg, "data.batch_size") is not None] == []


def test_smoke_shortens_any_experiment(job):
    assert job("experiment=mnist1d_fc", "trainer=smoke")[0].steps == 20


def test_a_whole_number_is_a_fraction_where_the_recipe_has_one(job):
    cfg, directory = job("data.label_noise=0", "optimizer.weight_decay=0")
    assert (cfg.data.label_noise, cfg.optimizer.weight_decay) == (0.0, 0.0)
    assert directory.name[-8:] == job()[1].name[-8:]
    assert type(job("optimizer=adam", "optimizer.lr=1")[0].optimizer.lr) is float
    assert type(job("steps=100")[0].steps) is int


def test_a_sweep_is_every_combination():
    seeds_and_widths = [(cfg.seed, cfg.model.width) for cfg, _ in jobs(["seed=range(0,2)", "model.width=10,20"])]
    assert seeds_and_widths == [(0, 10), (0, 20), (1, 10), (1, 20)]


def test_a_list_is_no_sweep():
    assert [cfg.model.width for cfg, _ in jobs(["model.width=[10,20]"])] == [[10, 20]]


def test_paths_are_found_from_any_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert next(jobs([]))[1].parent == Path("outputs/runs/mnist1d_mlp")


def test_a_value_of_what_the_experiment_chose_can_be_changed_beside_another_choice():
    ((cfg, _),) = jobs(["experiment=mnist1d_mlp_he", "scheduler.step_size=800", "logger=none"])
    assert cfg.scheduler.step_size == 800


NESTED = "experiment=mnist1d_mlp", "model=backbone_unet"


def test_the_option_of_a_part_is_chosen_by_its_place(job):
    assert job(*NESTED, "model@model.encoder=resnet")[0].model.encoder.depth == 50


def test_a_sweep_over_the_options_of_a_part():
    depths = [cfg.model.encoder.depth for cfg, _ in jobs([*NESTED, "model@model.encoder=resnet,vgg"])]
    assert depths == [50, 16]


def test_another_option_for_a_part_drops_what_the_experiment_says_about_that_part_alone(job, monkeypatch, tmp_path):
    shutil.copytree(CONFIGS, tmp_path / "configs")
    recipe = "# @package _global_\ndefaults: [override /model: backbone_unet, override /data: cifar10]\n"
    recipe += "steps: 1\neval_every: 1\nmodel: {width: 32, encoder: {depth: 56}}\n"
    (tmp_path / "configs" / "experiment" / "recipe.yaml").write_text(recipe)
    monkeypatch.setattr("refnets.config.jobs.CONFIGS", tmp_path / "configs")
    assert job("experiment=recipe")[0].model.encoder.depth == 56
    changed = job("experiment=recipe", "model@model.encoder=resnet", "model.encoder.preactivation=true")[0].model
    assert (changed.encoder.depth, changed.encoder.preactivation, changed.width) == (50, True, 32)


def test_true_is_no_fraction(job):
    with pytest.raises(ValueError, match="optimizer.lr=True"):
        check(job("optimizer.lr=true")[0])
