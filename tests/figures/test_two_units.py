import pytest
import torch

from refnets.figures.two_units import train

X, Y = torch.tensor([[1, 2, 3], [2, 3, 4]], dtype=torch.float64)
START = torch.tensor([0.5, -0.3, 0, 0, 0.4, 0.7, 0], dtype=torch.float64)


def test_a_step_goes_against_the_gradient():
    end, losses = train(X, Y, START, lr=0.01, steps=1)
    moves = [0.0458667, 0, 0.0208, 0, 0.0573333, 0, 0.052]  # 0.01 times the derivatives, worked out on paper
    assert (end - START).tolist() == pytest.approx(moves, abs=1e-7)
    assert losses[1] < losses[0]


def test_training_leaves_its_start_alone():
    before = START.clone()
    train(X, Y, START, lr=0.01, steps=2)
    assert torch.equal(START, before)
