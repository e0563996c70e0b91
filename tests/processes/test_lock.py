import errno
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from refnets import train
from refnets.processes import lock
from refnets.processes.lock import locked
from refnets.train_all import train_all
from refnets.trainer import fit

HOLD = """
import pathlib, sys, time
from refnets.processes.lock import locked
with locked([pathlib.Path(sys.argv[1])]):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_who_comes_second_waits_and_says_for_whom(tmp_path, capsys):
    entered = []

    def second():
        with locked([tmp_path]):
            entered.append(True)

    waiting = threading.Thread(target=second)
    with locked([tmp_path]):
        waiting.start()
        said, latest = "", time.monotonic() + 10
        while not said and time.monotonic() < latest:
            time.sleep(0.01)
            said = capsys.readouterr().err
        assert not entered
    waiting.join()
    assert entered
    assert f"waiting for process {os.getpid()} on " in said


def test_who_waits_need_not_learn_for_whom(tmp_path, capsys):
    with locked([tmp_path]):
        (tmp_path / "process").unlink()  # as at the moment in which it ends
        waiting = threading.Thread(target=lambda: locked([tmp_path]).__enter__(), daemon=True)
        waiting.start()
        said, latest = "", time.monotonic() + 10
        while not said and time.monotonic() < latest:
            time.sleep(0.01)
            said = capsys.readouterr().err
    assert "waiting for another process, which trains" in said


def test_a_process_that_is_killed_holds_no_lock(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE)
    process.stdout.readline()
    process.kill()
    process.wait()
    with locked([tmp_path]):
        pass


def test_several_are_locked_in_one_order(tmp_path, monkeypatch):
    taken = []

    @contextmanager
    def noted(folder):
        taken.append(folder.name)
        yield

    monkeypatch.setattr(lock, "_locked", noted)
    with locked(tmp_path / name for name in "bcab"):
        assert taken == ["a", "b", "c"]


def test_where_no_file_can_be_locked_that_is_said(tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.FileLock, "acquire", refuse)
    with locked([tmp_path]):
        assert "no file can be locked: start no second process on this run" in capsys.readouterr().err


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(function): while the run is waited for, another process does this; and the steps fits begin with."""
    begun, fitted = [], fit.fit
    monkeypatch.setattr(fit, "fit", lambda group, name: (begun.append(group[0].task.step), fitted(group, name)))

    def wait_for(other):
        @contextmanager
        def waiting(folders):
            monkeypatch.setattr(train, "locked", locked)
            other()
            with locked(folders):
                yield

        monkeypatch.setattr(train, "locked", waiting)
        return begun

    return wait_for


SHORT = "steps=20", "eval_every=10", "data.num_samples=500", "logger=none"


def test_a_run_that_another_process_has_finished_meanwhile_is_not_trained_again(job, meanwhile):
    begun = meanwhile(lambda: train.train(*job(*SHORT)))
    train.train(*job(*SHORT))
    assert begun == [0]


def test_a_run_whose_process_has_died_meanwhile_is_taken_over_where_it_was(job, meanwhile, signal_at):
    def die():
        with signal_at(step=4, number=15), pytest.raises(SystemExit):
            train.train(*job(*SHORT))

    begun = meanwhile(die)
    assert train.train(*job(*SHORT)).history["step"].tolist() == [0, 10, 20]
    assert begun == [0, 5]


def test_of_a_stack_what_is_left_is_trained(job, meanwhile):
    planned = [job(*SHORT, f"seed={seed}") for seed in range(3)]
    begun = meanwhile(lambda: train.train(*planned[1]))
    assert all(run.finished for run in train_all(planned))
    assert begun == [0, 0]
