import pytest
import torch

from refnets.data.toy_regression import ToyRegression, function


@pytest.fixture
def splits():
    return ToyRegression(num_train=20, num_test=5000, noise=0.3, seed=0, batch_size=None).splits


def test_there_is_one_input_in_each_bin(splits):
    assert torch.equal((splits["train"].x[:, 0] * 20).floor(), torch.arange(20.0))


def test_the_noise_has_the_deviation_asked_for(splits):
    x, y = splits["test"]
    assert (y - function(x[:, 0])).std().item() == pytest.approx(0.3, abs=0.01)


def test_without_noise_it_is_the_function_of_the_notebook():
    assert function(torch.tensor([0.0, 0.25, 0.75])).tolist() == pytest.approx([1, torch.e, 1 / torch.e])


def test_another_seed_is_another_data_set(splits):
    other = ToyRegression(num_train=20, num_test=10, noise=0.3, seed=1, batch_size=None).splits
    assert not torch.equal(other["train"].x, splits["train"].x)
