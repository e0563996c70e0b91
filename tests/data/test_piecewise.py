from dataclasses import replace

import pytest
import torch

from refnets.data.piecewise import PiecewiseLinear


@pytest.fixture
def data():
    return PiecewiseLinear(
        x=[-1, 0, 1], mean=[0, 2, 1], sigma=[0.5, 0.1, 0.1], num_samples=20000, seed=0, batch_size=None
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mean": [0, 1]}, "data.x has 3 joints, data.mean 2 values and data.sigma 3: should be as many"),
        ({"x": [0], "mean": [0], "sigma": [1]}, "should be as many, and at least 2"),
        ({"x": [0, 0, 1]}, "data.x=.*: should ascend"),
        ({"sigma": [0.1, -0.1, 0.1]}, "data.sigma=.*: should have no negative value"),
    ],
)
def test_curves_that_are_none_are_refused(data, wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(data, **wrong)


def test_curves_are_straight_between_the_joints(data):
    mean, sigma = data.curves(torch.tensor([[-1.0], [-0.5], [0.0], [0.25]]))
    assert mean.tolist() == pytest.approx([0, 1, 2, 1.75])
    assert sigma.tolist() == pytest.approx([0.5, 0.3, 0.1, 0.1])


@pytest.mark.parametrize("split", ["train", "test"])
def test_errors_are_normal_with_the_deviation_of_the_curve(data, split):
    x, y = data.splits[split]
    mean, sigma = data.curves(x)
    z = (y - mean) / sigma
    left = x[:, 0] < -0.5
    for half in (z[left], z[~left]):
        assert half.mean().item() == pytest.approx(0, abs=0.04)
        assert half.std().item() == pytest.approx(1, abs=0.03)
        assert (half.abs() < 1).double().mean().item() == pytest.approx(0.683, abs=0.02)
    assert x.min() >= -1
    assert x.max() <= 1


def test_the_splits_are_drawn_from_the_seed_and_differ(data):
    again = PiecewiseLinear(**{key: getattr(data, key) for key in data.__dataclass_fields__})
    assert torch.equal(again.splits["train"].y, data.splits["train"].y)
    assert not torch.equal(data.splits["train"].y, data.splits["test"].y)
