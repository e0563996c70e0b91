import pytest
import torch

from refnets.figures.toy import X, bend, rms


def test_rms_of_a_constant_difference():
    assert rms(torch.tensor([1.0, 2.0]), [1.3, 1.7]) == pytest.approx(0.3)


def test_the_bend_of_a_parabola_is_the_difference_of_its_slopes():
    assert bend(X**2).item() == pytest.approx(2, abs=0.01)
