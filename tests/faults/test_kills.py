"""Commands that are killed at random moments and typed again: kills.py with few kills."""

import subprocess
import sys
from pathlib import Path

import pytest

KILLS = Path(__file__).parent / "kills.py"


@pytest.mark.skipif(sys.platform != "linux", reason="reads how long another process has computed")
def test_a_killed_run_loses_nothing_and_repeats_nothing():
    done = subprocess.run([sys.executable, KILLS, "5", "run"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
