import pytest
import torch
from torch.distributions import Normal

from refnets.figures.comparison import probability_of_count


def test_the_probabilities_of_all_whole_numbers_sum_to_one():
    counts = torch.arange(-20, 20, dtype=torch.float64)
    normal = Normal(torch.tensor(0.8, dtype=torch.float64), 1.3)
    assert probability_of_count(normal, counts).sum().item() == pytest.approx(1, abs=1e-12)


def test_a_wide_normal_gives_a_count_its_density():
    normal = Normal(torch.tensor(3.0, dtype=torch.float64), 30.0)
    y = torch.tensor([3.0, 20.0], dtype=torch.float64)
    assert probability_of_count(normal, y).tolist() == pytest.approx(normal.log_prob(y).exp().tolist(), rel=1e-3)
