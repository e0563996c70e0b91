import shutil

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from refnets.config import check
from refnets.config.machine import COMPILERS
from refnets.runs import Run
from refnets.train import train
from refnets.train_all import train_all
from refnets.trainer import stack
from refnets.trainer.accelerate import accelerate

PLAIN = {"precision": "32-true", "channels_last": False, "compile": False}
BFLOAT16 = "trainer.precision=bf16-mixed"
compiler = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="needs a C++ compiler")
SHORT = "steps=40", "eval_every=20", "logger=none", "model.width=20", "data.num_samples=500"


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 6 * 6, 10))


@pytest.fixture
def x():
    return torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def test_outputs_are_float32_and_rounded_as_in_bfloat16(network, x):
    output = accelerate(network, **PLAIN | {"precision": "bf16-mixed"})(x)
    assert output.dtype == torch.float32
    assert torch.equal(output, output.bfloat16().float())
    assert torch.allclose(output, network(x), atol=0.02)


def test_steps_in_bfloat16_are_those_of_autocast_entered_anew(network, x):
    compute, y = accelerate(network, **PLAIN | {"precision": "bf16-mixed"}), torch.arange(4)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    losses = []
    for _ in range(10):
        losses.append(F.cross_entropy(compute(x), y))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]  # the second step sees the weights of the first
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(compute(x), network(x).float())


def test_channels_last_changes_where_weights_lie_and_not_what_they_do(network, x):
    expected = network(x)
    output = accelerate(network, **PLAIN | {"channels_last": True})(x)
    assert network[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(output, expected, atol=1e-6)


@compiler
def test_a_compiled_network_is_the_same_network_also_in_eval_mode(network, x):
    network.append(nn.Dropout(0.5))
    compute = accelerate(network, **PLAIN | {"compile": True})
    network.eval()
    assert torch.allclose(compute(x), network(x), atol=1e-6)
    network.train()
    assert (compute(x) == 0).any()


def test_a_run_in_bfloat16_is_near_the_one_in_float32(job):
    exact, rounded = (train(*job(*SHORT, *more)) for more in ([], [BFLOAT16, "trainer.channels_last=true"]))
    assert rounded.result["precision"] == "bf16-mixed"
    assert exact.history["train_loss"] != pytest.approx(rounded.history["train_loss"], rel=1e-6)
    assert exact.history["train_loss"] == pytest.approx(rounded.history["train_loss"], rel=0.02)


def test_a_residual_network_in_bfloat16_and_channels_last_is_near_the_one_in_float32(job, pets):
    recipe = "experiment=cifar10_resnet20", "data=image_folder", f"data.root={pets}", "data.test=0.25", "model.depth=8"
    recipe += "data.batch_size=8", "optimizer.lr=0.01", "steps=30", "eval_every=30", "logger=none"
    exact, rounded = (train(*job(*recipe, *more)) for more in ([], ["trainer=cpu_bf16"]))
    assert rounded.result["precision"] == "bf16-mixed"
    assert rounded.history["train_loss"] == pytest.approx(exact.history["train_loss"], rel=0.1)


def test_evaluations_are_in_that_precision_from_the_first_on(job):
    run = train(*job(*SHORT, BFLOAT16, "optimizer.lr=0"))
    x, y = run.data().splits["train"]
    with torch.autocast("cpu", torch.bfloat16):
        expected = F.cross_entropy(run.model()(x).float(), y).item()
    assert run.history["train_loss"] == pytest.approx([expected] * 3, rel=1e-6)


def test_a_stack_in_bfloat16_is_near_runs_alone(tmp_path, job):
    cfgs = [job(*SHORT, BFLOAT16, f"seed={seed}")[0] for seed in (0, 1)]
    together = train_all([(cfg, tmp_path / "together" / str(cfg.seed)) for cfg in cfgs])
    for cfg, run in zip(cfgs, together, strict=True):
        alone = train(cfg, tmp_path / "alone" / str(cfg.seed))
        assert run.history["train_loss"] == pytest.approx(alone.history["train_loss"], rel=0.02)


@compiler
def test_a_compiled_run_has_the_files_of_any_other(job):
    compiled = train(*job(*SHORT, "trainer.compile=true"))
    plain = train(*job(*SHORT))
    assert compiled.history["test_loss"] == pytest.approx(plain.history["test_loss"], rel=1e-4)
    assert Run(compiled.path).model().state_dict().keys() == plain.model().state_dict().keys()


@compiler
def test_a_compiled_stack_is_near_runs_alone(tmp_path, job, monkeypatch):
    compiled, compile_loss = [], stack._compiled
    monkeypatch.setattr(stack, "_compiled", lambda loss: compiled.append(1) or compile_loss(loss))
    cfgs = [job(*SHORT, "trainer.compile=true", f"seed={seed}")[0] for seed in (0, 1)]
    together = train_all([(cfg, tmp_path / str(cfg.seed)) for cfg in cfgs])
    for seed, run in enumerate(together):
        alone = train(*job(*SHORT, f"seed={seed}"))
        assert run.history["train_loss"] == pytest.approx(alone.history["train_loss"], rel=1e-4)
    assert len(compiled) == 1


def test_compile_without_a_compiler_is_named_at_once(job, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(ValueError, match=r"trainer.compile=True: no compiler here .*; type trainer.compile=false"):
        check.check(job("trainer.compile=true")[0])
