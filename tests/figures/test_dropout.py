import pytest
import torch

from refnets.figures.dropout import all_masks, kink, loss, masks, standard_errors, train
from refnets.operations.ridge import features

A = features(torch.linspace(0, 1, 6).double(), 4)
WEIGHTS = torch.tensor([1.0, 2.0, -3.0, 1.5, 0.5], dtype=torch.float64)


def generator():
    return torch.Generator().manual_seed(0)


def test_masks_drop_the_chosen_units_as_often_as_asked_and_scale_them_otherwise():
    drawn = masks(10000, [2, 3], 0.2, 5, generator())
    assert drawn[:, [0, 1, 4]].unique().tolist() == [1]
    assert drawn[:, [2, 3]].unique().tolist() == [0, 1.25]
    assert (drawn[:, [2, 3]] == 0).double().mean().item() == pytest.approx(0.2, abs=0.01)


def test_every_mask_has_the_frequency_of_drawn_ones():
    every, chances = all_masks([2, 3], 0.2, 5)
    drawn = masks(10000, [2, 3], 0.2, 5, generator())
    frequencies = (drawn[:, None] == every).all(-1).double().mean(0)
    assert frequencies.numpy() == pytest.approx(chances.numpy(), abs=0.02)


def test_training_without_dropout_is_gradient_descent():
    y = torch.arange(6).double()
    weights = WEIGHTS.clone().requires_grad_()
    descent = torch.optim.SGD([weights], lr=0.01)
    for _ in range(5):
        descent.zero_grad()
        loss(A, y, weights).backward()
        descent.step()
    assert torch.allclose(train(A, y, WEIGHTS[None], [2], 0.0, 0.01, 5, generator())[0], weights)


def test_the_kink_is_what_the_curve_rises_above_the_line_between_the_joints_beside_it():
    left, middle, right = features(torch.tensor([0.25, 0.5, 0.75]).double(), 4) @ WEIGHTS
    assert kink(WEIGHTS, 3).item() == pytest.approx((middle - (left + right) / 2).item())


def test_a_mean_is_as_many_standard_errors_off_as_it_was_moved():
    outputs = torch.tensor([[0.0, 1.0], [2.0, 1.0]] * 200).double()  # standard error 0.05; the second is constant
    assert standard_errors(outputs, torch.tensor([1.15, 7.0])) == pytest.approx(3, rel=0.01)
