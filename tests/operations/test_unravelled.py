import torch
from torch import nn

from refnets.operations.unravelled import jacobians_of, paths

J = [torch.tensor([[0.0, 1.0], [0.0, 0.0]]), torch.tensor([[0.0, 0.0], [1.0, 0.0]])]


def test_a_path_goes_through_blocks_in_their_order_and_past_the_others():
    shares = dict(paths(J))
    assert torch.equal(shares[False, False], torch.eye(2))
    assert torch.equal(shares[True, False], J[0])
    assert torch.equal(shares[False, True], J[1])
    assert torch.equal(shares[True, True], torch.tensor([[0.0, 0.0], [0.0, 1.0]]))  # the second times the first


def test_a_branch_is_derived_at_what_comes_to_it():
    branches = [nn.Sequential(nn.ReLU(), nn.Linear(1, 1, bias=False)) for _ in range(2)]
    for branch, weight in zip(branches, (-3.0, 5.0), strict=True):
        nn.init.constant_(branch[1].weight, weight)
    # 2 comes to the first block, 2 - 3 x 2 = -4 to the second, whose ReLU is off
    assert [each.item() for each in jacobians_of(branches, torch.tensor([2.0]))] == [-3, 0]
