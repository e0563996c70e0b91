import numpy as np
import pytest
import torch

from refnets.data.toy_regression import function
from refnets.figures.ensemble import bootstrap, error
from refnets.figures.toy import X


def test_the_data_are_those_of_the_notebook():
    random = np.random.RandomState(1)
    x = [random.uniform(i / 15, (i + 1) / 15) for i in range(15)]
    y = [np.exp(np.sin(2 * np.pi * each)) + random.normal(0, 0.3) for each in x]
    found = bootstrap(15, 0.3, 4, seed=1)
    assert found[0].numpy() == pytest.approx(x)
    assert found[1].numpy() == pytest.approx(y)


def test_the_first_model_gets_all_examples_and_the_others_some_of_them_repeatedly():
    original, *others = bootstrap(15, 0.3, 4, seed=1)[2]
    assert original.tolist() == list(range(15))
    assert all(len(set(chosen.tolist())) < len(chosen) == 15 for chosen in others)


def test_the_error_is_the_distance_from_the_true_function():
    curves = torch.stack([function(X), function(X) + 0.5])
    assert error(curves).tolist() == pytest.approx([0, 0.25])
