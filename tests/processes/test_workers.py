import hydra
import pytest
import torch
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig

from refnets.config.check import check
from refnets.config.composition import CONFIGS
from refnets.processes import workers
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
        (["hydra/launcher=joblib", "hydra/sweeper=basic", "hydra.sweeper.max_batch_size=2"], 4),
        (["hydra/launcher=submitit_slurm"], 1),
        (["hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=4"], 4),
    ],
)
def test_the_cores_are_divided(process, overrides, threads):
    process(*overrides)
    assert workers.allowed_threads() == threads


@pytest.mark.parametrize(
    ("overrides", "threads"),
    [
        ([], 4),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"], 2),
        (["hydra/launcher=joblib"], 1),
        (["hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=4"], 2),
    ],
)
def test_two_processes_that_train_one_run_share_what_one_would_get(process, overrides, threads):
    process(*overrides)
    assert workers.allowed_threads(2) == threads


def test_more_processes_than_cores_are_refused(process, job, monkeypatch):
    process("hydra/launcher=joblib", "hydra.launcher.n_jobs=8")
    monkeypatch.setattr("refnets.config.machine.cores", lambda: 8)
    with pytest.raises(ValueError, match="8 runs at once need 16 processes, for 8 cores: type hydra.launcher.n_jobs=4"):
        check(job("trainer=ddp")[0])


def test_a_launcher_that_starts_several_processes_for_each_run_is_refused(process, job, monkeypatch):
    process("hydra/launcher=submitit_slurm")
    monkeypatch.setattr("refnets.config.machine.place", lambda: workers.Place(1, 2, 1))
    with pytest.raises(ValueError, match="2 processes were started for each run: a launcher of Hydra's should start"):
        check(job("trainer=ddp")[0])


STARTED = {
    "torchrun": {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1"},
    "srun": {"SLURM_PROCID": "3", "SLURM_STEP_NUM_TASKS": "4", "SLURM_LOCALID": "1"},
}


@pytest.mark.parametrize("by", STARTED)
def test_which_of_several_processes_this_is(monkeypatch, by):
    for name in STARTED["torchrun"] | STARTED["srun"]:
        monkeypatch.delenv(name, raising=False)
    assert workers.place() == (0, 1, 0)
    for name, value in STARTED[by].items():
        monkeypatch.setenv(name, value)
    assert workers.place() == (3, 4, 1)


def test_what_srun_starts_has_the_cores_that_were_asked_for(monkeypatch):
    for name, value in (STARTED["srun"] | {"SLURM_CPUS_PER_TASK": "6"}).items():
        monkeypatch.setenv(name, value)
    assert workers.allowed_threads(4) == 6


def test_outside_of_a_sweep_a_process_is_alone():
    assert not workers.launched()
    assert workers.allowed_threads() is None


def test_a_recipe_gets_no_more_threads_than_its_share(process):
    process("hydra/launcher=joblib", "hydra.launcher.n_jobs=4")
    for wanted, got in [(1, 1), (2, 2), (5, 2)]:
        with own_random_numbers(0, wanted):
            assert torch.get_num_threads() == got
