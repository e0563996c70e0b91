from pathlib import Path

import pytest

from refnets.config.jobs import jobs
from refnets.plan import plan
from refnets.runs import Run
from refnets.train import prepare_apart

SHORT = "steps=20", "eval_every=10", "data.num_samples=500", "model.width=20", "logger=none"


@pytest.fixture
def planned(tmp_path):
    """planned(2, "seed=0,1", ...): the widths of the networks in every unit for two processes, of all these sweeps."""

    def make(processes, *sweeps):
        found = [job for sweep in sweeps for job in jobs([*SHORT, *sweep.split(), f"outputs={tmp_path}"])]
        units = plan([prepare_apart(cfg, Run(Path(directory))) for cfg, directory in found], processes)
        return [[(cfg.model.width, cfg.seed) for cfg, _ in unit] for unit in units]

    return make


def test_the_longest_comes_first(planned):
    assert planned(2, "model.width=20,200,100 model.dropout=0.1") == [[(200, 0)], [(100, 0)], [(20, 0)]]


def test_more_steps_take_longer(planned):
    units = planned(2, "model.width=20 model.dropout=0.1", "model.width=30 steps=10 model.dropout=0.1")
    assert units == [[(20, 0)], [(30, 0)]]


@pytest.mark.parametrize(
    ("seeds", "processes", "sizes"), [(8, 1, [8]), (16, 2, [8, 8]), (8, 3, [4, 4]), (6, 2, [6]), (2, 2, [2])]
)
def test_a_stack_is_cut_where_processes_would_wait_and_the_parts_are_worth_it(planned, seeds, processes, sizes):
    assert [len(unit) for unit in planned(processes, f"seed=range({seeds})")] == sizes


def test_a_stack_is_left_whole_where_the_others_have_as_much_to_do(planned):
    units = planned(2, "seed=range(8)", "seed=range(8) optimizer=momentum model.activation=tanh")
    assert sorted(len(unit) for unit in units) == [8, 8]
