import pytest
from omegaconf import open_dict

from refnets.config.build import build
from refnets.config.check import check
from refnets.processes.workers import Place, cores
from refnets.train import train

BAD = {
    "model.width=abc": "model.width=abc: should be a valid integer",
    "model.width=-5": "model.width=-5: should be greater than 0",
    "model.width=true": "model.width=True: should be a valid integer",
    "model.depth=-1": "model.depth=-1: should be greater than or equal to 0",
    "model.dropout=1.5": "model.dropout=1.5: should be less than 1",
    "model.activation=rleu": "model.activation=rleu: should be 'relu'",
    "data.batch_size=0": "data.batch_size=0: should be greater than 0",
    "data.num_samples=5001": "data.num_samples=5001: should be a multiple of 10",
    "data.label_noise=2": "data.label_noise=2.0: should be less than or equal to 1",
    "optimizer.lr=fast": "optimizer.lr=fast: should be a valid number",
    "seed=-1": "seed=-1: should be greater than or equal to 0",
    "steps=0": "steps=0: should be greater than 0",
    "eval_every=often": "eval_every=often: should be a valid integer",
    "keep=first": "keep=first: should be 'last', 'best' or 'average'",
    "data.validation=1": "data.validation=1.0: should be less than 1",
    "data.augmented=-1": "data.augmented=-1: should be greater than or equal to 0",
    "loss.label_smoothing=1": "loss.label_smoothing=1.0: should be less than 1",
    "threads=0": "threads=0: should be greater than 0",
    "+optimizer.momentun=0.9": "SGD has no 'momentun'; did you mean 'momentum'?",
    "optimizer._target_=torch.optim.SGDD": "torch.optim has no such thing; did you mean 'SGD'?",
    "optimizer.lr=-1": "Invalid learning rate: -1.0; from optimizer.lr=-1.0, optimizer.momentum=0.0, ",
    "+optimizer.differentiable=true": "in-place operation.; from optimizer.lr=0.1, ",
    "optimizer._partial_=false": "; from optimizer._partial_=False, ",
    "~optimizer._target_": "optimizer._target_ is not set: choose an option, optimizer=NAME",
    "~optimizer": "optimizer._target_ is not set: choose an option, optimizer=NAME",
    "optimizer.lr=null": "optimizer.lr=None: should be a valid number",
    "~model.width": "model.width is not set, and MLP needs it",
    "trainer.accelerator=tpu": "trainer.accelerator=tpu: should be 'cpu' or 'cuda'",
    "trainer.precision=16": "trainer.precision=16: should be '32-true' or 'bf16-mixed'",
    "+trainer.device=2": "Hardware has no 'device'; did you mean 'devices'?",
    "trainer.devices=0": "trainer.devices=0: should be greater than 0",
    "trainer.devices=9999": f"trainer.devices=9999: there are {cores()} cores; type at most",
    "optimizer._target_=torch.optim.sgdd.SGD": "No module named 'torch.optim.sgdd'",
    "loss._target_=os.system": "only names that start with refnets.losses. are allowed",
    "loss._target_=torch.nn.MSELoss": "only names that start with refnets.losses. are allowed",
    "data._target_=refnets.data.mnist1d.generate": "refnets.data.mnist1d has no such thing",
    "model._target_=refnets.models.mlp.nn.Linear": "No module named 'refnets.models.mlp.nn'",
    "model._target_=refnets.models.mlp.Tensor": "refnets.models.mlp has no such thing",
    "~experiment": "eval_every is not set: choose an experiment",
    "trainer=cuda": "no CUDA device here; type trainer=default",
}


def test_numbers_for_names_are_answered_with_quotes(job):
    with pytest.raises(ValueError, match=r"""should be a valid string; type "data.classes=\['é','1','true'\]"$"""):
        check(job("data=mask_folder", "data.classes=['é',1,true]")[0])


