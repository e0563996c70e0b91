import pytest
import torch

from refnets.data.points import Points


def test_an_example_is_an_input_and_its_target():
    train = Points(x=[1, 2], y=[3, 4], batch_size=None).splits["train"]
    assert train.x.tolist() == [[1], [2]]
    assert train.y.dtype == torch.float32


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="data.x has 2 numbers, data.y 1"):
        _ = Points(x=[1, 2], y=[3], batch_size=None).splits
