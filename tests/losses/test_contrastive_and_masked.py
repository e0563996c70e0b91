from math import e, log

import pytest
import torch

from refnets.data.target import Classes, Hidden, Views
from refnets.losses.contrastive import NTXent
from refnets.losses.masked import MaskedSquaredError
from refnets.metrics import Unexplained, Unpaired

DIRECTIONS = torch.tensor([[2.0, 0.0], [0.0, 3.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
VALUES = torch.tensor([[[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]], [[4.0, 5.0, 6.0], [1.0, 0.0, 0.0]]])


def test_nt_xent_by_hand():
    """Pairs at right angles: each view has cosine 1 with its other one, 0 with the two of the other example."""
    loss = NTXent(temperature=0.5, size=2)
    assert loss(DIRECTIONS, torch.tensor([5, 9, 5, 9])).item() == pytest.approx(-log(e**2 / (e**2 + 2)), abs=1e-12)
    assert loss(DIRECTIONS, torch.tensor([5, 5, 9, 9])).item() == pytest.approx(log(e**2 + 2), abs=1e-12)


def test_nt_xent_does_not_depend_on_lengths_or_order():
    output, y = torch.randn(8, 3, dtype=torch.float64), torch.arange(8) // 2
    loss, order = NTXent(temperature=0.1, size=3), torch.randperm(8)
    lengths = torch.rand(8, 1, dtype=torch.float64) + 0.5
    assert loss((output * lengths)[order], y[order]).item() == pytest.approx(loss(output, y).item(), abs=1e-12)


def test_nt_xent_gradient():
    output = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: NTXent(0.5, 3)(z, torch.arange(6) // 2), output)


@pytest.mark.parametrize("numbers", [[1, 1, 2], [1, 1, 2, 2, 2]])
def test_nt_xent_needs_two_views(numbers):
    with pytest.raises(ValueError, match="two views of every example, the data has others of 2"):
        NTXent(0.1, 2).check(torch.tensor(numbers))


def test_only_hidden_values_count():
    output = torch.tensor([[100.0, 3.0, 5.0], [6.0, -100.0, 100.0]])
    assert MaskedSquaredError()(output, VALUES).item() == pytest.approx(((1 + 4) / 2 + 4) / 2)
    output.requires_grad_()
    MaskedSquaredError()(output, VALUES).backward()
    assert torch.equal(output.grad != 0, VALUES[:, 1].bool())


def test_nothing_hidden_is_refused():
    with pytest.raises(ValueError, match="something is hidden"):
        MaskedSquaredError().check(VALUES * torch.tensor([1.0, 0.0])[:, None])


@pytest.mark.parametrize(
    ("loss", "target", "outputs"), [(NTXent(0.1, 32), Views(), 32), (MaskedSquaredError(), Hidden(40), 40)]
)
def test_other_targets_are_refused(loss, target, outputs):
    assert loss.num_outputs(target) == outputs
    with pytest.raises(ValueError, match="the data has Classes"):
        loss.num_outputs(Classes(("a", "b")))


def test_the_unexplained_part():
    metric = Unexplained()
    metric.update(torch.tensor([[100.0, 3.0, 5.0], [6.0, -100.0, 100.0]]), VALUES)
    assert metric.compute().item() == pytest.approx(100 * (1 + 4 + 4) / (4 + 9 + 16))


def test_unpaired_views():
    metric = Unpaired()
    metric.update(DIRECTIONS, torch.tensor([5, 9, 5, 9]))
    metric.update(DIRECTIONS, torch.tensor([5, 5, 9, 9]))
    assert metric.compute().item() == 50
