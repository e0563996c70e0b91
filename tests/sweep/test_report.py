import shutil

import hydra
import pytest

from refnets.config.composition import CONFIGS, compose
from refnets.config.jobs import settle, sweep_job
from refnets.sweep.report import said_by


@pytest.mark.parametrize(
    ("typed", "own"),
    [
        (
            "model.width=30",
            "defaults: [override /trainer: cpu_bf16]\nsteps: 70\nmodel: {depth: 1, width: 20, init: it's here}\n",
        ),
        (
            "model.channels=9",
            "defaults: [override /model: cnn1d]\nmodel: {depth: 2}\nstart: experiment=mnist1d_mlp seed=7\n",
        ),
    ],
    ids=["values", "options"],
)
def test_with_what_the_file_says_the_command_asks_for_the_run_of_the_search(tmp_path, own, typed):
    configs = shutil.copytree(CONFIGS, tmp_path / "configs")
    (configs / "sweep" / f"{tmp_path.name}.yaml").write_text(f"# @package _global_\n{own}")
    sweep, overrides = [f"sweep={tmp_path.name}"], ["experiment=mnist1d_mlp", typed, "optimizer=adam"]
    with hydra.initialize_config_dir(str(configs), version_base="1.3"):
        command = [*overrides, *said_by(sweep, overrides)]
        assert settle(*compose(command), command).digest == sweep_job(sweep, overrides).digest
