import hydra
import pytest
import torch
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig

from refnets import workers
from refnets.config import CONFIGS
from refnets.train import own_random_numbers


@pytest.fixture
def process(monkeypatch):
    """process("hydra/launcher=joblib", ...): as if in a process that this launcher has started, on eight cores."""

    def make(*overrides, number=0):
        monkeypatch.setattr(workers, "cores", lambda: 8)
        with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
            composed = hydra.compose("train", [*overrides, f"hydra.job.num={number}"], return_hydra_config=True)
        monkeypatch.setattr(HydraConfig.instance(), "cfg", composed)

    for name, launcher in {"joblib": {"n_jobs": -1}, "submitit_slurm": {"cpus_per_task": None}}.items():
        if f"{name}.yaml" not in ConfigStore.instance().list("hydra/launcher"):
            ConfigStore.instance().store(group="hydra/launcher", name=name, node={"_target_": name, **launcher})
    return make


@pytest.mark.parametrize(
    ("overrides", "threads"),
    [
        (["hydra/launcher=basic"], None),
        (["hydra/launcher=joblib"], 1),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"], 4),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=3"], 2),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=-5"], 2),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=16"], 1),
        (["hydra/launcher=joblib", "hydra.sweeper.max_batch_size=2"], 4),
        (["hydra/launcher=joblib", "hydra/sweeper=optuna", "hydra.sweeper.n_jobs=2"], 4),
        (["hydra/launcher=submitit_slurm"], 1),
        (["hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=4"], 4),
    ],
)
def test_the_cores_are_divided(process, overrides, threads):
    process(*overrides)
    assert workers.threads() == threads


def test_outside_of_a_sweep_a_process_is_alone():
    assert not workers.launched()
    assert workers.threads() is None


def test_a_recipe_gets_no_more_threads_than_its_share(process):
    process("hydra/launcher=joblib", "hydra.launcher.n_jobs=4")
    for wanted, got in [(1, 1), (2, 2), (5, 2)]:
        with own_random_numbers(0, wanted):
            assert torch.get_num_threads() == got
