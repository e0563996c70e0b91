import pytest
import torch

from refnets.figures.heteroscedastic import lines, rms

X = torch.tensor([[0.0], [1.0], [2.0]])
Y = torch.tensor([0.0, 1.0, 0.0])


def _equal(x):
    return x[:, 0], torch.ones(3)


def _precise_first(x):
    return x[:, 0], torch.tensor([1e-6, 1.0, 1.0])


def test_equal_variances_make_weighted_least_squares_ordinary():
    ordinary, weighted = lines(X, Y, _equal)
    assert torch.allclose(ordinary, weighted)
    assert ordinary.tolist() == pytest.approx([1 / 3] * 3)


def test_a_line_passes_where_the_variance_is_small():
    _, weighted = lines(X, Y, _precise_first)
    assert weighted.tolist() == pytest.approx([0, 0.2, 0.4], abs=1e-5)  # the slope minimizes (b - 1)^2 + (2 b)^2


def test_rms():
    assert rms(torch.tensor([1.0, 2.0]), torch.tensor([4.0, -2.0])) == pytest.approx(12.5**0.5)
