"""Tests of memory.py: freed memory is kept. What it refuses is tested where it is refused."""

import platform
import resource

import pytest
import torch

from refnets.memory import keep_freed
from refnets.train import train

A_STEP = 6 * 30_000_000  # bytes: six tensors
PAGE = resource.getpagesize()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only this C library gives memory back")
def test_the_tensors_of_a_step_lie_where_those_of_the_step_before_lay() -> None:
    keep_freed()
    for _ in range(10):
        _new_pages()

    assert _new_pages() < A_STEP / PAGE / 10


def test_a_training_keeps_what_is_freed(job, monkeypatch):
    calls = []
    monkeypatch.setattr("refnets.trainer.fit.keep_freed", lambda: calls.append("kept"))
    train(*job("trainer=smoke", "logger=none"))
    assert calls == ["kept"]


def _new_pages() -> int:
    """That the system gave this process in a step."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    _tensors = [torch.ones(7_500_000) for _ in range(6)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
