import copy

import pytest
import torch
from torch import nn

from refnets.data.batches import Split
from refnets.figures.deleted_layers import draw, errors_without
from refnets.models.residual_mlp import ResidualMLP


def network(residual: bool) -> ResidualMLP:
    torch.manual_seed(0)
    setting = {"width": 20, "depth": 3, "batch_norm": True, "init": "he_uniform"}
    return ResidualMLP((10,), 4, residual=residual, **setting).eval()


@pytest.mark.parametrize("residual", [True, False])
def test_without_a_layer_is_as_if_it_had_never_been_there(residual):
    model, x = network(residual), torch.randn(500, 10)
    shorter = copy.deepcopy(model)
    del shorter.branches[1]
    split = Split(x, shorter(x).argmax(1))
    first, second, third = errors_without(model, split)
    assert second == 0
    assert min(first, third) > 0


def test_the_network_is_whole_afterwards():
    model, x = network(True), torch.randn(5, 10)
    before = model(x)
    errors_without(model, Split(x, torch.zeros(5)))
    assert torch.equal(model(x), before)


def test_a_block_that_adds_nothing_is_not_missed(known_run):
    model = network(True)
    nn.init.zeros_(model.branches[2][-1].weight)
    x = torch.randn(200, 10)
    run = known_run(logits=x.tolist(), y=model(x).argmax(1).tolist(), model=model, final={"test_error": 0.0})
    *others, last = errors_without(model, run.data().splits["test"])
    assert last == 0
    _, numbers = draw({"plain": [run], "residual": [run]})
    assert numbers["residual_rise_of_error"].values == pytest.approx([sum(others) / 3])
    assert numbers["residual_largest_rise_of_error"].values == [max(others)]
