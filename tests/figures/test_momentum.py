import pytest
import torch

from refnets.figures.momentum import detour, turns


def test_the_corners_of_a_square_turn_by_90_degrees():
    assert turns(torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]])).item() == pytest.approx(90)


def test_three_sides_of_a_square_are_three_times_the_distance():
    assert detour(torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]])).item() == pytest.approx(3)
