"""The searches in configs/sweep; the others are grids."""

import shutil

import hydra
import optuna
import pytest
from omegaconf import OmegaConf

from refnets.config.check import check
from refnets.config.composition import CONFIGS
from refnets.config.jobs import jobs
from refnets.sweep.search import Search


@pytest.fixture(params=sorted(path.stem for path in (CONFIGS / "sweep").glob("*.yaml") if "optuna" in path.read_text()))
def search(request, tmp_path):
    return _search(request.param, tmp_path)


def _search(name, home, configs=CONFIGS):
    """As the sweeper makes it of sweep=NAME."""
    overrides = [f"sweep={name}"]
    with hydra.initialize_config_dir(str(configs), version_base="1.3"):
        composed = hydra.compose("train", overrides, return_hydra_config=True)
        settings = OmegaConf.to_container(composed.hydra.sweeper)
        return Search.of(settings, composed.hydra.runtime.choices.experiment, overrides, home)


def test_every_search_proposes_sound_configurations(search):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(8):
        ((cfg, _),) = jobs(search.space.suggest(study.ask()))
        check(cfg)


def test_every_search_begins_with_its_recipe_by_hand(search):
    """As it is in the experiment: what the point says changes nothing but the held-out data and what is kept."""
    study = optuna.create_study()
    study.enqueue_trial(search.space.point(search.settings["first"][0]))
    ((first, _),) = jobs(search.space.suggest(study.ask()))
    ((recipe, _),) = jobs([search.space.fixed["experiment"], f"keep={first.keep}", "data.validation=0.2"])
    assert first == recipe


def test_changed_values_are_another_study(search, tmp_path):
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        own, same = (search.command, search.settings | {"n_trials": 1000, "seed": 3})
        experiment = search.space.fixed["experiment"].partition("=")[2]
        names = [
            Search.of(same, experiment, [*own, *more], tmp_path).folder.name for more in ([], ["steps=7"], ["seed=1,2"])
        ]
    assert names[0] == search.folder.name
    assert len({*names}) == 3


def test_what_a_file_says_beside_its_params_makes_another_study(tmp_path):
    configs = shutil.copytree(CONFIGS, tmp_path / "configs")
    text = (configs / "sweep" / "mnist1d_cnn.yaml").read_text()
    (configs / "sweep" / "same.yaml").write_text(text)
    (configs / "sweep" / "shorter.yaml").write_text(f"{text}\nsteps: 7\n")
    same, shorter = (_search(name, tmp_path, configs).folder.name.rpartition("-")[2] for name in ("same", "shorter"))
    assert same != shorter
    assert _search("mnist1d_cnn", tmp_path).folder.name.endswith(same)


def test_a_search_is_no_run(search):
    with pytest.raises(ValueError, match="is no run but many"):
        next(jobs(search.command))
