import torch

from refnets.benchmarks.double_descent import compare, fit
from refnets.data.batches import Split


def test_the_loop_of_the_notebook_learns_and_evaluates_after_every_epoch():
    x = torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
    half = (
        Split(x[:200], (x[:200, 0] > 0).long()),
        Split(x[200:], (x[200:, 0] < 0).long()),
    )  # the test labels are turned
    with torch.random.fork_rng():
        torch.manual_seed(0)
        errors = fit(torch.nn.Linear(2, 2), *half, epochs=200)
    assert len(errors) == 200
    assert errors[-1][0] < 5
    assert errors[-1][1] > 95


def test_both_ways_are_timed_in_every_round():
    taken = compare(widths=(2, 3), epochs=1, rounds=2)
    assert {way: len(times) for way, times in taken.items()} == {"notebook": 2, "refnets": 2}
