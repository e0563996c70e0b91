import torch

from refnets.metrics import ErrorRate


def test_the_error_rate_is_a_double():
    metric = ErrorRate()
    metric.update(torch.arange(1000) < 383, torch.zeros(1000, dtype=torch.bool))
    assert metric.compute().item() == 38.3