@pytest.mark.parametrize("override", BAD)
def test_a_mistake_is_named(job, override, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)  # trainer=cuda
    with pytest.raises(ValueError, match="^") as caught:
        check(job(override)[0])
    assert BAD[override] in str(caught.value)


def test_what_is_trained_elsewhere_needs_no_gpu_here(job, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    cfg, _ = job("trainer=cuda", "start='experiment=mnist1d_mlp trainer=cuda'")
    check(cfg, here=False)


def test_more_processes_than_gpus_are_refused(job, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with pytest.raises(ValueError, match="trainer.devices=2: the CUDA devices here are 1, and each needs one"):
        check(job("trainer=cuda", "trainer.devices=2")[0])


@pytest.mark.parametrize("devices", [1, 3])
def test_another_number_of_processes_than_were_started_is_refused(job, monkeypatch, devices):
    monkeypatch.setattr("refnets.config.machine.place", lambda: Place(0, 2, 0))
    with pytest.raises(ValueError, match=f"trainer.devices={devices}, but 2 processes were started: type 2"):
        check(job(f"trainer.devices={devices}")[0])
    check(job("trainer=ddp")[0])


def test_a_misspelt_key_in_an_experiment_file_is_named(job):
    cfg, _ = job()
    with open_dict(cfg):  # what Hydra makes of `model: {widht: 50}` or `stepps: 5` in a file
        cfg.model.widht = 50
    with pytest.raises(ValueError, match="model.widht: MLP has no 'widht'; did you mean 'width'?"):
        check(cfg)


def test_a_misspelt_key_at_the_top_of_an_experiment_file_is_named(job):
    cfg, _ = job()
    with open_dict(cfg):
        cfg.stepps = 5
    with pytest.raises(ValueError, match="has no 'stepps'; did you mean 'steps'?"):
        check(cfg)


def test_a_target_hidden_in_a_value_is_refused(job):
    cfg, _ = job()
    with open_dict(cfg):
        cfg.data.label_noise = {"_target_": "os.getcwd"}
    with pytest.raises(ValueError, match="data.label_noise._target_=os.getcwd: only names"):
        check(cfg)


def test_a_target_hidden_in_a_list_is_refused(job, tmp_path):
    cfg, _ = job()
    evil = {"_target_": "pathlib.Path.touch", "_args_": [str(tmp_path / "pwned")]}
    with open_dict(cfg):
        cfg.optimizer.betas = [evil]
    with pytest.raises(ValueError, match="optimizer.betas"):
        check(cfg)
    with pytest.raises(ValueError, match=r"optimizer.0._target_=pathlib.Path.touch: only names"):
        build("optimizer", [evil])
    assert not (tmp_path / "pwned").exists()


def test_milestones_that_are_no_numbers_are_named(job):
    with pytest.raises(ValueError, match="scheduler.milestones=.*: should be a valid integer"):
        check(job("scheduler=multistep", "scheduler.milestones=[10,late]")[0])


def test_a_step_size_of_zero_is_named(job):
    with pytest.raises(ValueError, match="from optimizer.lr=.*, scheduler.step_size=0"):
        check(job("scheduler=step", "scheduler.step_size=0")[0])


def test_folders_that_cannot_be_written_are_named(job, tmp_path):
    (tmp_path / "file").touch()
    cfg, _ = job()
    cfg.outputs = str(tmp_path / "file" / "folder")
    with pytest.raises(OSError, match="cannot be written .*; type outputs=FOLDER"):
        check(cfg)


@pytest.mark.parametrize("override", ["model.width=-5", "loss._target_=os.system", "data.batch_size=0"])
def test_nothing_is_trained_after_a_mistake(job, override):
    cfg, directory = job(override)
    with pytest.raises(ValueError, match="="):
        train(cfg, directory)
    assert not directory.exists()


def test_outputs_must_be_a_name(job):
    cfg, _ = job()
    cfg.outputs = 5
    with pytest.raises(ValueError, match="""outputs=5: should be a valid string; type "outputs='5'\""""):
        check(cfg)
