import pytest
from torch import nn

from refnets.models.batched import architecture


def _network(width):
    return nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 10))  # 21 width + 10 parameters


@pytest.mark.parametrize(("examples", "same"), [(100, True), (10_000, False)])
def test_networks_of_two_widths_go_together_where_a_step_is_small(examples, same):
    assert (architecture(_network(20), examples) == architecture(_network(30), examples)) is same


@pytest.mark.parametrize(("examples", "pays"), [(10_000, True), (100_000, False)])
def test_networks_of_one_width_go_together_unless_a_step_is_large(examples, pays):
    assert (architecture(_network(100), examples) is not None) is pays


def test_layers_that_cannot_be_batched_are_found():
    assert architecture(nn.Sequential(nn.Conv1d(1, 1, 3), nn.Linear(10, 10)), 100) is None
