import pytest
import torch

from refnets.figures.branch_order import additions

X = torch.randn(50, 40, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def added():
    return additions(X, width=30, seed=0)


def test_relu_last_only_adds(added):
    assert added["relu_last"].min() == 0
    assert added["relu_last"].max() > 0


def test_relu_first_adds_both_signs(added):
    assert added["relu_first"].min() < 0 < added["relu_first"].max()


def test_relu_first_leaves_negative_units_as_they_are(added):
    assert added["negative"].max() < 0
    assert not added["to_negative"].any()


def test_a_linear_layer_before_it_makes_the_block_act(added):
    assert added["after_linear"].std() > 0.1
