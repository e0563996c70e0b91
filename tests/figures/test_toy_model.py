import pytest

from refnets.figures.toy import X
from refnets.figures.toy_model import joined_lines
from refnets.operations.ridge import features, least_squares


def test_lines_bend_only_at_their_joints():
    slopes = joined_lines(4, 1)[:, 0].diff() / X.diff()
    bends = X[1:-1][slopes.diff().abs() > 1e-6]
    assert bends.tolist() == pytest.approx([0.25, 0.5, 0.75])


def test_the_toy_model_cannot_make_lines_with_other_joints():
    a, lines = features(X, 3), joined_lines(4, 2)
    assert ((a @ least_squares(a, lines) - lines).abs().max(0).values > 0.01).all()
