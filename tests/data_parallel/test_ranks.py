"""What is not seen where a fork stands for the other process, as in test_share.py: how they start and end."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from refnets.data_parallel import ranks
from refnets.runs import Run

ROOT = Path(__file__).parents[2]
SHORT = "steps=20", "eval_every=10", "data.num_samples=500", "model.width=20", "logger=none"
TORCHRUN = "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"
NO_SLURM = pytest.mark.skipif("SLURM_CONF" not in os.environ, reason="no cluster: SLURM_CONF is not set")
STARTED_BY = {
    "itself": [sys.executable],
    "torchrun": [sys.executable, *TORCHRUN],
    "srun": ["srun", "--ntasks=2", "--kill-on-bad-exit", sys.executable],
}


@pytest.mark.parametrize("by", [pytest.param(by, marks=NO_SLURM if by == "srun" else ()) for by in STARTED_BY])
def test_a_sweep_of_two_processes_has_each_run_and_says_it_once(tmp_path, by):
    words = "scripts/train.py", "-m", "trainer=ddp", "seed=0,1", *SHORT, f"outputs={tmp_path}"
    done = subprocess.run([*STARTED_BY[by], *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": step 20, train_loss ") == 2
    runs = [Run(path.parent) for path in tmp_path.rglob("result.json")]
    assert [run.result["devices"] for run in runs] == [2, 2]
    assert [run.history["step"].tolist() for run in runs] == [[0, 10, 20]] * 2


def test_where_waiting_cannot_be_interrupted_a_lost_process_ends_the_command(monkeypatch, capsys):
    others, ended = ranks.Others.__new__(ranks.Others), threading.Event()
    others.size, others.started = 2, [subprocess.Popen([sys.executable, "-c", "exit(3)"])]
    monkeypatch.setattr(os, "_exit", lambda code: ended.set() or sys.exit(code))
    with others.watched("0"):
        assert ended.wait(20)
    assert "error: process 2 of 2 has ended with exit code 3; the same command goes on" in capsys.readouterr().err
