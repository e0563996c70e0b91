import pytest
import torch
from torchmetrics import MetricCollection

from refnets.data.target import Values, Views
from refnets.evaluation import measure


@pytest.fixture
def untrained(task):
    """The task of a network that is not trained; what it computes is noted in `sizes`."""
    made = task()
    made.sizes = []
    made.compute = lambda x: made.sizes.append(len(x)) or made.model(x)
    return made


@pytest.mark.parametrize(("target", "expected"), [(Views(), [6] * 16 + [4]), (Values(), [7] * 14 + [2])])
def test_pieces_leave_the_two_views_of_an_example_together(untrained, monkeypatch, target, expected):
    monkeypatch.setattr("refnets.evaluation.NUMBERS_AT_ONCE", 7 * 40)  # seven signals
    monkeypatch.setattr(type(untrained.data), "target", target)
    measure(untrained, untrained.data.splits["test"], MetricCollection({}))
    assert untrained.sizes == expected


@torch.no_grad()
def test_pieces_give_what_the_whole_gives(untrained, monkeypatch):
    whole = measure(untrained, untrained.data.splits["train"], MetricCollection(untrained.data.metrics()))
    monkeypatch.setattr("refnets.evaluation.EXAMPLES_AT_ONCE", 64)
    pieces = measure(untrained, untrained.data.splits["train"], MetricCollection(untrained.data.metrics()))
    assert untrained.sizes == [400, *[64] * 6, 16]
    assert pieces == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize(("target", "expected"), [(Views(), [2] * 50), (Values(), [1] * 100)])
def test_an_example_larger_than_a_piece_is_a_piece(untrained, monkeypatch, target, expected):
    monkeypatch.setattr("refnets.evaluation.NUMBERS_AT_ONCE", 39)
    monkeypatch.setattr(type(untrained.data), "target", target)
    measure(untrained, untrained.data.splits["test"], MetricCollection({}))
    assert untrained.sizes == expected
