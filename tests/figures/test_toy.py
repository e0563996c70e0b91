import pytest
import torch

from refnets.figures.toy import rms


def test_rms_of_a_constant_difference():
    assert rms(torch.tensor([1.0, 2.0]), [1.3, 1.7]) == pytest.approx(0.3)
