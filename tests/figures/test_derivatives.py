import pytest
import torch

from refnets.figures.derivatives import compare, finite_differences, relative_difference

AT = torch.tensor([1.0, -2.0], dtype=torch.float64)


def loss(p):
    return 3 * p[0] ** 2 + p[0] * p[1]


def test_central_differences_are_exact_for_a_quadratic_function():
    assert finite_differences(loss, AT, 0.5).tolist() == pytest.approx([4, 1], rel=1e-12)


def test_relative_difference_is_to_the_larger_and_of_two_zeros_none():
    a, b = torch.tensor([1.0, 4.0, 0.0, 0.0]), torch.tensor([2.0, -4.0, 0.0, 3.0])
    assert relative_difference(a, b).tolist() == [0.5, 2, 0, 1]


def test_one_wrong_derivative_is_found():
    differences = compare(torch.tensor([4.0, 1.1], dtype=torch.float64), loss, AT, 0.5)
    assert [number.values[0] for number in differences.values()] == pytest.approx([0.1 / 1.1] * 2)
