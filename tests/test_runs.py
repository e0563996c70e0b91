import json
import math
import os
import subprocess
import sys

import pytest

from refnets.files import as_json, write
from refnets.runs import Run


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(ValueError, match=f"{tmp_path} holds no complete run: config.yaml is missing; train it first"):
        _ = Run(tmp_path).config


@pytest.mark.parametrize(
    ("name", "content", "attribute", "lost"),
    [
        ("config.yaml", "a: [1", "config", ""),
        ("history.csv", "step,loss\n0,a\n", "history", ""),
        ("history.csv", "", "history", ""),
        ("result.json", '{"final": ', "result", "/result.json"),
    ],
)
def test_a_damaged_file_is_named(tiny_run, name, content, attribute, lost):
    run = tiny_run()
    (run.path / name).write_text(content)
    with pytest.raises(ValueError, match=f"{name} cannot be read .*; delete {run.path}{lost} to train the run again"):
        getattr(run, attribute)


def test_damaged_weights_are_named(tiny_run):
    run = tiny_run()
    (run.path / "model.safetensors").write_bytes(b"12345678")
    with pytest.raises(ValueError, match="model.safetensors cannot be read"):
        run.model()


def test_a_row_that_was_cut_short_by_a_kill_is_none(tiny_run):
    run = tiny_run()
    with (run.path / "history.csv").open("a") as file:
        file.write("7000,0.0")
    assert run.history["step"].tolist() == [0, 6000]


def test_a_measure_without_a_value_is_null_in_the_file_and_not_a_number_in_the_run(tiny_run):
    run = tiny_run()
    row = {"test_iou_cat": float("nan"), "test_iou_dog": 0.5}
    write(run.path / "result.json", as_json({"final": row, "others": [1, (float("inf"), "nan")]}))
    assert json.loads((run.path / "result.json").read_text()) == {
        "final": {"test_iou_cat": None, "test_iou_dog": 0.5},
        "others": [1, [None, "nan"]],
    }
    assert math.isnan(run.result["final"]["test_iou_cat"])
    assert run.result["final"]["test_iou_dog"] == 0.5


SPELT = r"""
from pathlib import Path
from omegaconf import OmegaConf
from refnets.runs import Run
Run(Path("run")).create(OmegaConf.create({"name": "\u00fc\u2713"}))
assert Run(Path("run")).config.name == "\u00fc\u2713"
"""


def test_files_are_utf_8_whatever_the_locale(tmp_path):
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", SPELT], cwd=tmp_path, env=os.environ | ascii_only, check=True)
    assert "ü✓" in (tmp_path / "run" / "config.yaml").read_text(encoding="utf-8")
