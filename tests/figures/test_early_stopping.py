from itertools import combinations

import pytest
import torch

from refnets.figures.early_stopping import descents, powers, quadratic

A = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
FIRST = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)


def every_descent(steps):
    """The errors after SGD with all possible sequences of batches of two: (sequences, 3)."""
    errors = FIRST[None]
    for _ in range(steps):
        ends = []
        for batch in combinations(range(4), 2):
            a = A[list(batch)]
            ends.append(errors - 0.05 * 2 * (errors @ a.mT) @ a)
        errors = torch.cat(ends)
    return errors


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_mean_and_second_moments_are_those_of_every_possible_descent(steps):
    errors = every_descent(steps)
    means, moments = descents(A, FIRST, 0.05, 2, torch.tensor([7.0, steps]))
    assert torch.allclose(means[1], errors.mean(0))
    assert torch.allclose(moments[1], errors.mT @ errors / len(errors))


def test_powers_are_repeated_products():
    matrix = A.mT @ A
    assert torch.allclose(powers(matrix, FIRST, torch.tensor([3.0]))[0], matrix @ matrix @ matrix @ FIRST)


def test_the_expected_sum_of_squares_of_one_error():
    assert quadratic(A, FIRST.outer(FIRST)).item() == pytest.approx((A @ FIRST).square().sum().item())
